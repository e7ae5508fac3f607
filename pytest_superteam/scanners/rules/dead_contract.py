"""ADV-002: contract and routes that do not know each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.contract import contract_of, operations
from pytest_superteam.scanners.facts.routes import application, normalise_path, routes
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-002",
    "Dead contract",
    Severity.WARNING,
    "adversarial",
    4,
    "Make the two agree: implement the operation, or take it out of the contract; put the route into it, or remove it.",
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
)

_UNCONTRACTED = frozenset({
    "health", "healthz", "ready", "readyz", "live", "livez", "metrics", "docs", "redoc", "openapi.json", "static",
    "favicon.ico",
})  # fmt: skip


def _find(tree: SourceTree, target: ScanTarget) -> Iterator[Hit]:
    """Find operations without a route and routes without an operation, where there is a contract."""
    contract = contract_of(tree, target)
    if contract is None:
        return
    wanted = {(o.method, o.path): o for o in operations(contract)}
    there = {(route.method, normalise_path(route.path)): route for route in routes(tree)}
    file, line = application(tree) or ("", 0)
    for (method, path), operation in wanted.items():
        if (method, path) not in there:
            name = operation.id or f"{method} {path}"
            yield Hit(file, line, f"No route implements {name} ({method} {path}). {RULE.help}", 1, f"{method} {path}")
    for (method, path), route in there.items():
        service_own = set(path.lower().split("/")) & _UNCONTRACTED
        if (method, path) not in wanted and method not in {"HEAD", "OPTIONS"} and not service_own:
            message = f"The contract has no {method} {route.path}. {RULE.help}"
            yield Hit(route.file, route.line, message, 1, f"{method} {path}")


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
