"""Numbers and booleans as text, text as numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.finding import Finding, shown
from pytest_superteam.checks.boundary.seen import MISSING, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.boundary.finding import View

__all__ = ["judge", "judged", "problem"]

_NUMBER = re.compile(r"[+-]?\d{1,40}(?:[.,]\d{1,40})?(?:[eE][+-]?\d{1,3})?")
_ELSEWHERE = frozenset({"uuid", "date-time", "date"})
"""Formats whose values have checks of their own."""
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "on", "off", "0", "1", "t", "f"})


def judged(schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value is a scalar that its schema names the one JSON type of."""
    scalar = isinstance(value, str | int | float)
    return (
        scalar
        and len(types_of(schema) - {"integer"}) <= 1
        and bool(types_of(schema))
        and (schema.get("format") not in _ELSEWHERE and "anyOf" not in schema)
    )


def problem(schema: Mapping[str, Any], value: Any) -> str:
    """Return what is wrong with the JSON type of a scalar, `""` for a good one."""
    if value is MISSING or not judged(schema, value):
        return ""
    kinds = types_of(schema)
    if isinstance(value, str):
        if kinds <= {"integer", "number"}:
            return f"{_a(value)} where a number is declared"
        return "a text where a boolean is declared" if kinds == {"boolean"} else ""
    if isinstance(value, bool):
        return f"a boolean where {_one(kinds)} is declared" if "boolean" not in kinds else ""
    if kinds == {"string"}:
        return "a number where a text is declared"
    return "a number where a boolean is declared" if kinds == {"boolean"} else ""


def _a(value: str) -> str:
    if _NUMBER.fullmatch(value.strip()):
        return "a number as a text"
    return "a boolean as a text" if value.lower() in _YES_OR_NO else "a text"


def _one(kinds: frozenset[str]) -> str:
    return "a text" if "string" in kinds else "a number" if kinds & {"integer", "number"} else f"an {min(kinds)}"


def judge(view: View) -> Iterator[Finding]:
    """Find scalars of another JSON type than the declared one."""
    for look in view.looks:
        for seen in look.fields:
            wrong = problem(seen.schema, seen.value)
            if wrong:
                message = (
                    f"{look.label} answers {seen.place} = {shown(seen.value)}, {wrong}. "
                    f"Answer {' or '.join(sorted(types_of(seen.schema)))}."
                )
                owner = seen.owner.name if seen.owner else ""
                yield Finding(f"{owner} {seen.name} {wrong}", message, look.step)
