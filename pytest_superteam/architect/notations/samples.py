"""JSON samples of stored things: with `...`, comments and trailing commas, named by a heading, a lead or a key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.names import fold, singular, vocabulary, words
from pytest_superteam.architect.notations.common import Column, balanced, entity, is_wrapper, line_at, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact
    from pytest_superteam.architect.notations.common import Member

__all__ = ["is_sample", "read_samples"]

_START = re.compile(
    r"\s{0,200}(?://[^\n]{0,300}\n\s{0,200}|\#[^\n]{0,300}\n\s{0,200}|/\*.{0,300}?\*/\s{0,200}){0,4}(\[\s{0,200})?\{",
    re.DOTALL,
)
_PAIR = re.compile(r"^\"?([A-Za-z_$][\w$-]{0,60})\"?\s*(\?)?\s*:\s*(.*)$", re.DOTALL)
_NO_ENTITY = re.compile(
    r"\b(?:requests?|responses?|reponses?|requetes?|respuestas?|solicitud|anfragen?|antwort"
    r"(?:en)?|errors?|erreurs?|tokens?|payloads?|headers?|body|events?|config(?:uration)?"
    r"|messages? format|webhooks?|claims?|input|output|query|prompt|manifest|package|pagination|format|result|api)\b"
)
_NAME = re.compile(
    r"^(?:an? |the |each )?([A-Za-z][\w -]{1,40}?)(?:\s*(?:document|object|collection|record|model|schema|entity"
    r"|table|json|example|sample))*\s*(?:\([^()]{0,80}\))?\s*:?$",
    re.IGNORECASE,
)
_GENERIC = vocabulary(
    "data database model schema structure structures storage example sample object document record json entity entities"
    " field fields definition definitions the a core main key shape"
)
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_UUID = re.compile(r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")
_TYPE_WORD = re.compile(
    r"^(?:string|str|text|int(?:eger)?|number|float|double|decimal|bool(?:ean)?|date|date-?time|timestamp"
    r"|iso\s?(?:8601|date|string)[\w ]{0,12}|uuid|objectid"
    r"|object|array|json|email|url|enum|null|varchar)\b",
    re.IGNORECASE,
)
_UNION = re.compile(r"^[\w -]{1,30}(?:\s*\|\s*[\w -]{1,30}){1,20}$")


def is_sample(text: str) -> bool:
    """Return whether a text is an object or a list of objects in JSON or nearly so."""
    return bool(_START.match(text)) and ":" in text


def read_samples(text: str, line: int, *, names: tuple[str, ...]) -> Iterator[EntityFact]:
    """Yield the entity that a sample shows; nothing when no name says what it is.

    Args:
        text: the sample.
        line: the line number of its first line.
        names: the lead, then the heading: the first that names something names the object.
    """
    if any(_NO_ENTITY.search(fold(n)) for n in names[:2]):
        return
    start = _START.match(text)
    if start is None:
        return
    position = 0
    while start is not None:
        end = balanced(text, start.end(), "{")
        yield from _object(text[start.end() : end], line_at(text, start.end(), line), names)
        position = end + 1
        start = _START.match(text, position)
        names = ()  # a second object has no name


def _object(body: str, line: int, names: tuple[str, ...]) -> Iterator[EntityFact]:
    pairs = [(m, p) for m in members(body, line, by_line="," not in body) if (p := _PAIR.match(m.text))]
    nested = [(m, p.group(1), p.group(3)) for m, p in pairs if re.match(r"\[?\s*\{", p.group(3))]
    if pairs and len(nested) == len(pairs):
        # An object of objects: each key names one.
        for member, key, value in nested:
            if is_wrapper(key[:1].upper() + key[1:]) or _NO_ENTITY.search(key.lower()):
                continue
            inner = value[value.find("{") + 1 : value.rfind("}")]
            found = [c for m in members(inner, member.line) if (c := _column(m))]
            fact = entity(singular(key) if key.islower() else key, member.line, found, least=2)
            if fact is not None:
                yield fact
        return
    name = next((n for n in (_named(n) for n in names) if n), "")
    columns = [c for m, _ in pairs if (c := _column(m))]
    if name and not is_wrapper(name):
        fact = entity(name, line, columns, least=2, rank=2)
        if fact is not None:
            yield fact


def _named(text: str) -> str:
    match = _NAME.match(text.strip().rstrip(":").strip("`*\"' "))
    parts = words(match.group(1)) if match else []
    return match.group(1) if match and 1 <= len(parts) <= 3 and not _GENERIC.issuperset(parts) else ""


def _column(member: Member) -> Column | None:
    match = _PAIR.match(member.text)
    if match is None or match.group(1) in {"_id", "$schema", "__v"}:
        return None
    name, mark, value = match.groups()
    kind, values = _kind(value.strip())
    text = value.strip("\"' ")
    optional = bool(mark) or value == "null" or bool(re.search(r"\|\s*null\b|\boptional\b|\bnullable\b", text))
    return Column(
        name, kind, "", member.line, optional=optional, values=values, many=kind == "list", note=member.comment
    )


def _kind(value: str) -> tuple[str, tuple[str, ...]]:
    if value.startswith("["):
        return "list", ()
    if value.startswith("{"):
        return "json", ()
    if value in ("true", "false"):
        return "boolean", ()
    if re.fullmatch(r"-?\d{1,15}", value):
        return "integer", ()
    if re.fullmatch(r"-?\d{1,15}\.\d{1,10}", value):
        return "number", ()
    text = re.sub(r"\s*\|\s*null\b", "", value.strip("\"' "))
    parts = tuple(v.strip("\"' ") for v in text.split("|"))
    if (
        len(parts) > 1
        and _UNION.match(text.replace('"', "").replace("'", ""))
        and not any(_TYPE_WORD.match(p) for p in parts)
    ):
        return "", parts
    if _TYPE_WORD.match(text):
        return re.sub(r"(?i)^iso.*", "timestamp", text), ()
    for pattern, kind in ((_MOMENT, "timestamp"), (_DAY, "date"), (_UUID, "uuid")):
        if pattern.match(text):
            return kind, ()
    return "", ()
