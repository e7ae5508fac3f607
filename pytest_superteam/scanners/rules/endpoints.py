"""SEC-001: routes that anybody may call."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.contract import contract_operations
from pytest_superteam.scanners.facts.routes import Route, normalise_path, routes
from pytest_superteam.scanners.facts.routes.conventions import (
    is_conventional,
    looks_like_webhook,
    signs_in_by_name,
)
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SCANNER"]

RULE = Rule(
    "SEC-001",
    "Unauthenticated endpoint",
    Severity.ERROR,
    "security",
    3,
    "Ask who is calling: `user: Annotated[User, Depends(current_user)]` on the handler, `dependencies=[...]` on its "
    "router, `app.use(requireAuth)` before it or `@UseGuards(JwtAuthGuard)` on its controller; where everybody "
    "may call it, say `security: []` in the contract.",
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
    cwe=306,
    what="A route of an HTTP service that neither it, its router, class or blueprint, nor the application asks for the "
    "caller's identity. By convention public, and no finding: health, metrics, documentation, static files, signing in "
    "and up, refreshing a token, resetting a password, an OAuth callback, a webhook whose signature is checked, and "
    "what the contract declares with `security: []`. An optional login protects nothing.",
    why="Whoever reaches the port reads or changes the data behind it.",
    bad={
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/orders")\ndef orders():\n    return []\n',
        "app.js": "const express = require('express');\nconst app = express();\n"
        "app.get('/orders', (req, res) => res.json([]));\n",
    },
    good={
        "app.py": "from fastapi import Depends, FastAPI\nfrom fastapi.security import HTTPBearer\n\n"
        "app = FastAPI()\n\n\n"
        '@app.get("/orders")\ndef orders(token=Depends(HTTPBearer())):\n    return load(token)\n',
        "app.js": "const express = require('express');\nconst { requireAuth } = require('./auth');\n"
        "const app = express();\n"
        "app.use(requireAuth);\napp.get('/orders', (req, res) => res.json([]));\n",
    },
)

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def _is_excused(route: Route, public: Mapping[tuple[str, str], bool | None]) -> bool:
    """Return whether anybody may call `route`: the contract decides, without it convention, signatures and marks.

    A mark such as `AllowAny` or `@Public()` excuses reading only.
    """
    said = public.get((route.method, normalise_path(route.path)))
    if said is not None:
        return said
    if route.signed and looks_like_webhook(route.path + route.handler):
        return True
    if route.method == "OPTIONS" or (route.public and route.method in _READS):
        return True
    return route.signs_in or is_conventional(route.path) or signs_in_by_name(route.handler)


def _find(tree: SourceTree, target: ScanTarget) -> Iterator[Hit]:
    """Find routes without authentication that neither the contract nor convention makes public, one hit a line."""
    public = {(o.method, path): o.public for o in contract_operations(tree, target) for path in o.paths}
    found = [route for route in routes(tree) if not route.protected and not _is_excused(route, public)]
    for (file, line), group in groupby(found, key=lambda route: (route.file, route.line)):
        named = list(group)
        paths = list(dict.fromkeys(route.path for route in named))
        methods = ",".join(dict.fromkeys(route.method for route in named))
        evidence = f"{methods} {', '.join(paths[:3])}"
        yield Hit(file, line, f"{evidence} can be called by anybody. {RULE.help}", 1, evidence)


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
