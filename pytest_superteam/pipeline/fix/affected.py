"""Which services' items are asked again after a fix: those that changed, and all that depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.models import Architecture

__all__ = ["affected", "dependents"]


def affected(architecture: Architecture, changed: Iterable[str]) -> tuple[str, ...]:
    """Return the changed services and whatever depends on them, directly or not, in the order of the architecture."""
    reached = set(changed)
    todo = list(reached)
    depends = dependents(architecture)
    while todo:
        new = depends.get(todo.pop(), frozenset()) - reached
        reached |= new
        todo += new
    return tuple(service.name for service in architecture.services if service.name in reached)


def dependents(architecture: Architecture) -> dict[str, frozenset[str]]:
    """Return by service those that depend on it directly: they use its rows, events or tokens."""
    found: dict[str, set[str]] = {service.name: set() for service in architecture.services}
    for dependency in architecture.dependencies:
        found.setdefault(dependency.provider, set()).add(dependency.consumer)
    for event in architecture.events:
        if event.publisher:
            found.setdefault(event.publisher, set()).update(event.consumers)
    homes = {entity.name: entity.service for entity in architecture.entities}
    for entity in architecture.entities:  # rows that refer to others can't be made without them
        for target in (homes.get(field.references or "") for field in entity.fields):
            if target is not None:
                found.setdefault(target, set()).add(entity.service)
    callers = {operation.service for operation in architecture.operations if not operation.public}
    for service in architecture.services:
        if service.issuer:
            found[service.name] |= callers
    return {name: frozenset(names - {name}) for name, names in found.items()}
