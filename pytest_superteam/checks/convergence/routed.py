"""Which operations of a service's contract have a route in its source, as far as its routes can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Operation
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Routed", "routed", "unread_routes"]

READ = frozenset({"python", "javascript", "typescript"})
"""Languages whose routes are read."""


@dataclass(frozen=True)
class Routed:
    """What a service's source serves of what its contract asks for."""

    operations: tuple[Operation, ...]
    absent: tuple[Operation, ...]
    """Those without a route that was read."""
    unread: tuple[str, ...]
    """Why there may be routes that were not read: `go`, `python (litestar)`, `routes that are added at run time`."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is known to be missing, such as `GET /orders/{id}`; nothing where not all routes were read."""
        return () if self.unread else tuple(f"{op.method} {op.path}" for op in self.absent)


def routed(system: Architecture, service: str, tree: SourceTree) -> Routed:
    """Compare the operations of `service` with the routes of its source."""
    from pytest_superteam.scanners.facts.routes import normalise_path, routes

    there = {(route.method, normalise_path(route.path)) for route in routes(tree)}
    operations = system.operations_of(service)
    absent = tuple(op for op in operations if (op.method, normalise_path(op.path)) not in there)
    return Routed(operations, absent, unread_routes(tree))


def unread_routes(tree: SourceTree) -> tuple[str, ...]:
    """Return why a service may have routes that are not read here; nothing where all of them are."""
    from pytest_superteam.scanners.facts.routes import routing

    unread = sorted(tree.languages - READ) + [f"python ({name})" for name in sorted(tree.unread_frameworks)]
    return (*unread, *(["routes that are added at run time"] if routing(tree).opaque else []))
