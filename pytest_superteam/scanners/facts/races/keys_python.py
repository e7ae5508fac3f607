"""Keys, documents and columns that Python service code writes with what was computed from an earlier read."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import MAX_CANDIDATES
from pytest_superteam.scanners.facts.races.rows_python import (
    changed_member,
    is_atomic,
    is_guarded,
    is_long,
    method_of,
    outermost,
    owner_of,
)
from pytest_superteam.scanners.facts.races.shared_python import locked
from pytest_superteam.scanners.facts.races.spelling import names_in, spelled
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["key_races", "update_races"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SQL_WRITE = re.compile(r"\s*update\s+[\"'`\[]?(\w+)[\s\S]{0,400}?\bset\b([\s\S]{0,2000})", re.IGNORECASE)
_SQL_READ = re.compile(r"\s*select\b[\s\S]{0,1000}?\bfrom\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_EXECUTE = frozenset(
    {"execute", "fetchval", "fetchrow", "fetch_one", "fetch_all", "fetch", "execute_query", "exec_driver_sql"}
)
_FILTERS = frozenset({"update_one", "update_many", "find_one_and_update", "update"})


def key_races(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the writes of a key with what was computed from its old value: `set(k, int(get(k)) + 1)`."""
    for function, calls in _method_calls(module):
        yield from _unguarded(file, module, function, _sets(module, function, calls))


def update_races(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the updates of rows and documents with what was computed from an earlier read."""
    for function, calls in _method_calls(module):
        found = [*_updates(module, function, calls), *_statements(module, calls)]
        yield from _unguarded(file, module, function, found)


def _method_calls(module: PythonModule) -> Iterator[tuple[Function, list[ast.Call]]]:
    """Yield the functions that call two methods at least, with these calls in source order."""
    for function in module.functions:
        if is_long(function):
            continue
        nodes = (
            n for n in module.scope_nodes(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
        )
        calls = sorted(nodes, key=lambda call: (call.lineno, call.col_offset))
        if len(calls) > 1:
            yield function, calls


def _unguarded(
    file: SourceFile, module: PythonModule, function: Function, found: Iterable[tuple[ast.AST, str]]
) -> Iterator[tuple[ast.AST, str]]:
    places = list(found)
    if places and not is_guarded(file, outermost(module, function) or function):
        yield from (place for place in places if not locked(module, place[0], function))


def _derived(function: Function, names: set[str]) -> set[str]:
    """Return `names` and the names that are computed from them."""
    known = set(names)
    for _ in range(4):
        before = len(known)
        for node in walk(function):
            if isinstance(node, ast.Assign) and names_in(node.value) & known:
                known |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        if len(known) == before:
            break
    return known


def _target(module: PythonModule, call: ast.Call) -> str:
    """Return the name that the result of a call is assigned to."""
    node: ast.AST = call
    for _ in range(5):
        parent = module.parents.get(node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
            return target.id if isinstance(target, ast.Name) else ""
        if not isinstance(parent, (ast.Await, ast.Call, ast.BoolOp, ast.IfExp, ast.Attribute)):
            return ""
        node = parent
    return ""


_PAIRS = {
    "get": {"set", "setex", "psetex"},
    "hget": {"hset"},
    "exists": {"set", "setex"},
    "hexists": {"hset"},
    "hgetall": {"hset"},
}


def _sets(module: PythonModule, function: Function, calls: list[ast.Call]) -> Iterator[tuple[ast.AST, str]]:
    kinds = {*_PAIRS, *(name for names in _PAIRS.values() for name in names)}
    calls = [call for call in calls if method_of(call) in kinds][:MAX_CANDIDATES]
    for read in calls:
        if method_of(read) not in _PAIRS or not read.args:
            continue
        owner, key = owner_of(read), _key(read.args[0])
        wanted = _PAIRS[method_of(read)]
        name = _target(module, read)
        derived = _derived(function, {name}) if name else set()
        for write in calls:
            if method_of(write) not in wanted or owner_of(write) != owner or not owner or write.lineno < read.lineno:
                continue
            if len(write.args) < 2 or _key(write.args[0]) != key or any(k.arg == "nx" for k in write.keywords):
                continue
            value = write.args[-1]
            computed = names_in(value) & derived or any(n is read for n in walk(value))
            if (computed and not _only_when_missing(module, write, name) and _computes(function, value, derived)) or (
                isinstance(value, ast.Constant)
                and not _only_when_missing(module, write, name)
                and _is_condition(read, name, function)
                and _is_store(module, owner)
            ):
                yield write, "it"


def _is_store(module: PythonModule, owner: str) -> bool:
    """Return whether an object is a client of Redis and no cache, as far as names tell."""
    known = any(word in origin for origin in module.imports.values() for word in ("redis", "valkey"))
    return "cache" not in owner.lower() and (known or "redis" in owner.lower())


def _key(node: ast.expr) -> str:
    """Return how a key is spelled, f-strings with their names."""
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(v.value) if isinstance(v, ast.Constant) else "{" + spelled(getattr(v, "value", None)) + "}"
            for v in node.values
        )
    return spelled(node)


def _computes(function: Function, value: ast.expr, derived: set[str]) -> bool:
    """Return whether a value is made from an old one by arithmetic, or from a document that was changed."""
    if any(isinstance(n, ast.BinOp) and names_in(n) for n in walk(value)):
        return True
    used = names_in(value) & derived
    for node in walk(function):
        if isinstance(node, ast.Assign) and changed_member(node) is None:
            if any(isinstance(t, (ast.Subscript, ast.Attribute)) and names_in(t) & used for t in node.targets):
                return True  # a counter that is changed from its old value is told where that is done
            computed = any(isinstance(n, ast.BinOp) and names_in(n) & derived for n in walk(node.value))
            if computed and any(isinstance(t, ast.Name) and t.id in used for t in node.targets):
                return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (
                node.func.attr in {"append", "add", "remove", "pop", "update", "extend"}
                and names_in(node.func.value) & used
            )
        ):
            return True
    return False


def _only_when_missing(module: PythonModule, node: ast.AST, name: str) -> bool:
    """Return whether a write stands where the key was found empty: it fills a cache."""
    current = node
    while not isinstance(current, (*_FUNCTIONS, ast.Module)):
        parent = module.parents[current]
        if isinstance(parent, ast.If) and current in parent.body:
            test = parent.test
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and spelled(test.operand) == name:
                return True
            if isinstance(test, ast.Compare) and spelled(test.left) == name and isinstance(test.ops[0], ast.Is):
                return True
        current = parent
    return False


def _is_condition(read: ast.Call, name: str, function: Function) -> bool:
    """Return whether what was read decides an `if`."""
    for node in walk(function):
        if isinstance(node, ast.If) and (
            any(n is read for n in walk(node.test)) or (name and name in names_in(node.test))
        ):
            return True
    return False


def _updates(module: PythonModule, function: Function, calls: list[ast.Call]) -> Iterator[tuple[ast.AST, str]]:
    """Yield `update_one({...}, {"$set": {"n": doc["n"] + 1}})` and `filter(...).update(n=row.n + 1)`."""
    rows = {name for call in calls if _is_read(call) and (name := _target(module, call))}
    if not rows:
        return
    derived = _derived(function, rows)
    for call in calls:
        if method_of(call) not in _FILTERS and method_of(call) not in {"values", "update_item"}:
            continue
        criteria = call.args[0] if len(call.args) > 1 else None
        if criteria is not None and len([n for n in walk(criteria) if isinstance(n, ast.Subscript)]) > 1:
            continue  # the old value is part of the filter: optimistic locking
        for name, value in _assigned(call):
            if _reads_member(value, name) and _uses_old(function, value, derived) and not is_atomic(module, value):
                yield call, "it"
                break


def _assigned(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the columns or fields that an update sets, with their values."""
    yield from ((k.arg, k.value) for k in call.keywords if k.arg)
    for argument in call.args[1 if len(call.args) > 1 else 0 :]:
        for table in (n for n in walk(argument) if isinstance(n, ast.Dict)):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and not isinstance(value, ast.Dict):
                    yield str(key.value), value
                elif isinstance(key, ast.Attribute) and not isinstance(value, ast.Dict):
                    yield key.attr, value


def _reads_member(value: ast.expr, name: str) -> bool:
    """Return whether a value reads a member of that name, or is a name that may have been made of it."""
    members = [n for n in walk(value) if isinstance(n, (ast.Attribute, ast.Subscript))]
    if not members:
        return True
    wanted = name.rpartition(".")[2]
    return any((n.attr if isinstance(n, ast.Attribute) else getattr(n.slice, "value", None)) == wanted for n in members)


def _is_read(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name in {
        "find_one",
        "get",
        "first",
        "one",
        "scalar",
        "scalar_one",
        "fetchone",
        "get_item",
        "one_or_none",
        "aget",
        "get_or_none",
        "scalars",
    }


def _uses_old(function: Function, value: ast.expr, derived: set[str]) -> bool:
    """Return whether a value holds arithmetic on what was read, or a name that was computed so."""
    for node in walk(value):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div))
            and names_in(node) & derived
        ):
            return True
        if isinstance(node, ast.Name) and node.id in derived:
            for other in walk(function):
                if (
                    isinstance(other, ast.Assign)
                    and isinstance(other.value, ast.BinOp)
                    and names_in(other.value) & derived
                ) and any(isinstance(t, ast.Name) and t.id == node.id for t in other.targets):
                    return True
    return False


def _statements(module: PythonModule, calls: list[ast.Call]) -> Iterator[tuple[ast.AST, str]]:
    """Yield `UPDATE t SET n = ?` behind `SELECT n FROM t` in one function, where the new value was made in Python."""
    read: set[str] = set()
    for call in calls:
        if method_of(call) not in _EXECUTE or not call.args:
            continue
        text = _sql(module, call.args[0])
        if (match := _SQL_READ.match(text)) is not None and "for update" not in text.lower():
            read.add(match[1].lower())
        elif (match := _SQL_WRITE.match(text)) is not None and match[1].lower() in read:
            assigned = re.split(r"\bwhere\b", match[2], maxsplit=1, flags=re.IGNORECASE)[0]
            first = assigned.partition("=")
            column = first[0].strip(" \"'`[]\n\t")
            given = call.args[1:] or [call.args[0]]
            if not re.search(rf"\b{re.escape(column)}\s*[-+*/|]", first[2]) and _computed_here(module, call, given):
                yield call, match[1]


def _sql(module: PythonModule, node: ast.expr) -> str:
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "?" for v in node.values)
    value = module.literal(node)
    return value if isinstance(value, str) else ""


def _computed_here(module: PythonModule, call: ast.Call, given: list[ast.expr]) -> bool:
    """Return whether an argument of a statement is arithmetic, or a name that is bound to some."""
    function = module.function_of(call)
    for value in given:
        for node in walk(value):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and names_in(node):
                return True
            if isinstance(node, ast.Name) and function is not None:
                values = module.local_bindings(function).get(node.id, [])
                if any(isinstance(n, ast.BinOp) and names_in(n) for v in values for n in walk(v)):
                    return True
                if any(isinstance(n, ast.AugAssign) and spelled(n.target) == node.id for n in walk(function)):
                    return True
    return False
