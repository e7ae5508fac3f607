"""How calls of a JavaScript function stand to each other: what is verified too, what a token itself says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.javascript_values import last_name
from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["is_header_alg", "is_header_only", "split_tokens", "verified_too"]

_VERIFIERS = re.compile(r"(?<!un)verif|validat|introspect|check_?signature|authenticate", re.IGNORECASE)
_SPLIT = re.compile(
    r"^(?P<token>[\w.$\[\]'\"?!()]{1,80}?)[?!]?\.split\(\s{0,4}['\"`]\.['\"`]\s{0,4}\)!?(?:\?\.)?\[(?P<part>\d)\]"
)
_HEADER_READERS = frozenset({"decodeProtectedHeader", "decodeHeader", "getHeader"})
_MANY = 20
"""Calls that verify the same token, of which each is compared."""
_ENDS = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})


def _chain(module: JavaScriptModule, node: Node) -> list[Node]:
    return [node, *module.ancestors(node)]


def verified_too(module: JavaScriptModule, node: Node, token: str, verifying: dict[str, list[Node]]) -> bool:
    """Return whether the token that `node` only reads is verified in the same function, on the same way through it."""
    if not token:
        return False
    others = verifying.get(token, [])[:_MANY]
    function = module.function_of(node)
    if function is not None:
        others = others + _own_verifiers(module, node, function, token)
    here = _chain(module, node)
    for other in others:
        if other.id == node.id:
            continue
        there = _chain(module, other)
        home = module.function_of(other)
        same = home is not None and function is not None and home.id == function.id
        inside = function is not None and any(one.id == function.id for one in there)
        around = any(one.id == other.id for one in here)  # in the callback of the verifying call
        if (same or inside or around) and not _apart(here, there):
            first, second = (here, there) if node.start_byte < other.start_byte else (there, here)
            if around or not _leaves(first, second):
                return True
    return False


def _own_verifiers(module: JavaScriptModule, node: Node, function: Node, token: str) -> list[Node]:
    """Return the calls in the function that verify the token by another name: `await verifyToken(token)`."""
    tables: dict[int, dict[str, list[Node]]] = kept(module, "verifiers", dict)
    if function.id not in tables:
        table = tables[function.id] = {}
        for call in module.inside(function, "call_expression"):
            callee = module.callee(call)
            if not _VERIFIERS.search(last_name(module.text(callee)[-100:])):
                continue
            local = module.function_from(callee)
            if local is not None and "verif" not in module.text(local.child_by_field_name("body"))[:20_000].lower():
                continue
            for argument in module.arguments(call):
                table.setdefault(module.text(argument)[:300], []).append(call)
    return [call for call in tables[function.id].get(token, [])[:_MANY] if call.id != node.id]


def _apart(here: list[Node], there: list[Node]) -> bool:
    """Return whether the two stand in branches of which one runs: of an `if`, a `?:`, a `try` and its `catch`."""
    inside = {node.id: place for place, node in enumerate(there)}
    index = next((i for i, node in enumerate(here) if node.id in inside), None)
    if not index:
        return False
    common, mine = here[index], here[index - 1]
    place = inside[common.id]
    if not place:
        return False
    other = there[place - 1]
    pairs = {
        "if_statement": ("consequence", "alternative"),
        "ternary_expression": ("consequence", "alternative"),
        "try_statement": ("body", "handler"),
    }
    if common.type in pairs:
        ids = {getattr(common.child_by_field_name(name), "id", None) for name in pairs[common.type]}
        return mine.id in ids and other.id in ids and mine.id != other.id
    return common.type == "switch_body" and mine.id != other.id


def _leaves(first: list[Node], second: list[Node]) -> bool:
    """Return whether the function ends with the first of two places, so that the second is another way through it."""
    inside = {node.id for node in second}
    for one in first:
        if one.id in inside:
            return False
        if one.type in FUNCTIONS:
            return False
        if one.type == "return_statement":
            return True
        if (
            one.type == "statement_block"
            and one.parent is not None
            and one.parent.type in {"if_statement", "else_clause"}
        ):
            last = one.named_children[-1] if one.named_children else None
            if last is not None and last.type in _ENDS:
                return True
    return False


def is_header_only(module: JavaScriptModule, call: Node, *, library: str) -> bool:
    """Return whether of a decoded token only the header is used."""
    node: Node = call
    parent = module.parent(node)
    while parent is not None and parent.type in {
        "parenthesized_expression", "as_expression", "non_null_expression", "await_expression", "type_assertion",
        "satisfies_expression",
    }:  # fmt: skip
        node, parent = parent, module.parent(parent)
    if parent is None or library in {"jwt-decode", "jose"}:
        return False
    if parent.type == "member_expression":
        return module.member_name(parent) == "header"
    if parent.type == "binary_expression":  # (jwt.decode(token, {complete: true}) || {}).header
        node, parent = parent, module.parent(parent)
        if parent is not None and parent.type == "parenthesized_expression":
            node, parent = parent, module.parent(parent)
        return parent is not None and parent.type == "member_expression" and module.member_name(parent) == "header"
    if parent.type not in {"variable_declarator", "assignment_expression"}:
        return False
    target = parent.child_by_field_name("name") or parent.child_by_field_name("left")
    if target is None:
        return False
    if target.type == "object_pattern":
        keys = [module.key(item.child_by_field_name("key")) or module.text(item) for item in module.children(target)]
        return bool(keys) and all(key == "header" for key in keys)
    return target.type == "identifier" and _uses_header_only(module, target)


def _uses(module: JavaScriptModule) -> dict[str, list[Node]]:
    """Return the places of every name of the module."""
    found: dict[str, list[Node]] = {}
    for node in module.of("identifier", "shorthand_property_identifier"):
        found.setdefault(module.text(node), []).append(node)
    return found


def _uses_header_only(module: JavaScriptModule, target: Node) -> bool:
    scope = module.function_of(target) or module.root
    read = False
    for place in kept(module, "uses", lambda: _uses(module)).get(module.text(target), [])[:200]:
        if place.id == target.id or not scope.start_byte <= place.start_byte < scope.end_byte:
            continue
        parent = module.parent(place)
        while parent is not None and parent.type == "non_null_expression":
            parent = module.parent(parent)
        if parent is None:
            return False
        header = parent.type == "member_expression" and module.member_name(parent) == "header"
        if header or (parent.type == "variable_declarator" and _takes_header(module, parent)):
            read = True
        elif parent.type not in {"unary_expression", "parenthesized_expression", "binary_expression", "if_statement"}:
            return False
    return read


def _takes_header(module: JavaScriptModule, declarator: Node) -> bool:
    target = declarator.child_by_field_name("name")
    if target is None or target.type != "object_pattern":
        return False
    keys = [module.key(item.child_by_field_name("key")) or module.text(item) for item in module.children(target)]
    return bool(keys) and all(key == "header" for key in keys)


def is_header_alg(module: JavaScriptModule, node: Node | None, depth: int = 0) -> bool:
    """Return whether an algorithm, or one of a list, is taken from the header of the token that is to be verified."""
    node = module.unwrap(node)
    if node is None or depth > 6:
        return False
    if node.type == "array":
        return any(is_header_alg(module, item, depth + 1) for item in module.children(node))
    if node.type == "binary_expression":
        return is_header_alg(module, node.child_by_field_name("left"), depth + 1)
    if node.type in {"member_expression", "subscript_expression"}:
        return module.member_name(node) == "alg" and _is_header(module, node.child_by_field_name("object"), depth)
    if node.type in {"identifier", "shorthand_property_identifier"}:
        binding = module.binding(node)
        if binding is None or binding.value is None:
            return False
        if binding.path:
            steps = [str(step) for step in binding.path]
            if steps[-1] != "alg":
                return False
            return steps[-2:] == ["header", "alg"] or _is_header(module, binding.value, depth)
        return is_header_alg(module, binding.value, depth + 1)
    return False


def _is_header(module: JavaScriptModule, node: Node | None, depth: int) -> bool:
    node = module.unwrap(node)
    if node is None or depth > 6:
        return False
    if node.type in {"member_expression", "subscript_expression"}:
        return module.member_name(node) == "header"
    if node.type == "call_expression":
        name = last_name(module.text(module.callee(node))[-100:])
        if name in _HEADER_READERS or (name.lower() in {"jwtdecode", "jwt_decode"} and "header" in module.text(node)):
            return True
        return name == "parse" and any(
            match["part"] == "0"
            for call in module.inside(node, "subscript_expression")
            if (match := _SPLIT.match(module.text(call)[:200]))
        )
    if node.type == "identifier":
        binding = module.binding(node)
        if binding is None:
            return False
        if binding.path:
            return str(binding.path[-1]) == "header" and binding.value is not None
        return _is_header(module, binding.value, depth + 1)
    return False


def split_tokens(module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield the calls that read a token's claims by hand, and the token: `atob(token.split(".")[1])`."""
    for call in module.of("call_expression"):
        if last_name(module.text(module.callee(call))[-60:]) not in {
            "atob",
            "from",
            "decode",
            "b64DecodeUnicode",
            "b64decode",
        }:
            continue
        given = module.argument(call, 0)
        inner = module.unwrap(given)
        match = None
        for _ in range(4):  # .replace(/-/g, "+").replace(/_/g, "/")
            if inner is None:
                break
            if inner.type == "identifier":
                inner = module.unwrap(module.bound(inner))
                continue
            match = _SPLIT.match(module.text(inner)[:200])
            if match or inner.type != "call_expression":
                break
            callee = module.unwrap(module.callee(inner))
            inner = (
                callee.child_by_field_name("object")
                if callee is not None and callee.type == "member_expression"
                else None
            )
        if match and match["part"] == "1" and {"token", "jwt"} & set(words(match["token"])):
            yield call, match["token"]
