"""Schemas within schemas compared: elements, conditions, what is excluded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import NARROWS, NEUTRAL, UNCLEAR, WIDENS, canonical
from pytest_superteam.contracts.diff.composition import called
from pytest_superteam.contracts.diff.keywords import Finding
from pytest_superteam.contracts.diff.objects import open_schema
from pytest_superteam.contracts.diff.pairs import Edge, Pair
from pytest_superteam.contracts.diff.reading import sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.contracts.diff.normalise import View


__all__ = ["compare_arrays", "compare_conditions", "compare_nots", "compare_subschemas"]


def compare_arrays(_both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield how the elements of arrays and tuples differ."""
    before, after = (open_schema(view.keywords.get("items", True)) for view in (old, new))
    if before is True and after is not True:
        yield Finding("items-restricted", NARROWS)
    elif after is True and before is not True:
        yield Finding("items-unrestricted", WIDENS)
    elif before is not True:
        yield Edge("[]", before, after)
    tuples = [sequence(view.keywords.get("prefixItems")) for view in (old, new)]
    for index, (one, other) in enumerate(zip(*tuples, strict=False)):
        yield Edge(f"[{index}]", one, other)
    for index in range(len(tuples[0]), len(tuples[1])):
        yield from _element(index, before, tuples[1][index], "added")
    for index in range(len(tuples[1]), len(tuples[0])):
        yield from _element(index, after, tuples[0][index], "removed")


def _element(index: int, rest: Any, schema: Any, verb: str) -> Iterator[Finding | Edge]:
    """Compare an element that only one tuple names with what the other says of all the rest."""
    added = verb == "added"
    given = (None, index) if added else (index, None)
    if not isinstance(rest, bool):
        yield Finding(f"prefix-items-{verb}", NEUTRAL, *given)
        yield Edge(f"[{index}]", rest, schema) if added else Edge(f"[{index}]", schema, rest)
    else:  # a closed tuple gets longer or shorter; in an open one anything could stand there
        yield Finding(f"prefix-items-{verb}", NARROWS if added is rest else WIDENS, *given)


_WITHIN = (
    ("contains", "contains", "[]"),
    ("propertyNames", "property-names", ""),
    ("contentSchema", "content-schema", ""),
    ("unevaluatedItems", "unevaluated-items", "[]"),
    ("unevaluatedProperties", "unevaluated-properties", "*"),
)


def compare_subschemas(_both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield which single schemas within came and went, and the pairs of those that stayed."""
    for keyword, aspect, step in _WITHIN:
        before, after = (view.keywords.get(keyword, True) for view in (old, new))
        if before is True and after is not True:
            yield Finding(f"{aspect}-added", NARROWS)
        elif after is True and before is not True:
            yield Finding(f"{aspect}-removed", WIDENS)
        elif before is not True:
            yield Edge(step, before, after)


def compare_nots(_both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield what is excluded (`not`); more of it is less that is valid."""
    for one, other in zip(old.nots, new.nots, strict=False):
        yield Edge("", one, other, flipped=True)
    for raw in old.nots[len(new.nots) :]:
        yield Finding("not-removed", WIDENS, called(raw), None)
    for raw in new.nots[len(old.nots) :]:
        yield Finding("not-added", NARROWS, None, called(raw))


def compare_conditions(_both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield how `if`, `then` and `else` differ."""
    empty: dict[str, Any] = {}
    for index in range(max(len(old.conditions), len(new.conditions))):
        before = old.conditions[index] if index < len(old.conditions) else empty
        after = new.conditions[index] if index < len(new.conditions) else empty
        yield from _condition(before, after)


def _condition(before: Any, after: Any) -> Iterator[Finding | Edge]:
    for name in ("if", "then", "else"):
        if name not in before and name in after:
            yield Finding(f"{name}-added", NARROWS)
        elif name in before and name not in after:
            yield Finding(f"{name}-removed", WIDENS)
        elif name == "if" and name in before and canonical(before[name]) != canonical(after[name]):
            yield Finding("if-changed", UNCLEAR)
        elif name != "if" and name in before:
            yield Edge("", before[name], after[name])
