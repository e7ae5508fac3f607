"""A file parsed by a tree-sitter grammar: nodes by kind, their text and place; what all such languages share."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Language, Node, Tree

__all__ = ["MAX_DEPTH", "SyntaxModule", "parse"]

_COMMENTS = frozenset({"comment", "html_comment", "hash_bang_line", "line_comment", "block_comment"})


MAX_DEPTH = 4000
"""Levels of nesting that are read. Written code has a hundred; a sum of two thousand strings has two thousand."""

_PIECE = 1 << 16
"""Bytes that the parser is given at a time."""
_REPORTS = 10_000
"""How often the parser may report progress on any file; more on long ones. Ordinary code takes 5 to 50 a kilobyte."""


@cache
def _language(grammar: str) -> Language:
    """Return a grammar: `javascript`, `typescript`, `tsx`, `go` or `java`."""
    import importlib

    from tree_sitter import Language

    package, function = {
        "tsx": ("typescript", "language_tsx"),
        "typescript": ("typescript", "language_typescript"),
    }.get(grammar, (grammar, "language"))
    module = importlib.import_module(f"tree_sitter_{package}")
    return Language(getattr(module, function)())


def parse(grammar: str, data: bytes) -> Tree:
    """Return the syntax tree of `data`, which has nodes of kind `ERROR` where the grammar could not read it.

    Raises:
        ValueError: the parser tried so many readings of it that it was stopped.
    """
    from tree_sitter import Parser

    reports, most = 0, _REPORTS + len(data) // 10

    def stop(_offset: int, _has_error: bool) -> bool:  # noqa: FBT001 - the parser's signature
        nonlocal reports
        reports += 1
        return reports > most

    parser = Parser(_language(grammar))  # one a parse: a parser is not to be shared between threads
    try:
        return parser.parse(lambda offset, _point: data[offset : offset + _PIECE], progress_callback=stop)
    except ValueError:
        if reports <= most:
            raise
        raise ValueError(f"the {grammar} parser was stopped after {reports} steps") from None


def _utf8(data: bytes) -> bytes:
    """Return the bytes as UTF-8 where they begin with a mark of UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    return data


class SyntaxModule:
    """One parsed file. `path` is relative to the scanned root.

    Raises:
        RecursionError: it is nested deeper than `MAX_DEPTH`.

    Nodes are made anew each time they are asked for: tables are keyed by `node.id`, which stays the same.
    """

    grammar: str

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = _utf8(data)
        self.tree: Tree = self._parse()
        self.root: Node = self.tree.root_node
        self._nodes = self._walk()

    def _parse(self) -> Tree:
        return parse(self.grammar, self.data)

    def _walk(self) -> dict[str, list[Node]]:
        """Return all named nodes by kind, each kind in source order.

        Raises:
            RecursionError: the file is nested deeper than `MAX_DEPTH`.
        """
        found: dict[str, list[Node]] = {}
        cursor, depth = self.tree.walk(), 0
        while True:
            node = cursor.node
            if node is not None and node.is_named:
                kind = node.type
                if kind in found:
                    found[kind].append(node)
                else:
                    found[kind] = [node]
            if cursor.goto_first_child():
                depth += 1
                if depth > MAX_DEPTH:
                    raise RecursionError(f"nested more than {MAX_DEPTH} levels deep")
                continue
            while not cursor.goto_next_sibling():
                depth -= 1
                if not cursor.goto_parent():
                    return found

    @cached_property
    def _parents(self) -> dict[int, Node]:
        """Return the node around each node, by the id of the inner one."""
        parents: dict[int, Node] = {}
        for nodes in self._nodes.values():
            for node in nodes:
                for child in node.named_children:
                    parents[child.id] = node
        return parents

    def of(self, *kinds: str) -> Iterator[Node]:
        """Yield the nodes of these kinds, kind after kind, each in source order."""
        for kind in kinds:
            yield from self._nodes.get(kind, ())

    def parent(self, node: Node) -> Node | None:
        """Return the node that holds `node`."""
        return self._parents.get(node.id)

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Yield the nodes around `node`, innermost first."""
        parents = self._parents
        current = parents.get(node.id)
        while current is not None:
            yield current
            current = parents.get(current.id)

    def inside(self, node: Node, *kinds: str) -> Iterator[Node]:
        """Yield the named nodes in `node`, itself first, in source order; only those of `kinds` where given."""
        stack = [node]
        while stack:
            current = stack.pop()
            if not kinds or current.type in kinds:
                yield current
            stack.extend(reversed(current.named_children))

    @staticmethod
    def children(node: Node | None) -> list[Node]:
        """Return the named children without comments."""
        return [] if node is None else [child for child in node.named_children if child.type not in _COMMENTS]

    def text(self, node: Node | None) -> str:
        """Return the source of a node; empty for None."""
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @staticmethod
    def line(node: Node) -> int:
        """Return the line of a node, from 1."""
        return node.start_point.row + 1

    def column(self, node: Node) -> int:
        """Return the column of a node in characters, from 1."""
        start = node.start_byte
        return len(self.data[start - node.start_point.column : start].decode("utf-8", "replace")) + 1

    @cached_property
    def broken(self) -> int | None:
        """Return the line of the first place that the grammar could not read, or None where it read all."""
        if not self.root.has_error:
            return None
        node = self.root
        while not (node.is_error or node.is_missing):
            worse = next((child for child in node.children if child.has_error), None)
            if worse is None:
                break
            node = worse
        return self.line(node)
