"""HEALTH-001: services that cannot be asked whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.routes import application, normalise_path, routes
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
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
)

_NAMES = frozenset(
    {"health", "healthz", "ready", "readyz", "live", "livez", "healthcheck", "health-check", "health_check"}
)


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find an application of which no route is a health route; what makes no application serves no HTTP."""
    place = application(tree)
    paths = (normalise_path(route.path).lower().split("/") for route in routes(tree) if route.method in {"GET", "HEAD"})
    if place is not None and not any(_NAMES & set(parts) for parts in paths):
        file, line = place
        yield Hit(file, line, column=1, evidence=tree.by_path[file].line(line).strip()[:200])


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
