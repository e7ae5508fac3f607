"""Which gate items are asked about a fault, in which order: the cheap ones first, then those nearest to its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.items import SYSTEM, GateItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.calibration.source import Change
    from pytest_superteam.models import Architecture

__all__ = ["changes_code", "changes_tests", "items_for", "neighbours"]

ACROSS = frozenset({"test_flow", "test_trace", "test_event"})
"""Tests whose items look at several services, whichever they count for: they concern a service that is near it."""
FIRST = (
    "test_flow",
    "test_authorization",
    "test_exposure",
    "test_boundary",
    "test_event",
    "test_trace",
    "test_pact",
    "test_breaking",
    "test_conformance",
    "test_sequences",
)
"""Tests by how soon their items are asked: the quick ones first."""


def changes_code(change: Change) -> bool:
    """Return whether the running system is another one with the change: code of it is touched."""
    return any(path.endswith(".py") and not _is_test(path) for path in change.files)


def changes_tests(change: Change) -> bool:
    """Return whether the service's own tests may end otherwise with the change: any code is touched."""
    return any(path.endswith(".py") for path in change.files)


def _is_test(path: str) -> bool:
    return path.startswith("tests/")


def neighbours(system: Architecture, service: str) -> frozenset[str]:
    """Return the services that call `service`, are called by it, or share an event with it; itself too."""
    pairs = {(dependency.consumer, dependency.provider) for dependency in system.dependencies}
    pairs |= {(event.publisher, consumer) for event in system.events if event.publisher for consumer in event.consumers}
    return frozenset({service, *(b for a, b in pairs if a == service), *(a for a, b in pairs if b == service)})


def items_for(
    change: Change, items: Iterable[GateItem], layers: Iterable[int], near: frozenset[str], *, everything: bool
) -> list[GateItem]:
    """Return the items of `layers` that a change concerns, in the order in which they are asked.

    Args:
        change: The fault and its place.
        items: The items of the gate.
        layers: The layers that are asked.
        near: The `neighbours` of the service with the fault.
        everything: Whether all items of the layers are asked.
    """
    wanted = frozenset(layers)
    found = [item for item in items if item.layer in wanted and (everything or _concerned(item, change, near))]
    return sorted(found, key=lambda item: (item.layer, _distance(item, change)))


def _concerned(item: GateItem, change: Change, near: frozenset[str]) -> bool:
    if item.service in (change.service, SYSTEM) or (item.test in ACROSS and item.service in near):
        return True
    return item.layer == 2 and change.service in (item.subject, *item.param.split("--"))


def _distance(item: GateItem, change: Change) -> tuple[bool, bool, int]:
    """Return how far an item is from a change: its operation, its service, the rest."""
    rank = FIRST.index(item.test) if item.test in FIRST else len(FIRST)
    about = bool(change.operation) and change.operation in (item.subject, item.param.removeprefix(f"{item.service}-"))
    return (not about, item.service != change.service, rank)
