"""Values of JavaScript expressions as far as they are fixed in the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.languages.javascript_bindings import MAX_STEPS
from pytest_superteam.scanners.languages.javascript_names import JavaScriptNames
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS, IDENTIFIERS, unescaped
from pytest_superteam.scanners.languages.javascript_values import (
    LONGEST_TEXT,
    ObjectValue,
    Regex,
    as_text,
    computed,
    number,
    truthy,
)
from pytest_superteam.scanners.languages.python import UNKNOWN
from pytest_superteam.scanners.languages.scoped import reads_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

__all__ = ["JavaScriptLiterals"]

_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_ITEMS = 20_000
"""Elements of the largest collection that is read."""
_PASSED_ON = frozenset({
    "Object.freeze", "Object.seal", "Object.preventExtensions", "structuredClone", "String", "Buffer.from",
    "buffer.Buffer.from", "Buffer", "TextEncoder.encode", "util.TextEncoder.encode", "crypto.createSecretKey",
    "Set", "Array.from", "Boolean", "Uint8Array.from", "Uint8Array",
})  # fmt: skip
_CHOICES = 64
"""Expressions that are read to say what one may be."""
_OWNERS = frozenset({"call_expression", "array", "string"})
_DEFAULTING = frozenset({"", "||=", "??="})
_SIDES = {"||": ("left", "right"), "??": ("left", "right"), "&&": ("right",)}
_SAME_TEXT = frozenset({"toString", "trim", "valueOf", "normalize", "trimEnd", "trimStart", "encode"})


class JavaScriptLiterals(JavaScriptNames):
    """One parsed module whose fixed values can be asked for."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(path, data)
        self._numbers: dict[int, dict[str | None, Any]] = {}

    def literal(self, node: Node | None, depth: int = 0) -> Any:
        """Return the value of `node` as far as it is fixed in the source, else `UNKNOWN`.

        Follows names bound once, templates, concatenation, members of objects, classes and enums, and takes the
        literal default of a read from the environment and of a parameter. `null` and `undefined` are None, an object
        is an `ObjectValue`, a regular expression a `Regex`. Unknown members of a collection stay `UNKNOWN`.
        """
        if depth == 0:
            self._begin()
        node = self.unwrap(node)
        if node is None or depth > MAX_STEPS or self._steps < 0:
            return UNKNOWN
        kind = node.type
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == "number":
            return number(self.text(node))
        self._steps -= 1
        if kind in {"string", "template_string"}:
            size = node.end_byte - node.start_byte
            self._steps -= size >> 7  # long ones cost more
            if size > LONGEST_TEXT or self._steps < 0:
                return UNKNOWN
            return self.string(node) if kind == "string" else self._template(node, depth)
        if kind in {"array", "object"}:
            self._steps -= node.named_child_count >> 4
            if node.named_child_count > _ITEMS or self._steps < 0:
                return UNKNOWN
            return self._array(self.children(node), depth) if kind == "array" else self._object(node, depth)
        return self._followed(node, depth)

    def _followed(self, node: Node, depth: int) -> Any:
        kind = node.type
        if kind in IDENTIFIERS:
            found = self._name(node, depth)
            if isinstance(found, ObjectValue):
                found.update({key: self.literal(item, depth + 1) for key, item in self.members_set(node).items()})
            return found
        reader = _READERS.get(kind)
        return UNKNOWN if reader is None else reader(self, node, depth)

    def _regex(self, node: Node, _depth: int) -> Regex:
        return Regex(self.text(node.child_by_field_name("pattern")), self.text(node.child_by_field_name("flags")))

    def _assignment(self, node: Node, depth: int) -> Any:
        """Return the value of `a = b`, and the default of `a ||= b`."""
        operator = self.text(node.child_by_field_name("operator"))  # none where it is a plain `=`
        return self.literal(node.child_by_field_name("right"), depth + 1) if operator in _DEFAULTING else UNKNOWN

    def _getter(self, node: Node, depth: int) -> Any:
        getter = any(child.type == "get" for child in node.children)
        return self._returned(node, [], depth) if getter else UNKNOWN

    def possible(self, node: Node | None) -> list[Any]:
        """Return the values that `node` may have, `UNKNOWN` among them where one is not fixed in the source.

        Both branches of a choice, both sides of `||` and `??`, each value that a name is given.
        """
        found: list[Any] = []
        stack, seen = [node], set[int]()
        self._begin()
        while stack and len(seen) < _CHOICES:
            current = self.unwrap(stack.pop())
            if current is None or current.id in seen:
                continue
            seen.add(current.id)
            choices = self._choices(current)
            stack += reversed(choices)
            if not choices:
                found.append(self.literal(current, 1))
        return found

    def _choices(self, node: Node) -> list[Node]:
        """Return the expressions one of which `node` is; none where it is no choice and no name."""
        fields: tuple[str, ...] = ()
        if node.type == "ternary_expression":
            fields = ("consequence", "alternative")
        elif node.type == "binary_expression":
            fields = _SIDES.get(self.text(node.child_by_field_name("operator")), ())
        elif node.type in IDENTIFIERS:
            values = [(self._value_of(binding, 1), binding.default) for binding in self.lookup(node)]
            return [item for pair in values for item in pair if item is not None]
        elif node.type in {"member_expression", "subscript_expression"}:
            following = self._step(node, 1)
            return [] if following is None else [following]
        return [child for field in fields if (child := node.child_by_field_name(field)) is not None]

    def _template(self, node: Node, depth: int) -> Any:
        parts: list[str] = []
        size = 0
        for child in node.children[1:-1]:
            if child.type == "template_substitution":
                value = self.literal(next(iter(self.children(child)), None), depth + 1)
                if value is UNKNOWN or isinstance(value, (list, dict, Regex)):
                    return UNKNOWN
                parts.append(as_text(value))
                size += len(parts[-1])
                if size > LONGEST_TEXT:
                    return UNKNOWN
            else:
                parts.append(unescaped(self.text(child)))
        return "".join(parts)

    def _array(self, items: list[Node], depth: int) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if item.type == "spread_element":
                self._steps -= 1
                value = self.literal(next(iter(self.children(item)), None), depth + 1)
                found += value if isinstance(value, list) else [UNKNOWN]
            else:
                found.append(self.literal(item, depth + 1))
        return found

    def _object(self, node: Node, depth: int) -> ObjectValue:
        found = ObjectValue()
        for item in self.children(node):
            if self._steps < 0:
                found.open = True
                break
            if item.type == "pair":
                key = self._key(item.child_by_field_name("key"))
                if key is None:
                    found.open = True
                else:
                    found[key] = self.literal(item.child_by_field_name("value"), depth + 1)
            elif item.type == "shorthand_property_identifier":
                found[self.text(item)] = self.literal(item, depth + 1)
            elif item.type == "method_definition":
                found[self.key(item.child_by_field_name("name"))] = UNKNOWN
            elif item.type == "spread_element":
                self._steps -= 1
                value = self.literal(next(iter(self.children(item)), None), depth + 1)
                if isinstance(value, dict):
                    found.update(value)
                found.open = found.open or not isinstance(value, ObjectValue) or value.open
        return found

    def _name(self, node: Node, depth: int) -> Any:
        binding = self.binding(node)
        if binding is None:
            return {"NaN": float("nan"), "Infinity": float("inf")}.get(self.text(node), UNKNOWN)
        if binding.value is None:
            return UNKNOWN if binding.default is None else self.literal(binding.default, depth + 1)
        if not binding.path:
            return self.literal(binding.value, depth + 1)
        value = self._value_of(binding, depth + 1)
        found = UNKNOWN if value is None or value.id == node.id else self.literal(value, depth + 1)
        return self.literal(binding.default, depth + 1) if found is UNKNOWN and binding.default is not None else found

    def _member(self, node: Node, depth: int) -> Any:
        found = self._step(node, depth)
        if found is not None:
            return self.literal(found, depth + 1)
        owner = self._resolve(node.child_by_field_name("object"), depth + 1)
        if owner is not None and owner.type == "enum_declaration":
            return self._enum_number(owner, self.member_name(node))
        name = self.member_name(node)
        if owner is not None and name is not None and self._root(owner).type in _OWNERS:
            value = self.literal(owner, depth + 1)
            if isinstance(value, dict):
                return value.get(name, UNKNOWN)
            if isinstance(value, (list, str)) and name.isdecimal() and len(name) < 7 and int(name) < len(value):
                return value[int(name)]
        return UNKNOWN

    def _root(self, node: Node) -> Node:
        """Return what a member is asked of, first of all: `f()` of `f().a.b`."""
        for _ in range(MAX_STEPS):
            owner = self.unwrap(node.child_by_field_name("object")) if node.type.endswith("_expression") else None
            if owner is None:
                break
            node = owner
        return node

    def _enum_number(self, node: Node, name: str | None) -> Any:
        """Return the number that an enum member without a value gets."""
        if node.id not in self._numbers:
            number: Any = -1
            found = self._numbers[node.id] = {}
            for item in self.children(node.child_by_field_name("body")):
                if item.type == "enum_assignment":
                    number = self.literal(item.child_by_field_name("value"), MAX_STEPS - 2)
                else:
                    number = number + 1 if isinstance(number, int) else UNKNOWN
                    found[self.key(item)] = number
        return self._numbers[node.id].get(name, UNKNOWN)

    def _binary(self, node: Node, depth: int) -> Any:
        """Return the value of `a + b`, `a || b`, `a ?? b`, `a && b`; long sums are read without recursion."""
        operator = self.text(node.child_by_field_name("operator"))
        right_nodes: list[Node | None] = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            if self.text(left.child_by_field_name("operator")) != operator:
                break
            right_nodes.append(left.child_by_field_name("right"))
            left = self.unwrap(left.child_by_field_name("left"))
        value = self.literal(left, depth + 1)
        for right in reversed(right_nodes):
            value = self._operated(operator, value, right, depth)
        return value

    def _operated(self, operator: str, left: Any, right: Node | None, depth: int) -> Any:
        if operator == "||":
            return left if left is not UNKNOWN and truthy(left) else self.literal(right, depth + 1)
        if operator == "??":
            return left if left is not UNKNOWN and left is not None else self.literal(right, depth + 1)
        if operator == "&&":
            if left is UNKNOWN:
                return UNKNOWN
            return self.literal(right, depth + 1) if truthy(left) else left
        if left is UNKNOWN:
            return UNKNOWN
        return computed(operator, left, self.literal(right, depth + 1))

    def _unary(self, node: Node, depth: int) -> Any:
        operator = self.text(node.child_by_field_name("operator"))
        if operator == "void":
            return None
        value = self.literal(node.child_by_field_name("argument"), depth + 1)
        if value is UNKNOWN:
            return UNKNOWN
        if operator == "!":
            return not truthy(value)
        if operator in {"-", "+"} and isinstance(value, (int, float)):
            return -value if operator == "-" else value
        return UNKNOWN

    def _ternary(self, node: Node, depth: int) -> Any:
        condition = self.literal(node.child_by_field_name("condition"), depth + 1)
        if condition is UNKNOWN:
            return UNKNOWN
        return self.literal(node.child_by_field_name("consequence" if truthy(condition) else "alternative"), depth + 1)

    def _call(self, node: Node, depth: int) -> Any:
        name = self._qualname(self.callee(node), depth + 1)
        given = self.arguments(node)
        if name in _PASSED_ON:
            return self.literal(given[0], depth + 1) if given else UNKNOWN
        if name == "Object.assign":
            return self._assigned_object(given, depth)
        if name == "RegExp" and given:
            parts = [self.literal(item, depth + 1) for item in given[:2]]
            pattern = parts[0].pattern if isinstance(parts[0], Regex) else parts[0]
            flags = parts[1] if len(parts) > 1 and isinstance(parts[1], str) else ""
            return Regex(pattern, flags) if isinstance(pattern, str) else UNKNOWN
        if name in {"Array.of", "Array"}:
            return self._array(given, depth)
        if len(given) == 2 and reads_environment(name):
            return self.literal(given[1], depth + 1)
        if name.endswith(("ConfigService.get", "ConfigService.getOrThrow")) and len(given) > 1:
            return self.literal(given[1], depth + 1)
        callee = self.unwrap(self.callee(node))
        if callee is not None and callee.type == "member_expression":
            return self._method(callee, given, depth)
        return self._returned(callee, given, depth)

    def _assigned_object(self, given: list[Node], depth: int) -> Any:
        found = ObjectValue()
        for item in given:
            value = self.literal(item, depth + 1)
            if isinstance(value, dict):
                found.update(value)
            found.open = found.open or not isinstance(value, ObjectValue) or value.open
        return found

    def _method(self, callee: Node, given: list[Node], depth: int) -> Any:
        method = self.member_name(callee)
        owner = self.literal(callee.child_by_field_name("object"), depth + 1)
        first = self.literal(given[0], depth + 1) if given else None
        if isinstance(owner, str):
            if method in _SAME_TEXT:
                return owner.strip() if method == "trim" else owner
            if method == "toLowerCase":
                return owner.lower()
            if method == "toUpperCase":
                return owner.upper()
            if method == "split" and isinstance(first, str) and first and len(owner) <= LONGEST_TEXT:
                return owner.split(first)
            if method == "concat":
                return computed("+", owner, first) if isinstance(first, str) else UNKNOWN
        if isinstance(owner, list):
            if method == "join" and all(isinstance(item, (str, int)) for item in owner):
                between = first if isinstance(first, str) else ","
                return between.join(map(as_text, owner)) if len(owner) * len(between) <= LONGEST_TEXT else UNKNOWN
            if method == "concat":
                return [*owner, *(first if isinstance(first, list) else [first])]
        return UNKNOWN

    def _returned(self, callee: Node | None, given: list[Node], depth: int) -> Any:
        """Return what a function of this module that takes nothing always returns."""
        function = self._resolve(callee, depth + 1)
        if given or function is None or function.type not in FUNCTIONS:
            return UNKNOWN
        body = function.child_by_field_name("body")
        if body is None or body.type != "statement_block":
            return self.literal(body, depth + 1)
        statements = self.children(body)
        if len(statements) == 1 and statements[0].type == "return_statement":
            return self.literal(next(iter(self.children(statements[0])), None), depth + 1)
        return UNKNOWN


_READERS: dict[str, Callable[[JavaScriptLiterals, Node, int], Any]] = {
    "regex": JavaScriptLiterals._regex,  # noqa: SLF001 - the table is this class's own
    "member_expression": JavaScriptLiterals._member,  # noqa: SLF001
    "subscript_expression": JavaScriptLiterals._member,  # noqa: SLF001
    "call_expression": JavaScriptLiterals._call,  # noqa: SLF001
    "new_expression": JavaScriptLiterals._call,  # noqa: SLF001
    "binary_expression": JavaScriptLiterals._binary,  # noqa: SLF001
    "unary_expression": JavaScriptLiterals._unary,  # noqa: SLF001
    "ternary_expression": JavaScriptLiterals._ternary,  # noqa: SLF001
    "assignment_expression": JavaScriptLiterals._assignment,  # noqa: SLF001
    "augmented_assignment_expression": JavaScriptLiterals._assignment,  # noqa: SLF001
    "method_definition": JavaScriptLiterals._getter,  # noqa: SLF001
}
"""What reads the value of each kind of node."""
