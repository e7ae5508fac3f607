"""Texts that a contract allows and that careless code trips over: signs of SQL, formats, markup, paths and Unicode.

Random texts seldom hold just the sign that breaks a query or a template, so every second valid request that was drawn
gets one of these in place of its free texts. What has a format, a pattern or an enumeration is no free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.checks.engine.types import Case, EngineOperation

__all__ = ["AWKWARD", "make_awkward"]

AWKWARD = ("%", "'", '"', "\\", "%s", "{0}", "<b>", "$x", "../x", "_", "ß", "🙂", "\u202e", "a" * 30)
"""Each is valid UTF-8 without control characters, so no service has a right to refuse it in a free text."""
_NARROW = frozenset({"enum", "const", "pattern", "format", "contentEncoding", "contentMediaType"})


def make_awkward(cases: Iterable[Case]) -> None:
    """Put an awkward text into the free texts of every second one of `cases`, which are valid, in place."""
    limits: dict[tuple[str, str], tuple[int, int]] | None = None
    for number, case in enumerate(cases):
        if number % 2:
            limits = dict(_free_texts(case.operation)) if limits is None else limits
            _apply(case, limits, number // 2)


def _apply(case: Case, limits: Mapping[tuple[str, str], tuple[int, int]], number: int) -> None:
    for container in ("query", "body"):
        values = getattr(case, container)
        if not isinstance(values, dict):
            continue
        changed = {
            name: text
            for name, value in values.items()
            if isinstance(value, str) and (text := _fitting(limits.get((container, name)), number))
        }
        if changed:
            setattr(case, container, {**values, **changed})


def _fitting(limit: tuple[int, int] | None, number: int) -> str:
    """Return the awkward text with `number`, repeated up to the shortest length that is allowed; empty if none fits."""
    if limit is None:
        return ""
    shortest, longest = limit
    text = AWKWARD[number % len(AWKWARD)]
    text *= -(-max(1, shortest) // len(text))
    return text if len(text) <= longest else ""


def _free_texts(operation: EngineOperation) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    """Yield container and name of each free text of the operation, with its shortest and longest length."""
    document = operation.schema.raw_schema
    for parameter in operation.query:
        limit = _limit(document, parameter.definition.get("schema"))
        if limit:
            yield ("query", parameter.name), limit
    try:
        body = deref(document, operation.definition.raw.get("requestBody") or {})
        for media in (body.get("content") or {}).values():
            schema = deref(document, media.get("schema") or {})
            for name, part in (schema.get("properties") or {}).items():
                limit = _limit(document, part)
                if limit:
                    yield ("body", str(name)), limit
    except (CheckError, AttributeError):
        return  # what can't be read has no free texts that we know of


def _limit(document: Mapping[str, Any], schema: Any) -> tuple[int, int] | None:
    try:
        known = deref(document, schema)
    except CheckError:
        return None
    if not isinstance(known, Mapping) or known.keys() & _NARROW:
        return None
    kinds = known.get("type")
    if kinds != "string" and not (isinstance(kinds, list) and "string" in kinds):
        return None
    shortest, longest = known.get("minLength", 0), known.get("maxLength", 1000)
    return (shortest, longest) if isinstance(shortest, int) and isinstance(longest, int) else None
