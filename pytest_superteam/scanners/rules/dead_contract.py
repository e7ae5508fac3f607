"""ADV-002: contract and routes that do not know each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.contract import contract_operations, documents
from pytest_superteam.scanners.facts.routes import normalise_path, routing
from pytest_superteam.scanners.facts.routes.conventions import is_health_path, segments
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

_CONTRACT = "openapi: 3.1.0\ninfo: {title: orders, version: '1'}\npaths:\n  /orders:\n    get:\n      responses: {}\n"

RULE = Rule(
    "ADV-002",
    "Dead contract",
    Severity.WARNING,
    "adversarial",
    4,
    "Make the two agree: implement the operation, or take it out of the contract; put the route into it, or remove it.",
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
    what="An operation of the service's OpenAPI document that no route implements, and a route that the document does "
    "not have. Names of parameters do not count; prefixes, mounts and servers do. Health, metrics and "
    "documentation need no contract.",
    why="Callers are written against an operation that answers 404, or rely on a route that nobody has promised.",
    bad={
        "openapi.yaml": _CONTRACT,
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/customers")\ndef customers():\n    return []\n',
    },
    good={
        "openapi.yaml": _CONTRACT,
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/orders")\ndef orders():\n    return []\n',
    },
)

_UNCONTRACTED = frozenset({
    "metrics", "docs", "redoc", "openapi.json", "static", "favicon.ico", "openapi.yaml", "swagger", "api-docs",
    "swagger.json", "assets", ".well-known", "robots.txt", "swagger-ui", "ready", "live", "healthz", "readyz", "livez",
})  # fmt: skip
_SKIPPED = frozenset({"HEAD", "OPTIONS", "TRACE"})


def _find(tree: SourceTree, target: ScanTarget) -> Iterator[Hit]:
    """Find operations without a route and routes without an operation, where there is a contract."""
    if not documents(tree, target):
        return
    known = routing(tree)
    if target.contract is None and not known.applications and not known.routes:
        return  # no code here serves: the document is another service's
    wanted = contract_operations(tree, target)
    there = {(route.method, normalise_path(route.path)): route for route in known.routes}
    app = known.applications[0] if known.applications else None
    place = (app.file, app.line) if app is not None else ("", 0)
    for operation in wanted if not known.opaque else ():
        if operation.method not in _SKIPPED and not any((operation.method, path) in there for path in operation.paths):
            file, line = (operation.file, operation.line) if operation.file else place
            path = operation.paths[0]
            said = operation.id or f"{operation.method} {path}"
            message = f"No route implements {said} ({operation.method} {path}). {RULE.help}"
            yield Hit(file, line, message, 1, f"{operation.method} {path}")
    contracted = {(o.method, path) for o in wanted for path in o.paths}
    for (method, path), route in there.items():
        own = is_health_path(path) or set(segments(path)) & _UNCONTRACTED or route.hidden
        if (method, path) not in contracted and method not in _SKIPPED and not own:
            message = f"The contract has no {method} {route.path}. {RULE.help}"
            yield Hit(route.file, route.line, message, 1, f"{method} {path}")


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
