"""Alternatives compared: those that came and went, and schemas that became one of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import DIFFERS, NARROWS, UNCLEAR, WIDENS
from pytest_superteam.contracts.diff.composition import called, closest, paired
from pytest_superteam.contracts.diff.keywords import Finding
from pytest_superteam.contracts.diff.pairs import Edge, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.contracts.diff.normalise import Schemas, View

__all__ = ["compare_alternatives", "compare_wrapped"]


def _aspect(keyword: str) -> str:
    return "one-of" if keyword == "oneOf" else "any-of"


def compare_alternatives(both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield how lists of alternatives differ."""
    rest = list(new.alternatives)
    for keyword, schemas in old.alternatives:
        partner = next((item for item in rest if item[0] == keyword), rest[0] if rest else None)
        if partner is None:
            yield Finding(f"became-not-{_aspect(keyword)}", WIDENS, tuple(map(called, schemas)), None)
            continue
        rest.remove(partner)
        if partner[0] != keyword:
            yield Finding("alternatives-keyword-changed", UNCLEAR, keyword, partner[0])
        yield from _matched(both, _aspect(partner[0]), schemas, partner[1])
    for keyword, schemas in rest:
        yield Finding(f"became-{_aspect(keyword)}", NARROWS, None, tuple(map(called, schemas)))


def _matched(both: Pair, aspect: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Finding | Edge]:
    pairs, gone, come = paired((both.old, before), (both.new, after))
    for one, other in pairs:
        yield Edge("", one, other)
    for raw in gone:
        yield Finding(f"{aspect}-removed", NARROWS, called(raw), None)
    for raw in come:
        yield Finding(f"{aspect}-added", WIDENS, None, called(raw))


def compare_wrapped(
    both: Pair, old: tuple[Any, View], new: tuple[Any, View]
) -> tuple[list[Finding], list[Edge]] | None:
    """Compare a schema with the alternative that it became, or that became it; None where it is neither."""
    if _only_alternatives(new[1]) and not old[1].alternatives and not old[1].anything:
        keyword, schemas = new[1].alternatives[0]
        same = _same(both.new, old[1], schemas)
        # under `oneOf` a value that fits two alternatives is refused
        risk = DIFFERS if keyword == "oneOf" else WIDENS
        finding = Finding(f"wrapped-in-{_aspect(keyword)}", risk, None, tuple(map(called, schemas)))
        return None if same is None else ([finding], [Edge("", old[0], same)])
    if _only_alternatives(old[1]) and not new[1].alternatives and not new[1].anything:
        keyword, schemas = old[1].alternatives[0]
        same = _same(both.old, new[1], schemas)
        finding = Finding(f"unwrapped-from-{_aspect(keyword)}", NARROWS, tuple(map(called, schemas)), None)
        return None if same is None else ([finding], [Edge("", same, new[0])])
    return None


def _only_alternatives(view: View) -> bool:
    return view.types is None and len(view.alternatives) == 1 and not view.properties


def _same(schemas: Schemas, view: View, candidates: tuple[Any, ...]) -> Any:
    return closest(view, schemas, list(candidates))
