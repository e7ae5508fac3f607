"""All pairs of schemas that two documents use, each compared once, however often and however circularly it is used.

What differs is found per pair; which uses it concerns follows from the ways that lead from them to it (`reach`). Pairs
below which nothing differs are left out there, so that equal documents cost one look at each schema.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.lifecycle import Policy, lifecycle
from pytest_superteam.contracts.diff.normalise import Schemas
from pytest_superteam.contracts.diff.pairs import Edge, Pair
from pytest_superteam.contracts.diff.schemas import compare

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.keywords import Finding
    from pytest_superteam.contracts.diff.naming import Place
    from pytest_superteam.contracts.diff.reading import Document

__all__ = ["Key", "Node", "SchemaGraph", "Use"]

Key = tuple[int, int]
"""A pair of schemas, by their id()."""


@dataclass
class Node:
    """What is known of a pair of schemas."""

    findings: list[Finding] = field(default_factory=list)
    edges: list[tuple[Edge, Key]] = field(default_factory=list)
    differs: bool = False
    """Whether anything differs here or below."""


@dataclass(frozen=True)
class Use:
    """A place of an operation where a pair of schemas stands."""

    root: Key
    operation: str
    where: str


class SchemaGraph:
    """The pairs of schemas of two documents, and where they are used."""

    def __init__(self, old: Document, new: Document, policy: Policy) -> None:
        """Compare nothing yet."""
        self.nodes: dict[Key, Node] = {}
        self.uses: dict[Place, list[Use]] = {}
        """Uses of pairs that differ, by the kind of place."""
        self._both = Pair(Schemas(old), Schemas(new))
        self._policy = policy
        self._users: dict[Key, list[Key]] = {}
        self._alive: list[Any] = []  # pairs are known by the id() of their schemas

    def use(self, old: Any, new: Any, place: Place, operation: str, where: str) -> None:
        """Compare two schemas that stand at `place` of an operation."""
        key = self._build(old, new)
        if self.nodes[key].differs:
            self.uses.setdefault(place, []).append(Use(key, operation, where))

    def types(self, old: Any, new: Any) -> frozenset[str] | None:
        """Return the types that either schema names, None where one is open to all."""
        one, other = self._both.old.view(old).types, self._both.new.view(new).types
        return None if one is None or other is None else one | other

    def _key(self, old: Any, new: Any) -> tuple[Key, Any, Any]:
        old, new = self._both.old.target(old), self._both.new.target(new)
        return (id(old), id(new)), old, new

    def _build(self, old: Any, new: Any) -> Key:
        """Compare a pair and all pairs below it; mark those below which something differs."""
        root, old, new = self._key(old, new)
        if root in self.nodes:
            return root
        self.nodes[root] = Node()
        waiting = deque([(root, old, new)])
        dirty: list[Key] = []
        while waiting:
            key, old_raw, new_raw = waiting.popleft()
            self._alive += (old_raw, new_raw)
            if self._both.same(old_raw, new_raw):
                continue
            node = self.nodes[key]
            node.findings, edges = compare(self._both, old_raw, new_raw)
            node.findings += self._lifecycle(old_raw, new_raw)
            if node.findings:
                dirty.append(key)
            for edge in edges:
                below, one, other = self._key(edge.old, edge.new)
                node.edges.append((edge, below))
                self._users.setdefault(below, []).append(key)
                if below not in self.nodes:
                    self.nodes[below] = Node()
                    waiting.append((below, one, other))
                elif self.nodes[below].differs:
                    dirty.append(key)
        self._mark(dirty)
        return root

    def _lifecycle(self, old: Any, new: Any) -> list[Finding]:
        views = self._both.old.view(old), self._both.new.view(new)
        return list(lifecycle(views[0].keywords, views[1].keywords, self._policy))

    def _mark(self, dirty: list[Key]) -> None:
        """Mark the pairs from which one of `dirty` is reached; those marked before have marked theirs."""
        while dirty:
            key = dirty.pop()
            if not self.nodes[key].differs:
                self.nodes[key].differs = True
                dirty += self._users.get(key, ())
