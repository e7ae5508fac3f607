"""Handlers of a JavaScript module in which a failure vanishes: empty `catch` blocks and callbacks that do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.failures.reasons import says_why
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["does_nothing", "swallowed"]

EMPTY = "Every failure vanishes in this empty `catch`: handle the one that may happen, and log or rethrow the others."
CALLBACK = "Every failure vanishes in this callback: handle the one that may happen, and log or rethrow the others."
LEAVES = "`{word}` in `finally` drops whatever failure is on its way out; move it behind the block."

_NOOPS = frozenset({"noop", "lodash.noop", "_.noop", "Function.prototype", "jQuery.noop", "$.noop", "angular.noop"})
_ERROR_EVENTS = frozenset({"error", "uncaughtException", "unhandledRejection"})
_PARSERS = frozenset({
    "JSON.parse", "JSON.stringify", "URL", "decodeURIComponent", "decodeURI", "RegExp", "BigInt", "atob", "btoa",
    "encodeURIComponent",
})  # fmt: skip
_WORK = ("await_expression", "for_in_statement")
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement", "switch_statement"})


def _is_nothing(module: JavaScriptModule, node: Node | None) -> bool:
    """Return whether an expression is none, `undefined`, `null`, `void 0` or an empty block."""
    node = module.unwrap(node)
    if node is None or node.type in {"undefined", "null"}:
        return True
    if node.type == "unary_expression":
        return module.text(node).startswith("void")
    return node.type == "identifier" and module.text(node) == "undefined"


def _comments(module: JavaScriptModule, block: Node) -> str:
    """Return the comments in a block and behind it on its last line."""
    inside = " ".join(module.text(child) for child in block.named_children if child.type == "comment")
    after = block.next_named_sibling
    if after is not None and after.type == "comment" and after.start_point.row == block.end_point.row:
        inside += " " + module.text(after)
    return inside


def _is_empty(module: JavaScriptModule, block: Node) -> bool:
    """Return whether a block does nothing at all, or gives up with nothing."""
    return all(
        child.type == "empty_statement"
        or (child.type == "return_statement" and _is_nothing(module, next(iter(module.children(child)), None)))
        or child.type in {"continue_statement", "break_statement"}
        or (child.type == "expression_statement" and _says_only(module, child))
        for child in module.children(block)
    )


def _says_only(module: JavaScriptModule, statement: Node) -> bool:
    """Return whether a statement is a name, a string or `void error`, which does nothing."""
    inner = module.unwrap(next(iter(module.children(statement)), None))
    return inner is None or inner.type in {"identifier", "string", "undefined", "null"} or _is_nothing(module, inner)


def does_nothing(module: JavaScriptModule, node: Node | None) -> bool:
    """Return whether a callback does nothing and returns nothing: `() => {}`, `noop`, `() => null`, `Function()`."""
    function = module.function_from(node) if node is not None else None
    if node is None:
        return False
    if function is None:
        return node.type != "call_expression" and module.qualname(node) in _NOOPS
    body = function.child_by_field_name("body")
    if body is None or says_why(_comments(module, body)):
        return False
    return _is_empty(module, body) if body.type == "statement_block" else _is_nothing(module, body)


def swallowed(module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield where a failure vanishes, and what to say of it.

    A `catch` with no statement in it and no reason in a comment; one that only gives up with nothing, where what it
    tried does wait for something (of `JSON.parse` null is the answer); a callback for failures that does nothing.
    """
    for clause in module.of("catch_clause"):
        body = clause.child_by_field_name("body")
        if body is None or says_why(_comments(module, body)) or not _is_empty(module, body):
            continue
        empty = all(child.type == "empty_statement" for child in module.children(body))
        if (empty and not (_comments(module, body) and _only_parses(module, clause))) or _waits(module, clause):
            yield clause, EMPTY
    for call in module.calls:
        callback = _failure_callback(module, call)
        if callback is not None and does_nothing(module, callback) and not _answers(module, call, callback):
            yield _start(module, call, callback), CALLBACK
    yield from _left(module)


def _only_parses(module: JavaScriptModule, clause: Node) -> bool:
    """Return whether what is tried calls nothing but readers of text, which fail for a bad text alone."""
    statement = module.parent(clause)
    body = statement.child_by_field_name("body") if statement is not None else None
    calls = list(module.inside(body, "call_expression", "new_expression")) if body is not None else []
    return bool(calls) and all(module.text(module.callee(call)) in _PARSERS for call in calls)


def _waits(module: JavaScriptModule, clause: Node) -> bool:
    """Return whether what a `catch` belongs to awaits something in its own function."""
    statement = module.parent(clause)
    body = statement.child_by_field_name("body") if statement is not None else None
    return body is not None and any(True for _ in module.inside(body, *_WORK))


def _failure_callback(module: JavaScriptModule, call: Node) -> Node | None:
    """Return the function that a call registers for failures: `.catch(f)`, `.then(g, f)`, `.on("error", f)`."""
    callee = module.callee(call)
    if callee is None or callee.type != "member_expression":
        return None
    name = module.text(callee.child_by_field_name("property"))
    given = module.arguments(call)
    if name == "catch" and len(given) == 1:
        return given[0]
    if name == "then" and len(given) == 2:
        return given[1]
    if name in {"on", "once", "addListener"} and len(given) == 2:
        return given[1] if module.string(given[0]) in _ERROR_EVENTS else None
    return None


def _answers(module: JavaScriptModule, call: Node, callback: Node) -> bool:
    """Return whether `null` is the value in case of failure: `const x = await f().catch(() => null)`."""
    function = module.function_from(callback)
    body = function.child_by_field_name("body") if function is not None else None
    if body is None or body.type == "statement_block":
        return False
    holder = module.parent(call)
    while holder is not None and holder.type in {"await_expression", "parenthesized_expression"}:
        holder = module.parent(holder)
    return holder is not None and holder.type not in {"expression_statement", "unary_expression"}


def _start(module: JavaScriptModule, call: Node, callback: Node) -> Node:
    """Return the node whose line the finding is told at: that of `.catch(` in a chain of several lines."""
    callee = module.callee(call)
    named = callee.child_by_field_name("property") if callee is not None else None
    return named if named is not None else callback


def _left(module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield the `return`, `throw`-less `break` and `continue` in a `finally` that leave it."""
    for clause in module.of("finally_clause"):
        stack: list[tuple[Node, bool]] = [(child, False) for child in clause.named_children]
        while stack:
            node, looped = stack.pop()
            if node.type == "return_statement" or (
                node.type in {"break_statement", "continue_statement"} and not looped
            ):
                yield node, LEAVES.format(word=node.type.partition("_")[0])
            elif node.type not in FUNCTIONS:
                stack.extend((child, looped or node.type in _LOOPS) for child in node.named_children)
