# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Entities that the text does not describe as such: named by paths, by services, or only by what users do."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, Exclusion, Facts, FieldFact, ServiceFact
from pytest_superteam.architect.names import fold, pascal, singular, snake, vocabulary, words
from pytest_superteam.architect.paths import collections, segments
from pytest_superteam.models import Contradiction, Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["entities_of", "mentioned_entities"]

_NO_STORE = vocabulary(
    "admin ai aggregation analytics api app auth authentication authorization backend bridge chat config "
    "core dashboard data discovery email engine gateway gen identity import integration intelligence job "
    "main management monitor monitoring normalizer orchestrator orchestration processing processor "
    "recommendation report reporting rule rules scheduler search security signer stats storage sync "
    "system web worker"
)
_NOUN_OF = {
    "shipping": "Shipment",
    "billing": "Invoice",
    "booking": "Booking",
    "delivery": "Delivery",
    "catalog": "Product",
    "catalogue": "Product",
    "messaging": "Message",
    "pricing": "Price",
    "ordering": "Order",
    "logging": "LogEntry",
}
_VERB = re.compile(
    r"\b(?:creat(?:e|es|ing)|adds?|adding|manag(?:e|es|ing)|posts?|submits?|uploads?|edits?|deletes?"
    r"|removes?|books?|schedul(?:e|es)|plac(?:e|es)|writes?|publish(?:es)?"
    r"|records?|tracks?|stor(?:e|es)|sav(?:e|es)|views?|lists?|assigns?|joins?|sends?)\s+"
    r"(?:(?:a|an|the|their|his|her|its|own|new|all|multiple|any|each|every|some|one|more|personal|live"
    r"|real-time|online|and/or)\s+){0,3}([a-z][a-z-]{2,30})(?:\s+([a-z][a-z-]{2,30}))?",
)
_SIGNS_IN = re.compile(r"\b(?:log[ -]?ins?|sign[ -]?(?:in|up)|regist\w+|authenticat\w+)\b")
_WRITES = re.compile(r"^(?:creat|add|manag|post|submit|upload|book|schedul|plac|writ|record|track|join|send|stor)")
_STOP = vocabulary(
    "a able access account action all amount application api app attention button change code content "
    "count data date dashboard detail email experience feature field file form format history information "
    "input item kind link list live log login management message-broker mode name number option order-of "
    "own page part password performance permission platform position preference process profile progress "
    "quality report request result role rule screen search section session setting show size state status "
    "step support system table time total type update user value version view way website test tests code "
    "latency error metric metrics up out in on to by for and or with from via as at"
)


# What a sentence may describe without its being stored.
_SCREENS = vocabulary(
    "app application bar button chart dashboard dialog header home interface menu navigation page panel platform "
    "popup screen section sidebar site system tab user view website widget window"
)


def entities_of(facts: Facts, contradictions: list[Contradiction]) -> list[EntityFact]:
    """Return the entities to build: the described ones, and those that paths, services or features only name.

    What is excluded is left out, unless the text specifies it with fields or endpoints; that is a contradiction, and
    the specification is followed.
    """
    found = list(facts.entities)
    for name, (_, line) in collections(facts.endpoints, [e.name for e in found]).items():
        fields = _parents(name, facts, line)
        found.append(EntityFact(name, line, fields, rank=1, explicit=False))
    if not [e for e in found if e.name != "User"]:
        found += _of_services(facts.services, found)
    else:
        missing = [s for s in facts.services if not _has_entity(s, found, facts)]
        found += _of_services(missing, found)
    found = [e if e.fields else replace(e, fields=facts.attributes.get(e.name, ())) for e in found]
    return _without_excluded(found, facts, contradictions)


def _parents(name: str, facts: Facts, line: int) -> tuple[FieldFact, ...]:
    """Return a reference to the entity below which paths put `name`, as in `/facilities/{id}/slots`."""
    known = {e.name for e in facts.entities}
    for fact in facts.endpoints:
        parts = segments(fact.path)
        for i in range(2, len(parts)):
            if pascal(parts[i]) == name and parts[i - 1].startswith("{") and not parts[i].startswith("{"):
                parent = pascal(parts[i - 2])
                if parent in known and parent != name:
                    reference = Field(
                        f"{snake(parent)}_id", "reference", references=parent, source=Source(line, "derived")
                    )
                    label = Field("name", max_length=200, source=Source(line, "derived"))
                    return (FieldFact(label), FieldFact(reference))
    return ()


def _has_entity(service: ServiceFact, found: Sequence[EntityFact], facts: Facts) -> bool:
    if any(e.service == service.name for e in found) or any(e.service == service.name for e in facts.endpoints):
        return True
    parts = {singular(p) for p in service.name.split("-")}
    if parts & {"account", "profile"} and _SIGNS_IN.search(fold(service.description)):
        return True  # what it keeps are the users
    return any(singular(words(e.name)[-1]) in parts or e.name.lower() in parts for e in found)


def _of_services(services: Iterable[ServiceFact], found: Sequence[EntityFact]) -> list[EntityFact]:
    known = {e.name for e in found}
    result = []
    for service in services:
        parts = [p for p in service.name.split("-") if p not in {"service", "api", "server", "svc", "microservice"}]
        if not parts or set(parts) & _NO_STORE or len(parts) > 2:
            continue
        name = _NOUN_OF.get(parts[-1], pascal("-".join(parts)))
        if name and name not in known:
            known.add(name)
            result.append(EntityFact(name, service.line, service=service.name, rank=1, explicit=False))
    return result


def mentioned_entities(
    texts: Iterable[tuple[int, str]], full_text: str, described: Mapping[str, tuple[FieldFact, ...]]
) -> list[EntityFact]:
    """Return the things that users create or manage, for a text that has no data model, endpoint or service.

    A noun counts when the text says it at least three times, and some verb makes or manages it or a sentence tells
    what it has (`described`).
    """
    votes: Counter[str] = Counter()
    written: set[str] = set()
    lines: dict[str, int] = {}
    for line, text in texts:
        for match in _VERB.finditer(fold(text[:2000])):
            noun = _noun(match.group(1), match.group(2))
            if noun:
                votes[noun] += 1
                lines.setdefault(noun, line)
                if _WRITES.match(match.group()):
                    written.add(noun)
    said = Counter(singular(w) for w in re.findall(r"[a-z]+", fold(full_text[:500_000])))
    for name, fields in described.items():
        noun = words(name)[-1]
        first = fields[0].field.source
        if noun not in _SCREENS and first:
            written.add(noun)
            votes[noun] += 1
            lines.setdefault(noun, first.line)
    nouns = [n for n in votes if n in written and said[n] >= 3]
    return [EntityFact(pascal(n), lines[n], rank=1, explicit=False) for n in sorted(nouns, key=lambda n: lines[n])]


def _noun(first: str, second: str | None) -> str:
    """Return the head of a short noun phrase, singular, or an empty string."""
    for word in (second, first):
        if word and "-" not in word:
            one = singular(word)
            if (
                one not in _STOP
                and not word.endswith(("ing", "ly", "ed", "able"))
                and len(one) > 2
                and (word == first or word.endswith("s"))
            ):
                return one
    return ""


def _without_excluded(
    found: Sequence[EntityFact], facts: Facts, contradictions: list[Contradiction]
) -> list[EntityFact]:
    kept = []
    for fact in found:
        exclusion = next((e for e in facts.exclusions if _names(e, fact.name)), None)
        if exclusion is None:
            kept.append(fact)
        elif fact.rank >= 2 or fact.name in {pascal(p) for e in facts.endpoints for p in segments(e.path)}:
            kept.append(fact)
            text = (
                f"{fact.name} is excluded ('{exclusion.text[:80]}') and yet specified; the specification is followed."
            )
            contradictions.append(Contradiction(text, (exclusion.line, fact.line)))
    return kept


def _names(exclusion: Exclusion, name: str) -> bool:
    """Return whether the exclusion is about the entity itself and not about some feature of it."""
    head = re.split(r"[:(,–—]| - ", exclusion.text)[0]
    return pascal(head) == name or name in {pascal(part) for part in re.split(r"\s+(?:and|&|et|und)\s+", head)}
