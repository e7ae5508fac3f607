"""ADV-001: what services say to each other and nobody hears."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, SystemCheck, member_prefix
from pytest_superteam.scanners.facts.events import EventUse, Heard, event_uses, matches, normalise_event
from pytest_superteam.scanners.facts.events.asyncapi import channels
from pytest_superteam.scanners.facts.routes import normalise_path, routes
from pytest_superteam.scanners.source import CODE_LANGUAGES, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

_BUS = "import redis\n\nbus = redis.Redis()"
RULE = Rule(
    "ADV-001",
    "Dead event",
    Severity.WARNING,
    "adversarial",
    4,
    "Give the event its other side (a consumer that registers for it, a publisher that sends it), or remove it.",
    languages=("python", "javascript", "typescript"),
    scope="system",
    applies_to=CODE_LANGUAGES,
    what="An event that is published and that nobody in the system consumes, or consumed and never published, over "
    "Redis, Kafka, RabbitMQ, NATS, Celery, BullMQ, event emitters or an own outbox; and one that only a contract "
    "names. Patterns take what they match; a name that the source does not fix could be any.",
    why="One side has been renamed or was never built: what should follow from the event never happens, and no error "
    "says so.",
    bad={
        "orders/app.py": f'{_BUS}\n\n\ndef place(order):\n    bus.publish("order.placed", order)\n',
        "mail/app.py": f'{_BUS}.pubsub()\nbus.subscribe("order.created")\n',
    },
    good={
        "orders/app.py": f'{_BUS}\n\n\ndef place(order):\n    bus.publish("order.placed", order)\n',
        "mail/app.py": f'{_BUS}.pubsub()\nbus.subscribe("order.placed")\n',
    },
)

_UNREAD = (
    ".go",
    ".java",
    ".kt",
    ".cs",
    ".rb",
    ".php",
    ".rs",
    ".scala",
    ".ex",
    ".exs",
    ".cpp",
    ".swift",
    ".fs",
    ".groovy",
)
"""Files of languages whose events nobody here reads: a name that stands in one is taken for its other side."""


def _uses(target: ScanTarget) -> list[tuple[str, EventUse]]:
    """Return path prefix and use for every service of the system."""
    members = target.members or (target,)
    return [
        (member_prefix(target, m) if target.members else "", replace(use, near=m.name))
        for m in members
        for use in event_uses(source_tree(m))
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


def _named_elsewhere(target: ScanTarget, names: set[str]) -> set[str]:
    """Return those of `names` that stand, as strings, in files of languages that are not read."""
    found: set[str] = set()
    for member in (target, *target.members) if names else ():
        for file in source_tree(member).files:
            if file.path.lower().endswith(_UNREAD) and file.service_code:
                found |= {
                    name
                    for name in names - found
                    if re.search(rb"[\"'`]" + re.escape(name.encode()) + rb"[\"'`]", file.data)
                }
    return found


def _dead(target: ScanTarget, uses: list[tuple[str, EventUse]]) -> list[tuple[str, EventUse]]:
    """Return the uses whose other side is nowhere."""
    fanouts = frozenset(u.exchange or "" for _, u in uses if u.kind == "declare" and u.name in {"fanout", "headers"})
    sides = {kind: Heard([u for _, u in uses if u.kind == kind], fanouts) for kind in ("publish", "consume")}
    bound = {use.queue for _, use in uses if use.wild and use.broker == "rabbitmq"}
    delivered = _delivered(target)
    dead = []
    for prefix, use in uses:
        if not use.claimed or use.kind == "declare":
            continue
        if use.broker == "rabbitmq" and use.kind == "consume" and not use.wild and {use.queue, None} & bound:
            continue  # the queue is fed by a binding, which is looked at by itself
        if use.kind == "publish" and normalise_event(use.name) in delivered:
            continue
        if not sides["consume" if use.kind == "publish" else "publish"].counterpart(use):
            dead.append((prefix, use))
    elsewhere = _named_elsewhere(target, {use.name for _, use in dead})
    return [(prefix, use) for prefix, use in dead if use.name not in elsewhere]


def _find(target: ScanTarget) -> Iterator[Hit]:
    """Find events with one side only, and declared ones that no code touches."""
    uses = _uses(target)
    for prefix, use in _dead(target, uses):
        done, missing = ("published", "consumed") if use.kind == "publish" else ("consumed", "published")
        message = f"{use.name} is {done} here and {missing} nowhere. {RULE.help}"
        yield Hit(prefix + use.file, use.line, message, 1, use.name)
    touched = [use.name for _, use in uses if use.kind != "declare"]
    for event in target.architecture.events if target.architecture is not None else ():
        if not any(matches(name, event.name) or matches(name, event.channel) for name in touched):
            yield Hit("", 0, f"{event.name} is declared and no code touches it. {RULE.help}", 0, event.name)
    for file, line, name in channels(target):
        if not any(matches(known, name) for known in touched) and not _named_elsewhere(target, {name}):
            yield Hit(file, line, f"{name} stands in this document and no code touches it. {RULE.help}", 1, name)


SCANNER = RuleScanner((SystemCheck(RULE, _find),))
