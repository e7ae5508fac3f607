"""Sentences that tell more about what is described elsewhere: attributes in prose, and numbers that don't add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import FieldFact
from pytest_superteam.architect.model.entities import entity_name
from pytest_superteam.architect.model.fields import parse_line, split_outside
from pytest_superteam.architect.names import snake
from pytest_superteam.models import Contradiction, Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.architect.document.sections import Document
    from pytest_superteam.architect.facts import EndpointFact

__all__ = ["attributes_in_prose", "wrong_counts"]

_HAS = re.compile(
    r"^(?:each |every |an? |the )?([A-Za-z][A-Za-z ]{1,30}?) (?:has|have|includes?|contains?|consists? of) "
    r"(?:an? |the )?([^.\n]{5,300})",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(\w{2,30}),? (?:which|that) (?:is|may be|can be)(?: one of| either)? "
    r"(\w+(?:(?:, or|, | or )\s?\w+){1,8})(?=[,;]|$| and )",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r",? (?:and )?(?:it )?(?:is|may be|can be) either (\w+(?:(?:, or|, | or )\s?\w+){1,6})", re.IGNORECASE
)
_OWN = re.compile(r"\b(?:(?:their|his|her|your|my) own (\w{3,30})|(\w{3,30}) of (?:an)?other users?)\b", re.IGNORECASE)
_BELONGS = re.compile(
    r"\b(?:each|every|an?) (\w{3,30}) (?:belongs to|(?:may|can) belong to) "
    r"(?:exactly |(at most |up to ))?(?:an?|one|its|the) (\w{3,30})\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|its|their|optional|and)\s+", re.IGNORECASE)
_COUNT = re.compile(r"\b(\d{1,3})\s+(?:REST\s+|API\s+|HTTP\s+)?endpoints\b", re.IGNORECASE)


def attributes_in_prose(document: Document) -> dict[str, tuple[FieldFact, ...]]:
    """Return the fields of entities in sentences such as "Tasks have a title, a due date and a priority (low, high)".

    Used for entities that the text describes nowhere else.
    """
    found: dict[str, tuple[FieldFact, ...]] = {}
    sentences = list(_whole_sentences(document))
    for line, text in sentences:
        match = _HAS.match(text)
        name = entity_name(match.group(1)) if match else ""
        if match and name and name not in found:
            fields = _listed(_with_values(match.group(2)), line)
            if len(fields) >= 2:
                found[name] = fields
    ties = _ties(set(found), sentences) if found else {}
    return {name: (*fields, *ties.get(name, {}).values()) for name, fields in found.items()}


def _ties(described: set[str], sentences: Iterable[tuple[int, str]]) -> dict[str, dict[str, FieldFact]]:
    """Return the references of entities to their user ("their own tasks") and to what they belong to."""
    ties: dict[str, dict[str, FieldFact]] = {}
    for line, text in sentences:
        for match in _OWN.finditer(text):
            field = Field("user_id", "reference", references="User", source=Source(line, "derived"))
            name = entity_name(match.group(1) or match.group(2))
            ties.setdefault(name, {}).setdefault(field.name, FieldFact(field, owner=True))
        for match in _BELONGS.finditer(text):
            name, parent = entity_name(match.group(1)), entity_name(match.group(3))
            if parent != name and parent in described:
                sure = not match.group(2) and "belongs" in match.group()
                field = Field(f"{snake(parent)}_id", "reference", sure, references=parent, source=Source(line))
                ties.setdefault(name, {}).setdefault(field.name, FieldFact(field))
    return ties


def _with_values(text: str) -> str:
    """Write choices in clauses as choices in brackets: `a size which is small or large` as `a size (small, large)`."""

    def bracketed(name: str, values: str) -> str:
        return f"{name} (one of: {', '.join(re.split(r',? or |, ', values))})"

    text = _WHICH.sub(lambda m: bracketed(m.group(1), m.group(2)), text)
    return _EITHER.sub(lambda m: ", " + bracketed("status", m.group(1)), text)


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


def _whole_sentences(document: Document) -> Iterator[tuple[int, str]]:
    """Yield each sentence with the line on which it begins; authors break paragraphs anywhere."""
    for section in document.live():
        for block in section.blocks:
            if block.kind in ("item", "paragraph"):
                start = 0
                for sentence in re.split(r"(?<=[.!?;])\s+", block.text[:5000]):
                    at = block.text.find(sentence, start)
                    start = at + len(sentence)
                    yield block.line + block.text.count("\n", 0, at), " ".join(sentence.split())[:2000]


def _sentences(document: Document) -> Iterator[tuple[int, str]]:
    for section in document.live():
        for block in section.blocks:
            if block.kind in ("item", "paragraph"):
                for line, text in block.lines():
                    yield line, text[:2000]
