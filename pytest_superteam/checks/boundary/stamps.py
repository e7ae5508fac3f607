"""Timestamps: with a zone, in one form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.finding import Finding, shown
from pytest_superteam.checks.boundary.names import bare
from pytest_superteam.checks.boundary.seen import MISSING, types_of
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.boundary.finding import Look, View
    from pytest_superteam.checks.boundary.seen import Seen

__all__ = ["Form", "form_of", "judge", "judged", "problem"]

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<separator>[Tt ])\d{2}:\d{2}(?::\d{2}(?P<fraction>[.,]\d{1,12})?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"\d{9,14}(?:\.\d{1,9})?")
_NAME = re.compile(r"(?:_at|At|_time|Time|[Tt]imestamp|_on|Date)$")
_OURS = frozenset({"createdat", "updatedat", "modifiedat", "deletedat", "createdon", "updatedon", "lastmodified"})
"""Names of stamps that the service itself sets, without case and underscores."""
_FEW = 3  # stamps that all lack a fraction before it is said that they never have one
_SINCE, _UNTIL = 1e8, 1e14  # seconds from 1973 on, milliseconds until the year 5138


@dataclass(frozen=True)
class Form:
    """How a timestamp is written. `kind` is `iso`, `day`, `epoch` or `other`."""

    kind: str
    separator: str = ""
    fraction: bool = False
    zone: str = ""


def form_of(value: Any) -> Form:
    """Return the form of a value that should be a timestamp."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Form("epoch" if _SINCE < abs(value) < _UNTIL else "other")
    if not isinstance(value, str):
        return Form("other")
    found = _ISO.fullmatch(value)
    if found:
        return Form("iso", found["separator"], bool(found["fraction"]), found["zone"] or "")
    return Form("day" if _DAY.fullmatch(value) else "epoch" if _EPOCH.fullmatch(value) else "other")


def is_stamp(name: str, schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a field holds timestamps: it is declared so, or its name and value say so."""
    if schema.get("format") == "date-time":
        return True
    if "format" in schema or "enum" in schema or "pattern" in schema or not isinstance(value, str):
        return False
    return bool(_NAME.search(name)) and form_of(value).kind == "iso"


def problem(name: str, schema: Mapping[str, Any], value: Any) -> str:
    """Return what is wrong with one timestamp, `""` for a good one; null and missing are not judged here."""
    if value is None or value is MISSING:
        return ""
    if schema.get("format") == "date":
        return "is a timestamp where a date is declared" if form_of(value).kind in {"iso", "epoch"} else ""
    if not is_stamp(name, schema, value):
        return ""
    form = form_of(value)
    if form.kind == "epoch" and types_of(schema) & {"integer", "number"}:
        return ""
    if form.kind != "iso":
        what = {"epoch": "a number of seconds or milliseconds", "day": "a date without a time"}
        return f"is {what.get(form.kind, 'no timestamp')}, not a timestamp of RFC 3339"
    if not form.zone:
        return "has no time zone"
    if form.separator == " ":
        return "has a blank between date and time, where RFC 3339 has a T"
    return "has an offset without a colon" if form.zone not in {"Z", "z"} and ":" not in form.zone else ""


def judged(seen: Seen) -> bool:
    """Return whether a field is one that this check has something to say about."""
    return seen.value not in (None, MISSING) and (
        seen.schema.get("format") == "date" or is_stamp(seen.name, seen.schema, seen.value)
    )


def judge(view: View) -> Iterator[Finding]:
    """Find timestamps without a zone or in another form, and forms that differ from those of other services."""
    for look in view.looks:
        for seen in look.fields:
            wrong = problem(seen.name, seen.schema, seen.value)
            if wrong:
                message = (
                    f"{look.label} answers {seen.place} = {shown(seen.value)}, which {wrong}. "
                    "Answer timestamps as 2026-01-31T12:00:00Z."
                )
                yield Finding(f"{seen.name} {wrong}", message, look.step)
    yield from _beside_others(view)


def _own_stamps(looks: tuple[Look, ...]) -> list[tuple[Look, Seen, Form]]:
    """Return the stamps that the service itself sets: those of callers come back as they were sent."""
    found = [(k, s, form_of(s.value)) for k in looks for s in k.fields if bare(s.name) in _OURS]
    return [(look, seen, form) for look, seen, form in found if form.kind in {"iso", "epoch"}]


def _beside_others(view: View) -> Iterator[Finding]:
    own = _own_stamps(view.looks)
    if not own:
        return
    look, seen, form = own[0]
    for other, looks in view.others.items():
        theirs = [f for _, _, f in _own_stamps(looks)]
        if not theirs:
            continue
        if form.kind == "epoch" and all(f.kind == "iso" for f in theirs):
            message = (
                f"{look.label} answers {seen.place} as a number ({shown(seen.value)}), {other} writes timestamps as "
                "text. Use one form in the system: 2026-01-31T12:00:00Z."
            )
            yield Finding("epoch", message, look.step)
            return
        plain = len(own) >= _FEW and all(f.kind == "iso" and not f.fraction for _, _, f in own)
        if plain and any(f.fraction for f in theirs):
            message = (
                f"{look.label} answers {seen.place} = {shown(seen.value)} to the second, {other} to fractions of it. "
                "Use one precision in the system, or what happened first can't be told."
            )
            yield Finding("precision", message, look.step, Severity.WARNING)
            return
