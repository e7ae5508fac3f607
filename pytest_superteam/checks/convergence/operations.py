"""Which operation of the found system is the one that was asked for, and what comes near where none is."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.checks.convergence.paths import Shape, shape, shared_prefix, singular_shape, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.models import Architecture, Operation

__all__ = ["FoundOperations", "is_asked_for"]

_WRITES = ("POST", "PUT", "PATCH")
_FREE: dict[str, tuple[str, ...]] = {
    "update": ("PUT", "PATCH"),
    "replace": ("PUT", "PATCH"),
    "update_me": ("PUT", "PATCH"),
    "transition": _WRITES,
    "action": _WRITES,
}
"""Methods that serve as well as ours, by kind of operation, where the text names none."""
_NEAR = 0.8
_MOST = 2000


def is_asked_for(operation: Operation) -> bool:
    """Return whether the text asks for the operation; how events come is each system's own choice."""
    return operation.kind != "receive_event"


class FoundOperations:
    """The operations of a found system, by what they are like."""

    def __init__(self, system: Architecture, asked: Architecture) -> None:
        self.system = system
        self.asked = asked

    @cached_property
    def _known(self) -> dict[Operation, frozenset[Shape]]:
        return dict(_with_variants(self.system))

    @cached_property
    def _wanted(self) -> dict[Operation, frozenset[Shape]]:
        return dict(_with_variants(self.asked))

    @cached_property
    def _index(self) -> dict[tuple[str, Shape], list[Operation]]:
        index: dict[tuple[str, Shape], list[Operation]] = {}
        for operation, shapes in self._known.items():
            for one in shapes:
                index.setdefault((operation.method.upper(), one), []).append(operation)
        return index

    @cached_property
    def _loose(self) -> dict[tuple[str, Shape], list[Operation]]:
        index: dict[tuple[str, Shape], list[Operation]] = {}
        for operation, shapes in self._known.items():
            for one in shapes:
                index.setdefault((operation.method.upper(), singular_shape(one)), []).append(operation)
        return index

    def serving(self, asked: Operation) -> tuple[Operation, ...]:
        """Return the found operations that do what was asked for.

        Where the text names no path or method, ours were made up, and another that means the same will do.
        """
        shapes = self._wanted.get(asked, frozenset())
        found = [o for one in shapes for o in self._index.get((asked.method.upper(), one), ())]
        if not found and asked.source is not None and asked.source.kind == "derived":
            methods = _FREE.get(asked.kind, (asked.method.upper(),))
            found = [o for one in shapes for m in methods for o in self._loose.get((m, singular_shape(one)), ())]
        return tuple(dict.fromkeys(found))

    @cached_property
    def _taken(self) -> frozenset[Operation]:
        return frozenset(found for asked in self.asked.operations for found in self.serving(asked))

    def near(self, asked: Operation, services: Sequence[str]) -> str:
        """Return what `services` have instead, in words, if anything comes near that nothing else was asked for by."""
        free = [o for o in self._known if o.service in services and o not in self._taken][:_MOST]
        shapes = self._wanted.get(asked, frozenset())
        for other in free:
            if shapes & self._known[other]:
                return f"has {other.method.upper()} {other.path} instead of {asked.method.upper()}"
        same = [o for o in free if o.method.upper() == asked.method.upper()]
        singulars = {singular_shape(one) for one in shapes}
        for other in same:
            if singulars & {singular_shape(one) for one in self._known[other]}:
                return f"has {other.method.upper()} {other.path} instead"
        best = max(((_likeness(shapes, self._known[o]), o.path, o) for o in same), default=None, key=lambda t: t[:2])
        return f"has {best[2].method.upper()} {best[2].path}, which comes near" if best and best[0] >= _NEAR else ""


def _likeness(ours: Iterable[Shape], theirs: Iterable[Shape]) -> float:
    one, other = min(ours, key=len, default=()), min(theirs, key=len, default=())
    if one.count("{}") != other.count("{}"):
        return 0.0
    return SequenceMatcher(None, "/".join(one)[:200], "/".join(other)[:200], autojunk=False).ratio()


def _with_variants(system: Architecture) -> Iterator[tuple[Operation, frozenset[Shape]]]:
    by_service: dict[str, list[Operation]] = {}
    for operation in system.operations:
        by_service.setdefault(operation.service, []).append(operation)
    for service, operations in by_service.items():
        prefix = shared_prefix(shape(operation.path) for operation in operations)
        for operation in operations:
            yield operation, variants(shape(operation.path), service, prefix)
