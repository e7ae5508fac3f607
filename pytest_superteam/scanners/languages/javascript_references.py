"""What expressions of a JavaScript module stand for: names, members and options followed to where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_bindings import MAX_STEPS, Binding, JavaScriptBindings
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, IDENTIFIERS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript_bindings import Step

__all__ = ["MEMBERS", "JavaScriptReferences"]

MEMBERS = frozenset({"member_expression", "subscript_expression", "nested_identifier", "nested_type_identifier"})
_SAME_OBJECT = frozenset({"Object.freeze", "Object.seal", "Object.preventExtensions", "structuredClone"})
_STEPS = 5_000
"""Names that one question may follow."""
_MANY_STEPS = 1000
"""Names that a question about written code follows at the very most."""
_WASTE, _FEW_STEPS = 100_000, 50
"""After so many steps of questions that took more than many, the file is hostile: each gets few from then on."""


class JavaScriptReferences(JavaScriptBindings):
    """One parsed module whose expressions are followed to what they stand for."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(path, data)
        self._steps = _STEPS
        self._wasted = 0
        self._objects: dict[int, tuple[dict[str, tuple[Node, int]], list[tuple[int, Node]]]] = {}
        self._enums: dict[int, dict[str, Node]] = {}

    def _begin(self) -> None:
        """Start one question: give it steps to spend, fewer where questions before it went on and on."""
        used = _STEPS - self._steps
        if used > _MANY_STEPS:
            self._wasted += used
        self._steps = _STEPS if self._wasted < _WASTE else _FEW_STEPS

    @property
    def exhausted(self) -> bool:
        """Return whether names in it refer to one another so much that not all were followed."""
        return self._wasted >= _WASTE

    def bound(self, identifier: Node) -> Node | None:
        """Return the one expression or declaration that a name stands for, or None where it is not exactly one."""
        self._begin()
        binding = self.binding(identifier)
        return None if binding is None else self._value_of(binding, 0)

    def _value_of(self, binding: Binding, depth: int) -> Node | None:
        if binding.value is None or not binding.path:
            return binding.value
        node: Node | None = binding.value
        for step in binding.path:
            node = self._inside(node, step, depth + 1)
            if node is None:
                return None
        return node

    def _inside(self, node: Node | None, step: Step, depth: int) -> Node | None:
        """Return what `node` holds under a key or position."""
        node = self._resolve(node, depth)
        if node is None:
            return None
        name = str(step)
        if node.type == "this":
            return self._this(node, name)
        if node.type == "object":
            return self._property(node, name, depth)
        if node.type == "array":
            return self._item(node, name)
        if node.type == "enum_declaration":
            return self._enum(node).get(name)
        cls = self._resolve(self.callee(node), depth + 1) if node.type == "new_expression" else node
        if cls is None or cls.type not in CLASSES:
            return None
        binding = self.member(cls, name)
        return None if binding is None else binding.value or binding.default

    def _item(self, node: Node, name: str) -> Node | None:
        """Return the element of an array at a position, one of the first hundred."""
        place = int(name) if name.isdecimal() and len(name) < 3 else -1
        for index in range(min(node.named_child_count, 200) if place >= 0 else 0):
            child = node.named_child(index)
            if child is None or child.type == "spread_element":
                return None
            if child.type != "comment":
                if place == 0:
                    return child
                place -= 1
        return None

    def _enum(self, node: Node) -> dict[str, Node]:
        """Return the values of an enum's members that have one."""
        if node.id not in self._enums:
            items = self.children(node.child_by_field_name("body"))
            pairs = ((self.key(item.child_by_field_name("name")), item.child_by_field_name("value")) for item in items)
            self._enums[node.id] = {key: value for key, value in pairs if key is not None and value is not None}
        return self._enums[node.id]

    def resolve(self, node: Node | None) -> Node | None:
        """Return the expression that `node` stands for, names and members followed as far as they can be.

        Where a step is unknown (a parameter, an import, a name bound twice) the node reached so far is returned.
        """
        self._begin()
        return self._resolve(node, 0)

    def _resolve(self, node: Node | None, depth: int) -> Node | None:
        for _ in range(MAX_STEPS):
            node = self.unwrap(node)
            if node is None or depth > MAX_STEPS:
                return node
            following = self._step(node, depth)
            if following is None:
                return node
            node = following
            depth += 1
        return node

    def _step(self, node: Node, depth: int) -> Node | None:
        self._steps -= 1
        if self._steps < 0 or depth > MAX_STEPS:
            return None
        if node.type in IDENTIFIERS:
            binding = self.binding(node)
            value = None if binding is None else self._value_of(binding, depth + 1)
            return None if value is None or value.id == node.id else value
        if node.type in MEMBERS:
            name, owner = self.member_name(node), node.child_by_field_name("object")
            if name is None or owner is None:
                return None
            if owner.type == "this":
                return self._this(node, name)
            return self._set(owner, name) or self._inside(owner, name, depth + 1)
        if node.type == "call_expression" and self.dotted(self.callee(node)) in _SAME_OBJECT:
            return self.argument(node, 0)
        return None

    def _set(self, owner: Node, name: str) -> Node | None:
        """Return what `owner.name = value` sets, which counts more than what the object had before."""
        node = self.unwrap(owner)
        return self.members_set(node).get(name) if node is not None and node.type == "identifier" else None

    def _this(self, node: Node, name: str) -> Node | None:
        cls = self.class_of(node)
        binding = self.member(cls, name) if cls is not None else None
        return None if binding is None else binding.value or binding.default

    def member_name(self, node: Node) -> str | None:
        """Return the name that `a.name`, `a?.name` or `a["name"]` asks for."""
        index = node.child_by_field_name("index")
        if index is None:
            said = node.child_by_field_name("property") or node.child_by_field_name("name")
            return None if said is None else self.text(said)
        index = self.unwrap(index)
        if index is not None and index.type == "number":
            return self.text(index)
        for _ in range(MAX_STEPS):
            if index is None or index.type != "identifier":
                break
            binding = self.binding(index)
            index = self.unwrap(binding.value) if binding is not None and not binding.path else None
        return self.string(index)

    def option(self, node: Node | None, key: str) -> Node | None:
        """Return the value under `key` of an object, or of what is bound to one, spread objects included.

        The value is the expression as it stands: of `{key}` the name itself, of a method its definition.
        """
        self._begin()
        given = self._set(node, key) if node is not None else None
        if given is not None:
            return given
        found = self._resolve(node, 0)
        return self._property(found, key, 0) if found is not None and found.type == "object" else None

    def _property(self, node: Node, key: str, depth: int) -> Node | None:
        if depth > MAX_STEPS:
            return None
        keys, spreads = self._object_table(node)
        value, place = keys.get(key, (None, -1))
        for at, spread in reversed(spreads):
            self._steps -= 1
            if at < place or self._steps < 0:
                break
            inner = self._resolve(spread, depth + 1)
            found = self._property(inner, key, depth + 1) if inner is not None and inner.type == "object" else None
            if found is not None:
                return found
        return value

    def _object_table(self, node: Node) -> tuple[dict[str, tuple[Node, int]], list[tuple[int, Node]]]:
        """Return the values of an object by key, with their places, and what is spread into it."""
        if node.id in self._objects:
            return self._objects[node.id]
        keys: dict[str, tuple[Node, int]] = {}
        spreads: list[tuple[int, Node]] = []
        self._objects[node.id] = keys, spreads  # before computed keys are followed, which may lead back here
        for place, item in enumerate(self.children(node)):
            name: str | None = None
            value: Node | None = item
            if item.type == "pair":
                name, value = self._key(item.child_by_field_name("key")), item.child_by_field_name("value")
            elif item.type == "shorthand_property_identifier":
                name = self.text(item)
            elif item.type == "method_definition":
                name = self._key(item.child_by_field_name("name"))
            elif item.type == "spread_element":
                spreads += [(place, inner) for inner in self.children(item)[:1]]
            if name is not None and value is not None:
                keys[name] = value, place
        return keys, spreads

    def _key(self, node: Node | None) -> str | None:
        """Return the name that a key spells out, a computed one followed."""
        if node is None or node.type != "computed_property_name":
            return self.key(node)
        return self.string(self._resolve(next(iter(self.children(node)), None), 1))
