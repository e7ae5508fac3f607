"""The HTTP routes of a service, whatever framework serves them: one reader a framework, one table of routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.routes.model import Application, Route, Routing, normalise_path

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Application", "Route", "Routing", "application", "normalise_path", "routes", "routing"]


_ASIDE = re.compile(r"(?:^|/)(?:seeds?|cli|tools?|mocks?|demo|playground|dev)(?:/|[._-])", re.IGNORECASE)
"""Where an application is made that is not the service's own; it is named last."""


def routing(tree: SourceTree) -> Routing:
    """Return the routes and applications of all service code, sorted by file and line."""
    known = tree.facts.get("routing")
    if not isinstance(known, Routing):
        known = tree.facts["routing"] = _read(tree)
    return known


def _read(tree: SourceTree) -> Routing:
    from pytest_superteam.scanners.facts.routes import django, javascript_nest, javascript_routers, python_routers

    parts = [reader.read(tree) for reader in (python_routers, django, javascript_routers, javascript_nest)]
    found = {route for part in parts for route in part.routes}
    made = {app for part in parts for app in part.applications}
    return Routing(
        tuple(sorted(found, key=lambda r: (r.file, r.line, r.method, r.path))),
        tuple(sorted(made, key=lambda a: (_ASIDE.search(a.file) is not None, a.file, a.line))),
        any(part.opaque for part in parts),
    )


def routes(tree: SourceTree) -> tuple[Route, ...]:
    """Return the routes of all modules of service code, sorted by file and line."""
    return routing(tree).routes


def application(tree: SourceTree) -> tuple[str, int] | None:
    """Return file and line where the service makes its HTTP application, or None where it makes none."""
    made = routing(tree).applications
    return (made[0].file, made[0].line) if made else None
