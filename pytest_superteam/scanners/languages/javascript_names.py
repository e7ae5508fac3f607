"""Dotted names of expressions of a JavaScript module, through imports, aliases, destructuring, classes, `this`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_bindings import MAX_STEPS, Binding
from pytest_superteam.scanners.languages.javascript_references import MEMBERS, JavaScriptReferences
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, IDENTIFIERS

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["JavaScriptNames"]

_CALLS = frozenset({"call_expression", "new_expression"})
_GLOBALS = frozenset({"globalThis", "global", "window", "self"})
_LONGEST = 500
"""Characters of a dotted name, beyond which it is none."""
_SAME_FUNCTION = frozenset({"promisify", "callbackify", "deprecate"})


class JavaScriptNames(JavaScriptReferences):
    """One parsed module whose expressions have dotted names."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(path, data)
        self._named: dict[int, str] = {}

    @cached_property
    def imports(self) -> dict[str, str]:
        """Return local name to dotted origin, of names that are imported or required anywhere in the module."""
        found = {item.local: item.origin for item in self.import_statements}
        for name, table in self.scopes.items():
            for binding in (binding for bindings in table.values() for binding in bindings):
                if binding.value is not None and binding.kind in {"variable", "assignment"} and name not in found:
                    origin = self._required_origin(binding)
                    if origin:
                        found[name] = origin
        return found

    def _required_origin(self, binding: Binding) -> str:
        node, parts = self.unwrap(binding.value), [str(step) for step in reversed(binding.path)]
        for _ in range(MAX_STEPS):
            if node is None or node.type != "member_expression":
                break
            parts.append(self.text(node.child_by_field_name("property")))
            node = self.unwrap(node.child_by_field_name("object"))
        specifier = self.required(node)
        if specifier is None:
            return ""
        return ".".join([self.resolve_relative(specifier), *(p for p in reversed(parts) if p != "default")])

    def qualname(self, node: Node | None) -> str:
        """Return the dotted name of `node` through imports and aliases; empty where it has none.

        What a call or `new` gives is named as the thing called: `new Koa().use` is `koa.use`. A member that is
        injected (`constructor(private jwt: JwtService)`) is named by its type: `@nestjs/jwt.JwtService.sign`.
        """
        if node is None:
            return ""
        found = self._named.get(node.id)
        if found is None:
            self._begin()
            found = self._named[node.id] = self._qualname(node, 0)
        return found

    def called(self, call: Node) -> str:
        """Return the dotted name of what a call calls or constructs."""
        return self.qualname(self.callee(call))

    def _qualname(self, node: Node | None, depth: int, *, injected: bool = False) -> str:
        """Return the dotted name; `injected` parameters are named by their type."""
        parts: list[str] = []
        passed: list[int] = []  # the members on the way, whose names are kept: long chains are asked for part by part
        named = depth > 0
        head = ""
        while True:
            self._steps -= 1
            node = self.unwrap(node)
            if node is None or self._steps < 0 or depth > MAX_STEPS:
                break
            if node.type in MEMBERS:
                if node.id in self._named and not injected:
                    head = self._named[node.id]
                    break
                name = self.member_name(node)
                owner = self.unwrap(node.child_by_field_name("object") or node.child_by_field_name("module"))
                if name is None or owner is None:
                    break
                if owner.type == "this":
                    head = self._this_name(owner, name, depth + 1)
                    break
                parts.append(name)
                passed.append(node.id)
                node = owner
            elif node.type in _CALLS:
                specifier = self.required(node)
                if specifier is not None:
                    head = self.resolve_relative(specifier)
                    break
                node, same = self._called(node)
                if not (same or parts or named):
                    break
                named = True
            else:
                head = self._head(node, parts, depth, injected=injected)
                break
        return self._joined(head, parts, passed, keep=depth == 0 and not injected)

    def _joined(self, head: str, parts: list[str], passed: list[int], *, keep: bool) -> str:
        """Return head and parts (last first) as one name, without the `default` of compiled imports.

        `passed` are the members that the parts were read from; what the head took off `parts` is named as the head.
        """
        name = head
        if keep:
            self._named.update(dict.fromkeys(passed[len(parts) :], head))
        for part, member in zip(reversed(parts), reversed(passed[: len(parts)]), strict=True):
            if part != "default" and name:
                name = f"{name}.{part}" if len(name) < _LONGEST else ""
            if keep:
                self._named[member] = name
        return name

    def _called(self, call: Node) -> tuple[Node | None, bool]:
        """Return what names the result of a call, and whether the result is that very thing (`promisify(f)`)."""
        callee = self.unwrap(self.callee(call))
        if callee is None:
            return None, False
        if callee.type == "member_expression":
            last = self.text(callee.child_by_field_name("property"))
            if last == "bind":
                return callee.child_by_field_name("object"), True
        else:
            last = self.text(callee) if callee.type == "identifier" else ""
        if last in _SAME_FUNCTION:
            return self.argument(call, 0), True
        return callee, False

    def _head(self, node: Node, parts: list[str], depth: int, *, injected: bool) -> str:
        if node.type in IDENTIFIERS:
            return self._identifier_name(node, parts, depth, injected=injected)
        return self.text(node) if node.type in {"this", "super", "meta_property"} else ""

    def _identifier_name(self, node: Node, parts: list[str], depth: int, *, injected: bool) -> str:
        text = self.text(node)
        binding = self.binding(node)
        if binding is None:
            if text in _GLOBALS and parts and not self.lookup(node):
                return parts.pop()
            return text
        if binding.origin is not None:
            return binding.origin.origin
        return self._binding_name(binding, depth, parts, injected=injected) or text

    def _binding_name(self, binding: Binding, depth: int, parts: list[str], *, injected: bool) -> str:
        """Return the dotted name of what a binding gives; empty where it has none but its own."""
        value = self.unwrap(binding.value)
        if value is None:
            typed = binding.type is not None and (injected or binding.kind == "variable")
            return self.type_name(binding.type) if typed and (parts or depth) else ""
        steps = [str(step) for step in binding.path if step != "default"]
        if value.type == "this":
            return self._of_this(value, steps, parts, depth)
        if value.type in _CALLS:
            name = self._qualname(value, depth + 1 if parts or depth or steps else 0, injected=injected)
        elif value.type in IDENTIFIERS or value.type in MEMBERS:
            name = self._qualname(value, depth + 1, injected=injected)
        elif (value.type == "object" or value.type in CLASSES) and parts and not steps:
            name = self._held_name(value, parts, depth)
        else:
            return ""
        return ".".join([name, *steps]) if name else ""

    def _of_this(self, this: Node, steps: list[str], parts: list[str], depth: int) -> str:
        """Return the name of what is taken from `this`: by `const {logger} = this`, or `const self = this`."""
        if depth > MAX_STEPS or not (steps or parts):
            return ""
        first = steps[0] if steps else parts.pop()
        return ".".join([self._this_name(this, first, depth + 1), *steps[1:]])

    def _held_name(self, value: Node, parts: list[str], depth: int) -> str:
        """Return the name of what an object or class holds under the part that is asked for, which is taken off."""
        inner = self.unwrap(self._inside(value, parts[-1], depth + 1))
        if inner is None or inner.type not in _CALLS | MEMBERS | IDENTIFIERS:
            return ""
        name = self._qualname(inner, depth + 1)
        if name:
            parts.pop()
        return name

    def _this_name(self, this: Node, name: str, depth: int) -> str:
        """Return the dotted name of `this.name`: of its one value, else of its type."""
        cls = self.class_of(this)
        binding = self.member(cls, name) if cls is not None else None
        found = self._binding_name(binding, depth, [], injected=True) if binding is not None else ""
        if not found and cls is not None:
            said = next((b.type for b in self.members.get(cls.id, {}).get(name, ()) if b.type is not None), None)
            found = self.type_name(said)
        return found or f"this.{name}"

    def type_name(self, node: Node | None) -> str:
        """Return the dotted origin of a type, of its annotation too; empty where it is no imported or named type."""
        for _ in range(4):
            if node is None:
                return ""
            if node.type in {"type_annotation", "parenthesized_type", "readonly_type"}:
                node = next(iter(self.children(node)), None)
            elif node.type == "generic_type":
                node = node.child_by_field_name("name")
            else:
                break
        if node is None:
            return ""
        if node.type == "nested_type_identifier":
            owner = self.qualname(node.child_by_field_name("module"))
            return f"{owner}.{self.text(node.child_by_field_name('name'))}" if owner else ""
        if node.type != "type_identifier":
            return ""
        binding = self.binding(node)
        return binding.origin.origin if binding is not None and binding.origin is not None else self.text(node)

    def decorators(self, node: Node) -> list[tuple[str, Node | None, Node]]:
        """Return the decorators of a class, method, field or parameter: dotted name, the call if any, the node."""
        found: list[tuple[str, Node | None, Node]] = []
        for decorator in self.decorator_nodes(node):
            inner = self.unwrap(next(iter(self.children(decorator)), None))
            call = inner if inner is not None and inner.type == "call_expression" else None
            found.append((self.qualname(self.callee(call) if call is not None else inner), call, decorator))
        return found
