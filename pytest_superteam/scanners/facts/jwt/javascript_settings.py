"""Settings of a JWT key in JavaScript: names, keys of objects, fields, `process.env.X || "default"`, schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.jwt.calls import JwtSetting
from pytest_superteam.scanners.facts.jwt.javascript_values import Values, last_name
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["javascript_settings"]

_PATH = 5
_HOLDERS = frozenset({"variable_declarator", "public_field_definition", "field_definition", "assignment_expression"})


def javascript_settings(module: JavaScriptModule, wants: Callable[[str], bool]) -> Iterator[JwtSetting]:
    """Yield what is set under a name that `wants` takes, with its literal value or default."""
    values = Values(module)
    for name, value, place, plain in _bound(module):
        if not wants(name):
            continue
        found, origin = _value(module, values, value)
        if found is not UNKNOWN:
            yield JwtSetting(name, found, place, origin or value, plain)


def _value(module: JavaScriptModule, values: Values, node: Node) -> tuple[Any, Node | None]:
    inner = module.unwrap(node)
    if inner is None or inner.type in FUNCTIONS or inner.type == "object":
        return UNKNOWN, None
    if inner.type == "identifier":
        return UNKNOWN, None  # told where that name is set
    if inner.type == "call_expression":
        given = module.arguments(inner)
        name = last_name(module.text(module.callee(inner))[-80:])
        if given and name not in {"default", "get", "from", "encode", "env", "str", "string", "String", "optional"}:
            return UNKNOWN, None
        if name in {"str", "string"} and given and given[0].type == "object":
            default = module.option(given[0], "default")
            return (module.literal(default), default) if default is not None else (UNKNOWN, None)
    value = module.literal(inner)
    if value is not UNKNOWN and value is not None:
        return value, module.resolve(inner)
    return values.text_of(inner)


def _bound(module: JavaScriptModule) -> Iterator[tuple[str, Node, Node, bool]]:
    """Yield name, value, place, and whether the name is a plain one."""
    for node in module.of("variable_declarator", "public_field_definition", "field_definition"):
        target = node.child_by_field_name("name") or node.child_by_field_name("property")
        value = node.child_by_field_name("value")
        if target is not None and value is not None and target.type != "object_pattern":
            yield module.text(target), value, node, True
    for node in module.of("assignment_expression"):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is not None and value is not None:
            text = module.text(target)[-80:]
            yield last_name(text), value, node, target.type == "identifier" or "env" in text or text.startswith("this.")
            if target.type == "member_expression" and text.endswith(".secretOrKey"):
                yield "jwt.secret", value, node, True
    for node in module.of("enum_assignment"):
        target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if target is not None and value is not None:
            yield module.text(target), value, node, True
    for node in module.of("pair"):
        key, value = module.key(node.child_by_field_name("key")), node.child_by_field_name("value")
        if (
            key is not None
            and value is not None
            and value.type not in {"object", "array"}
            and value.type not in FUNCTIONS
        ):
            yield _path(module, node, key), value, node, False
    yield from _defaults(module)


def _path(module: JavaScriptModule, pair: Node, key: str) -> str:
    """Return the dotted path of a key from the name that its object is bound to: `config.jwt.secret`."""
    parts = [key]
    for holder in module.ancestors(pair):
        if len(parts) > _PATH:
            break
        if holder.type == "pair":
            parts.append(module.key(holder.child_by_field_name("key")) or "")
        elif holder.type in _HOLDERS:
            target = (
                holder.child_by_field_name("name")
                or holder.child_by_field_name("left")
                or holder.child_by_field_name("property")
            )
            parts.append(last_name(module.text(target)[-80:]))
            break
        elif holder.type == "call_expression":
            first = module.literal(module.argument(holder, 0))
            name = last_name(module.text(module.callee(holder))[-80:])
            parts.append(first if name == "registerAs" and isinstance(first, str) else name)
            break
        elif holder.type in FUNCTIONS:
            name = module.name_of(holder)
            if name:
                parts.append(name)
                break
    return ".".join(reversed(parts))


def _defaults(module: JavaScriptModule) -> Iterator[tuple[str, Node, Node, bool]]:
    """Yield defaults of reads from the environment or a configuration, wherever they stand."""
    for node in module.of("binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or module.text(node.child_by_field_name("operator")) not in {"||", "??"}:
            continue
        text = module.text(left)
        if len(text) < 100 and "env" in text:
            yield last_name(text), right, node, True
        elif left.type == "call_expression":
            name = module.literal(module.argument(left, 0))
            if isinstance(name, str) and last_name(module.text(module.callee(left))[-60:]).split("<")[0] == "get":
                yield name, right, node, True
    for call in module.of("call_expression"):
        given = module.arguments(call)
        if len(given) == 2 and last_name(module.text(module.callee(call))[-60:]).split("<")[0] in {
            "get",
            "env",
            "getEnv",
            "set",
        }:
            name = module.literal(given[0])
            if isinstance(name, str):
                yield name, given[1], call, True
