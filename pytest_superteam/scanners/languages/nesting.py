"""Which of many nested nodes holds a place: found by bisection, however deep or many they are."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

__all__ = ["Nesting", "outer_first"]


def outer_first(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes in source order, those that hold others before them."""
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


class Nesting:
    """Nodes of one tree, of which each pair is nested or apart."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = outer_first(nodes)
        self._outer: list[int] = []
        """For each node the index of the one around it, or -1."""
        self._places: list[int] = []
        """Byte offsets where the innermost node changes."""
        self._inner: list[int] = []
        """The index of the innermost node from each of these places on, or -1."""
        ends = [node.end_byte for node in self.nodes]
        stack: list[int] = []
        for index, node in enumerate(self.nodes):
            while stack and ends[stack[-1]] <= node.start_byte:
                self._leave(ends[stack.pop()], stack)
            self._outer.append(stack[-1] if stack else -1)
            stack.append(index)
            self._places.append(node.start_byte)
            self._inner.append(index)
        while stack:
            self._leave(ends[stack.pop()], stack)

    def _leave(self, place: int, stack: list[int]) -> None:
        self._places.append(place)
        self._inner.append(stack[-1] if stack else -1)

    def at(self, place: int) -> Node | None:
        """Return the innermost node that holds the byte at `place`."""
        index = bisect_right(self._places, place) - 1
        found = self._inner[index] if index >= 0 else -1
        return self.nodes[found] if found >= 0 else None

    def around(self, node: Node) -> Node | None:
        """Return the innermost of the nodes that holds `node` and is not as small as `node` itself."""
        start, end = node.start_byte, node.end_byte
        index = bisect_right(self._places, start) - 1
        found = self._inner[index] if index >= 0 else -1
        while found >= 0:
            outer = self.nodes[found]
            if outer.end_byte >= end and (outer.start_byte < start or outer.end_byte > end):
                return outer
            found = self._outer[found]
        return None
