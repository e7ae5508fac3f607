"""A Go file as rules want it: imports, calls with their dotted names, values fixed in the source."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.scanners.languages.javascript_tree import unescaped
from pytest_superteam.scanners.languages.python import UNKNOWN
from pytest_superteam.scanners.languages.scoped import (
    LONGEST_TEXT,
    MAX_STEPS,
    MOST_ITEMS,
    Named,
    ScopedModule,
    reads_environment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

__all__ = ["GoModule"]

_FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")
_VERSION = re.compile(r"^v\d+$")
_WRAPPERS = frozenset({"parenthesized_expression", "literal_element", "type_assertion_expression"})
_STRINGS = frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"})
_CONSTANTS = {"true": True, "false": False, "nil": None}
_SAME_VALUE = frozenset({"string", "strings.TrimSpace", "strings.ToLower", "strings.ToUpper", "append"})
_LONGEST = 500


class GoModule(ScopedModule):
    """One parsed Go file."""

    grammar = "go"
    scope_kinds: ClassVar[tuple[str, ...]] = (
        *_FUNCTIONS, "block", "if_statement", "for_statement", "expression_switch_statement", "type_switch_statement",
        "expression_case", "default_case", "type_case", "communication_case",
    )  # fmt: skip
    call_kinds: ClassVar[tuple[str, ...]] = ("call_expression",)
    function_kinds: ClassVar[tuple[str, ...]] = _FUNCTIONS

    @cached_property
    def imports(self) -> dict[str, str]:
        """Return local name to import path; where none is given the name that the path suggests."""
        found: dict[str, str] = {}
        for spec in self.of("import_spec"):
            path = self.text(spec.child_by_field_name("path"))[1:-1]
            alias = spec.child_by_field_name("name")
            if alias is None:
                found[_package(path)] = path
            elif alias.type == "package_identifier":
                found[self.text(alias)] = path
        return found

    @cached_property
    def dot_imports(self) -> tuple[str, ...]:
        """Return the paths whose names are used without the package."""
        specs = [
            (spec.child_by_field_name("name"), spec.child_by_field_name("path")) for spec in self.of("import_spec")
        ]
        return tuple(self.text(path)[1:-1] for name, path in specs if name is not None and name.type == "dot")

    @staticmethod
    def callee(call: Node) -> Node | None:
        """Return the expression that is called."""
        return call.child_by_field_name("function")

    def called(self, call: Node) -> str:
        """Return the dotted name of what a call calls."""
        return self.qualname(self.callee(call))

    def parameters(self, function: Node) -> list[Node]:
        """Return the parameter declarations of a function, which may have several names each."""
        return self.children(function.child_by_field_name("parameters"))

    def unwrap(self, node: Node | None) -> Node | None:
        """Return the expression inside parentheses, type assertions, `&` and `*`."""
        while node is not None:
            if node.type in _WRAPPERS:
                node = next(iter(self.children(node)), None)
            elif node.type == "unary_expression" and self.data[node.start_byte : node.start_byte + 1] in {b"&", b"*"}:
                node = node.child_by_field_name("operand")
            else:
                break
        return node

    # ---- scopes -----------------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[tuple[Named, Node | None]]:
        for spec in self.of("var_spec", "const_spec"):
            values = self.children(spec.child_by_field_name("value"))
            names = [n for n in spec.children_by_field_name("name") if n.type == "identifier"]
            yield from self._paired(names, values, spec.child_by_field_name("type"), declares=True)
        for node in self.of("short_var_declaration", "assignment_statement"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            plain = node.type == "short_var_declaration" or self.text(node.child_by_field_name("operator")) == "="
            values = self.children(right) if plain else []
            yield from self._paired(self.children(left), values, None, declares=node.type != "assignment_statement")
        for node in self.of("range_clause", "receive_statement"):
            names = self.children(node.child_by_field_name("left"))
            yield from ((Named(name, known=False), None) for name in names if name.type == "identifier")
        for node in self.of("inc_statement", "dec_statement"):
            yield from (
                (Named(n, declares=False, known=False), None) for n in self.children(node) if n.type == "identifier"
            )
        for function in self.functions:
            yield from self._parameters_named(function)
        for function in self.of("function_declaration"):
            name = function.child_by_field_name("name")
            if name is not None:
                yield Named(name, function), self.root

    @staticmethod
    def _paired(
        names: list[Node], values: list[Node], kind: Node | None, *, declares: bool
    ) -> Iterator[tuple[Named, Node | None]]:
        """Yield names with their values; of a call with several results the first name gets the call."""
        single = len(names) > len(values) == 1
        for place, name in enumerate(names):
            value = values[place] if place < len(values) else None
            if name.type == "identifier":
                known = value is not None or (declares and not single)
                yield Named(name, value, kind, declares=declares, known=known), None

    def _parameters_named(self, function: Node) -> Iterator[tuple[Named, Node | None]]:
        for field in ("receiver", "parameters", "result"):
            for parameter in self.children(function.child_by_field_name(field)):
                kind = parameter.child_by_field_name("type")
                for name in parameter.children_by_field_name("name"):
                    yield Named(name, None, kind), function

    # ---- names ------------------------------------------------------------------------------------------------------

    def qualname(self, node: Node | None) -> str:
        """Return the dotted name of `node`: import path, then names, as `github.com/golang-jwt/jwt/v5.Parse`.

        What a call gives is named as the function called, what has a type by its type:
        `tok.SignedString` is `github.com/golang-jwt/jwt/v5.NewWithClaims.SignedString`.
        """
        self._begin()
        return self._qualname(node, 0)

    def _qualname(self, node: Node | None, depth: int) -> str:
        parts: list[str] = []
        head = ""
        while depth <= MAX_STEPS and self._steps > 0:
            self._steps -= 1
            node = self.unwrap(node)
            if node is None:
                break
            if node.type == "selector_expression":
                parts.append(self.text(node.child_by_field_name("field")))
                node = node.child_by_field_name("operand")
            elif node.type == "call_expression" and (parts or depth):
                node = node.child_by_field_name("function")
            elif node.type in {"identifier", "type_identifier", "package_identifier"}:
                head = self._name(node, depth, named=bool(parts) or depth > 0)
                break
            else:
                head = self._type_name(node)
                break
        name = ".".join([head, *reversed(parts)]) if head else ""
        return name if len(name) <= _LONGEST else ""

    def _name(self, node: Node, depth: int, *, named: bool) -> str:
        text = self.text(node)
        found = self.lookup(node)
        if not found:
            return self.imports.get(text, text)
        binding = self._only(found)
        kind = next((item.type for item in found if item.type is not None), None)
        if named and kind is not None:
            return self._type_name(kind) or text
        value = self.unwrap(binding.value) if binding is not None else None
        if value is None or value.type in _FUNCTIONS:
            return text
        if value.type in {"call_expression", "selector_expression", "identifier"}:
            return (
                self._qualname(value, depth + 1 if named else depth if value.type != "call_expression" else 0) or text
            )
        return (self._type_name(value) if named else "") or text

    def _type_name(self, node: Node | None) -> str:
        """Return the dotted name of a type, or of the type of a composite literal."""
        for _ in range(6):
            if node is None:
                return ""
            if node.type in {"composite_literal", "generic_type"}:
                node = node.child_by_field_name("type")
            elif node.type in {"pointer_type", "parenthesized_type"}:
                node = next(iter(self.children(node)), None)
            else:
                break
        if node is None or node.type not in {"qualified_type", "type_identifier"}:
            return ""
        package = self.text(node.child_by_field_name("package"))
        name = self.text(node.child_by_field_name("name")) if package else self.text(node)
        return f"{self.imports.get(package, package)}.{name}" if package else name

    # ---- values -----------------------------------------------------------------------------------------------------

    def literal(self, node: Node | None, depth: int = 0) -> Any:
        """Return the value of `node` as far as it is fixed in the source, else `UNKNOWN`.

        `[]byte("x")` is the string, a slice is a list, a map or struct a dict; the default of a function that reads
        the environment counts.
        """
        if depth == 0:
            self._begin()
        node = self.unwrap(node)
        self._steps -= 1
        if node is None or depth > MAX_STEPS or self._steps < 0:
            return UNKNOWN
        kind = node.type
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _STRINGS:
            return self._string(node)
        if kind in {"int_literal", "float_literal"}:
            return _number(self.text(node))
        if kind == "identifier":
            return self.literal(self.bound(node), depth + 1)
        if kind == "composite_literal":
            return self._composite(node, depth)
        if kind == "type_conversion_expression":
            return self.literal(node.child_by_field_name("operand"), depth + 1)
        if kind == "selector_expression":
            field = self.text(node.child_by_field_name("field"))
            return self.literal(self._option(node.child_by_field_name("operand"), field, depth + 1), depth + 1)
        return self._literal_compound(node, depth)

    def _literal_compound(self, node: Node, depth: int) -> Any:
        if node.type == "binary_expression":
            return self._sum(node, depth)
        if node.type == "unary_expression":
            value = self.literal(node.child_by_field_name("operand"), depth + 1)
            operator = self.text(node.child_by_field_name("operator"))
            if operator == "!" and isinstance(value, bool):
                return not value
            return -value if operator == "-" and isinstance(value, (int, float)) else UNKNOWN
        return self._literal_call(node, depth) if node.type == "call_expression" else UNKNOWN

    def _literal_call(self, node: Node, depth: int) -> Any:
        name, given = self._qualname(self.callee(node), depth + 1), self.arguments(node)
        if name in _SAME_VALUE and given:
            return self.literal(given[0], depth + 1)
        if name == "cmp.Or" or (len(given) == 2 and reads_environment(name)):
            return self.literal(given[-1], depth + 1) if given else UNKNOWN
        if name == "strings.Split" and len(given) == 2:
            text, separator = (self.literal(item, depth + 1) for item in given)
            return (
                text.split(separator) if isinstance(text, str) and separator and isinstance(separator, str) else UNKNOWN
            )
        return UNKNOWN

    def _string(self, node: Node) -> Any:
        size = node.end_byte - node.start_byte
        self._steps -= size >> 7
        if size > LONGEST_TEXT:
            return UNKNOWN
        inside = self.text(node)[1:-1]
        return inside.replace("\r", "") if node.type == "raw_string_literal" else unescaped(inside)

    def _composite(self, node: Node, depth: int) -> Any:
        body, kind = node.child_by_field_name("body"), node.child_by_field_name("type")
        if body is None or body.named_child_count > MOST_ITEMS:
            return UNKNOWN
        self._steps -= body.named_child_count >> 4
        items = self.children(body)
        if kind is not None and kind.type in {"slice_type", "array_type", "implicit_length_array_type"}:
            return [self.literal(item, depth + 1) for item in items]
        pairs = [(self._element_key(item), item.child_by_field_name("value")) for item in items]
        return {key: self.literal(value, depth + 1) for key, value in pairs if key is not None}

    def _element_key(self, item: Node) -> str | None:
        """Return the field or literal key of an element of a struct or map."""
        key = self.unwrap(item.child_by_field_name("key")) if item.type == "keyed_element" else None
        if key is None:
            return None
        if key.type in _STRINGS:
            value = self._string(key)
            return value if isinstance(value, str) else None
        return self.text(key) if key.type in {"identifier", "int_literal", "selector_expression"} else None

    def option(self, node: Node | None, key: str) -> Node | None:
        """Return the value of a field or key of a composite literal, or of what is bound to one."""
        self._begin()
        return self._option(node, key, 0)

    def _option(self, node: Node | None, key: str, depth: int) -> Node | None:
        for _ in range(MAX_STEPS - depth):
            self._steps -= 1
            node = self.unwrap(node)
            if node is None or node.type != "identifier" or self._steps < 0:
                break
            node = self.bound(node)
        if node is None or node.type != "composite_literal":
            return None
        for item in self.children(node.child_by_field_name("body")):
            if self._element_key(item) == key:
                return self.unwrap(item.child_by_field_name("value"))
        return None


def _package(path: str) -> str:
    """Return the name that a package most likely has: `jwt` for `github.com/golang-jwt/jwt/v5`."""
    parts = path.split("/")
    name = parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1]
    name = re.sub(r"\.v\d+$", "", name)
    return name.removeprefix("go-").removesuffix("-go").removesuffix(".go").replace("-", "_")


def _number(text: str) -> Any:
    text = text.replace("_", "")
    try:
        if text[:2].lower() in {"0x", "0o", "0b"}:
            return int(text, 0) if len(text) < 300 else UNKNOWN
        return int(text) if text.isdecimal() and len(text) < 300 else float(text)
    except ValueError:
        return UNKNOWN
