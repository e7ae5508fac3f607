"""Names of a language with blocks and declared variables, as Go and Java are: what they stand for where they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.scanners.languages.nesting import Nesting, outer_first
from pytest_superteam.scanners.languages.python import UNKNOWN
from pytest_superteam.scanners.languages.syntax import SyntaxModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

__all__ = ["LONGEST_TEXT", "MAX_STEPS", "MOST_ITEMS", "Named", "ScopedModule", "added", "reads_environment"]

MAX_STEPS = 12
"""Steps that a name is followed."""
LONGEST_TEXT, MOST_ITEMS = 100_000, 10_000
"""Bytes of a string and elements of a collection that are read."""
_STEPS, _MANY_STEPS, _FEW_STEPS, _WASTE = 5_000, 1_000, 50, 100_000
_ENVIRONMENT = frozenset({
    "env", "getenv", "envor", "getenvor", "envordefault", "getenvordefault", "getenvdefault", "envdefault",
    "getenvwithdefault", "lookupenvor", "envstring", "getenvstring", "mustenvor", "envvar", "getenvvar", "fromenv",
    "readenv", "loadenv",
})  # fmt: skip


def reads_environment(name: str) -> bool:
    """Return whether a function's name says that it reads a variable of the environment: `getEnv`, `env_or`."""
    return name.rpartition(".")[2].replace("_", "").lower() in _ENVIRONMENT


def added(left: Any, right: Any) -> Any:
    """Return the sum of two known strings or numbers, else `UNKNOWN`."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right if len(left) + len(right) <= LONGEST_TEXT else UNKNOWN
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    return left + right if numbers and abs(left) < 1e15 and abs(right) < 1e15 else UNKNOWN


@dataclass(frozen=True)
class Named:
    """One place that gives a name its meaning."""

    name: Node
    value: Node | None = None
    type: Node | None = None
    declares: bool = True
    """False for what changes a name that is declared elsewhere."""
    known: bool = True
    """False where the name gets a value that is no expression of its own: an element of a loop, a second result."""


class ScopedModule(SyntaxModule, ABC):
    """One parsed file with its scopes."""

    scope_kinds: ClassVar[tuple[str, ...]]
    call_kinds: ClassVar[tuple[str, ...]]
    function_kinds: ClassVar[tuple[str, ...]]

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(path, data)
        self._steps = _STEPS
        self._wasted = 0

    @abstractmethod
    def _named(self) -> Iterator[tuple[Named, Node | None]]:
        """Yield what declarations and assignments bind; with the scope where it is not the one around the name."""

    @abstractmethod
    def unwrap(self, node: Node | None) -> Node | None:
        """Return the expression inside parentheses and the like."""

    @abstractmethod
    def literal(self, node: Node | None, depth: int = 0) -> Any:
        """Return the value of `node` as far as it is fixed in the source, else `UNKNOWN`."""

    def _sum(self, node: Node, depth: int) -> Any:
        """Return the value of `a + b + ...`, read without recursion: keys are often sums of many lines."""
        rights: list[Node | None] = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            if self.text(left.child_by_field_name("operator")) != "+":
                break
            rights.append(left.child_by_field_name("right"))
            left = self.unwrap(left.child_by_field_name("left"))
        value = self.literal(left, depth + 1) if left is not node else UNKNOWN
        for right in reversed(rights):
            if value is UNKNOWN:
                return UNKNOWN
            value = added(value, self.literal(right, depth + 1))
        return value

    def _begin(self) -> None:
        """Start one question with steps to spend, fewer where questions before it went on and on."""
        used = _STEPS - self._steps
        self._wasted += used if used > _MANY_STEPS else 0
        self._steps = _STEPS if self._wasted < _WASTE else _FEW_STEPS

    @property
    def exhausted(self) -> bool:
        """Return whether names in it refer to one another so much that not all were followed."""
        return self._wasted >= _WASTE

    @cached_property
    def calls(self) -> tuple[Node, ...]:
        """Return every call, in source order."""
        return tuple(outer_first(self.of(*self.call_kinds)))

    @cached_property
    def functions(self) -> tuple[Node, ...]:
        """Return every function, method and function literal, in source order."""
        return tuple(outer_first(self.of(*self.function_kinds)))

    @cached_property
    def _function_nesting(self) -> Nesting:
        return Nesting(self.functions)

    def function_of(self, node: Node) -> Node | None:
        """Return the innermost function that holds `node`."""
        return self._function_nesting.around(node)

    def arguments(self, call: Node) -> list[Node]:
        """Return the arguments of a call."""
        return self.children(call.child_by_field_name("arguments"))

    def argument(self, call: Node, position: int) -> Node | None:
        """Return one argument, or None."""
        given = self.arguments(call)
        return given[position] if 0 <= position < len(given) else None

    @cached_property
    def _scopes(self) -> tuple[dict[str, dict[int, list[Named]]], dict[str, Nesting]]:
        """Return what each name is bound to by the id of the scope, and the scopes of each name."""
        blocks = Nesting(self.of(*self.scope_kinds))
        table: dict[str, dict[int, list[Named]]] = {}
        openers: dict[str, dict[int, Node]] = {}
        changes: list[Named] = []
        for named, scope in self._named():
            if not named.declares:
                changes.append(named)
                continue
            holder = scope or blocks.at(named.name.start_byte) or self.root
            text = self.text(named.name)
            table.setdefault(text, {}).setdefault(holder.id, []).append(named)
            if holder.id != self.root.id:
                openers.setdefault(text, {})[holder.id] = holder
        nestings = {text: Nesting(nodes.values()) for text, nodes in openers.items()}
        for named in changes:
            text = self.text(named.name)
            nesting = nestings.get(text)
            opener = (nesting.at(named.name.start_byte) if nesting is not None else None) or self.root
            table.setdefault(text, {}).setdefault(opener.id, []).append(named)
        return table, nestings

    def lookup(self, identifier: Node) -> list[Named]:
        """Return everything that a name is bound to where `identifier` stands, in the innermost scope that has it."""
        return self._lookup(self.text(identifier), identifier.start_byte)

    def _lookup(self, text: str, place: int) -> list[Named]:
        table, nestings = self._scopes
        nesting = nestings.get(text)
        holder = (nesting.at(place) if nesting is not None else None) or self.root
        return table.get(text, {}).get(holder.id, [])

    def binding(self, identifier: Node) -> Named | None:
        """Return the one binding of a name where `identifier` stands; None where there is none or more than one.

        A declaration without a value does not count beside one assignment.
        """
        return self._only(self.lookup(identifier))

    @staticmethod
    def _only(found: list[Named]) -> Named | None:
        if len(found) > 1:
            found = [named for named in found if named.value is not None or not named.known]
        return found[0] if len(found) == 1 else None

    def bound(self, identifier: Node) -> Node | None:
        """Return the one expression that a name stands for, or None where it is not exactly one."""
        binding = self.binding(identifier)
        return None if binding is None else binding.value

    def declared_type(self, identifier: Node) -> Node | None:
        """Return the type that is declared for a name where `identifier` stands."""
        return next((named.type for named in self.lookup(identifier) if named.type is not None), None)
