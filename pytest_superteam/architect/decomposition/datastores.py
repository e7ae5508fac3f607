"""What each service keeps data in: what the text names for it, and a relational database where it owns entities.

Only two are told apart, which a deployment can bring: `postgresql`, also for another relational database that the text
names, and `redis`, where the text asks for it by name. What else is named (MongoDB) stays among the components.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.names import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_superteam.architect.decomposition.service_index import ServiceIndex
    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document
    from pytest_superteam.architect.facts import ServiceFact
    from pytest_superteam.models import Entity

__all__ = ["datastores_of", "read_datastores"]

_WHOLE = ""
"""Stands for the only service of a text that has no name for it."""
_NAMED = {
    "postgresql": re.compile(
        r"\b(?:postgres(?:ql)?|mysql|mariadb|mssql|sql[- ]server|oracle (?:db|database)|cockroachdb|timescaledb"
        r"|relational (?:database|db|store)|rdbms)\b",
        re.IGNORECASE,
    ),
    "redis": re.compile(r"\b(?:redis|valkey)\b", re.IGNORECASE),
}
_HINT = re.compile(r"redis|valkey|sql|postgres|mariadb|oracle|cockroach|timescale|relational|rdbms", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|never|without|avoids?|instead of|rather than|replac\w{1,4}|remov\w{1,4}|unlike|kein\w{0,2}|ohne|sans"
    r"|sin|sem|later|future|eventually)\b[^.;\n]{0,40}$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^[^.;\n|]{0,30}\b(?:(?:is|are|was) (?:not|out of scope|excluded)|not (?:needed|required|used)|unnecessary"
    r"|(?:in|for) (?:the future|a later)|later|optional)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"[:=|\u2013\u2014\u2192]|\s-+>?\s|->")
_ASIDE = frozenset({"glossary", "meta", "metrics", "questions", "risks"})
_LONGEST = 2000


def read_datastores(document: Document, index: ServiceIndex) -> dict[str, tuple[str, ...]]:
    """Return what the text names for each service, in its section, its row, its item or a line that speaks of it."""
    found: dict[str, dict[str, None]] = {}
    for section in document.live():
        if _ASIDE & set(section.kinds):
            continue
        home = index.of_section(section)
        for block in section.blocks:
            for text in _lines(block):
                for store in _stores(text):
                    for service in _owners(text, block.lead, home, index):
                        found.setdefault(service, {})[store] = None
    return {service: tuple(sorted(stores)) for service, stores in found.items()}


def datastores_of(
    services: Sequence[ServiceFact], entities: Iterable[Entity], named: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return the datastores of each service: those that the text names, and PostgreSQL where it owns entities."""
    owners = {entity.service for entity in entities}
    whole = named.get(_WHOLE, ()) if len(services) == 1 else ()
    return {
        s.name: tuple(sorted({*whole, *named.get(s.name, ()), *(("postgresql",) if s.name in owners else ())}))
        for s in services
    }


def _lines(block: Block) -> Iterator[str]:
    if block.rows:
        yield from (" | ".join(row.cells)[:_LONGEST] for row in block.rows)
    elif _HINT.search(block.text):
        yield from (text[:_LONGEST] for _, text in block.lines())


def _stores(text: str) -> tuple[str, ...]:
    """Return the datastores that a line names and does not deny."""
    if not _HINT.search(text):
        return ()
    return tuple(
        store
        for store, pattern in _NAMED.items()
        for match in pattern.finditer(text)
        if not _DENIED_BEFORE.search(text[max(0, match.start() - 60) : match.start()])
        and not _DENIED_AFTER.match(text[match.end() : match.end() + 60])
    )


def _owners(text: str, lead: str, home: str | None, index: ServiceIndex) -> tuple[str, ...]:
    """Return the services that a line is about: its subject's, else its section's, else those that it names."""
    if len(index.names) < 2:
        return index.names or (_WHOLE,)
    subject = _SUBJECT.split(text, maxsplit=1)[0]
    said = subject if subject != text else ""
    if said and not _stores(said) and (owner := index.find(said)):
        return (owner,)
    if home or (home := index.find(lead[:_LONGEST]) if lead else None):
        return (home,)
    joined = f"-{'-'.join(words(text))}-"
    return tuple(name for name in index.names if f"-{name}-" in joined)
