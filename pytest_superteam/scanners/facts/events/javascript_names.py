"""The names of events that an expression of JavaScript gives, with what is not fixed left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART
from pytest_superteam.scanners.facts.services_js import definition_js
from pytest_superteam.scanners.languages.javascript import Regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["NamedJs", "names_js", "origin_js", "places_js"]

NamedJs = tuple[str, "JavaScriptModule", "Node"]
"""A name, and where it is written. One that begins with `^` is a regular expression."""

_MAX_NAMES = 50
_HOPS = 4


def names_js(tree: SourceTree, module: JavaScriptModule, node: Node | None, depth: int = 0) -> list[str]:
    """Return the names that `node` gives: one, or all of a list; `UNKNOWN_PART` where none is fixed."""
    node = module.unwrap(node)
    if node is None or depth > _HOPS:
        return []
    found = _strings(module.literal(node))
    if found:
        return found
    if node.type == "template_string":
        return [_template(tree, module, node, depth)]
    parts = _parts(module, node)
    if parts is not None:
        return [name for part in parts for name in names_js(tree, module, part, depth + 1)]
    if node.type == "binary_expression":
        return [_joined(tree, module, node, depth)]
    if node.type in {"identifier", "member_expression", "shorthand_property_identifier"}:
        inner = definition_js(tree, module, node)
        if inner is not None and (inner[0] is not module or inner[1].id != node.id):
            return names_js(tree, *inner, depth + 1)
        member = _enum_member(tree, module, node)
        return [member or UNKNOWN_PART]
    return [UNKNOWN_PART]


def _parts(module: JavaScriptModule, node: Node) -> list[Node | None] | None:
    """Return the parts of an expression that gives several names; None where it gives one."""
    if node.type == "array":
        return list(module.children(node)[:_MAX_NAMES])
    if node.type == "ternary_expression":
        return [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
    return None


def _joined(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> str:
    """Return the name that two strings make together."""
    left = names_js(tree, module, node.child_by_field_name("left"), depth + 1)
    right = names_js(tree, module, node.child_by_field_name("right"), depth + 1)
    plus = module.text(node.child_by_field_name("operator")) == "+"
    return left[0] + right[0] if plus and len(left) == len(right) == 1 else UNKNOWN_PART


def _enum_member(tree: SourceTree, module: JavaScriptModule, node: Node) -> str | None:
    """Return the value of a member of an enum or class that another module exports."""
    if node.type != "member_expression":
        return None
    name, owner = module.member_name(node), definition_js(tree, module, node.child_by_field_name("object"))
    if owner is None or name is None:
        return None
    home, target = owner
    for item in home.inside(target, "enum_assignment"):
        if home.key(item.child_by_field_name("name")) == name:
            value = home.literal(item.child_by_field_name("value"))
            return value if isinstance(value, str) else None
    if target.type.startswith("class"):
        binding = home.member(target, name)
        value = home.literal(binding.value) if binding is not None else None
        return value if isinstance(value, str) else None
    return None


def _strings(value: Any) -> list[str]:
    if isinstance(value, Regex):
        return ["^" + value.pattern.removeprefix("^") if value.pattern.startswith("^") else "^.*" + value.pattern]
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list) and value and all(isinstance(item, (str, Regex)) for item in value):
        return [name for item in value[:_MAX_NAMES] for name in _strings(item)]
    if isinstance(value, dict) and value and all(isinstance(item, (str, int)) for item in value.values()):
        return ["{" + ",".join(f"{key}:{value[key]}" for key in sorted(map(str, value)) if key in value) + "}"]
    return []


def _template(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> str:
    parts: list[str] = []
    for child in node.children:
        if child.type == "string_fragment":
            parts.append(module.text(child))
        elif child.type == "template_substitution":
            inner = names_js(tree, module, next(iter(module.children(child)), None), depth + 1)
            parts.append(inner[0] if len(inner) == 1 else UNKNOWN_PART)
    return "".join(parts) or UNKNOWN_PART


def places_js(tree: SourceTree, module: JavaScriptModule, node: Node | None, call: Node) -> Iterator[NamedJs]:
    """Yield each name that `node` gives with its place: `call`, or the caller of a helper that is given the name."""
    names = names_js(tree, module, node)
    inner = module.unwrap(node)
    if names == [UNKNOWN_PART] and inner is not None and inner.type in {"identifier", "shorthand_property_identifier"}:
        binding = module.binding(inner)
        if binding is not None and binding.kind == "parameter":
            passed = list(_passed(tree, module, inner))
            if passed:
                yield from passed
                return
    yield from ((name, module, call) for name in names)


def _passed(tree: SourceTree, module: JavaScriptModule, node: Node) -> Iterator[NamedJs]:
    """Yield what callers in the service give for the parameter that `node` names."""
    function, text = module.function_of(node), module.text(node)
    position = -1
    while function is not None and position < 0:
        patterns = [module.text(module.pattern(p)) for p in module.parameters(function)]
        if text in patterns:
            position = patterns.index(text)
        else:
            function = module.function_of(function)
    name = module.name_of(function) if function is not None else ""
    if len(name) < 2 or function is None:
        return
    for _, home in tree.javascript_with(name.encode()):
        for call in home.calls:
            callee = home.callee(call)
            if callee is None or home.text(callee).rpartition(".")[2] != name:
                continue
            found = definition_js(tree, home, callee)
            if found is not None and (found[0].path, found[1].start_byte) != (module.path, function.start_byte):
                continue
            given = home.argument(call, position)
            if given is not None:
                yield from ((found_name, home, call) for found_name in names_js(tree, home, given))


def origin_js(tree: SourceTree, module: JavaScriptModule, node: Node | None, depth: int = 0) -> str:
    """Return the dotted name of what made the object that `node` stands for, followed through the service's modules."""
    node = module.unwrap(node)
    if node is None or depth > _HOPS:
        return ""
    if node.type in {"call_expression", "new_expression"}:
        return _made_by(tree, module, node, depth)
    if node.type in {"identifier", "member_expression", "shorthand_property_identifier"}:
        found = definition_js(tree, module, node)
        made = origin_js(tree, *found, depth + 1) if found is not None and found[1].id != node.id else ""
        if made or node.type == "member_expression":
            return made or module.qualname(node)
        return module.type_name(module.declared_type(node)) or module.imports.get(module.text(node), "")
    return _inside(tree, module, node, depth)


def _made_by(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> str:
    """Return the dotted name of what a call or `new` makes."""
    callee = module.callee(node)
    name = module.qualname(callee)
    if name and not name.startswith(("src/", "./")) and name.partition(".")[0] in _packages(module):
        return name
    inner = module.unwrap(callee)
    if inner is not None and inner.type == "member_expression":
        made = origin_js(tree, module, inner.child_by_field_name("object"), depth + 1)
        if made:
            return f"{made}.{module.member_name(inner)}"
    found = definition_js(tree, module, callee)
    return _inside(tree, *found, depth + 1) if found is not None else name


def _packages(module: JavaScriptModule) -> set[str]:
    return {origin.partition(".")[0] for origin in module.imports.values()}


def _inside(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> str:
    """Return what a function returns, or what a class derives from."""
    if node.type.startswith(("class", "abstract_class")):
        heritage = next((c for c in module.children(node) if c.type == "class_heritage"), None)
        for part in module.inside(heritage) if heritage is not None else ():
            if part.type in {"identifier", "member_expression"}:
                return module.qualname(part)
        return ""
    body = node.child_by_field_name("body")
    if body is not None and body.type != "statement_block":
        return origin_js(tree, module, body, depth + 1)
    for statement in module.inside(node, "return_statement"):
        made = origin_js(tree, module, next(iter(module.children(statement)), None), depth + 1)
        if made:
            return made
    return ""
