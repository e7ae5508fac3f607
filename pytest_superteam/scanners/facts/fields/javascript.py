"""Fields in JavaScript and TypeScript: interfaces, classes, bodies that are sent, answers that are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.fields.model import Shape, Wanted, declared_keys
from pytest_superteam.scanners.facts.outgoing import JS_TRIGGERS, outgoing_calls_js

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["javascript_shapes", "javascript_wanted", "maps_all_js"]

_MAPPERS = (
    b"axios-case-converter", b"humps", b"camelcase-keys", b"snakecase-keys", b"camelize", b"decamelize", b"camelCase",
    b"snakeCase",    b"applyCaseMiddleware", b"snake_case", b"toCamel", b"toSnake", b"change-case",
    b"SnakeNamingStrategy",
)  # fmt: skip
_NOT_FIELDS = frozenset(
    {"data", "body", "json", "headers", "status", "statusText", "ok", "text", "config", "request", "then"}
)


def maps_all_js(tree: SourceTree) -> bool:
    """Return whether something in the service turns the names of all fields into the other spelling."""
    return any(word in file.data for file in tree.service_files("javascript", "typescript") for word in _MAPPERS)


def javascript_shapes(tree: SourceTree, keys: frozenset[str]) -> Iterator[Shape]:
    """Yield the interfaces, object types and classes of those keys, with their fields."""
    for file in tree.service_files("typescript"):
        module = file.javascript if keys & declared_keys(file.data) else None
        if module is None:
            continue
        for node in module.of("interface_declaration", "type_alias_declaration", "class_declaration"):
            fields = dict(_fields(module, node))
            name = module.text(node.child_by_field_name("name"))
            if fields and name:
                yield Shape(name, module.path, fields)


def _fields(module: JavaScriptModule, node: Node) -> Iterator[tuple[str, int]]:
    body = node.child_by_field_name("body") or node.child_by_field_name("value")
    for item in module.children(body):
        if item.type == "property_signature":
            name = module.key(item.child_by_field_name("name"))
        elif item.type == "public_field_definition" and item.child_by_field_name("type") is not None:
            if any("Expose" in module.text(d) or "name:" in module.text(d) for d in module.decorator_nodes(item)):
                continue  # it is mapped on purpose
            if item.child_by_field_name("value") is not None or module.text(item).startswith(
                ("private", "protected", "static")
            ):
                continue
            name = module.key(item.child_by_field_name("name"))
        else:
            continue
        if name:
            yield name, module.line(item)


def javascript_wanted(tree: SourceTree) -> Iterator[Wanted]:
    """Yield the fields that are sent to other services, and read from what they answer."""
    for _, module in tree.javascript_with(*JS_TRIGGERS):
        for outgoing in outgoing_calls_js(tree, module):
            yield from _sent(module, outgoing.node, outgoing.client)
            yield from _read(module, outgoing.node)


def _sent(module: JavaScriptModule, call: Node, client: str) -> Iterator[Wanted]:
    arguments = module.arguments(call)
    bodies: list[Node | None] = []
    for argument in arguments:
        bodies.extend(module.option(argument, key) for key in ("body", "json", "data"))
    verb = module.text(module.callee(call)).rpartition(".")[2]
    if client in {"axios", "nest", "needle", "superagent"} and verb in {"post", "put", "patch"} and len(arguments) > 1:
        bodies.append(arguments[1])
    for body in bodies:
        inner = module.unwrap(body)
        if (
            inner is not None
            and inner.type == "call_expression"
            and module.text(module.callee(inner)) == "JSON.stringify"
        ):
            inner = module.argument(inner, 0)
        inner = module.resolve(inner)
        for item in module.children(inner) if inner is not None and inner.type == "object" else ():
            if item.type == "pair":
                name = module.key(item.child_by_field_name("key"))
            else:
                name = module.text(item) if item.type == "shorthand_property_identifier" else None
            if name:
                yield Wanted(name, module.path, module.line(item))


def _read(module: JavaScriptModule, call: Node) -> Iterator[Wanted]:
    """Yield the properties by which the answer of a call is read, in the function that makes it."""
    scope = module.function_of(call) or module.root
    for _ in range(2):  # the function around a callback in which the answer is handed on
        outer = module.function_of(scope) if scope.type == "arrow_function" else None
        scope = outer or scope
    names, fields = _held(module, scope, call)
    yield from fields
    for node in module.inside(scope, "member_expression"):
        parent = module.parent(node)
        if parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node:
            continue
        name = module.member_name(node)
        if name and name not in _NOT_FIELDS and _rooted(module, node.child_by_field_name("object"), names, call):
            yield Wanted(name, module.path, module.line(node))


def _held(module: JavaScriptModule, scope: Node, call: Node) -> tuple[set[str], list[Wanted]]:
    """Return the names that hold the answer or parts of it, and the fields that are taken out of it by patterns."""
    names: set[str] = set()
    fields: dict[tuple[str, int], Wanted] = {}
    for _ in range(3):
        for node in module.inside(scope, "variable_declarator", "arrow_function", "for_in_statement"):
            if node.type == "variable_declarator":
                target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                targets = [target] if target is not None else []
            elif node.type == "for_in_statement":
                target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
                targets = [target] if target is not None else []
            else:
                parent = module.parent(module.parent(node) or node)
                value = (
                    parent.child_by_field_name("function")
                    if parent is not None and parent.type == "call_expression"
                    else None
                )
                targets = [module.pattern(p) for p in module.parameters(node)][:1]
            if value is None or not _rooted(module, value, names, call):
                continue
            for target in targets:
                for part in module.inside(target):
                    if part.type in {"identifier", "shorthand_property_identifier_pattern"}:
                        names.add(module.text(part))
                    if part.type in {"shorthand_property_identifier_pattern", "property_identifier"}:
                        wanted = Wanted(module.text(part), module.path, module.line(part))
                        fields[(wanted.name, wanted.line)] = wanted
    return names, list(fields.values())


def _rooted(module: JavaScriptModule, node: Node | None, names: set[str], call: Node) -> bool:
    """Return whether an expression is the answer of `call`, or a part of what one of `names` holds."""
    for _ in range(12):
        node = module.unwrap(node)
        if node is None:
            return False
        if node.id == call.id or (node.type == "identifier" and module.text(node) in names):
            return True
        if node.type == "member_expression":
            if module.member_name(node) in {"headers", "config", "request"}:
                return False
            node = node.child_by_field_name("object")
        elif node.type == "subscript_expression":
            node = node.child_by_field_name("object")
        elif node.type == "call_expression":
            callee = module.callee(node)
            last = module.text(callee).rpartition(".")[2] if callee is not None else ""
            node = module.argument(node, 0) if last in {"firstValueFrom", "lastValueFrom", "parse"} else callee
        else:
            return False
    return False
