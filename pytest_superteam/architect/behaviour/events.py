"""Events: tables of publishers and consumers, and sentences such as "publishes `OrderPlaced`"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EventFact
from pytest_superteam.architect.names import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.decomposition.services import ServiceIndex
    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["channel_of", "event_name", "read_events"]

_HEADER = re.compile(r"^(?:event|topic|message|evenement|evento|ereignis)s?(?: name)?$|^(?:イベント|事件)名?$")
_PUBLISHER = re.compile(r"publish|produc|emit|source|sender|raised|from")
_CONSUMER = re.compile(r"consum|subscrib|listen|receiver|handler|target")
_PASCAL = r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+"
_DOTTED = r"[a-z][a-z0-9_]{1,30}\.[a-z][a-z0-9_]{1,30}(?:\.[a-z0-9_]{1,30})?"
_NAME = re.compile(rf"(?<![\w./-])({_PASCAL}|{_DOTTED})(?![\w/(]|\.\w)")
_PAST = re.compile(r"(?:ed|aid|ent|wn|ost|old|ade|un|iled|one)$")
_VERB = re.compile(
    r"\b(?:(publish\w*|emit\w*|rais\w*|produc\w*|sends? (?:an? )?event\w*|fires?)|(consum\w*|listen\w*"
    r"|subscrib\w*|handles?|reacts? to))\b",
    re.IGNORECASE,
)

_BY = re.compile(r"\b(?:published|emitted|produced|raised|sent) by (?:the )?([\w -]{2,60})", re.IGNORECASE)
_ARROW = re.compile(r"\s(?:->|→|=>|-->)\s")
_FROM_TO = re.compile(r"\bfrom (?:the )?([\w -]{2,60}?) to (?:the )?([\w ,&-]{2,120})", re.IGNORECASE)
_OF = re.compile(r"\b(?:consumed|handled|received|processed) by (?:the )?([\w ,&-]{2,120})", re.IGNORECASE)


def event_name(text: str) -> str:
    """Return the PascalCase name of an event: `OrderPlaced` for `order.placed` and `ORDER_PLACED`; may be empty."""
    parts = [p for p in words(text) if not re.fullmatch(r"v\d+|event|n?\d+", p)]
    return "".join(p.capitalize() for p in parts) if 2 <= len(parts) <= 6 and len(text) <= 80 else ""


def channel_of(name: str) -> str:
    """Return the dotted channel of an event: `order.placed` for `OrderPlaced`."""
    parts = words(name)
    return ".".join(["-".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def read_events(document: Document, services: ServiceIndex) -> tuple[EventFact, ...]:
    """Return the events that the text names, one a name, with what is known of their publisher and consumers."""
    found: dict[str, EventFact] = {}
    for section in document.live():
        for block in section.blocks:
            facts = _table(block, services) if block.kind == "table" else _prose(block, section, services)
            for fact in facts:
                known = found.get(fact.name)
                found[fact.name] = fact if known is None else _merged(known, fact)
    return tuple(found.values())


def _merged(one: EventFact, other: EventFact) -> EventFact:
    consumers = tuple(dict.fromkeys((*one.consumers, *other.consumers)))
    return EventFact(
        one.name,
        one.line,
        one.publisher or other.publisher,
        consumers,
        one.description or other.description,
        one.channel,
    )


def _table(block: Block, services: ServiceIndex) -> Iterator[EventFact]:
    headers = [fold(h).strip() or h for h in block.header]
    if not headers or not _HEADER.match(headers[0]):
        return
    publisher = next((i for i, h in enumerate(headers) if i and _PUBLISHER.search(h)), None)
    consumer = next((i for i, h in enumerate(headers) if i and _CONSUMER.search(h) and i != publisher), None)
    if publisher is None and consumer is None and len(headers) > 2 and not services.names:
        return
    about = next((i for i, h in enumerate(headers) if "descr" in h or "when" in h or "trigger" in h), None)
    for row in block.rows:
        cells = (*row.cells, *[""] * len(headers))
        name = event_name(cells[0])
        if name:
            yield EventFact(
                name,
                row.line,
                services.find(cells[publisher]) if publisher is not None else None,
                services.find_all(cells[consumer]) if consumer is not None else (),
                " ".join(cells[about].split())[:300] if about is not None else "",
                cells[0].strip() if re.fullmatch(_DOTTED, cells[0].strip()) else "",
            )


def _prose(block: Block, section: Section, services: ServiceIndex) -> Iterator[EventFact]:
    service = services.of_section(section) if section.level else None
    for line, text in block.lines():
        verbs = list(_VERB.finditer(text[:2000]))
        if not verbs and section.kind != "events":
            continue
        routed = _routed(line, text[:2000], services) if section.kind == "events" else None
        if routed:
            yield routed
            continue
        for match in _NAME.finditer(text[:2000]):
            name = event_name(match.group(1))
            if not name or not _PAST.search(words(name)[-1]) or _is_file(match.group(1)):
                continue
            verb = next((v for v in reversed(verbs) if v.start() < match.start()), verbs[0] if verbs else None)
            subject = services.find(re.split(r"[;,.]", text[: verb.start()])[-1]) if verb else None
            who = subject or service
            publishes = bool(verb and verb.group(1))
            consumers = (who,) if verb and not publishes and who else ()
            by, of = _BY.search(text), _OF.search(text)
            if by or of:
                publisher = services.find(by.group(1)) if by else None
                yield EventFact(name, line, publisher, services.find_all(of.group(1)) if of else ())
            else:
                yield EventFact(name, line, who if publishes else None, consumers)


def _routed(line: int, text: str, services: ServiceIndex) -> EventFact | None:
    """Read `OrderPlaced: order-service → stock-service, mail-service`, and the same with `from` and `to`."""
    match = _NAME.search(text)
    ends: Sequence[str] = _ARROW.split(text[match.end() :]) if match else []
    if match and len(ends) != 2 and (told := _FROM_TO.search(text, match.end())):
        ends = told.groups()
    if match is None or len(ends) != 2:
        return None
    name, publisher, consumers = event_name(match.group(1)), services.find(ends[0]), services.find_all(ends[1])
    return EventFact(name, line, publisher, consumers) if name and publisher and consumers else None


def _is_file(text: str) -> bool:
    return bool(re.search(r"\.(?:md|py|js|ts|json|ya?ml|txt|com|org|io|sql|html)$", text))
