"""Reading documents that others wrote: what has the wrong type counts as not there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pytest_superteam.contracts.references import resolve
from pytest_superteam.errors import CheckError

__all__ = ["Document", "is_number", "mapping", "sequence", "text"]


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` where it is a mapping, its keys as text (YAML reads `200:` as a number); else an empty one."""
    if not isinstance(value, Mapping):
        return {}
    return value if all(isinstance(key, str) for key in value) else {str(key): item for key, item in value.items()}


def sequence(value: Any) -> list[Any]:
    """Return `value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return `value` where it is text, else the empty text."""
    return value if isinstance(value, str) else ""


def is_number(value: Any) -> bool:
    """Return whether `value` is a finite number (YAML can write `.inf` and `.nan`) that is no truth value."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


class Document:
    """One version of a contract, its references resolved once each."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        """Read `root`, which must not change while it is compared."""
        self.root = mapping(root)
        self._targets: dict[str, Any] = {}

    def follow(self, reference: str) -> Any:
        """Return what `reference` names; None where it leads nowhere, out of the document or in a circle."""
        if reference not in self._targets:
            try:
                self._targets[reference] = resolve(self.root, reference)
            except CheckError:
                self._targets[reference] = None
        return self._targets[reference]

    def part(self, value: Any) -> Mapping[str, Any]:
        """Return the mapping that `value` is or refers to, empty where it is none."""
        if isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
            return mapping(self.follow(value["$ref"]))
        return mapping(value)

    def at(self, *keys: str) -> Mapping[str, Any]:
        """Return the mapping below `keys` of the root, empty where there is none."""
        found: Mapping[str, Any] = self.root
        for key in keys:
            found = self.part(found.get(key))
        return found
