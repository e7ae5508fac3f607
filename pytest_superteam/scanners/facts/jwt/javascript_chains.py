"""Chains of calls on one object in JavaScript, and functions that are handed over to look up a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["Chain", "chain_of", "is_verifying_key_lookup"]

_LENGTH = 60
_LOOKUPS = frozenset({"secretOrKeyProvider", "secret", "key", "getKey", "getSecret", "secretProvider"})


@dataclass
class Chain:
    """What is called on an object between its `new` and one call."""

    base: Node
    arguments: dict[str, list[Node]] = field(default_factory=dict)
    """The first argument of each method, by name; the call itself where it has none."""


def chain_of(module: JavaScriptModule, call: Node) -> Chain | None:
    """Return the chain that ends with `call`, from its `new` on, through a name that the object is bound to."""
    found: dict[str, list[Node]] = {}
    node: Node | None = call
    for _ in range(_LENGTH):
        node = module.unwrap(node)
        if node is None:
            return None
        if node.type == "new_expression":
            return Chain(node, found)
        if node.type == "call_expression":
            callee = module.unwrap(module.callee(node))
            if callee is None or callee.type != "member_expression":
                return None
            given = module.arguments(node)
            found.setdefault(module.member_name(callee) or "", []).append(given[0] if given else node)
            node = callee.child_by_field_name("object")
        elif node.type == "identifier":
            table = kept(module, "statements", lambda: _statements(module))
            for method, given in table.get(module.text(node), {}).items():
                found.setdefault(method, []).extend(given[:_LENGTH])
            node = module.bound(node)
        else:
            return None
    return None


def _statements(module: JavaScriptModule) -> dict[str, dict[str, list[Node]]]:
    """Return what is called on each name, by method: `token.setExpirationTime("2h")` and the calls chained to it."""
    table: dict[str, dict[str, list[Node]]] = {}
    for call in module.of("call_expression"):
        callee = module.unwrap(module.callee(call))
        if callee is None or callee.type != "member_expression":
            continue
        owner = module.unwrap(callee.child_by_field_name("object"))
        for _ in range(_LENGTH):
            if owner is None or owner.type != "call_expression":
                break
            inner = module.unwrap(module.callee(owner))
            owner = inner.child_by_field_name("object") if inner is not None else None
        if owner is not None and owner.type == "identifier":
            given = module.arguments(call)
            methods = table.setdefault(module.text(owner), {})
            methods.setdefault(module.member_name(callee) or "", []).append(given[0] if given else call)
    return table


def is_verifying_key_lookup(module: JavaScriptModule, node: Node) -> bool:
    """Return whether `node` stands in a function that a verifying library calls to learn the key of a token."""
    function = module.function_of(node)
    if function is None or function.type not in FUNCTIONS:
        return False
    return module.name_of(function) in _LOOKUPS
