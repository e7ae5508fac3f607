"""The shape of JavaScript and TypeScript: calls, functions, classes, parameters, decorators, whatever the grammar."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.nesting import Nesting, outer_first
from pytest_superteam.scanners.languages.syntax import SyntaxModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

__all__ = ["CLASSES", "FUNCTIONS", "IDENTIFIERS", "JavaScriptTree", "unescaped"]

FUNCTIONS = (
    "function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function",
    "generator_function_declaration",
)  # fmt: skip
CLASSES = ("class_declaration", "abstract_class_declaration", "class")
IDENTIFIERS = frozenset({
    "identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern", "type_identifier",
})  # fmt: skip
_TYPED = frozenset({"required_parameter", "optional_parameter"})
_WRAPPERS = frozenset({
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression",
    "instantiation_expression", "sequence_expression", "type_assertion", "await_expression",
})  # fmt: skip
_LAST = frozenset({"sequence_expression", "type_assertion", "await_expression"})
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS = frozenset({"\n", "\r", "\r\n", "\u2028", "\u2029"})


def _escape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        value = int(code, 16)
        return chr(value) if value <= 0x10FFFF else "\ufffd"
    return "" if match[4] in _LINE_ENDS else _SIMPLE.get(match[4], match[4])


def unescaped(text: str) -> str:
    """Return what the inside of a string literal stands for."""
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


class JavaScriptTree(SyntaxModule):
    """One parsed module, read by its shape alone: no name is followed."""

    @cached_property
    def calls(self) -> tuple[Node, ...]:
        """Return every call and every `new`, in source order."""
        return tuple(outer_first(self.of("call_expression", "new_expression")))

    @cached_property
    def functions(self) -> tuple[Node, ...]:
        """Return every function, arrow function and method, in source order."""
        return tuple(outer_first(self.of(*FUNCTIONS)))

    @property
    def classes(self) -> Iterator[Node]:
        """Yield every class, class expressions included."""
        return self.of(*CLASSES)

    @property
    def strings(self) -> Iterator[Node]:
        """Yield every string literal and template string."""
        return self.of("string", "template_string")

    def unwrap(self, node: Node | None) -> Node | None:
        """Return the expression inside parentheses, `await`, `as`, `satisfies`, `!` and the last of a comma list."""
        while node is not None and node.type in _WRAPPERS:
            inner = self.children(node)
            if not inner:
                return None
            node = inner[-1 if node.type in _LAST else 0]
        return node

    @staticmethod
    def callee(call: Node) -> Node | None:
        """Return the expression that is called or constructed."""
        return call.child_by_field_name("function") or call.child_by_field_name("constructor")

    def arguments(self, call: Node) -> list[Node]:
        """Return the arguments of a call; a template string where it is a tagged one."""
        given = call.child_by_field_name("arguments")
        if given is None:
            return []
        return [given] if given.type == "template_string" else self.children(given)

    def argument(self, call: Node, position: int) -> Node | None:
        """Return one argument; None where there is none, or where a spread before it hides which it is."""
        given = self.arguments(call)
        if not 0 <= position < len(given) or any(node.type == "spread_element" for node in given[: position + 1]):
            return None
        return given[position]

    @cached_property
    def _function_nesting(self) -> Nesting:
        return Nesting(self.of(*FUNCTIONS))

    @cached_property
    def _class_nesting(self) -> Nesting:
        return Nesting(self.of(*CLASSES))

    def function_of(self, node: Node) -> Node | None:
        """Return the innermost function that holds `node`."""
        return self._function_nesting.around(node)

    def class_of(self, node: Node) -> Node | None:
        """Return the innermost class that holds `node`."""
        return self._class_nesting.around(node)

    def parameters(self, function: Node) -> list[Node]:
        """Return the parameters as they stand: names, patterns, defaults, in TypeScript with types and decorators."""
        single = function.child_by_field_name("parameter")
        return [single] if single is not None else self.children(function.child_by_field_name("parameters"))

    @staticmethod
    def pattern(parameter: Node) -> Node:
        """Return the name or the destructuring pattern of a parameter, without default, type and decorators."""
        node = parameter
        for _ in range(3):
            inner = None
            if node.type in _TYPED:
                inner = node.child_by_field_name("pattern")
            elif node.type in {"assignment_pattern", "object_assignment_pattern"}:
                inner = node.child_by_field_name("left")
            elif node.type == "rest_pattern":
                inner = node.named_child(0) if node.named_child_count else None
            if inner is None:
                return node
            node = inner
        return node

    @staticmethod
    def default(parameter: Node) -> Node | None:
        """Return the default value of a parameter."""
        if parameter.type in _TYPED:
            return parameter.child_by_field_name("value")
        return parameter.child_by_field_name("right") if parameter.type.endswith("assignment_pattern") else None

    def name_of(self, node: Node) -> str:
        """Return the name of a function or class: its own, or of the variable or key that it is bound to."""
        own = node.child_by_field_name("name")
        if own is not None:
            return self.key(own) or ""
        holder = self.parent(node)
        while holder is not None and holder.type in _WRAPPERS:
            holder = self.parent(holder)
        if holder is None:
            return ""
        if holder.type == "assignment_expression":
            target = holder.child_by_field_name("left")
            if target is not None and target.type == "member_expression":
                target = target.child_by_field_name("property")
            return self.text(target)
        for field in ("name", "key", "property"):
            target = holder.child_by_field_name(field)
            if target is not None:
                return self.key(target) or ""
        return ""

    def key(self, node: Node | None) -> str | None:
        """Return the name that a property's key spells out; None where it is computed from something unknown."""
        if node is None:
            return None
        if node.type == "computed_property_name":
            inner = self.unwrap(next(iter(self.children(node)), None))
            return self.string(inner)
        if node.type == "string":
            return self.string(node)
        return self.text(node)

    def string(self, node: Node | None) -> str | None:
        """Return the value of a string literal, or of a template string with nothing to fill in."""
        if node is None or node.type not in {"string", "template_string"}:
            return None
        if node.type == "template_string" and any(c.type == "template_substitution" for c in node.named_children):
            return None
        text = self.text(node)
        return unescaped(text[1:-1] if len(text) > 1 else "")

    @cached_property
    def _decorators_before(self) -> dict[int, list[Node]]:
        """Return the decorators that stand before a class or its members in TypeScript, by the id of what they mark."""
        found: dict[int, list[Node]] = {}
        for holder in self.of("class_body", "export_statement"):
            before: list[Node] = []
            for child in self.children(holder):
                if child.type == "decorator":
                    before.append(child)
                elif before:
                    found[child.id] = before
                    before = []
        return found

    def decorator_nodes(self, node: Node) -> list[Node]:
        """Return the decorators of a class, method, field or parameter, in source order."""
        return self._decorators_before.get(node.id, []) + [c for c in node.named_children if c.type == "decorator"]

    def dotted(self, node: Node | None) -> str:
        """Return `a.b.c` as it is written where `node` is at most four plain names, else nothing."""
        parts: list[str] = []
        while node is not None and node.type == "member_expression" and len(parts) < 4:
            parts.append(self.text(node.child_by_field_name("property")))
            node = node.child_by_field_name("object")
        if node is None or node.type not in {"identifier", "import", "this"}:
            return ""
        return ".".join([self.text(node), *reversed(parts)])
