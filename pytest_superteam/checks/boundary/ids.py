"""Ids: one form for each, and the same one wherever another service refers to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.finding import Finding, shown
from pytest_superteam.checks.boundary.seen import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.boundary.finding import Look, View

__all__ = ["form_of", "judge", "judged", "problem"]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BARE = re.compile(r"[0-9a-fA-F]{32}")
_PREFIXED = re.compile(r"[A-Za-z]{1,20}[_:-][\w-]{1,80}")
GOOD = "a uuid"


def form_of(value: Any) -> str:
    """Return the form of an id in words, `a uuid` for the canonical one of RFC 9562."""
    if isinstance(value, bool) or value is None or not isinstance(value, str | int | float):
        return "no id"
    if isinstance(value, int | float):
        return "a number"
    if _UUID.fullmatch(value):
        return GOOD
    if _UUID.fullmatch(value.lower()):
        return "a uuid in upper case" if value == value.upper() else "a uuid in mixed case"
    if value.startswith("{") and _UUID.fullmatch(value.lower().strip("{}")):
        return "a uuid in braces"
    if value.lower().startswith("urn:uuid:"):
        return "a uuid as a URN"
    return _other_form(value)


def _other_form(value: str) -> str:
    if _BARE.fullmatch(value) and not value.isdigit():
        return "a uuid without dashes"
    if value.isdigit():
        return "a number as a text"
    return "a prefixed id" if _PREFIXED.fullmatch(value) else "another text"


def judged(schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value has to be a uuid."""
    return schema.get("format") == "uuid" and value is not None and value is not MISSING


def problem(schema: Mapping[str, Any], value: Any) -> str:
    """Return what a value is that should be a uuid, `""` for a good one."""
    if not judged(schema, value):
        return ""
    form = form_of(value)
    return "" if form == GOOD else form


def judge(view: View) -> Iterator[Finding]:
    """Find ids that are no canonical uuid although declared so, and references in another form than what they name."""
    for look in view.looks:
        for seen in look.fields:
            wrong = problem(seen.schema, seen.value)
            if wrong:
                message = (
                    f"{look.label} answers {seen.place} = {shown(seen.value)}, {wrong}. "
                    "Answer the uuid in lower case with dashes: ids are compared as text."
                )
                yield Finding(f"{seen.name} {wrong}", message, look.step)
    yield from _beside_others(view)


def _rows(looks: tuple[Look, ...], entity: str) -> Iterator[tuple[Look, Any]]:
    """Yield the ids of the rows of `entity` that answers about it hold."""
    for look in looks:
        if look.entity == entity:
            for thing in look.objects:
                if thing.value.get("id") is not None and (thing.name == entity or thing.place in {"", "items[]", "[]"}):
                    yield look, thing.value["id"]


def _breaks_its_own(looks: tuple[Look, ...]) -> bool:
    """Return whether a service's ids are not as its own contract has them, which is told there."""
    return any(seen.name == "id" and problem(seen.schema, seen.value) for look in looks for seen in look.fields)


def _beside_others(view: View) -> Iterator[Finding]:
    """Compare references with the ids of the services that they name rows of."""
    for look in view.looks:
        for thing in look.objects:
            for name, value in thing.value.items():
                target = _target(str(name), view)
                if target is None or value is None or isinstance(value, list | dict):
                    continue
                entity, owner = target
                if form_of(value) == GOOD and _breaks_its_own(view.others[owner]):
                    continue
                forms = {form_of(row) for _, row in _rows(view.others[owner], entity)}
                if forms and form_of(value) not in forms:
                    message = (
                        f"{look.label} answers {name} = {shown(value)}, {form_of(value)}; ids of {entity} in {owner} "
                        f"are {' or '.join(sorted(forms))}. Refer to a row by its id as its own service writes it."
                    )
                    yield Finding(f"{name} {owner}", message, look.step)


def _target(name: str, view: View) -> tuple[str, str] | None:
    """Return the entity that a field such as `book_id` or `bookId` is named after, and the service that has it."""
    stem = re.sub(r"(?:_id|Id|ID)$", "", name)
    if stem == name or not stem:
        return None
    bare = stem.replace("_", "").lower()
    for service, looks in view.others.items():
        entity = next((k.entity for k in looks if k.entity and k.entity.lower() == bare), None)
        if entity:
            return entity, service
    return None
