"""A Java file as rules want it: imports, calls with their dotted names, annotations, values fixed in the source."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.scanners.languages.javascript_tree import unescaped
from pytest_superteam.scanners.languages.nesting import Nesting
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

__all__ = ["JavaModule"]

_CLASSES = (
    "class_declaration", "interface_declaration", "enum_declaration", "record_declaration",
    "annotation_type_declaration",
)  # fmt: skip
_BODIES = ("class_body", "interface_body", "enum_body", "annotation_type_body")
_FUNCTIONS = ("method_declaration", "constructor_declaration", "compact_constructor_declaration", "lambda_expression")
_CALLS = ("method_invocation", "object_creation_expression")
_ANNOTATIONS = frozenset({"annotation", "marker_annotation"})
_COLLECTIONS = frozenset(
    {"of", "asList", "copyOf", "singletonList", "singleton", "unmodifiableList", "unmodifiableSet"}
)
_SAME_VALUE = frozenset({"getBytes", "toCharArray", "trim", "strip", "toString", "intern"})
_PASSED_ON = frozenset({"decode", "encodeToString", "hmacShaKeyFor", "encode", "valueOf", "requireNonNull"})
_DEFAULTS = frozenset({"getOrDefault", "getProperty", "orElse", "defaultString", "defaultIfBlank", "firstNonNull"})
_PASSED_TYPES = frozenset({"SecretKeySpec", "String", "HashSet", "ArrayList", "StringBuilder"})
_PLACEHOLDER = re.compile(r"^\$\{[^:{}]{1,200}:([^{}]*)\}$")
_LONGEST = 500


class JavaModule(ScopedModule):
    """One parsed Java file."""

    grammar = "java"
    scope_kinds: ClassVar[tuple[str, ...]] = (
        *_FUNCTIONS, *_BODIES, "block", "constructor_body", "for_statement", "enhanced_for_statement", "catch_clause",
        "try_with_resources_statement", "switch_block_statement_group", "switch_rule",
    )  # fmt: skip
    call_kinds: ClassVar[tuple[str, ...]] = _CALLS
    function_kinds: ClassVar[tuple[str, ...]] = _FUNCTIONS

    @cached_property
    def imports(self) -> dict[str, str]:
        """Return simple name to full name, static imports among them."""
        found: dict[str, str] = {}
        for node, path in self._import_paths:
            if not any(child.type == "asterisk" for child in node.named_children):
                found[path.rpartition(".")[2]] = path
        return found

    @cached_property
    def wildcards(self) -> tuple[str, ...]:
        """Return the packages and classes that all names are imported of."""
        return tuple(
            path for node, path in self._import_paths if any(child.type == "asterisk" for child in node.named_children)
        )

    @property
    def _import_paths(self) -> Iterator[tuple[Node, str]]:
        for node in self.of("import_declaration"):
            path = next((c for c in self.children(node) if c.type in {"scoped_identifier", "identifier"}), None)
            yield node, re.sub(r"\s+", "", self.text(path))

    @cached_property
    def _class_nesting(self) -> Nesting:
        return Nesting(self.of(*_CLASSES))

    def class_of(self, node: Node) -> Node | None:
        """Return the innermost class, interface, enum or record that holds `node`."""
        return self._class_nesting.around(node)

    def parameters(self, function: Node) -> list[Node]:
        """Return the parameters of a method, constructor or lambda expression."""
        given = function.child_by_field_name("parameters")
        return [given] if given is not None and given.type == "identifier" else self.children(given)

    def unwrap(self, node: Node | None) -> Node | None:
        """Return the expression inside parentheses and casts."""
        while node is not None:
            if node.type == "parenthesized_expression":
                node = next(iter(self.children(node)), None)
            elif node.type == "cast_expression":
                node = node.child_by_field_name("value")
            else:
                break
        return node

    # ---- scopes -----------------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[tuple[Named, Node | None]]:
        for node in self.of("local_variable_declaration", "field_declaration", "constant_declaration"):
            kind = node.child_by_field_name("type")
            for declarator in node.children_by_field_name("declarator"):
                name = declarator.child_by_field_name("name")
                if name is not None:
                    yield Named(name, declarator.child_by_field_name("value"), kind), None
        for node in self.of("formal_parameter", "catch_formal_parameter", "enhanced_for_statement", "resource"):
            name = node.child_by_field_name("name")
            if name is not None:
                value = node.child_by_field_name("value") if node.type == "resource" else None
                yield Named(name, value, node.child_by_field_name("type"), known=value is not None), self._owner(node)
        for function in self.of("lambda_expression"):
            for parameter in self.parameters(function):
                names = self.children(parameter) if parameter.type == "inferred_parameters" else [parameter]
                yield from ((Named(name, known=False), function) for name in names if name.type == "identifier")
        for node in self.of("assignment_expression", "update_expression"):
            yield from self._changed(node)

    def _owner(self, node: Node) -> Node | None:
        """Return the scope that a parameter or a loop's variable belongs to, if it is not the one around it."""
        if node.type == "enhanced_for_statement":
            return node
        holder = self.parent(self.parent(node) or node) if node.type == "formal_parameter" else None
        return holder if holder is not None and holder.type in _FUNCTIONS else None

    def _changed(self, node: Node) -> Iterator[tuple[Named, Node | None]]:
        target = node.child_by_field_name("left") or next(iter(self.children(node)), None)
        plain = self.text(node.child_by_field_name("operator")) == "="
        value = node.child_by_field_name("right") if plain else None
        if target is not None and target.type == "field_access":
            owner, target = target.child_by_field_name("object"), target.child_by_field_name("field")
            cls = self.class_of(node)
            body = cls.child_by_field_name("body") if cls is not None else None
            if owner is None or owner.type != "this" or target is None or body is None:
                return
            yield Named(target, value, known=False), body  # a member of the class, not a parameter of that name
        elif target is not None and target.type == "identifier":
            yield Named(target, value, declares=False, known=False), None

    # ---- names ------------------------------------------------------------------------------------------------------

    def called(self, call: Node) -> str:
        """Return the dotted name of what a call calls, as `com.auth0.jwt.JWT.require.build`; of `new` the class."""
        return self.qualname(call)

    def qualname(self, node: Node | None) -> str:
        """Return the dotted name of `node`: imports resolved, variables named by their declared type."""
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
            if node.type == "method_invocation":
                name = self.text(node.child_by_field_name("name"))
                node = node.child_by_field_name("object")
                if node is None:
                    head = self.imports.get(name, name)
                    break
                parts.append(name)
            elif node.type in {"field_access", "scoped_identifier", "scoped_type_identifier"}:
                owner = node.child_by_field_name("object") or node.child_by_field_name("scope")
                field = node.child_by_field_name("field") or node.child_by_field_name("name")
                inner = self.children(node)
                if owner is None and len(inner) > 1:
                    owner, field = inner[0], inner[-1]
                if owner is not None and owner.type == "this" and field is not None:
                    head = self._member_name(field, depth)
                    break
                parts.append(self.text(field))
                node = owner
            elif node.type in {"identifier", "type_identifier"}:
                head = self._name(node, depth)
                break
            else:
                head = self._type_name(node) or (node.type if node.type in {"this", "super"} else "")
                break
        name = ".".join([head, *reversed(parts)]) if head else ""
        return name if len(name) <= _LONGEST else ""

    def _name(self, node: Node, depth: int) -> str:
        text = self.text(node)
        found = self.lookup(node)
        return self._named_name(found, depth) or text if found else self.imports.get(text, text)

    def _named_name(self, found: list[Named], depth: int) -> str:
        kind = next((item.type for item in found if item.type is not None), None)
        if kind is not None and self.text(kind) != "var":
            return self._type_name(kind)
        binding = self._only(found)
        value = self.unwrap(binding.value) if binding is not None else None
        return self._qualname(value, depth + 1) if value is not None else ""

    def _member_name(self, field: Node, depth: int) -> str:
        """Return the dotted name of `this.field`."""
        return self._named_name(self._members(field), depth) or f"this.{self.text(field)}"

    def _members(self, field: Node) -> list[Named]:
        """Return what the class around binds a member to."""
        cls = self.class_of(field)
        body = cls.child_by_field_name("body") if cls is not None else None
        table = self._scopes[0].get(self.text(field), {})
        return table.get(body.id, []) if body is not None else []

    def _type_name(self, node: Node | None) -> str:
        """Return the full name of a type, or of what `new` makes."""
        for _ in range(6):
            if node is None:
                return ""
            if node.type == "object_creation_expression":
                node = node.child_by_field_name("type")
            elif node.type in {"generic_type", "annotated_type"}:
                node = next((c for c in self.children(node) if c.type.endswith("identifier")), None)
            else:
                break
        if node is None or node.type not in {"type_identifier", "scoped_type_identifier"}:
            return ""
        text = re.sub(r"\s+", "", self.text(node))
        first, dot, rest = text.partition(".")
        return self.imports.get(first, first) + dot + rest if len(text) < _LONGEST else ""

    def annotations(self, node: Node) -> list[tuple[str, dict[str, Node], Node]]:
        """Return the annotations of a class, method, field or parameter: full name, arguments by name, the node.

        An argument without a name goes by `value`.
        """
        found: list[tuple[str, dict[str, Node], Node]] = []
        modifiers = next((child for child in self.children(node) if child.type == "modifiers"), None)
        for item in self.children(modifiers):
            if item.type in _ANNOTATIONS:
                given: dict[str, Node] = {}
                for argument in self.children(item.child_by_field_name("arguments")):
                    pair = argument.type == "element_value_pair"
                    value = argument.child_by_field_name("value") if pair else argument
                    if value is not None:
                        given[self.text(argument.child_by_field_name("key")) if pair else "value"] = value
                found.append((self.qualname(item.child_by_field_name("name")), given, item))
        return found

    # ---- values -----------------------------------------------------------------------------------------------------

    def literal(self, node: Node | None, depth: int = 0) -> Any:
        """Return the value of `node` as far as it is fixed in the source, else `UNKNOWN`.

        The bytes of a string are that string, a collection is a list. The default of a property or of a read from
        the environment counts, and that of a placeholder such as `@Value("${jwt.secret:abc}")` on a field.
        """
        if depth == 0:
            self._begin()
        node = self.unwrap(node)
        self._steps -= 1
        if node is None or depth > MAX_STEPS or self._steps < 0:
            return UNKNOWN
        kind = node.type
        if kind in {"true", "false"}:
            return kind == "true"
        if kind == "null_literal":
            return None
        if kind in {"string_literal", "character_literal"}:
            return self._string(node)
        if kind.endswith(("integer_literal", "floating_point_literal")):
            return _number(self.text(node))
        if kind == "identifier":
            return self._value(self.lookup(node), depth)
        if kind in {"array_initializer", "element_value_array_initializer"}:
            return self._list(self.children(node), depth)
        return self._literal_compound(node, depth)

    def _literal_compound(self, node: Node, depth: int) -> Any:
        kind = node.type
        if kind == "array_creation_expression":
            return self.literal(node.child_by_field_name("value"), depth + 1)
        if kind == "field_access":
            return self._value(self._field(node), depth)
        if kind == "binary_expression":
            return self._sum(node, depth)
        if kind == "unary_expression":
            value = self.literal(node.child_by_field_name("operand"), depth + 1)
            operator = self.text(node.child_by_field_name("operator"))
            if operator == "!" and isinstance(value, bool):
                return not value
            return -value if operator == "-" and isinstance(value, (int, float)) else UNKNOWN
        return self._literal_call(node, depth) if kind in _CALLS else UNKNOWN

    def _literal_call(self, node: Node, depth: int) -> Any:
        given = self.arguments(node)
        if node.type == "object_creation_expression":
            passed = self._type_name(node).rpartition(".")[2] in _PASSED_TYPES
            return self.literal(given[0], depth + 1) if passed and given else UNKNOWN
        name = self.text(node.child_by_field_name("name"))
        if name in _COLLECTIONS:
            found = self._list(given, depth)
            return found[0] if len(given) == 1 and isinstance(found[0], list) else found
        if name in _SAME_VALUE:
            return self.literal(node.child_by_field_name("object"), depth + 1)
        if name in _PASSED_ON and len(given) == 1:
            return self.literal(given[0], depth + 1)
        if (name in _DEFAULTS and given and (len(given) == 2 or name == "orElse")) or (
            len(given) == 2 and reads_environment(name)
        ):
            return self.literal(given[-1], depth + 1)
        return UNKNOWN

    def _list(self, items: list[Node], depth: int) -> Any:
        self._steps -= len(items) >> 4
        return [self.literal(item, depth + 1) for item in items] if len(items) <= MOST_ITEMS else UNKNOWN

    def _field(self, node: Node) -> list[Named]:
        """Return what `this.name` or `Class.name` is bound to in this file."""
        owner, field = node.child_by_field_name("object"), node.child_by_field_name("field")
        if owner is None or field is None:
            return []
        if owner.type == "this":
            return self._members(field)
        table = self._scopes[0].get(self.text(field), {})
        bodies = self._bodies.get(self.text(owner) if owner.type == "identifier" else "", ())
        return next((table[body] for body in bodies if body in table), [])

    @cached_property
    def _bodies(self) -> dict[str, list[int]]:
        """Return the ids of the bodies of classes by the classes' names."""
        found: dict[str, list[int]] = {}
        for cls in self.of(*_CLASSES):
            body = cls.child_by_field_name("body")
            if body is not None:
                found.setdefault(self.text(cls.child_by_field_name("name")), []).append(body.id)
        return found

    def _value(self, found: list[Named], depth: int) -> Any:
        """Return the value of a name: the one it is given, else the default of its `@Value`."""
        binding = self._only(found)
        if binding is None:
            return UNKNOWN
        if binding.value is not None:
            return self.literal(binding.value, depth + 1)
        declarator = self.parent(binding.name)
        holder = declarator if declarator is not None and declarator.type == "formal_parameter" else None
        if holder is None and declarator is not None:
            holder = self.parent(declarator)
        for name, given, _ in self.annotations(holder) if holder is not None else ():
            value = self.literal(given.get("value"), depth + 1) if name.rpartition(".")[2] == "Value" else UNKNOWN
            default = _PLACEHOLDER.match(value) if isinstance(value, str) else None
            if default is not None:
                return default[1]
        return UNKNOWN

    def _string(self, node: Node) -> Any:
        size = node.end_byte - node.start_byte
        self._steps -= size >> 7
        if size > LONGEST_TEXT:
            return UNKNOWN
        text = self.text(node)
        if text.startswith('"""'):
            return unescaped(_unindented(text[3:-3]))
        return unescaped(text[1:-1])


def _unindented(text: str) -> str:
    """Return the lines of a text block without what they are indented by."""
    import textwrap

    return textwrap.dedent(text.partition("\n")[2])


def _number(text: str) -> Any:
    text = text.replace("_", "").rstrip("lL")
    try:
        if text[:2].lower() in {"0x", "0b"}:
            return int(text, 0) if len(text) < 300 else UNKNOWN
        return int(text) if text.isdecimal() and len(text) < 300 else float(text.rstrip("fFdD"))
    except ValueError:
        return UNKNOWN
