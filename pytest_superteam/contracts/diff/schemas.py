"""Two schemas compared where they stand: what differs here, and which pairs of schemas below are to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.alternatives import compare_alternatives, compare_wrapped
from pytest_superteam.contracts.diff.changes import DIFFERS, NARROWS, NEUTRAL, UNCLEAR, WIDENS, canonical
from pytest_superteam.contracts.diff.composition import called
from pytest_superteam.contracts.diff.keywords import Finding, compare_keywords
from pytest_superteam.contracts.diff.normalise import View, is_annotation
from pytest_superteam.contracts.diff.objects import compare_closing, compare_properties
from pytest_superteam.contracts.diff.pairs import Edge, Pair
from pytest_superteam.contracts.diff.subschemas import (
    compare_arrays,
    compare_conditions,
    compare_nots,
    compare_subschemas,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["compare"]


def compare(both: Pair, old_raw: Any, new_raw: Any) -> tuple[list[Finding], list[Edge]]:
    """Return what differs between two schemas themselves, and the pairs of schemas within them."""
    old, new = both.old.view(old_raw), both.new.view(new_raw)
    stop = _incomparable(old, new)
    if stop is not None:
        return stop, []
    wrapped = compare_wrapped(both, (old_raw, old), (new_raw, new))
    if wrapped is not None:
        return wrapped
    findings = [*_types(old, new), *_branches(old, new)]
    if any(finding.aspect == "type-changed" for finding in findings):
        return findings, []  # nothing below says more than that
    edges: list[Edge] = []
    findings += compare_keywords(old, new)
    for part in _PARTS:
        for item in part(both, old, new):
            if isinstance(item, Edge):
                edges.append(item)
            else:
                findings.append(item)
    return findings, edges


def _incomparable(old: View, new: View) -> list[Finding] | None:
    if old.opaque or new.opaque:
        if old.opaque == new.opaque:
            return []
        return [Finding("not-comparable", UNCLEAR, old.opaque or None, new.opaque or None)]
    if old.never or new.never:
        if old.never == new.never:
            return []
        return [Finding("became-possible" if old.never else "became-impossible", WIDENS if old.never else NARROWS)]
    return None


def _types(old: View, new: View) -> Iterator[Finding]:
    if old.types != new.types:
        before, after = old.accepted, new.accepted
        several = len(old.types or ()) > 1 or len(new.types or ()) > 1
        given = _named(old), _named(new)
        if before is None or (after is not None and after < before):
            yield Finding("list-of-types-narrowed" if several else "type-specialized", NARROWS, *given)
        elif after is None or before < after:
            yield Finding("list-of-types-widened" if several else "type-generalized", WIDENS, *given)
        else:
            yield Finding("type-changed", DIFFERS, *given)
    if old.nullable != new.nullable and not old.anything and not new.anything:
        yield Finding("became-nullable", WIDENS) if new.nullable else Finding("became-not-nullable", NARROWS)


def _named(view: View) -> tuple[str, ...]:
    return ("any",) if view.types is None else tuple(sorted(view.types))


def _branches(old: View, new: View) -> Iterator[Finding]:
    """Note what `allOf` gained and lost; what that means for the values is compared keyword by keyword."""
    before, after = ({canonical(raw): raw for raw in view.branches} for view in (old, new))
    gone = [raw for key, raw in before.items() if key not in after]
    come = [raw for key, raw in after.items() if key not in before]
    if len(gone) == len(come):  # the same ones, changed
        return
    for raw in gone[len(come) :]:
        yield Finding(f"all-of-removed{_annotation_only(raw)}", NEUTRAL, called(raw), None)
    for raw in come[len(gone) :]:
        yield Finding(f"all-of-added{_annotation_only(raw)}", NEUTRAL, None, called(raw))


def _annotation_only(raw: Any) -> str:
    return "-annotation-only" if is_annotation(raw) else ""


_PARTS = (
    compare_properties,
    compare_closing,
    compare_arrays,
    compare_subschemas,
    compare_alternatives,
    compare_nots,
    compare_conditions,
)
