"""ADV-001 and ADV-004: what services say to each other and nobody hears, or hears under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, SystemCheck, member_prefix
from pytest_superteam.scanners.facts.events import EventUse, event_uses, matches, normalise_event
from pytest_superteam.scanners.facts.routes import normalise_path, routes
from pytest_superteam.scanners.source import CODE_LANGUAGES, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-001",
    "Dead event",
    Severity.WARNING,
    "adversarial",
    4,
    "Give the event its other side (a consumer that registers for it, a publisher that sends it), or remove it.",
    scope="system",
    applies_to=CODE_LANGUAGES,
)


def _uses(target: ScanTarget) -> list[tuple[str, EventUse]]:
    """Return path prefix and use for every service of the system."""
    members = target.members or (target,)
    return [
        (member_prefix(target, m) if target.members else "", use) for m in members for use in event_uses(source_tree(m))
    ]


def _delivered(target: ScanTarget) -> frozenset[str]:
    """Return the events whose consumers need not name them, normalised.

    That is so for consumers outside the scanned services, and for those that take every event at one route, as the
    architecture's `receive_event` does: what is delivered there is said by the deployment.
    """
    architecture = target.architecture
    if architecture is None:
        return frozenset()
    members = {member.name: member for member in target.members}
    receivers = {o.service: normalise_path(o.path) for o in architecture.operations if o.kind == "receive_event"}

    def takes(consumer: str) -> bool:
        if consumer not in members:
            return True
        paths = {normalise_path(r.path) for r in routes(source_tree(members[consumer])) if r.method == "POST"}
        return receivers.get(consumer) in paths

    return frozenset(normalise_event(e.name) for e in architecture.events if any(map(takes, e.consumers)))


def _find(target: ScanTarget) -> Iterator[Hit]:
    """Find events with one side only, and declared ones that no code touches."""
    uses = _uses(target)
    declared = target.architecture.events if target.architecture is not None else ()
    delivered = _delivered(target)
    for prefix, use in uses:
        other = "consume" if use.kind == "publish" else "publish"
        heard = any(o.kind == other and (matches(o.name, use.name) or matches(use.name, o.name)) for _, o in uses)
        if not heard and not (use.kind == "publish" and normalise_event(use.name) in delivered):
            done, missing = ("published", "consumed") if use.kind == "publish" else ("consumed", "published")
            message = f"{use.name} is {done} here and {missing} nowhere. {RULE.help}"
            yield Hit(prefix + use.file, use.line, message, 1, use.name)
    touched = [use.name for _, use in uses]
    for event in declared:
        if not any(matches(name, event.name) or matches(name, event.channel) for name in touched):
            yield Hit("", 0, f"{event.name} is declared and no code touches it. {RULE.help}", 0, event.name)


NAMING = Rule(
    "ADV-004",
    "Naming inconsistency",
    Severity.INFO,
    "adversarial",
    4,
    'Spell a field alike on both sides, or map it on purpose: `Field(alias="orderId")`.',
    scope="system",
    pending="nothing compares the field names on the two sides of a boundary yet",
    applies_to=CODE_LANGUAGES,
)

SCANNER = RuleScanner((SystemCheck(RULE, _find),), (NAMING,))
