"""Whether a failure at a place of a JavaScript service meets a handler on its way up to the request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.failures.clients_javascript import resolved
from pytest_superteam.scanners.facts.failures.node_projects import express_major
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["framework_handles", "is_covered", "is_wrapper", "rejections_reach", "watches_itself"]

_MAX_DEPTH = 5
"""Calls and callbacks upwards that are followed."""
_MAX_FILES = 60
"""Files in which calls of a function are looked for; of a name that more files use nothing can be said."""
_WRAPPER = re.compile(
    r"(?:^|\.)(?:async[-_]?(?:handler|wrap(?:per)?|middleware|route|fn|error(?:handler)?|controller)s?"
    r"|catch[-_]?(?:async|errors?)\w*|wrap\w*"
    r"|express-async-handler|try[-_]?catch\w*|handle[-_]?(?:async|errors?)\w*|with[-_]?(?:error|catch)\w*"
    r"|safe\w*|awaitHandler\w*"
    r"|ah|errorBoundary|asyncMiddleware|controllerWrapper|requestHandler|await-to-js|to|attempt\w*"
    r"|neverthrow.\w+|ResultAsync.\w+"
    r"|Promise\.allSettled)$",
    re.IGNORECASE,
)
_FORGETFUL = frozenset({
    "forEach", "setTimeout", "setInterval", "setImmediate", "nextTick", "addEventListener", "on", "once", "subscribe",
})  # fmt: skip
_FRAMEWORKS = (
    b"setErrorHandler", b".onError(", b"@Catch(", b"onPreResponse", b"next)", b"next:", b"next,",
    b"express-async-errors", b"formatError", b".onerror",
)  # fmt: skip
_PATCHES = frozenset({"express-async-errors", "express-promise-router", "@awaitjs/express", "async-express-decorator"})


def is_wrapper(module: JavaScriptModule, call: Node) -> bool:
    """Return whether a call takes a function and handles what it rejects with, by its name or by its body here."""
    callee = module.callee(call)
    if callee is None:
        return False
    if _WRAPPER.search(module.qualname(callee)) or _WRAPPER.search(module.text(callee)[-80:]):
        return True
    function = module.function_from(callee)
    return function is not None and _hands_on(module, function)


def _hands_on(module: JavaScriptModule, function: Node) -> bool:
    """Return whether a function of this module catches what a function given to it rejects with."""
    if any(True for _ in module.inside(function, "catch_clause")):
        return True
    return any(module.text(n) in {"catch", "next"} for n in module.inside(function, "property_identifier", "catch"))


def is_covered(  # noqa: C901  # one case for each kind of syntax on the way up
    tree: SourceTree, module: JavaScriptModule, node: Node, depth: int = 0
) -> bool:
    """Return whether a rejection of the promise `node` is handled there, around it, or by all that call for it."""
    lost, awaited = False, node.type == "await_expression"
    current = node
    for parent in module.ancestors(node):
        kind = parent.type
        if kind in FUNCTIONS:
            if (
                parent.child_by_field_name("body") == current
                and kind == "arrow_function"
                and current.type != "statement_block"
            ):
                lost = False  # the value of `() => promise`
            return not lost and _leaves(tree, module, parent, depth)
        if kind == "await_expression":
            awaited = True
        elif kind == "call_expression" and current.type == "member_expression":
            if _handled_in_chain(module, parent):
                return True
        elif kind == "expression_statement" and not awaited:
            lost = True
        elif kind == "try_statement" and not lost and parent.child_by_field_name("body") == current:
            caught = parent.child_by_field_name("handler") is not None
            if caught and (awaited or not _is_returned(module, node)):
                return True
        elif kind == "arguments":
            call = module.parent(parent)
            if call is not None and is_wrapper(module, call):
                return True
        current = parent
    return False


def _is_returned(module: JavaScriptModule, node: Node) -> bool:
    """Return whether a promise is returned from its function without being awaited in it."""
    for parent in module.ancestors(node):
        if parent.type == "return_statement":
            return True
        if parent.type == "await_expression" or parent.type in FUNCTIONS or parent.type.endswith("_declarator"):
            return False
    return False


def _handled_in_chain(module: JavaScriptModule, call: Node) -> bool:
    """Return whether a method called on a promise, request or stream handles its failure."""
    callee = module.callee(call)
    name = module.text(callee.child_by_field_name("property")) if callee is not None else ""
    given = module.arguments(call)
    if name == "catch":
        return bool(given)
    if name == "then":
        return len(given) > 1
    if name in {"on", "once"}:
        return bool(given) and module.string(given[0]) == "error"
    if name == "pipe":
        return b"catchError" in module.data[call.start_byte : call.end_byte]
    if name == "subscribe":
        return len(given) > 1 or (bool(given) and module.option(given[0], "error") is not None)
    return name in {"end", "catchError", "match", "unwrapOr", "orElse"}


def _leaves(tree: SourceTree, module: JavaScriptModule, function: Node, depth: int) -> bool:
    """Return whether what leaves a function as its rejection is handled by whoever calls it."""
    if depth > _MAX_DEPTH:
        return False
    outer = module.parent(function)
    while outer is not None and outer.type in {"parenthesized_expression", "as_expression", "satisfies_expression"}:
        outer = module.parent(outer)
    if outer is not None and outer.type == "arguments":
        call = module.parent(outer)
        return call is not None and _by_callback(tree, module, call, depth)
    if outer is not None and outer.type == "call_expression":  # (async () => {...})()
        return is_covered(tree, module, outer, depth + 1)
    if any(_WRAPPER.search(name) for name, _, _ in module.decorators(function)):
        return True
    return _callers_handle(tree, module, function, depth)


def _by_callback(tree: SourceTree, module: JavaScriptModule, call: Node, depth: int) -> bool:
    """Return whether the rejection of a function given to a call is handled: by the call, or as the call's own."""
    if is_wrapper(module, call):
        return True
    callee = module.callee(call)
    name = ""
    if callee is not None:
        named = callee.child_by_field_name("property") if callee.type == "member_expression" else callee
        name = module.text(named)
    if name in _FORGETFUL:
        return False
    return is_covered(tree, module, call, depth + 1)


def _callers_handle(tree: SourceTree, module: JavaScriptModule, function: Node, depth: int) -> bool:
    """Return whether the service calls a function, and handles its rejection at each place."""
    name = module.name_of(function)
    table = tree.facts.setdefault("covered javascript callers", {})
    if not name or not name.isidentifier() or not isinstance(table, dict):
        return False
    key = (module.path, function.start_byte)
    if key not in table:
        table[key] = False  # while it is being asked: a function that calls itself proves nothing
        files = [f for f in tree.service_files("javascript", "typescript") if name.encode() in f.data]
        homes = [f.javascript for f in files] if len(files) <= _MAX_FILES else []
        places = [found for home in homes if home is not None for found in _places(tree, home, name, depth)]
        table[key] = len(files) > _MAX_FILES or (bool(places) and all(places))
    return bool(table[key])


def _places(tree: SourceTree, module: JavaScriptModule, name: str, depth: int) -> Iterator[bool]:
    """Yield for each use of a function of that name in a module whether its rejection is handled there."""
    for call in module.calls:
        callee = module.callee(call)
        if callee is not None and _last(module, callee) == name:
            yield is_covered(tree, module, call, depth + 1)
        for given in module.arguments(call):
            if given.type in {"identifier", "member_expression"} and _last(module, given) == name:
                yield is_wrapper(module, call)


def _last(module: JavaScriptModule, node: Node) -> str:
    if node.type == "member_expression":
        return module.text(node.child_by_field_name("property"))
    return module.text(node) if node.type == "identifier" else ""


def watches_itself(module: JavaScriptModule, function: Node) -> bool:
    """Return whether all that a function awaits or calls stands in a `try` of its own with a `catch`."""
    body = function.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return False
    found = False
    for node in module.inside(body, "await_expression", "for_in_statement"):
        if module.function_of(node) != function:
            continue
        found = True
        caught = any(
            outer.type == "try_statement"
            and outer.child_by_field_name("handler") is not None
            and (inner := outer.child_by_field_name("body")) is not None
            and inner.start_byte <= node.start_byte < inner.end_byte
            for outer in _up_to(module, node, function)
        )
        if not caught and not _caught_inside(module, node):
            return False
    return found


def _caught_inside(module: JavaScriptModule, node: Node) -> bool:
    """Return whether what is awaited ends in `.catch(...)`."""
    inner = next(iter(module.children(node)), None)
    callee = module.callee(inner) if inner is not None and inner.type == "call_expression" else None
    return callee is not None and _last(module, callee) == "catch"


def _up_to(module: JavaScriptModule, node: Node, function: Node) -> Iterator[Node]:
    for outer in module.ancestors(node):
        if outer == function:
            return
        yield outer


# ---- handlers of the framework --------------------------------------------------------------------------------------


def framework_handles(tree: SourceTree, module: JavaScriptModule) -> bool:
    """Return whether the service's framework has an explicit handler that a rejection in a request reaches."""
    known = tree.facts.get("javascript failure handlers")
    if known is None:
        found = {kind for _, home in tree.javascript_with(*_FRAMEWORKS) for kind in _handlers(tree, home)}
        known = tree.facts["javascript failure handlers"] = frozenset(found)
    if not isinstance(known, frozenset):
        return False
    return "any" in known or ("express" in known and rejections_reach(tree, module))


def rejections_reach(tree: SourceTree, module: JavaScriptModule) -> bool:
    """Return whether Express passes a handler's rejection on by itself: from version 5 on, or where it is patched."""
    major = express_major(tree, module.path)
    if major is not None and major >= 5:
        return True
    known = tree.facts.get("express patched")
    if known is None:
        known = tree.facts["express patched"] = any(
            True for _ in tree.javascript_with(*(name.encode() for name in _PATCHES))
        )
    return bool(known)


def _handlers(tree: SourceTree, module: JavaScriptModule) -> Iterator[str]:
    """Yield `any` and `express` for the handlers that a module registers."""
    yield from _filters(module)
    for call in module.calls:
        callee = module.callee(call)
        if callee is None or callee.type != "member_expression":
            continue
        name = module.text(callee.child_by_field_name("property"))
        given = module.arguments(call)
        if name in {"setErrorHandler", "onError"} and given:
            yield "any"
        elif name in {"ext", "on"} and given and module.string(given[0]) in {"onPreResponse", "error"}:
            if name == "ext" or any(origin.partition(".")[0] == "koa" for origin in module.imports.values()):
                yield "any"
        elif name == "use":
            for handler in given:
                yield from _middleware(tree, module, handler)


def _filters(module: JavaScriptModule) -> Iterator[str]:
    """Yield `any` for a filter of Nest that catches every error."""
    for cls in module.classes:
        for name, call_node, _ in module.decorators(cls):
            if name.rpartition(".")[2] == "Catch" and call_node is not None:
                kinds = {module.text(kind) for kind in module.arguments(call_node)}
                if not kinds or kinds & {"Error", "AxiosError"}:
                    yield "any"


def _middleware(tree: SourceTree, module: JavaScriptModule, node: Node) -> Iterator[str]:
    """Yield `express` for an error handler of four parameters, `any` for Koa's `try { await next() } catch`."""
    home, function = module, module.function_from(node)
    if function is None and node.type in {"identifier", "member_expression"}:
        found = resolved(tree, module.qualname(node))
        if found is not None:
            home = found[0]
            function = home.function_named(found[1].rpartition(".")[2]) or home.function_named("default")
        if function is None and re.search(r"error", module.text(node), re.IGNORECASE):
            yield "express"
            return
    if function is None:
        return
    parameters = home.parameters(function)
    if len(parameters) == 4:
        yield "express"
    elif len(parameters) == 2 and _tries_next(home, function, home.text(home.pattern(parameters[1]))):
        yield "any"


def _tries_next(module: JavaScriptModule, function: Node, name: str) -> bool:
    for call in module.inside(function, "call_expression"):
        callee = module.callee(call)
        if callee is not None and module.text(callee) == name:
            for outer in _up_to(module, call, function):
                if outer.type == "try_statement" and outer.child_by_field_name("handler") is not None:
                    return any(True for _ in module.inside(function, "await_expression"))
    return False
