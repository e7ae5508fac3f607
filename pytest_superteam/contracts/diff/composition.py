"""Which of the old alternatives of a schema is which of the new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import canonical

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.normalise import Schemas, View

__all__ = ["called", "closest", "paired"]

_ALIKE = 0.5  # share of common properties from which two alternatives are versions of one


def called(raw: Any) -> str:
    """Return how a schema is named in a message: by its reference, its title or what it is."""
    if isinstance(raw, Mapping):
        if isinstance(raw.get("$ref"), str):
            return str(raw["$ref"].rsplit("/", 1)[-1])
        for key in ("title", "const", "type"):
            if isinstance(raw.get(key), str):
                return str(raw[key])
    return canonical(raw)


def paired(
    old: tuple[Schemas, tuple[Any, ...]], new: tuple[Schemas, tuple[Any, ...]]
) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Return the pairs of alternatives, and those that only the old and only the new list has.

    Those of one reference or one text belong together, then those of one title, then those that look alike.
    """
    pairs: list[tuple[Any, Any]] = []
    before, after = list(old[1]), list(new[1])
    for identity in (canonical, _title):
        known: dict[str, list[Any]] = {}
        for raw in after:
            known.setdefault(identity(raw), []).append(raw)
        rest = []
        for raw in before:
            name = identity(raw)
            if name and known.get(name):
                partner = known[name].pop(0)
                after = [other for other in after if other is not partner]
                pairs.append((raw, partner))
            else:
                rest.append(raw)
        before = rest
    for raw in list(before):
        partner = closest(old[0].view(raw), new[0], after)
        if partner is not None:
            before = [other for other in before if other is not raw]
            after = [other for other in after if other is not partner]
            pairs.append((raw, partner))
    return pairs, before, after


def _title(raw: Any) -> str:
    return str(raw.get("title", "")) if isinstance(raw, Mapping) else ""


def closest(view: View, schemas: Schemas, candidates: list[Any]) -> Any:
    """Return the candidate most like `view`; None where none is like it."""
    best, found = 0.0, None
    for raw in candidates:
        likeness = _likeness(view, schemas.view(raw))
        if likeness > best:
            best, found = likeness, raw
    return found if best >= _ALIKE else None


def _likeness(one: View, other: View) -> float:
    if one.opaque or other.opaque or one.types != other.types:
        return 0.0
    if _tag(one) != _tag(other):
        return 0.0
    names = one.properties.keys() | other.properties.keys()
    return len(one.properties.keys() & other.properties.keys()) / len(names) if names else 1.0


def _tag(view: View) -> str:
    """Return the constants of a view's properties, by which readers tell alternatives apart."""
    constants = {
        name: raw["const"] for name, raw in view.properties.items() if isinstance(raw, Mapping) and "const" in raw
    }
    return canonical(constants)
