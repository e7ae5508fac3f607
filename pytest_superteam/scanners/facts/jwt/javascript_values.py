"""What expressions of JavaScript stand for: keys with where their literal stands, objects as far as they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.jwt.calls import JwtKey, is_public_name, is_public_text
from pytest_superteam.scanners.facts.jwt.shown import Shown, Steps
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["Values", "last_name"]

_DEPTH = 8
_NODES = 200
_BINDINGS = 12
"""Values of one name that are looked at; a hostile file has thousands."""
_EMPTY_TYPES = frozenset({"null", "undefined", "false"})
_CONVERSIONS = frozenset({
    "from", "asKey", "importKey", "importJWK", "importPKCS8", "createSecretKey", "createPrivateKey", "decode", "encode",
    "toBuffer", "update", "digest", "String", "Buffer", "of", "hash", "sha256", "utf8", "parse", "base64UrlDecode",
    "createHmac", "default", "atob", "btoa", "resolve", "unescape", "generateKeySync", "decodeBase64", "freeze",
})  # fmt: skip
_METHODS = frozenset({"toString", "trim", "digest", "padEnd", "repeat", "replace", "valueOf", "slice", "substring"})
_CALLBACKS = frozenset({"cb", "callback", "done", "next", "fn", "resolve"})


def last_name(text: str) -> str:
    """Return the last of the names in an expression: `secret` of `config.jwt['secret']`."""
    return text.rstrip("]\"'`)!").replace("['", ".").replace('["', ".").rsplit(".", 1)[-1][-80:]


class Values:
    """Answers about one module."""

    def __init__(self, module: JavaScriptModule) -> None:
        self.module = module
        self._changes: dict[str, list[tuple[str | None, Node]]] | None = None
        self._steps = Steps(300, 2000)

    # ---- objects ----------------------------------------------------------------------------------------------------

    @property
    def changes(self) -> dict[str, list[tuple[str | None, Node]]]:
        """Return what is set on each name later: `name.key = value`, `Object.assign(name, value)` (key None)."""
        if self._changes is None:
            self._changes = {}
            m = self.module
            for node in m.of("assignment_expression"):
                target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
                if target is None or value is None or target.type not in {"member_expression", "subscript_expression"}:
                    continue
                owner = target.child_by_field_name("object")
                if owner is not None and owner.type == "identifier":
                    self._changes.setdefault(m.text(owner), []).append((m.member_name(target) or "?", value))
            for call in m.of("call_expression"):
                if m.text(m.callee(call)) == "Object.assign":
                    target, *rest = m.arguments(call) or [call]
                    if target.type == "identifier":
                        self._changes.setdefault(m.text(target), []).extend((None, item) for item in rest)
        return self._changes

    def shown(self, node: Node | None, depth: int = 0) -> Shown | None:
        """Return the object that `node` is, later changes of a name included; None where the code does not show it."""
        m = self.module
        node = m.unwrap(node)
        if depth == 0:
            self._steps.begin()
        if node is None or depth > _DEPTH or not self._steps.spend():
            return None
        if node.type == "object":
            return self._of_object(node, depth)
        if node.type in {"identifier", "shorthand_property_identifier"}:
            return self._of_name(node, depth)
        if node.type in {"member_expression", "subscript_expression"}:
            target = m.resolve(node)
            return self.shown(target, depth + 1) if target is not None and target.id != node.id else None
        if node.type == "call_expression":
            return self._of_call(node, depth)
        if node.type == "ternary_expression":
            parts = [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
            return Shown.joined([self.shown(part, depth + 1) for part in parts])
        return None

    def _of_object(self, node: Node, depth: int) -> Shown:
        m, made = self.module, Shown()
        for item in m.children(node):
            if item.type == "pair":
                key, value = m.key(item.child_by_field_name("key")), item.child_by_field_name("value")
                if key is None or value is None:
                    made.complete = False
                else:
                    made.fields[key] = value
            elif item.type == "shorthand_property_identifier":
                made.fields[m.text(item)] = item
            elif item.type == "method_definition":
                made.fields[m.key(item.child_by_field_name("name")) or "?"] = item
            elif item.type == "spread_element":
                made.add(self._spread(next(iter(m.children(item)), None), depth))
        return made

    def _spread(self, node: Node | None, depth: int) -> Shown | None:
        """Return what is spread; of `condition && {...}` the object."""
        node = self.module.unwrap(node)
        if node is not None and node.type == "binary_expression":
            node = node.child_by_field_name("right")
        return self.shown(node, depth + 1)

    def _of_name(self, node: Node, depth: int) -> Shown | None:
        m = self.module
        bindings = [b for b in m.lookup(node) if b.kind != "changed"]
        values = [b.value for b in bindings if b.value is not None and not b.path]
        if not values or len(values) != len([b for b in bindings if b.kind != "variable" or b.value is not None]):
            target = m.resolve(node)
            return self.shown(target, depth + 1) if target is not None and target.type == "object" else None
        made = Shown.joined([self.shown(value, depth + 1) for value in values[:5]])
        if made is not None:
            for key, value in self.changes.get(m.text(node), [])[:50]:
                if key is None:
                    made.add(self.shown(value, depth + 1))
                else:
                    made.fields[key] = value
        return made

    def _of_call(self, node: Node, depth: int) -> Shown | None:
        m = self.module
        name = m.text(m.callee(node))
        if name in {"Object.assign", "Object.freeze", "structuredClone", "JSON.stringify", "_.merge", "Buffer.from"}:
            given = m.arguments(node)
            parts = given if name in {"Object.assign", "_.merge"} else given[:1]
            made = Shown()
            for part in parts:
                made.add(self.shown(part, depth + 1))
            return made if made.fields or made.complete else None
        function = m.function_from(m.callee(node))
        if function is None:
            return None
        return Shown.joined([self.shown(value, depth + 1) for value in self.returned(function)])

    def returned(self, function: Node) -> list[Node]:
        """Return what a function gives back."""
        m = self.module
        body = m.unwrap(function.child_by_field_name("body"))
        if body is None:
            return []
        if body.type != "statement_block":
            return [body]
        found = []
        for statement in m.inside(body, "return_statement"):
            holder = m.function_of(statement)
            value = next(iter(m.children(statement)), None)
            if holder is not None and holder.id == function.id and value is not None:
                found.append(value)
        return found

    # ---- keys -------------------------------------------------------------------------------------------------------

    def key(self, node: Node | None) -> JwtKey | None:
        """Return the key that an argument is; None where there is none."""
        if node is None:
            return None
        value, origin = self.text_of(node)
        inner = self.module.unwrap(node)
        missing = inner is not None and (
            inner.type in _EMPTY_TYPES or self.module.text(inner) in {"''", '""', "``", "undefined"}
        )
        name, path = last_name(self.module.text(inner)[:300]), self.module.qualname(inner)
        return JwtKey(value, origin, name, path, self._is_public(inner), missing)

    def text_of(self, node: Node | None) -> tuple[Any, Node | None]:
        """Return the literal text that `node` may stand for, and where it stands; `UNKNOWN` and None else."""
        queue: list[tuple[Node, int]] = [(node, 0)] if node is not None else []
        m = self.module
        for place, depth in queue:  # the list grows while it is read
            expression = m.unwrap(m.resolve(place))
            if expression is None or depth > _DEPTH:
                continue
            value = m.literal(expression)
            if isinstance(value, str):
                if value:
                    return value, expression
            elif isinstance(value, list) and value and isinstance(value[0], str):
                return value[0], expression
            elif len(queue) < _NODES:
                queue.extend((following, depth + 1) for following in self._following(expression))
        return UNKNOWN, None

    def _following(self, node: Node) -> Iterator[Node]:
        """Yield the expressions of which one may be the value of `node`."""
        m = self.module
        if node.type == "identifier":
            for binding in m.lookup(node)[:_BINDINGS]:
                yield from (v for v in (binding.value, binding.default) if v is not None and not binding.path)
        elif node.type == "ternary_expression":
            parts = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
            yield from (part for part in parts if part is not None)
        elif node.type == "binary_expression":
            parts = (node.child_by_field_name("right"), node.child_by_field_name("left"))
            if m.text(node.child_by_field_name("operator")) in {"||", "??"}:
                yield from (part for part in parts if part is not None)
        elif node.type == "object":
            shown = self._of_object(node, _DEPTH)
            yield from (shown.fields[name] for name in ("key", "k", "secret") if name in shown.fields)
        elif node.type == "array":
            yield from m.children(node)[:3]
        elif node.type in FUNCTIONS:
            yield from self._handed(node)
        elif node.type in {"call_expression", "new_expression"}:
            yield from self._behind_call(node)

    def _handed(self, function: Node) -> Iterator[Node]:
        """Yield what a function that looks up keys hands out: what it returns, or gives its callback."""
        m = self.module
        yield from self.returned(function)
        for call in m.inside(function, "call_expression"):
            if m.text(m.callee(call)) in _CALLBACKS:
                yield from m.arguments(call)[-1:]

    def _behind_call(self, node: Node) -> Iterator[Node]:
        m = self.module
        callee = m.unwrap(m.callee(node))
        given = m.arguments(node)
        name = last_name(m.text(callee)[-100:]) if callee is not None else ""
        name = name.split("<")[0]
        if name in {"get", "getOrThrow", "env", "getEnv", "string", "str"}:
            if len(given) > 1:
                yield given[1]
            for argument in given:
                default = (
                    m.option(argument, "default") or m.option(argument, "infer") if argument.type == "object" else None
                )
                if default is not None:
                    yield default
        elif callee is not None and callee.type == "member_expression" and name in _METHODS:
            owner = callee.child_by_field_name("object")
            if owner is not None:
                yield owner
        elif name in _CONVERSIONS:
            yield from given[:1]

    def _is_public(self, node: Node | None) -> bool:
        """Return whether a name, path or text in the expression says that the key is a public one."""
        m = self.module
        queue = [(node, 0)] if node is not None else []
        for inner, depth in queue:  # the list grows while it is read
            if inner.type in FUNCTIONS:
                continue
            if inner.type in {"string", "template_string"}:
                text = m.text(inner)
                if is_public_text(text) or (len(text) < 200 and " " not in text and is_public_name(text)):
                    return True
            elif inner.type in {"identifier", "property_identifier", "shorthand_property_identifier"}:
                name = m.text(inner)
                if is_public_name(name) or name in {"createRemoteJWKSet", "importSPKI", "importX509"}:
                    return True
                bound = m.bound(inner) if inner.type != "property_identifier" and depth < 3 else None
                if bound is not None and bound.id != inner.id:
                    queue.append((bound, depth + 1))
            if len(queue) < _NODES:
                queue.extend((child, depth) for child in m.children(inner))
        return False
