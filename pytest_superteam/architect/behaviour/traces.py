"""Which operations carry a requirement: its verbs, and the entities that these are about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.names import fold, singular, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.models import Entity, Operation, Requirement

__all__ = ["link_requirements"]


_VERBS: dict[str, tuple[str, ...]] = {
    word: kinds
    for kinds, listed in {
        ("create",): "add adds create creates creating creation place places placing post posts submit submits "
        "make makes write writes book books reserve "
        "reserves upload uploads open opens schedule schedules record records join joins leave send"
        " sends purchase purchases transfer request requests "
        "generate start ajouter creer hinzufugen",
        (
            "list",
            "read",
        ): "browse browses browsing see sees view views viewing show shows display displays read reads"
        " get gets check checks track tracks "
        "consult consulter voir inspect monitor",
        ("list",): "list lists listing search searches searching filter filters find finds sort lister rechercher",
        (
            "update",
            "replace",
        ): "change changes changing edit edits editing update updates updating modify modifies adjust "
        "adjusts modifier set sets assign assigns",
        ("delete",): "delete deletes deleting remove removes removing deletion supprimer",
        (
            "create",
            "list",
            "read",
            "update",
            "replace",
            "delete",
        ): "manage manages managing maintain maintains crud keep keeps management gerer",
    }.items()
    for word in listed.split()
}
_STATE_WORDS = frozenset(
    {"state", "states", "status", "statuses", "transition", "transitions", "lifecycle", "statut", "statuts"}
)
_EVENT_WORDS = frozenset(
    {"event", "events", "announced", "announces", "publish", "publishes", "published", "notified", "emits"}
)
_BREAKS = vocabulary(
    "for of with by from in into to at on when that which who if as after before without via per against using about"
)
_JOINS = frozenset({"and", "or", "et", "und"})
_REGISTER = re.compile(
    r"\b(?:registers?|registration|sign(?:s|ing)?[ -]?up|create an account|inscription|s'inscrire)\b"
)
_LOGIN = re.compile(
    r"\b(?:log(?:s|ging)?[ -]?in|sign(?:s|ing)?[ -]?in|login|authenticat\w+|se connecter|connexion|logout"
    r"|log(?:s|ging)?[ -]?out)\b"
)
_PROFILE = re.compile(r"\b(?:profile|own (?:user|account|data)|profil)\b")


@dataclass
class _Reading:
    """Where the reading of one requirement stands: verbs that wait for their object, and what was found."""

    pending: tuple[str, ...] = ()
    used: bool = False
    joined: bool = False
    found: set[tuple[str, str]] = field(default_factory=set)
    mentioned: list[str] = field(default_factory=list)


def link_requirements(
    requirements: Iterable[Requirement], operations: Sequence[Operation], entities: Sequence[Entity]
) -> list[Requirement]:
    """Return the requirements with the operations that carry them, by their verbs and what these are about."""
    names = _spoken(entities)
    by_entity: dict[str, list[Operation]] = {}
    for operation in operations:
        by_entity.setdefault(operation.entity or "", []).append(operation)
    return [replace(r, operations=_carriers(r.text, operations, by_entity, names)) for r in requirements]


def _spoken(entities: Sequence[Entity]) -> dict[str, str]:
    """Return the words that name entities: the whole name joined, and its last word where only one entity ends so."""
    names = {"".join(words(e.name)): e.name for e in entities}
    ends: dict[str, list[str]] = {}
    for entity in entities:
        ends.setdefault(words(entity.name)[-1], []).append(entity.name)
    return {**{end: owners[0] for end, owners in ends.items() if len(owners) == 1}, **names}


def _carriers(
    text: str, operations: Sequence[Operation], by_entity: dict[str, list[Operation]], names: dict[str, str]
) -> tuple[str, ...]:
    lower = fold(text[:1000])
    words = re.findall(r"[a-z']+|[,.;:]", lower)
    kinds: set[str] = set()
    if _REGISTER.search(lower):
        kinds.add("register")
    if _LOGIN.search(lower):
        kinds |= {"login", "logout"}
    if _PROFILE.search(lower):
        kinds |= {"me", "update_me"}
    reading = _read(words, names)
    present = set(words)
    wanted = {(e, k) for e, k in reading.found}
    chosen = [
        o
        for o in operations
        if o.kind in kinds or (o.entity or "", o.kind) in wanted or _by_own_verb(o, present, reading)
    ]
    if present & _STATE_WORDS:
        chosen += [o for name in reading.mentioned for o in by_entity.get(name, ()) if o.kind == "transition"]
    if present & _EVENT_WORDS:
        chosen += [
            o for o in operations if o.kind == "receive_event" or (o.publishes and o.entity in reading.mentioned)
        ]
    if not chosen and reading.mentioned:
        chosen = list(by_entity.get(reading.mentioned[0], ()))
    wanted_ids = {(o.service, o.id) for o in chosen}
    return tuple(f"{o.service}:{o.id}" for o in operations if (o.service, o.id) in wanted_ids)


def _read(words: Sequence[str], names: dict[str, str]) -> _Reading:
    reading = _Reading()
    previous = ""
    for word in words:
        entity = (
            names.get(singular(previous) + singular(word))
            or names.get(previous + singular(word))
            or names.get(singular(word))
        )
        if entity and not (
            word in _VERBS and previous not in {"a", "an", "the", "of", *_JOINS, ","} and not reading.pending
        ):
            _object(reading, entity)
        elif word in _VERBS:
            reading.pending = _VERBS[word] if reading.used or not reading.pending else (*reading.pending, *_VERBS[word])
            reading.used = reading.joined = False
        elif word in _JOINS or word == ",":
            reading.joined = True
        elif word in {".", ";"} or (word in _BREAKS and reading.used):
            reading.pending, reading.used, reading.joined = (), False, False
        previous = word
    return reading


def _object(reading: _Reading, entity: str) -> None:
    if entity not in reading.mentioned:
        reading.mentioned.append(entity)
    if reading.pending and (not reading.used or reading.joined):
        reading.found |= {(entity, kind) for kind in reading.pending}
        reading.used, reading.joined = True, False


def _by_own_verb(operation: Operation, present: set[str], reading: _Reading) -> bool:
    """Return whether the text uses the operation's own verb (`pay`, `ship`) and names its entity."""
    if operation.kind not in ("transition", "action") or operation.entity not in reading.mentioned:
        return False
    verb = operation.path.rsplit("/", 1)[-1].split("-")[0]
    return not verb.startswith("{") and bool({verb, verb + "s", verb + "es", verb + "ed", verb + "ing"} & present)
