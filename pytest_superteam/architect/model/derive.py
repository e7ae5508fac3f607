# ruff: noqa: RUF001, E501 - dashes and brackets of other scripts are what authors write
"""Entities that the text does not describe as such: named by paths, by services, or only by what users do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, Exclusion, Facts, FieldFact, ServiceFact
from pytest_superteam.architect.interface.paths import collections, segments
from pytest_superteam.architect.model.inference import infer
from pytest_superteam.architect.model.lexicon import english
from pytest_superteam.architect.names import fold, pascal, singular, snake, vocabulary, words
from pytest_superteam.models import Contradiction, Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.architect.document.sections import Document
    from pytest_superteam.architect.facts import EndpointFact, RelationFact

__all__ = ["entities_of", "implied_entities"]

_NO_STORE = vocabulary(
    "admin ai aggregation analytics api app auth authentication authorization backend bridge chat config "
    "core dashboard data discovery email engine gateway gen identity import integration intelligence job "
    "main management monitor monitoring normalizer orchestrator orchestration processing processor "
    "recommendation report reporting rule rules scheduler search security signer stats storage sync "
    "system web worker back end front client mobile server the use node bot proxy cache queue broker cli sdk "
    "analytic layer mapping support backup recommender replica persistence socket io how process processing pipeline "
    "middleware controller router handler adapter client library module tool utility helper infrastructure platform "
    "logging audit parser generator builder loader fetcher crawler scraper connector consumer producer publisher "
    "subscriber listener watcher tracker manager engine runner executor renderer validator encoder decoder"
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
_ACTIONS = vocabulary(
    "verify refresh forgot reset resend change confirm check upload download export import search filter login logout "
    "register signup signin generate validate sync submit cancel approve reject mark toggle send process calculate "
    "predict analyze test ping trigger run start stop restart callback oauth join leave mapping mappings"
)
_NO_ROW = vocabulary(
    "stat statistic analytic summary overview dashboard report metric health progress trend insight me search count "
    "total today recent popular trending recommendation suggestion autocomplete export import password otp status info"
)
_NO_BACKEND = re.compile(
    r"\bno (?:backend|database|server|persisten\w+)(?=\s*(?:[.,;)|/]|\n|$|or\b|and\b))|\bwithout (?:a )?(?:backend|database|server)\b"
    r"|\b(?:stateless|static) (?:web)?(?:site|app|page)\b(?! (?:servers?|nodes?|instances?|tier|layer))|\b(?:sans|sin|sem|ohne|senza) (?:backend|base de d\w+|datenbank)\b"
)
_SIGNS_IN = re.compile(r"\b(?:log[ -]?ins?|sign[ -]?(?:in|up)|regist\w+|authenticat\w+)\b")


def entities_of(facts: Facts, contradictions: list[Contradiction]) -> list[EntityFact]:
    """Return the entities to build: the described ones, and those that paths, services or features only name.

    What is excluded is left out, unless the data model lists it or endpoints serve it; that is a contradiction, and the
    specification is followed.
    """
    found = list(facts.entities)
    for name, (_, line) in _from_paths(facts.endpoints, found).items():
        fields = _parents(name, facts, line)
        found.append(EntityFact(name, line, fields, rank=1, explicit=False))
    if not [e for e in found if e.name != "User"]:
        found += _of_services(facts.services, found)
    else:
        missing = [s for s in facts.services if not _has_entity(s, found, facts)]
        found += _of_services(missing, found)
    found = [e for e in found if not re.match(r"N\d", e.name)]
    found = [e if e.fields else replace(e, fields=facts.attributes.get(e.name, ())) for e in found]
    return _without_excluded(found, facts, contradictions)


def _from_paths(endpoints: Sequence[EndpointFact], found: Sequence[EntityFact]) -> dict[str, tuple[str, int]]:
    """Return the entities that only paths name: name to (segment, line), without actions and parts of known ones."""
    known = {e.name for e in found}
    kept = {}
    for name, (segment, line) in collections(endpoints, known).items():
        parts = words(name)
        if len(name) <= 2 or any(c.isdigit() for c in name) or parts[0] in _ACTIONS or parts[-1] in _NO_ROW:
            continue
        if any(k.endswith(name) and k != name for k in known):
            continue  # `/expenses/categories` are the ExpenseCategory of the model
        uses = [e for e in endpoints if segment in segments(e.path)]
        reads = all(e.method == "GET" and segments(e.path)[-1] == segment for e in uses)
        if reads and not any(_is_root(e.path, segment) for e in uses):
            continue  # `GET /reports/sales` answers a view
        kept[name] = (segment, line)
    return kept


def _is_root(path: str, segment: str) -> bool:
    """Return whether nothing but a prefix (`/api/v1`) stands before the segment."""
    before = segments(path)[: segments(path).index(segment)]
    return all(re.fullmatch(r"api|rest|v\d+|public|admin|me|my|\{.*\}", p.lower()) for p in before)


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
        if (
            not parts
            or {q for p in parts for q in (p, singular(p))} & _NO_STORE
            or len(parts) > 2
            or not service.explicit
        ):
            continue
        name = _NOUN_OF.get(parts[-1], pascal("-".join(parts)))
        if len(name) > 2 and name not in known:
            known.add(name)
            result.append(EntityFact(name, service.line, service=service.name, rank=1, explicit=False))
    return result


def implied_entities(
    document: Document,
    found: Sequence[EntityFact],
    endpoints: Sequence[EndpointFact],
    roles: Iterable[str],
    relations: Sequence[RelationFact] = (),
    attributes: Mapping[str, tuple[FieldFact, ...]] | None = None,
) -> tuple[EntityFact, ...]:
    """Return the entities that features, stories and lists imply, for a text that has no data model of its own.

    Three described or listed entities are a model, and then nothing is added. Entities that paths name count half.
    """
    known = {e.name for e in found}
    modelled = [e for e in found if e.rank >= 1 and e.name != "User"]
    if len(modelled) >= 3 or len([e for e in found if e.rank >= 2]) >= 2:
        return ()
    tied = {n: r.line for r in reversed(relations) for n in (r.parent, r.child) if n not in known}
    if len(tied) + len(modelled) >= 3:
        return tuple(EntityFact(n, line, rank=1) for n, line in tied.items())
    if _NO_BACKEND.search(fold(document.text[:100_000])):
        return ()
    paths = _from_paths(endpoints, found)
    persons = frozenset(pascal(r) for r in roles)
    described = {n: f[0].field.source.line for n, f in (attributes or {}).items() if f and f[0].field.source}
    candidates = infer(document, roles=persons, described=described, strict=len(paths) >= 3)
    return tuple(
        EntityFact(c.name, c.line, rank=1, explicit=False)
        for c in candidates
        if c.name not in known and c.name not in paths
    )


def _without_excluded(
    found: Sequence[EntityFact], facts: Facts, contradictions: list[Contradiction]
) -> list[EntityFact]:
    kept = []
    for fact in found:
        exclusion = next((e for e in facts.exclusions if _names(e, fact.name, derived=not fact.explicit)), None)
        if exclusion is None:
            kept.append(fact)
        elif (
            fact.rank >= 2
            or (fact.explicit and fact.rank)
            or fact.name in {pascal(p) for e in facts.endpoints for p in segments(e.path)}
        ):
            kept.append(fact)
            text = (
                f"{fact.name} is excluded ('{exclusion.text[:80]}') and yet specified; the specification is followed."
            )
            contradictions.append(Contradiction(text, (exclusion.line, fact.line)))
    return kept


def _names(exclusion: Exclusion, name: str, *, derived: bool) -> bool:
    """Return whether the exclusion is about the entity itself and not about some feature of it."""
    head = re.split(r"[:(,–—（：，、]| - ", exclusion.text)[0]
    if pascal(head) == name or name in {pascal(part) for part in re.split(r"\s+(?:and|&|et|und|y|e)\s+", head)}:
        return True
    return derived and bool(head) and not head.isascii() and len(head) < 40 and english(head) == name
