"""Which events the Python of a service publishes and consumes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.python_brokers import broker_uses
from pytest_superteam.scanners.facts.events.python_own import own_uses
from pytest_superteam.scanners.facts.events.python_tasks import task_uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.events.model import EventUse
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["python_uses"]

_SURE = (
    b"publish(", b"ublisher(", b"subscribe(", b"subscribe_to(", b"ubscriber(", b"_event(", b"xadd(", b"xread",
    b"basic_publish(",    b"basic_consume(", b"queue_bind(", b"send_and_wait(", b".produce(", b"kafka", b"Kafka",
    b"pika", b"kombu",
    b"handles(",    b"event_handler(", b"consumer(", b"consumes(", b"listens_to(", b"listener(", b"on_message(",
    b"lpush(", b"rpush(",
    b"lpop(",    b"rpop(", b"utbox", b"DomainEvent(", b"CloudEvent(",
)  # fmt: skip
"""Words that may be events by themselves."""
_ENDS = rb"\w{0,20}(?:\]?\s{0,3}(?::[^=\n]{1,80})?=\s{0,3}\{|\[)"
_PERHAPS = tuple(
    (word, re.compile(word + rest))
    for word, rest in (
        (b"publish_", rb"\w{1,40}\("),
        (b"register_", rb"(?:\w{1,30}_)?handler\("),
        (b"add_", rb"(?:\w{1,30}_)?handler\("),
        (b"@", rb"[\w.]{0,40}\b(?:handle|listen|consume)\("),
        *(
            (word, _ENDS)
            for word in (b"andler", b"ANDLER", b"onsumer", b"ONSUMER", b"ubscri", b"UBSCRI", b"istener", b"ISTENER")
        ),
        (b"ispatch", _ENDS),
        (b"ISPATCH", _ENDS),
        (b"vent", rb"\w{0,20}[\"'\])_.\[(]{1,4}(?:get\([\"'])?(?:type|name|kind)"),
        (b"nvelope", rb"\w{0,20}[\"'\])_.\[(]{1,4}(?:get\([\"'])?(?:type|name|kind)"),
    )
)
"""Words with what has to follow them; each pattern begins with its word, which makes the search for it cheap."""


def _may_speak(data: bytes) -> bool:
    """Return whether a file may hold an event, so that only few are parsed."""
    if any(word in data for word in _SURE):
        return True
    return any(word in data and pattern.search(data) is not None for word, pattern in _PERHAPS)


def python_uses(tree: SourceTree) -> Iterator[EventUse]:
    """Yield the uses in Python service code."""
    for file in tree.service_files("python"):
        if _may_speak(file.data) and (module := file.python) is not None:
            uses, taken = broker_uses(tree, module)
            yield from uses
            yield from own_uses(tree, module, taken)
    yield from task_uses(tree)
