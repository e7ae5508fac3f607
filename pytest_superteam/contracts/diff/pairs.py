"""Pairs of schemas: those of both documents, and one pair below another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.normalise import Schemas

__all__ = ["Edge", "Pair"]


@dataclass(frozen=True)
class Edge:
    """A pair of schemas below another. `step` is what leads there, empty where it is the same value."""

    step: str
    old: Any
    new: Any
    flipped: bool = False
    """Whether it stands under a `not`."""
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True)
class Pair:
    """The schemas of both documents."""

    old: Schemas
    new: Schemas
    _plain: dict[int, bool] = field(default_factory=dict)

    def same(self, old: Any, new: Any) -> bool:
        """Return whether one text says it all; to Python 1 and True are equal, their texts are not."""
        return bool(old == new) and self._refers_to_nothing(old) and repr(old) == repr(new)

    def _refers_to_nothing(self, raw: Any) -> bool:
        """Return whether no reference stands in `raw`, so that equal text means equal."""
        if isinstance(raw, dict):
            key = id(raw)
            if key not in self._plain:
                self._plain[key] = False  # a schema that holds itself (YAML aliases can) is none
                self._plain[key] = "$ref" not in raw and all(map(self._refers_to_nothing, raw.values()))
            return self._plain[key]
        return all(map(self._refers_to_nothing, raw)) if isinstance(raw, list) else True
