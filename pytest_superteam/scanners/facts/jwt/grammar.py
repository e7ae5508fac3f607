"""What readers of a language without a front end of its own ask of a tree-sitter tree: calls, names, functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.syntax import SyntaxModule

__all__ = ["Grammar"]

_MOST = 200
"""Expressions that are looked at for one literal."""


class Grammar(ABC):
    """Answers about one module of Go or Java."""

    functions: ClassVar[tuple[str, ...]] = ()

    def __init__(self, module: SyntaxModule) -> None:
        self.module = module
        self._bindings: dict[str, list[tuple[Node, Node]]] | None = None
        self._questions = 200

    @abstractmethod
    def bound(self) -> Iterator[tuple[str, Node, Node]]:
        """Yield name, value and place of everything that is bound to one expression."""

    strings: ClassVar[frozenset[str]] = frozenset()
    """Kinds of nodes that are string literals."""

    @abstractmethod
    def following(self, node: Node) -> list[Node]:
        """Return the expressions of which one may be the value of `node`."""

    def text_of(self, node: Node | None) -> tuple[Any, Node | None]:
        """Return the literal text of an expression and where it stands; `UNKNOWN` and None else."""
        queue = [] if node is None else [node]
        for inner in queue:  # the list grows while it is read
            if inner.type in self.strings:
                text = self.module.text(inner).strip('"`')
                if text:
                    return text, inner
            elif len(queue) < _MOST:
                queue.extend(self.following(inner))
        return UNKNOWN, None

    def may_ask(self) -> bool:
        """Return whether one more question may read a whole function; a file that wants very many is hostile."""
        self._questions -= 1
        return self._questions >= 0

    def values_of(self, name: Node) -> list[Node]:
        """Return the values of a name: those bound in the same function, else those bound outside of all functions."""
        if self._bindings is None:
            self._bindings = {}
            for bound, value, place in self.bound():
                self._bindings.setdefault(bound, []).append((value, place))
        found = self._bindings.get(self.module.text(name).rsplit(".", 1)[-1], [])[:50]
        home = self.function_of(name)
        here = [v for v, place in found if home is not None and self._id(self.function_of(place)) == home.id]
        return here or [v for v, place in found if self.function_of(place) is None]

    @staticmethod
    def _id(node: Node | None) -> int | None:
        return None if node is None else node.id

    def function_of(self, node: Node) -> Node | None:
        """Return the innermost function that holds `node`."""
        return next((a for a in self.module.ancestors(node) if a.type in self.functions), None)

    def arguments(self, call: Node) -> list[Node]:
        """Return the arguments of a call."""
        return self.module.children(call.child_by_field_name("arguments"))

    def name_of(self, call: Node) -> str:
        """Return what is called, as far as it is written: `jwt.Parse`."""
        return self.module.text(call.child_by_field_name("function"))[-200:]

    def verified_too(self, node: Node, others: list[Node]) -> bool:
        """Return whether one of `others` stands in the function of `node`."""
        home = self.function_of(node)
        return home is not None and any(
            other.id != node.id and any(one.id == home.id for one in self.module.ancestors(other)) for other in others
        )
