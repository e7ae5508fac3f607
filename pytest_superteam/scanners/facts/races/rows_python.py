"""Rows and keys that Python service code reads, changes and writes back, with nothing that keeps the three together."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import MAX_CANDIDATES, MAX_LINES, ROW_GUARD
from pytest_superteam.scanners.facts.races.shared_python import locked
from pytest_superteam.scanners.facts.races.spelling import names_in, spelled
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile

__all__ = [
    "changed_member", "is_atomic", "is_guarded", "is_long", "method_of", "outermost", "owner_of", "row_races",
]  # fmt: skip

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMMITS = frozenset({"commit", "flush", "merge", "bulk_update_mappings"})
_WRITERS = frozenset({
    "add", "merge", "replace_one", "find_one_and_replace", "save", "put_item", "bulk_update", "put", "upsert_item",
    "replace_item",
})  # fmt: skip
_WORD_STRING = re.compile(r"f?(['\"])[^'\"\s]{0,200}\1")
"""A string without a space: a key or a name, no statement."""


def is_long(function: Function) -> bool:
    """Return whether a function has more lines than people write."""
    return (function.end_lineno or 0) - function.lineno > MAX_LINES


def is_guarded(file: SourceFile, function: Function) -> bool:
    """Return whether a lock, transaction or atomic update stands anywhere in a function."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    text = "\n".join(line.partition("#")[0] for line in file.lines[first - 1 : function.end_lineno])
    text = _WORD_STRING.sub("", text)
    return ROW_GUARD.search(text.encode("utf-8", "replace")) is not None


def changed_member(node: ast.AST) -> ast.Attribute | ast.Subscript | None:
    """Return what a statement changes from its own old value: `row.n += 1`, `row.on = not row.on`."""
    if isinstance(node, ast.AugAssign):
        return node.target if isinstance(node.target, (ast.Attribute, ast.Subscript)) else None
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    target = node.targets[0]
    if not isinstance(target, (ast.Attribute, ast.Subscript)) or not isinstance(
        node.value, (ast.BinOp, ast.UnaryOp, ast.Call)
    ):
        return None
    text = spelled(target)
    reads = (n for n in walk(node.value) if type(n) is type(target))
    return target if text and any(spelled(n) == text for n in reads) else None


def is_atomic(module: PythonModule, node: ast.AST) -> bool:
    """Return whether what is written is an expression for the database: `F("n") + 1`, `Item.stock - n`."""
    value = getattr(node, "value", node)
    for part in walk(value):
        if isinstance(part, ast.Call) and module.qualname(part.func).rpartition(".")[2] in {
            "F",
            "text",
            "func",
            "Case",
            "Coalesce",
        }:
            return True
        owner = part.value if isinstance(part, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id[:1].isupper() and not owner.id.isupper():
            return True
    return False


def outermost(module: PythonModule, node: ast.AST) -> Function | None:
    """Return the outermost function around a node."""
    function = module.function_of(node)
    while function is not None and (outer := module.function_of(function)) is not None:
        function = outer
    return function


def row_races(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield where a row or document is changed from what was read before it is saved again, and what is changed."""
    told: dict[tuple[int, str], int] = {}
    nodes = sorted((*module.of(ast.AugAssign), *module.of(ast.Assign)), key=lambda n: n.lineno)
    changing = [node for node in nodes if changed_member(node) is not None]
    for node in changing[:MAX_CANDIDATES]:
        target = changed_member(node)
        function = module.function_of(node) if target is not None else None
        if target is None or function is None or is_long(function) or is_atomic(module, node):
            continue
        holder = spelled(target.value)
        while isinstance(target.value, ast.Subscript) and holder.endswith("]"):
            holder = spelled(target.value.value)
            break
        if not holder or _is_new(module, function, holder) or not _is_written(module, function, node, holder, target):
            continue
        outer = outermost(module, node) or function
        if not is_guarded(file, outer) and not locked(module, node, function):
            key = (id(module.parents.get(node)), holder)
            if node.lineno - told.get(key, -2) > 1:  # of the columns of one row that change together, one is told
                yield node, spelled(target)
            told[key] = node.end_lineno or node.lineno


def _is_new(module: PythonModule, function: Function, holder: str) -> bool:
    """Return whether the function itself has just made the object, so that nobody else has it."""
    values = module.local_bindings(function).get(holder.partition(".")[0].partition("[")[0], [])
    for value in values:
        made = value.value if isinstance(value, ast.Await) else value
        if isinstance(made, (ast.Dict, ast.List, ast.DictComp, ast.ListComp, ast.Constant, ast.BinOp)):
            return True
        if isinstance(made, ast.Call):
            name = spelled(made.func).rpartition(".")[2]
            if (name[:1].isupper() and "." not in spelled(made.func)) or name in {
                "dict",
                "list",
                "create",
                "acreate",
                "copy",
                "deepcopy",
            }:
                return True
    return False


def _is_written(
    module: PythonModule, function: Function, node: ast.stmt, holder: str, target: ast.Attribute | ast.Subscript
) -> bool:
    """Return whether the object is saved behind the change: by itself, by its session, or handed to who writes it."""
    root = holder.partition(".")[0].partition("[")[0]
    for call in walk(function):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.lineno < node.lineno:
            continue
        name, owner = call.func.attr, spelled(call.func.value)
        if name in {"save", "asave", "save_changes"} and owner == holder:
            return True
        handed = [a for a in (*call.args, *(k.value for k in call.keywords)) if spelled(a) in {root, holder}]
        if name in _WRITERS and handed and _stores(owner, name):
            return True
        if isinstance(target, ast.Attribute) and name in _COMMITS and _is_row(module, function, holder, owner):
            return True
        if (
            isinstance(target, ast.Subscript)
            and name in {"replace_one", "find_one_and_replace"}
            and root in names_in(call)
        ):
            return True
        if name == "set" and len(call.args) > 1 and root in names_in(call.args[1]) and _reads_key(function, call):
            return True
    return False


def _stores(owner: str, name: str) -> bool:
    """Return whether `owner.name(row)` writes a row: a set's `add` is none."""
    last = owner.rpartition(".")[2].lower()
    return name not in {"add", "put"} or any(
        word in last for word in ("session", "db", "uow", "conn", "table", "store")
    )


def _is_row(module: PythonModule, function: Function, holder: str, session: str) -> bool:
    """Return whether an object comes from the database: a parameter, or what a query or a repository gave."""
    root = holder.partition(".")[0].partition("[")[0]
    if root in {"self", "cls"} and "." not in holder:
        return False
    values = module.local_bindings(function).get(root, [])
    if not values:
        return module.is_parameter(root, function) or any(
            isinstance(loop, (ast.For, ast.AsyncFor)) and isinstance(loop.target, ast.Name) and loop.target.id == root
            for loop in walk(function)
        )
    for value in values:
        text = spelled(value)
        if (
            any(isinstance(n, ast.Call) for n in walk(value))
            and text
            and not text.startswith(("json.", "copy.", "dict("))
        ):
            return True
        if isinstance(value, (ast.BoolOp, ast.Subscript, ast.Attribute)):
            return session.partition(".")[0] != root
    return False


def _reads_key(function: Function, write: ast.Call) -> bool:
    """Return whether something was read by `get` from where `write` sets it."""
    owner = owner_of(write)
    for node in walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or called.attr != "get" or called.lineno >= write.lineno:
            continue
        if owner and spelled(called.value) == owner:
            return True
    return False


def method_of(call: ast.Call) -> str:
    """Return the name of the method that is called; empty where it is a function."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def owner_of(call: ast.Call) -> str:
    """Return how the object is spelled whose method is called."""
    return spelled(call.func.value) if isinstance(call.func, ast.Attribute) else ""
