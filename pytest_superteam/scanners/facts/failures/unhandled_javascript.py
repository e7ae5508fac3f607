"""Promises of a JavaScript service that fail unheard: requests, awaits in handlers of Express, calls nobody awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.failures.clients_javascript import requests_of, resolved
from pytest_superteam.scanners.facts.failures.covered_javascript import (
    framework_handles,
    is_covered,
    is_wrapper,
    rejections_reach,
    watches_itself,
)
from pytest_superteam.scanners.facts.failures.node_projects import is_page
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["unhandled"]

REQUEST = "Nothing handles a failure of this call: wrap it in `try`/`catch` and answer 502 or 503."
EMITTER = "A failure of this request ends the process: listen with `.on('error', ...)`."
AWAITED = "A failure here leaves the request without an answer: `try`/`catch`, or pass it to `next`."
FLOATING = "Nobody awaits this promise, so its failure ends the process: `await` it, or give it a `.catch(...)`."

_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "all", "use", "options", "head"})
_TIMERS = frozenset({"forEach", "setTimeout", "setInterval", "setImmediate"})


def unhandled(tree: SourceTree, module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield the promises whose failure nothing handles, and what to say of them."""
    if is_page(tree, module):
        return
    told: set[int] = set()
    for call, kind in requests_of(tree, module):
        if kind == "emitter":
            if not _listens(module, call):
                yield call, EMITTER
        elif not is_covered(tree, module, call) and not (_is_awaited(module, call) and framework_handles(tree, module)):
            function = module.function_of(call)
            told.add(function.id if function is not None else 0)
            yield call, REQUEST
    yield from _floating(tree, module)
    yield from _awaits(tree, module, told)


def _is_awaited(module: JavaScriptModule, node: Node) -> bool:
    """Return whether a promise is awaited or returned, and not just left."""
    for parent in module.ancestors(node):
        if parent.type == "expression_statement":
            return False
        if parent.type in {"await_expression", "return_statement", "variable_declarator", "arguments", *FUNCTIONS}:
            return True
    return True


def _listens(module: JavaScriptModule, call: Node) -> bool:
    """Return whether a request of `node:http` has a listener for errors."""
    if is_covered_emitter(module, call):
        return True
    holder = module.parent(call)
    if holder is None or holder.type not in {"variable_declarator", "assignment_expression"}:
        return False
    target = holder.child_by_field_name("name") or holder.child_by_field_name("left")
    name = module.text(target)
    scope = module.function_of(call) or module.root
    for other in module.inside(scope, "call_expression"):
        callee = module.callee(other)
        if callee is not None and callee.type == "member_expression" and module.text(callee).startswith(f"{name}.on"):
            given = module.arguments(other)
            if given and module.string(given[0]) == "error":
                return True
    return False


def is_covered_emitter(module: JavaScriptModule, call: Node) -> bool:
    """Return whether `.on("error", ...)` follows in the chain, or the request is handed on."""
    current = call
    for parent in module.ancestors(call):
        if parent.type == "call_expression" and current.type == "member_expression":
            given = module.arguments(parent)
            if given and module.string(given[0]) == "error":
                return True
        elif parent.type in {"return_statement", "arguments", "pair"}:
            return True
        elif parent.type not in {"member_expression", "call_expression"}:
            return False
        current = parent
    return False


def _is_async(function: Node) -> bool:
    return any(child.type == "async" for child in function.children)


def _floating(tree: SourceTree, module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield the calls of the service's own async functions that stand alone, and async callbacks nobody waits for."""
    for statement in module.of("expression_statement"):
        call = next(iter(module.children(statement)), None)
        if call is None or call.type != "call_expression" or module.function_of(statement) is None:
            continue
        function, home = _target(tree, module, call)
        if (
            function is not None
            and _is_async(function)
            and not watches_itself(home, function)
            and _may_fail(home, function)
        ):
            yield statement, FLOATING
    for call in module.calls:
        callee = module.callee(call)
        named = (
            callee.child_by_field_name("property")
            if callee is not None and callee.type == "member_expression"
            else callee
        )
        given = module.arguments(call)
        callback = given[0] if given and given[0].type in FUNCTIONS and module.text(named) in _TIMERS else None
        if callback is None or not _is_async(callback):
            continue
        if not watches_itself(module, callback) and _may_fail(module, callback):
            yield call, FLOATING


def _may_fail(module: JavaScriptModule, function: Node) -> bool:
    """Return whether an async function awaits something, or throws."""
    return any(
        module.function_of(node) == function
        for node in module.inside(
            function, "await_expression", "throw_statement", "for_in_statement", "return_statement"
        )
    )


def _target(tree: SourceTree, module: JavaScriptModule, call: Node) -> tuple[Node | None, JavaScriptModule]:
    """Return the function of the service that a call calls, and its module."""
    callee = module.callee(call)
    if callee is None:
        return None, module
    if callee.type == "parenthesized_expression":  # (async () => {...})()
        inner = module.unwrap(callee)
        return (inner, module) if inner is not None and inner.type in FUNCTIONS else (None, module)
    if callee.type == "member_expression":
        holder = callee.child_by_field_name("object")
        owner = module.class_of(call)
        if holder is not None and holder.type == "this" and owner is not None:
            binding = module.member(owner, module.text(callee.child_by_field_name("property")))
            return (module.function_from(binding.value) if binding is not None else None), module
    function = module.function_from(callee)
    if function is not None:
        return function, module
    origin = module.qualname(callee)
    found = resolved(tree, origin) if "/" in origin or origin.count(".") == 1 else None
    if found is not None and found[1] and "." not in found[1]:
        return found[0].function_named(found[1]), found[0]
    return None, module


def _awaits(tree: SourceTree, module: JavaScriptModule, told: set[int]) -> Iterator[tuple[Node, str]]:
    """Yield the first unhandled `await` of each handler of Express, where Express does not pass rejections on."""
    if rejections_reach(tree, module):
        return
    for function in module.functions:
        if function.id in told or not _is_async(function) or not _is_handler(module, function):
            continue
        for node in module.inside(function, "await_expression"):
            if module.function_of(node) == function and not is_covered(tree, module, node):
                yield node, AWAITED
                break


def _is_handler(module: JavaScriptModule, function: Node) -> bool:
    """Return whether an async function is called by Express or `node:http` with a request and a response."""
    holder = module.parent(function)
    call = module.parent(holder) if holder is not None and holder.type in {"arguments", "array"} else None
    if call is not None and call.type == "arguments":
        call = module.parent(call)
    callee = module.callee(call) if call is not None else None
    if call is not None and callee is not None and not is_wrapper(module, call):
        owner, _, name = module.qualname(callee).rpartition(".")
        if name == "createServer":
            return True
        return name in _ROUTES and owner.startswith("express") and len(module.parameters(function)) >= 2
    names = [module.text(module.pattern(p)) for p in module.parameters(function)]
    express = any(origin.startswith("express") for origin in module.imports.values())
    return call is None and names[:2] in (["req", "res"], ["_req", "res"]) and (express or _exported(module, function))


def _exported(module: JavaScriptModule, function: Node) -> bool:
    name = module.name_of(function)
    return name in module.exported_names
