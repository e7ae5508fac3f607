"""Which events services publish and consume, over which broker, and whether a subscription takes a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.javascript import javascript_uses
from pytest_superteam.scanners.facts.events.model import EventUse, Heard, hears, matches, normalise_event
from pytest_superteam.scanners.facts.events.python import python_uses

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["EventUse", "Heard", "event_uses", "hears", "matches", "normalise_event"]


def event_uses(tree: SourceTree) -> tuple[EventUse, ...]:
    """Return the places in service code that publish or consume an event."""
    known = tree.facts.get("events")
    if known is None:
        found = {*python_uses(tree), *javascript_uses(tree)}
        known = tree.facts["events"] = tuple(sorted(found, key=lambda use: (use.file, use.line, use.name, use.kind)))
    return known  # type: ignore[return-value]  # the key holds nothing else
