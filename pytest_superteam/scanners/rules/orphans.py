"""ADV-003: services that nothing in the system has to do with."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.models import Architecture, Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, SystemCheck, member_prefix
from pytest_superteam.scanners.facts.events import Heard, event_uses
from pytest_superteam.scanners.facts.system_links import SystemLinks
from pytest_superteam.scanners.source import CODE_LANGUAGES, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-003",
    "Orphan service",
    Severity.WARNING,
    "adversarial",
    4,
    "Call it, let it take part in an event, or expose it at the gateway; where nobody needs it, remove it.",
    scope="system",
    languages=("python", "javascript", "typescript", "go", "java", "compose", "text"),
    what="A service that no other addresses, that addresses no other, that shares no event with one and that neither a "
    "published port nor a gateway's route exposes. `depends_on` alone is no call; a system of one service has none.",
    why="It costs money and attention and does nothing for anybody, or the call that should reach it was forgotten.",
    bad={
        "orders/app.py": 'import httpx\n\nSTOCK = "http://stock:8000"\n\n\ndef items():\n    return httpx.get(STOCK)\n',
        "stock/app.py": "ITEMS = []\n",
        "reports/app.py": "PAGES = []\n",
    },
    good={
        "orders/app.py": 'import httpx\n\nSTOCK = "http://stock:8000"\n\n\ndef items():\n    return httpx.get(STOCK)\n',
        "stock/app.py": "ITEMS = []\n",
    },
)

_UNREAD = (".go", ".java", ".kt", ".cs", ".rb", ".php", ".rs", ".scala", ".ex", ".cpp", ".fs")
_BROKERS = re.compile(rb"(?i:redis|kafka|rabbit|amqp|nats|mqtt|pubsub|sqs|eventbus|masstransit|queue)")


def _designed(architecture: Architecture) -> Iterator[str]:
    """Yield the services that the architecture connects: by calls, by events, as the issuer of everybody's tokens."""
    for dependency in architecture.dependencies:
        yield from (dependency.consumer, dependency.provider)
    for event in architecture.events:
        if event.publisher and event.consumers:
            yield from (event.publisher, *event.consumers)
    yield from (service.name for service in architecture.services if service.issuer)


def _heard(target: ScanTarget) -> Iterator[str]:
    """Yield the services on both ends of an event."""
    uses = [replace(use, near=member.name) for member in target.members for use in event_uses(source_tree(member))]
    fanouts = frozenset(
        use.exchange or "" for use in uses if use.kind == "declare" and use.name in {"fanout", "headers"}
    )
    consumers = Heard([use for use in uses if use.kind == "consume"], fanouts)
    for use in uses:
        if use.kind == "publish":
            for other in consumers.partners(use):
                if other.near != use.near:
                    yield from (use.near, other.near)


def _is_known(member: ScanTarget) -> bool:
    """Return whether a member is a service whose connections its files show: it has code, and what it has is read."""
    tree = source_tree(member)
    if not tree.languages and not any(file.language == "docker" for file in tree.files):
        return False
    return not any(file.path.endswith(_UNREAD) and _BROKERS.search(file.data) for file in tree.files)


def _find(target: ScanTarget) -> Iterator[Hit]:
    """Find services on no edge that nothing exposes; a system of one has none."""
    if len(target.members) < 2:
        return
    designed = _designed(target.architecture) if target.architecture is not None else ()
    links = SystemLinks(target)
    alive = {*designed, *_heard(target), *links.exposed()}
    for edge in links.calls():
        alive |= set(edge)
    for member in target.members:
        if member.name not in alive and _is_known(member):
            tree = source_tree(member)
            first = next(iter(tree.service_files(*CODE_LANGUAGES)), None)
            place = member_prefix(target, member) + first.path if first is not None else ""
            message = f"{member.name} calls nobody, is called by nobody and shares no event. {RULE.help}"
            yield Hit(place, 1 if place else 0, message, 1 if place else 0, member.name)


SCANNER = RuleScanner((SystemCheck(RULE, _find),))
