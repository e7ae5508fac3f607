"""State of a JavaScript module or object that is written behind an `await` with what was read or checked before it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import CACHE_NAME, LOCK_NAME, MAX_CANDIDATES, MAX_LINES
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["own_nodes", "shared_writes"]

_CHANGES = frozenset({"set", "add", "delete", "push", "pop", "shift", "unshift", "splice", "clear"})
_STARTED = re.compile(
    r"init|connect|ready|load|start|open|client|token|conn|instance|closed|promise|running$", re.IGNORECASE
)
"""What is made once, and made twice harms nobody."""
_COMPARES = re.compile(r"[<>]=?|\.(?:has|includes|get|indexOf|some|find|size|length)\b|===? ?['\"\d]")
"""A condition on how much or which, and not only on whether something is there."""
_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression", "update_expression", "call_expression")


@dataclass(frozen=True)
class _Write:
    """A write of shared state. `name` is spelled as `seats` or `this.seats`, whatever member of it is written."""

    node: Node
    name: str
    value: Node | None
    reads: bool
    """Whether the write itself reads the old value."""


def own_nodes(function: Node) -> list[Node]:
    """Return the named nodes of a function without those of functions inside it, in source order."""
    found: list[Node] = []
    body = function.child_by_field_name("body")
    stack = [body] if body is not None else []
    while stack:
        node = stack.pop()
        found.append(node)
        if node.type not in FUNCTIONS:
            stack.extend(reversed(node.named_children))
    return found


def shared_writes(module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield the writes whose basis may be out of date, and the name of what they write."""
    functions = {f.id: f for a in module.of("await_expression") if (f := module.function_of(a)) is not None}
    for function in functions.values():
        if function.end_point.row - function.start_point.row > MAX_LINES:
            continue
        nodes = own_nodes(function)
        awaits = [node for node in nodes if node.type == "await_expression"]
        writes = (_write(module, node) for node in nodes if node.type in _ASSIGNMENTS)
        found = itertools.islice((write for write in writes if write is not None), MAX_CANDIDATES)
        for write in found:
            node = write.node
            if CACHE_NAME.search(write.name) or _locked(module, node, nodes, function):
                continue
            if _from_stale_read(module, write, nodes, awaits) or _from_stale_check(module, write, nodes, awaits):
                yield node, write.name


def _write(module: JavaScriptModule, node: Node) -> _Write | None:
    if node.type == "call_expression":
        callee = module.callee(node)
        if callee is None or callee.type != "member_expression":
            return None
        if module.text(callee.child_by_field_name("property")) not in _CHANGES:
            return None
        name = _shared(module, callee.child_by_field_name("object"))
        given = module.arguments(node)
        return _Write(node, name, given[-1] if given else None, reads=False) if name else None
    target = node.child_by_field_name("left") or node.child_by_field_name("argument")
    name = _shared(module, target)
    if not name:
        return None
    sign = module.text(node.child_by_field_name("operator"))
    if sign in {"??=", "||=", "&&="}:
        return None  # fills what is empty
    return _Write(node, name, node.child_by_field_name("right"), reads=node.type != "assignment_expression")


def _shared(module: JavaScriptModule, node: Node | None) -> str:
    """Return how the state is spelled that an expression is, or is a member of; empty where it is nobody else's."""
    for _ in range(6):
        if node is None:
            return ""
        if node.type == "identifier":
            name = module.text(node)
            variable = any(b.kind == "variable" for b in module.bindings.get(name, ()))
            top = variable and _is_top(module, node, name)
            return name if top else ""
        owner = node.child_by_field_name("object")
        if node.type == "member_expression" and owner is not None and owner.type == "this":
            return module.text(node) if module.class_of(node) is not None else ""
        if node.type not in {"member_expression", "subscript_expression"}:
            return ""
        node = owner
    return ""


def _is_top(module: JavaScriptModule, node: Node, name: str) -> bool:
    """Return whether a name means the one at the top of the module where `node` stands."""
    found = module.lookup(node)  # of one scope: all of them, or none, are at the top
    return bool(found) and any(b.name.id == found[0].name.id for b in module.bindings.get(name, ()))


def _between(awaits: list[Node], first: int, last: int) -> bool:
    return any(first <= node.start_byte and node.end_byte <= last for node in awaits)


def _mentions(module: JavaScriptModule, node: Node | None, name: str) -> bool:
    """Return whether an expression reads a name (`seats`, `this.seats`)."""
    if node is None:
        return False
    kinds = ("member_expression",) if "." in name else ("identifier",)
    return any(module.text(part) == name for part in module.inside(node, *kinds))


def _from_stale_read(  # each way to read before and write after
    module: JavaScriptModule, write: _Write, nodes: list[Node], awaits: list[Node]
) -> bool:
    """Return whether what is written was computed from a value that was read before an `await`."""
    node, value = write.node, write.value
    if value is None:
        return False
    inner = [a for a in awaits if value.start_byte <= a.start_byte and a.end_byte <= value.end_byte]
    if write.reads and inner:  # total += await price()
        return True
    if inner and not write.reads and node.type == "assignment_expression":
        kinds = ("member_expression",) if "." in write.name else ("identifier",)
        reads = [p.start_byte for p in module.inside(value, *kinds) if module.text(p) == write.name]
        if any(start < inner[-1].start_byte and not _is_inside(start, inner) for start in reads):
            return True
    for other in nodes:
        if other.type != "variable_declarator" or other.end_byte > node.start_byte:
            continue
        local, read = other.child_by_field_name("name"), other.child_by_field_name("value")
        if local is None or local.type != "identifier" or read is None or not _mentions(module, read, write.name):
            continue
        if any(part.type == "call_expression" and part.start_byte == read.start_byte for part in awaits):
            continue
        used = _mentions(module, value, module.text(local)) and _between(awaits, other.end_byte, node.end_byte)
        if used and (_computes(module, value) or _computes(module, read)):
            return True
    return False


def _is_inside(start: int, nodes: list[Node]) -> bool:
    return any(node.start_byte <= start < node.end_byte for node in nodes)


def _computes(module: JavaScriptModule, node: Node) -> bool:
    return any(True for _ in module.inside(node, "binary_expression", "spread_element", "unary_expression"))


def _from_stale_check(module: JavaScriptModule, write: _Write, nodes: list[Node], awaits: list[Node]) -> bool:
    """Return whether a condition on the state was asked before an `await`, and decides over the write."""
    for other in nodes:
        if other.type != "if_statement":
            continue
        condition = other.child_by_field_name("condition")
        if (
            condition is None
            or condition.end_byte > write.node.start_byte
            or not _mentions(module, condition, write.name)
        ):
            continue
        if write.name.startswith("this.") and not write.reads and not _COMPARES.search(module.text(condition)):
            continue
        inside = other.start_byte <= write.node.start_byte < other.end_byte
        if not inside and not _leaves(module, other):
            continue
        if not inside and not _same_block(module, other, write.node):
            continue
        if (
            _between(awaits, condition.end_byte, write.node.end_byte)
            and not _asks_again(module, write, nodes, awaits, condition)
            and not _claims(module, write, nodes, awaits, condition)
        ):
            return not _is_filling(module, write, awaits)
    return False


def _claims(module: JavaScriptModule, write: _Write, nodes: list[Node], awaits: list[Node], condition: Node) -> bool:
    """Return whether the state is written between condition and first `await`, so that others see it."""
    first = min((a.start_byte for a in awaits if a.start_byte >= condition.end_byte), default=0)
    for other in nodes:
        if other.type in _ASSIGNMENTS and condition.end_byte <= other.start_byte < first and other.end_byte <= first:
            claim = _write(module, other)
            if claim is not None and claim.name == write.name:
                return True
    return False


def _asks_again(
    module: JavaScriptModule, write: _Write, nodes: list[Node], awaits: list[Node], condition: Node
) -> bool:
    """Return whether the state is asked again behind the last `await` before the write."""
    last = max(
        (a.end_byte for a in awaits if condition.end_byte <= a.start_byte and a.end_byte <= write.node.end_byte),
        default=0,
    )
    for other in nodes:
        if other.type == "if_statement":
            again = other.child_by_field_name("condition")
            if (
                again is not None
                and last <= again.start_byte < write.node.start_byte
                and _mentions(module, again, write.name)
            ):
                return True
    return False


def _leaves(module: JavaScriptModule, statement: Node) -> bool:
    """Return whether the branch of an `if` ends the function: a guard for all that follows."""
    branch = statement.child_by_field_name("consequence")
    last = branch
    if branch is not None and branch.type == "statement_block":
        last = next(reversed(module.children(branch)), None)
    return last is not None and last.type in {
        "return_statement",
        "throw_statement",
        "continue_statement",
        "break_statement",
    }


def _same_block(module: JavaScriptModule, guard: Node, node: Node) -> bool:
    block = module.parent(guard)
    return block is not None and block.start_byte <= node.start_byte < block.end_byte


def _is_filling(module: JavaScriptModule, write: _Write, awaits: list[Node]) -> bool:
    """Return whether a write puts in what was awaited, or marks what is made once: done twice it harms nobody."""
    value = module.unwrap(write.value)
    if _STARTED.search(write.name):
        return True
    if value is None or write.reads:
        return False
    if any(value.start_byte <= a.start_byte and a.end_byte <= value.end_byte for a in awaits) or (
        write.value is not None and write.value.type == "await_expression"
    ):
        return True
    if value.type == "new_expression":
        return True
    if value.type == "identifier":
        made = module.bound(value)
        return made is not None and (made.type == "await_expression" or _is_inside(made.start_byte, awaits))
    return False


def _locked(module: JavaScriptModule, node: Node, nodes: list[Node], function: Node) -> bool:
    """Return whether a lock is taken in the function before, or the function runs under one."""
    for other in nodes:
        before = other.type == "call_expression" and other.start_byte < node.start_byte
        if before and LOCK_NAME.search(module.text(module.callee(other))[-60:]):
            return True
    holder = module.parent(function)
    call = module.parent(holder) if holder is not None and holder.type == "arguments" else None
    return call is not None and bool(LOCK_NAME.search(module.text(module.callee(call))[-60:]))
