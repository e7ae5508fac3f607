"""Sentences that tell more about what is described elsewhere: attributes in prose, and numbers that don't add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.entities import entity_name
from pytest_superteam.architect.fields import parse_line, split_outside
from pytest_superteam.models import Contradiction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.facts import EndpointFact, FieldFact
    from pytest_superteam.architect.sections import Document

__all__ = ["attributes_in_prose", "wrong_counts"]

_HAS = re.compile(
    r"^(?:each |every |an? |the )?([A-Za-z][A-Za-z ]{1,30}?) (?:has|have|includes?|contains?|consists? of) "
    r"(?:an? |the )?([^.\n]{5,300})",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|its|their|optional|and)\s+", re.IGNORECASE)
_COUNT = re.compile(r"\b(\d{1,3})\s+(?:REST\s+|API\s+|HTTP\s+)?endpoints\b", re.IGNORECASE)


def attributes_in_prose(document: Document) -> dict[str, tuple[FieldFact, ...]]:
    """Return the fields of entities in sentences such as "Tasks have a title, a due date and a priority (low, high)".

    Used for entities that the text describes nowhere else.
    """
    found: dict[str, tuple[FieldFact, ...]] = {}
    for line, text in _sentences(document):
        match = _HAS.match(text)
        name = entity_name(match.group(1)) if match else ""
        if match and name and name not in found:
            fields = _listed(match.group(2), line)
            if len(fields) >= 2:
                found[name] = fields
    return found


def _listed(text: str, line: int) -> tuple[FieldFact, ...]:
    parts = [p for part in split_outside(text) for p in re.split(r"\s+and\s+", part)]
    facts = []
    for part in parts:
        optional = re.match(r"(?:an? |the )?optional ", part.strip(), re.IGNORECASE)
        clean = _ARTICLE.sub("", _ARTICLE.sub("", part.strip()))
        # More than three words are a clause, and then the sentence is no list of attributes.
        if len(re.sub(r"\([^()]*\)", "", clean).split()) > 3:
            return ()
        fact = parse_line(f"{clean} (optional)" if optional and "(" not in clean else clean, line)
        if fact:
            facts.append(fact)
    return tuple({f.field.name: f for f in facts}.values())


def wrong_counts(document: Document, endpoints: Sequence[EndpointFact]) -> tuple[Contradiction, ...]:
    """Return the places that speak of another number of endpoints than the text has; the listed ones are followed."""
    if not endpoints:
        return ()
    return tuple(
        Contradiction(
            f"The text speaks of {match.group(1)} endpoints and lists {len(endpoints)}; the listed ones are followed.",
            (line, endpoints[0].line),
        )
        for line, text in _sentences(document)
        if (match := _COUNT.search(text)) and int(match.group(1)) != len(endpoints)
    )


def _sentences(document: Document) -> Iterator[tuple[int, str]]:
    for section in document.live():
        for block in section.blocks:
            if block.kind in ("item", "paragraph"):
                for line, text in block.lines():
                    yield line, text[:2000]
