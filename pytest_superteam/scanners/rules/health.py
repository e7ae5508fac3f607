"""HEALTH-001: services that cannot be asked whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.routes import routing
from pytest_superteam.scanners.facts.routes.conventions import is_health_path
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "HEALTH-001",
    "No health endpoint",
    Severity.WARNING,
    "health",
    3,
    'Answer the orchestrator: `@app.get("/health")` that returns 200 while the process can serve.',
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
    what="A service that makes an HTTP application and has no route such as `/health`, `/healthz`, `/ready`, "
    "`/readyz`, `/live`, `/livez` or `/actuator/health`, of its own or of a health library. "
    "Workers and command-line tools need none.",
    why="The orchestrator sends requests to an instance that cannot answer them, and keeps one that has died.",
    bad={
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/orders")\ndef orders():\n    return []\n',
    },
    good={
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/health")\ndef health():\n    return {}\n',
    },
)

_READS = frozenset({"GET", "HEAD"})


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find an application of which no route is a health route; what makes no application serves no HTTP."""
    known = routing(tree)
    if known.opaque or not known.applications or any(app.health for app in known.applications):
        return
    if not any(route.method in _READS and is_health_path(route.path) for route in known.routes):
        place = known.applications[0]
        yield Hit(place.file, place.line, column=1, evidence=tree.by_path[place.file].line(place.line).strip()[:200])


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
