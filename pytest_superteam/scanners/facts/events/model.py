"""One use of an event, and whether a subscription takes what is published."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pytest_superteam.scanners.facts.names import words

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNKNOWN_PART", "EventUse", "Heard", "hears", "matches", "normalise_event"]

UNKNOWN_PART = "\0"
"""Stands in a name for a part that the source does not fix; alone for a name of which nothing is known."""

_LOOSE = frozenset({"event", "redis", "redis-stream", "kafka", "rabbitmq", "nats", "nest", "mqtt", "pubsub"})
"""Brokers whose names an own outbox or handler may speak of in another spelling."""
_CARRIED = frozenset({"kafka", "redis", "rabbitmq", "nats", "mqtt"})
"""Brokers that a Nest microservice may run on."""


@dataclass(frozen=True)
class EventUse:
    """One place that publishes or consumes an event. `name` is as written."""

    kind: Literal["publish", "consume", "declare"]
    name: str
    file: str
    line: int
    broker: str = "event"
    exchange: str | None = None
    """RabbitMQ: the exchange, empty for the default one whose routing keys are queues, None where it is not known."""
    queue: str | None = None
    """RabbitMQ: the queue that a binding feeds."""
    wild: str = ""
    """How a subscription's name is to be read where it may be a pattern: `glob`, `regex`, `tokens`."""
    claimed: bool = True
    """Whether anything may be said about it; else it only keeps its counterparts alive."""
    near: str = field(default="", compare=False)
    """The service, for events that do not leave it."""


def normalise_event(name: str) -> str:
    """Return what spellings of a name have in common: `OrderPlaced`, `order.placed` and `order-placed` are one."""
    return ".".join(word for part in re.split(r"[.:/]", name) for word in (words(part) or ((part,) if part else ())))


def matches(pattern: str, name: str) -> bool:
    """Return whether a subscription pattern (`order.*`, `order.>`, `order.#`) takes events called `name`."""
    if not re.search(r"[*>#]", pattern):
        return normalise_event(pattern) == normalise_event(name)
    parts = [part for part in re.split(r"[.:/]", pattern.lower()) if part]
    wanted = normalise_event(name).split(".")
    for index, part in enumerate(parts):
        if part in {">", "#"} or (part == "*" and index == len(parts) - 1):
            return len(wanted) >= index
        if index >= len(wanted) or (part != "*" and part.rstrip("*") != wanted[index][: len(part.rstrip("*"))]):
            return False
    return len(parts) == len(wanted)


@lru_cache(maxsize=2048)
def _tokens(pattern: str) -> re.Pattern[str]:
    """Return a pattern of words between dots (or slashes) as an expression: `*` and `+` are one, `#` and `>` many."""
    separator = "/" if "/" in pattern else r"\."
    found = ""
    for index, part in enumerate(re.split(r"[./]", pattern)):
        lead = separator if index else ""
        if part in {"#", ">", "**"}:
            found += f"(?:{lead}.*)?" if index else ".*"
        elif part in {"*", "+"}:
            found += lead + r"[^./]*"
        else:
            found += lead + re.escape(part)
    return re.compile(found)


def _open(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in name.split(UNKNOWN_PART)), re.DOTALL)


def _takes(consume: EventUse, name: str) -> bool:
    """Return whether a subscription takes a name, exactly as its broker reads it."""
    if UNKNOWN_PART in name:
        literal = name.strip(UNKNOWN_PART)
        if not literal or UNKNOWN_PART in consume.name or consume.wild:
            return True
        return _open(name).fullmatch(consume.name) is not None
    if UNKNOWN_PART in consume.name:
        return _open(consume.name).fullmatch(name) is not None
    if consume.wild == "glob":
        return fnmatch.fnmatchcase(name, consume.name)
    if consume.wild == "regex":
        try:
            return len(consume.name) > 200 or re.search(consume.name, name[:200]) is not None
        except re.error:
            return True
    if consume.wild == "tokens":
        return _tokens(consume.name).fullmatch(name) is not None
    return consume.name == name


def hears(consume: EventUse, publish: EventUse, fanouts: frozenset[str] = frozenset()) -> bool:
    """Return whether `consume` takes what `publish` sends; `fanouts` are exchanges that look at no routing key."""
    one, other = consume.broker, publish.broker
    if one == other == "rabbitmq":
        known = consume.exchange is not None and publish.exchange is not None
        if known and consume.exchange != publish.exchange:
            return False
        if publish.exchange and (publish.exchange in fanouts):
            return True
        return _takes(consume, publish.name)
    if one == other:
        near = consume.near == publish.near or one != "emitter"
        loose = one == "event" and UNKNOWN_PART not in consume.name + publish.name
        return near and (
            matches(consume.name, publish.name) or matches(publish.name, consume.name)
            if loose
            else _takes(consume, publish.name)
        )
    if "nest" in {one, other} and {one, other} & _CARRIED:
        return _takes(consume, publish.name)
    if "event" in {one, other} and one in _LOOSE and other in _LOOSE:
        if UNKNOWN_PART in consume.name or UNKNOWN_PART in publish.name:
            return _takes(consume, publish.name)
        if consume.wild in {"regex", "glob"}:
            return _takes(consume, publish.name) or matches(consume.name, publish.name)
        return matches(consume.name, publish.name) or matches(publish.name, consume.name)
    return False


@dataclass
class Heard:
    """The uses of one side, so that its counterparts are found without comparing each with each."""

    uses: list[EventUse]
    fanouts: frozenset[str] = frozenset()
    _plain: dict[str, list[EventUse]] = field(default_factory=dict)
    _wild: list[EventUse] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sort the uses into those of one name and those that may be of many."""
        wild: dict[tuple[str, ...], EventUse] = {}
        for use in self.uses:
            if use.wild or UNKNOWN_PART in use.name or use.exchange is not None or re.search(r"[*>#]", use.name):
                wild[(use.broker, use.name, use.near, str(use.exchange), use.wild)] = use
            else:
                self._plain.setdefault(normalise_event(use.name), []).append(use)
        self._wild = list(wild.values())

    def partners(self, use: EventUse) -> Iterator[EventUse]:
        """Yield those of the uses that are the other side of `use`."""
        many = use.wild or UNKNOWN_PART in use.name or (use.exchange or "") in self.fanouts
        many = many or bool(re.search(r"[*>#]", use.name))
        near = self.uses if many else (*self._plain.get(normalise_event(use.name), ()), *self._wild)
        for other in near:
            if hears(other, use, self.fanouts) if use.kind == "publish" else hears(use, other, self.fanouts):
                yield other

    def counterpart(self, use: EventUse) -> bool:
        """Return whether one of the uses is the other side of `use`."""
        return next(self.partners(use), None) is not None
