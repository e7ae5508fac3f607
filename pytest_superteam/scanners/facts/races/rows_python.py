"""Rows and keys that Python service code reads, changes and writes back, with nothing that keeps the three together."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import LOCK_NAME, MAX_CANDIDATES, MAX_LINES, ROW_GUARD
from pytest_superteam.scanners.facts.races.shared_python import locked
from pytest_superteam.scanners.facts.races.spelling import names_in, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["file_races", "key_races", "row_races", "update_races"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMMITS = frozenset({"commit", "flush", "merge", "bulk_update_mappings"})
_WRITERS = frozenset({
    "add", "merge", "replace_one", "find_one_and_replace", "save", "put_item", "bulk_update", "put", "upsert_item",
    "replace_item",
})  # fmt: skip
_FILTERS = frozenset({"update_one", "update_many", "find_one_and_update", "update"})
_SQL_WRITE = re.compile(r"\s*update\s+[\"'`\[]?(\w+)[\s\S]{0,400}?\bset\b([\s\S]{0,2000})", re.IGNORECASE)
_SQL_READ = re.compile(r"\s*select\b[\s\S]{0,1000}?\bfrom\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_WORD_STRING = re.compile(r"f?(['\"])[^'\"\s]{0,200}\1")
"""A string without a space: a key or a name, no statement."""
_EXECUTE = frozenset(
    {"execute", "fetchval", "fetchrow", "fetch_one", "fetch_all", "fetch", "execute_query", "exec_driver_sql"}
)


def _is_long(function: Function) -> bool:
    return (function.end_lineno or 0) - function.lineno > MAX_LINES


def _guarded(file: SourceFile, function: Function) -> bool:
    """Return whether a lock, transaction or atomic update stands anywhere in a function."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    text = "\n".join(line.partition("#")[0] for line in file.lines[first - 1 : function.end_lineno])
    text = _WORD_STRING.sub("", text)
    return ROW_GUARD.search(text.encode("utf-8", "replace")) is not None


def _changed(node: ast.AST) -> ast.Attribute | ast.Subscript | None:
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
    reads = (n for n in ast.walk(node.value) if type(n) is type(target))
    return target if text and any(spelled(n) == text for n in reads) else None


def _is_atomic(module: PythonModule, node: ast.AST) -> bool:
    """Return whether what is written is an expression for the database: `F("n") + 1`, `Item.stock - n`."""
    value = getattr(node, "value", node)
    for part in ast.walk(value):
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


def _outer(module: PythonModule, node: ast.AST) -> Function | None:
    """Return the outermost function around a node."""
    function = module.function_of(node)
    while function is not None and (outer := module.function_of(function)) is not None:
        function = outer
    return function


def row_races(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield where a row or document is changed from what was read before it is saved again, and what is changed."""
    told: dict[tuple[int, str], int] = {}
    nodes = sorted((*module.of(ast.AugAssign), *module.of(ast.Assign)), key=lambda n: n.lineno)
    changing = [node for node in nodes if _changed(node) is not None]
    for node in changing[:MAX_CANDIDATES]:
        target = _changed(node)
        function = module.function_of(node) if target is not None else None
        if target is None or function is None or _is_long(function) or _is_atomic(module, node):
            continue
        holder = spelled(target.value)
        while isinstance(target.value, ast.Subscript) and holder.endswith("]"):
            holder = spelled(target.value.value)
            break
        if not holder or _is_new(module, function, holder) or not _is_written(module, function, node, holder, target):
            continue
        outer = _outer(module, node) or function
        if not _guarded(file, outer) and not locked(module, node, function):
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
    for call in ast.walk(function):
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
            for loop in ast.walk(function)
        )
    for value in values:
        text = spelled(value)
        if (
            any(isinstance(n, ast.Call) for n in ast.walk(value))
            and text
            and not text.startswith(("json.", "copy.", "dict("))
        ):
            return True
        if isinstance(value, (ast.BoolOp, ast.Subscript, ast.Attribute)):
            return session.partition(".")[0] != root
    return False


def _reads_key(function: Function, write: ast.Call) -> bool:
    """Return whether something was read by `get` from where `write` sets it."""
    owner = _owner(write)
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or called.attr != "get" or called.lineno >= write.lineno:
            continue
        if owner and spelled(called.value) == owner:
            return True
    return False


# ---- keys of Redis, Mongo and SQL -----------------------------------------------------------------------------------


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
        if _is_long(function):
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
    if places and not _guarded(file, _outer(module, function) or function):
        yield from (place for place in places if not locked(module, place[0], function))


def _derived(function: Function, names: set[str]) -> set[str]:
    """Return `names` and the names that are computed from them."""
    known = set(names)
    for _ in range(4):
        before = len(known)
        for node in ast.walk(function):
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


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _owner(call: ast.Call) -> str:
    return spelled(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _sets(module: PythonModule, function: Function, calls: list[ast.Call]) -> Iterator[tuple[ast.AST, str]]:
    kinds = {*_PAIRS, *(name for names in _PAIRS.values() for name in names)}
    calls = [call for call in calls if _method(call) in kinds][:MAX_CANDIDATES]
    for read in calls:
        if _method(read) not in _PAIRS or not read.args:
            continue
        owner, key = _owner(read), _key(read.args[0])
        wanted = _PAIRS[_method(read)]
        name = _target(module, read)
        derived = _derived(function, {name}) if name else set()
        for write in calls:
            if _method(write) not in wanted or _owner(write) != owner or not owner or write.lineno < read.lineno:
                continue
            if len(write.args) < 2 or _key(write.args[0]) != key or any(k.arg == "nx" for k in write.keywords):
                continue
            value = write.args[-1]
            computed = names_in(value) & derived or any(n is read for n in ast.walk(value))
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
    if any(isinstance(n, ast.BinOp) and names_in(n) for n in ast.walk(value)):
        return True
    used = names_in(value) & derived
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _changed(node) is None:
            if any(isinstance(t, (ast.Subscript, ast.Attribute)) and names_in(t) & used for t in node.targets):
                return True  # a counter that is changed from its old value is told where that is done
            computed = any(isinstance(n, ast.BinOp) and names_in(n) & derived for n in ast.walk(node.value))
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
    for node in ast.walk(function):
        if isinstance(node, ast.If) and (
            any(n is read for n in ast.walk(node.test)) or (name and name in names_in(node.test))
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
        if _method(call) not in _FILTERS and _method(call) not in {"values", "update_item"}:
            continue
        criteria = call.args[0] if len(call.args) > 1 else None
        if criteria is not None and len([n for n in ast.walk(criteria) if isinstance(n, ast.Subscript)]) > 1:
            continue  # the old value is part of the filter: optimistic locking
        for name, value in _assigned(call):
            if _reads_member(value, name) and _uses_old(function, value, derived) and not _is_atomic(module, value):
                yield call, "it"
                break


def _assigned(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the columns or fields that an update sets, with their values."""
    yield from ((k.arg, k.value) for k in call.keywords if k.arg)
    for argument in call.args[1 if len(call.args) > 1 else 0 :]:
        for table in (n for n in ast.walk(argument) if isinstance(n, ast.Dict)):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and not isinstance(value, ast.Dict):
                    yield str(key.value), value
                elif isinstance(key, ast.Attribute) and not isinstance(value, ast.Dict):
                    yield key.attr, value


def _reads_member(value: ast.expr, name: str) -> bool:
    """Return whether a value reads a member of that name, or is a name that may have been made of it."""
    members = [n for n in ast.walk(value) if isinstance(n, (ast.Attribute, ast.Subscript))]
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
    for node in ast.walk(value):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div))
            and names_in(node) & derived
        ):
            return True
        if isinstance(node, ast.Name) and node.id in derived:
            for other in ast.walk(function):
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
        if _method(call) not in _EXECUTE or not call.args:
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
        for node in ast.walk(value):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and names_in(node):
                return True
            if isinstance(node, ast.Name) and function is not None:
                values = module.local_bindings(function).get(node.id, [])
                if any(isinstance(n, ast.BinOp) and names_in(n) for v in values for n in ast.walk(v)):
                    return True
                if any(isinstance(n, ast.AugAssign) and spelled(n.target) == node.id for n in ast.walk(function)):
                    return True
    return False


# ---- files ----------------------------------------------------------------------------------------------------------

_CHECKS = frozenset({"os.path.exists", "os.path.isfile", "os.path.isdir", "os.access", "os.path.lexists"})
_ACTS = frozenset({
    "os.makedirs", "os.mkdir", "os.rename", "shutil.move", "shutil.copy", "shutil.copyfile", "shutil.copytree",
})  # fmt: skip
"""What makes a file or folder; one that is removed twice harms nobody."""


def file_races(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a function does to a file that it has asked for in the condition around it."""
    for block in module.of(ast.If):
        function = module.function_of(block)
        if function is None:
            continue
        paths = {p for call in ast.walk(block.test) if isinstance(call, ast.Call) and (p := _asked(module, call))}
        if not paths:
            continue
        negated = isinstance(block.test, ast.UnaryOp) and isinstance(block.test.op, ast.Not)
        later = [] if negated else _behind(module, block)
        for statement in [*block.body, *later]:
            for call in ast.walk(statement):
                if (
                    isinstance(call, ast.Call)
                    and _acts_on(module, call, paths, negated=negated or statement in later)
                    and not _tried(module, call, function)
                ):
                    yield call, "the file"


def _behind(module: PythonModule, block: ast.If) -> list[ast.stmt]:
    """Return the statements behind an `if` that leaves the function: they run where it does not hold."""
    siblings = getattr(module.parents.get(block), "body", [])
    if block.orelse or not isinstance(block.body[-1], (ast.Return, ast.Raise)) or block not in siblings:
        return []
    found: list[ast.stmt] = siblings[siblings.index(block) + 1 :]
    return found


def _asked(module: PythonModule, call: ast.Call) -> str:
    if module.qualname(call.func) in _CHECKS and call.args:
        return spelled(call.args[0])
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"exists", "is_file", "is_dir"} and not call.args:
        return spelled(call.func.value)
    return ""


def _acts_on(module: PythonModule, call: ast.Call, paths: set[str], *, negated: bool) -> bool:
    name = module.qualname(call.func)
    if call.args and spelled(call.args[0]) in paths:
        if name in {"open", "io.open", "builtins.open"}:
            mode = module.literal(call.args[1]) if len(call.args) > 1 else "r"
            return negated and isinstance(mode, str) and "w" in mode
        if name in _ACTS:
            return negated and not any(k.arg in {"exist_ok", "dirs_exist_ok"} for k in call.keywords)
    if isinstance(call.func, ast.Attribute) and spelled(call.func.value) in paths:
        kwargs = {k.arg for k in call.keywords}
        if call.func.attr == "open":
            mode = module.literal(call.args[0]) if call.args else "r"
            return negated and isinstance(mode, str) and "w" in mode
        return (call.func.attr == "mkdir" and "exist_ok" not in kwargs) or (
            call.func.attr in {"write_text", "write_bytes", "touch"} and negated
        )
    return False


def _tried(module: PythonModule, node: ast.AST, function: Function) -> bool:
    current = node
    while current is not function:
        parent = module.parents[current]
        if isinstance(parent, ast.Try) and parent.handlers and current in parent.body:
            return True
        if isinstance(parent, (ast.With, ast.AsyncWith)) and any(
            LOCK_NAME.search(spelled(i.context_expr)) for i in parent.items
        ):
            return True
        current = parent
    return False
