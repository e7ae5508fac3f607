"""A file parsed by a tree-sitter grammar: nodes by kind, their text and place; what all such languages share."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

__all__ = ["SyntaxModule"]


@cache
def _parser(grammar: str) -> Parser:
    """Return the parser of a grammar: `javascript`, `typescript`, `tsx`, `go` or `java`."""
    import importlib

    from tree_sitter import Language, Parser

    package, function = {
        "tsx": ("typescript", "language_tsx"),
        "typescript": ("typescript", "language_typescript"),
    }.get(grammar, (grammar, "language"))
    module = importlib.import_module(f"tree_sitter_{package}")
    return Parser(Language(getattr(module, function)()))


class SyntaxModule:
    """One parsed file. `path` is relative to the scanned root."""

    grammar: ClassVar[str]

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.root: Node = _parser(self.grammar).parse(data).root_node

    @cached_property
    def _nodes(self) -> dict[str, list[Node]]:
        """Return all named nodes by kind, each kind in source order."""
        found: dict[str, list[Node]] = {}
        stack = [self.root]
        while stack:
            node = stack.pop()
            found.setdefault(node.type, []).append(node)
            stack.extend(reversed(node.named_children))
        return found

    def of(self, *kinds: str) -> Iterator[Node]:
        """Yield the nodes of these kinds."""
        for kind in kinds:
            yield from self._nodes.get(kind, ())

    def text(self, node: Node | None) -> str:
        """Return the source of a node; empty for None."""
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @staticmethod
    def line(node: Node) -> int:
        """Return the line of a node, from 1."""
        return node.start_point.row + 1
