"""Calls in a loop over a list that is written down: `routes.forEach((r) => router.use(r.path, r.route))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["unrolled"]

_EACH = frozenset({"forEach", "map"})
_DEPTH = 6
_MOST = 200  # members of a list


def unrolled(module: JavaScriptModule, call: Node, given: list[Node]) -> list[list[Node]]:
    """Return the arguments of `call` for each turn of the loop that it stands in; as they are outside of one.

    Only arguments that are fields of the loop's item are replaced; a member of the list without one is passed over.
    """
    found = _loop(module, call)
    if found is None:
        return [given]
    item, members = found
    if not any(_field(module, argument, item) for argument in given):
        return [given]
    turns = []
    for member in members:
        names = [_field(module, argument, item) for argument in given]
        turn = [module.option(member, name) if name else old for name, old in zip(names, given, strict=True)]
        turns.append([node for node in turn if node is not None])
    return [turn for turn in turns if len(turn) == len(given)] or [given]


def _loop(module: JavaScriptModule, call: Node) -> tuple[Node, list[Node]] | None:
    """Return what stands for one item in the nearest loop around a call, and the items, each an object."""
    current: Node | None = call
    for _ in range(_DEPTH):
        current = module.parent(current) if current is not None else None
        if current is None:
            return None
        if current.type == "for_in_statement":
            left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
            return _items(module, left, right)
        if current.type in FUNCTIONS:
            return _each(module, current)
    return None


def _each(module: JavaScriptModule, function: Node) -> tuple[Node, list[Node]] | None:
    """Return item and list of the `list.forEach(function)` that a function is given to."""
    above = module.parent(function)
    call = module.parent(above) if above is not None and above.type == "arguments" else None
    callee = module.unwrap(module.callee(call)) if call is not None and call.type == "call_expression" else None
    parameters = module.parameters(function)
    if callee is None or callee.type != "member_expression" or module.member_name(callee) not in _EACH:
        return None
    return _items(module, module.pattern(parameters[0]), callee.child_by_field_name("object")) if parameters else None


def _items(module: JavaScriptModule, item: Node | None, of: Node | None) -> tuple[Node, list[Node]] | None:
    listed = module.resolve(of) if of is not None else None
    if item is None or listed is None or listed.type != "array":
        return None
    members = [module.resolve(child) for child in module.children(listed)[:_MOST]]
    return item, [member for member in members if member is not None and member.type == "object"]


def _field(module: JavaScriptModule, node: Node, item: Node) -> str:
    """Return the name of the item's field that an expression is; empty where it is none."""
    inner = module.unwrap(node)
    if inner is None:
        return ""
    if item.type == "identifier" and inner.type == "member_expression":
        owner = module.unwrap(inner.child_by_field_name("object"))
        return (module.member_name(inner) or "") if owner is not None and _same(module, owner, item) else ""
    if item.type == "object_pattern" and inner.type == "identifier":
        return _destructured(module, item, module.text(inner))
    return ""


def _same(module: JavaScriptModule, node: Node, item: Node) -> bool:
    return node.type == "identifier" and module.text(node) == module.text(item)


def _destructured(module: JavaScriptModule, pattern: Node, name: str) -> str:
    """Return the field that `{path, route: router}` binds to a name."""
    for child in module.children(pattern):
        if child.type == "shorthand_property_identifier_pattern" and module.text(child) == name:
            return name
        value = child.child_by_field_name("value")
        if child.type == "pair_pattern" and value is not None and module.text(value) == name:
            return module.key(child.child_by_field_name("key")) or ""
    return ""
