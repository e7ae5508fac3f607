"""Whether a failure at a place of a Python service meets a handler on its way up to the request."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import definition
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["is_covered"]

_MAX_CALLERS = 4
"""Calls upwards that are followed."""
_MAX_FILES = 60
"""Files in which calls of a function are looked for; of a name that more files use nothing can be said."""
_OTHER = frozenset({
    "KeyError", "ValueError", "TypeError", "IndexError", "AttributeError", "LookupError", "ZeroDivisionError",
    "AssertionError", "ImportError", "ModuleNotFoundError", "NameError", "UnicodeDecodeError", "StopIteration",
    "json.JSONDecodeError", "json.decoder.JSONDecodeError", "FileNotFoundError", "PermissionError", "OverflowError",
    "pydantic.ValidationError", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "NotImplementedError",
    "decimal.InvalidOperation", "asyncio.CancelledError", "jwt.PyJWTError", "jwt.InvalidTokenError",
    "sqlalchemy.exc.IntegrityError", "sqlalchemy.exc.NoResultFound", "sqlalchemy.exc.SQLAlchemyError",
})  # fmt: skip
"""What a call over the network does not raise for its own reasons."""
_COVERING = ("suppress", "errors", "translate", "handle", "catch", "guard", "exceptions", "safe", "fallback")
_TASKS = frozenset({"task", "shared_task", "actor", "job", "db_task", "periodic_task"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_covered(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int = 0) -> bool:
    """Return whether a `try`, a context manager or a decorator handles a failure at `node`, or all callers have one."""
    if _is_tried(tree, module, node):
        return True
    function = module.function_of(node)
    if function is None or depth > _MAX_CALLERS:
        return False
    if any(_decorates(tree, module, decorator) for decorator in function.decorator_list):
        return True
    outer = module.function_of(function)
    if outer is not None and _is_tried(tree, module, function):
        return True
    return _callers_try(tree, module, function, depth)


def _is_tried(tree: SourceTree, module: PythonModule, node: ast.AST) -> bool:
    """Return whether a `try` whose handlers may be meant for it, or a `suppress`, stands around `node`."""
    current: ast.AST = node
    while not isinstance(current, _FUNCTIONS) or current is node:
        parent = module.parents.get(current)
        if parent is None:
            return False
        if isinstance(parent, (ast.Try, ast.TryStar)) and current in parent.body:
            if any(_may_catch(module, handler) for handler in parent.handlers):
                return True
        elif (
            isinstance(parent, (ast.With, ast.AsyncWith))
            and current in parent.body
            and any(_manages(tree, module, item.context_expr) for item in parent.items)
        ):
            return True
        current = parent
    return False


def _may_catch(module: PythonModule, handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(module.qualname(kind) not in _OTHER for kind in kinds)


def _manages(tree: SourceTree, module: PythonModule, node: ast.expr) -> bool:
    """Return whether a context manager handles failures: by its name, or by what it does in this service."""
    target = node.func if isinstance(node, ast.Call) else node
    name = module.qualname(target).rpartition(".")[2].lower()
    if name == "suppress" and isinstance(node, ast.Call):
        return any(module.qualname(kind) not in _OTHER for kind in node.args)
    if any(word in name for word in _COVERING):
        return True
    found = definition(tree, module, target)
    if found is None:
        return False
    home, made = found
    if isinstance(made, ast.ClassDef):
        leave = next((m for m in made.body if getattr(m, "name", "") in {"__exit__", "__aexit__"}), None)
        return leave is not None and any(isinstance(n, (ast.Raise, ast.Return)) for n in walk(leave))
    return any(isinstance(n, ast.Yield) and _in_try(home, n) for n in walk(made))


def _in_try(module: PythonModule, node: ast.AST) -> bool:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, _FUNCTIONS):
        parent = module.parents.get(current)
        if isinstance(parent, ast.Try) and parent.handlers and current in parent.body:
            return True
        current = parent
    return False


def _decorates(tree: SourceTree, module: PythonModule, decorator: ast.expr) -> bool:
    """Return whether a decorator handles failures: by its name, by its body, or as a task that is tried again."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = module.qualname(target).rpartition(".")[2].lower()
    if isinstance(decorator, ast.Call) and any(
        k.arg in {"autoretry_for", "retry_error_callback"} for k in decorator.keywords
    ):
        return True
    if name not in {"exception_handler", "errorhandler"} and any(word in name for word in _COVERING):
        return True
    found = definition(tree, module, target)
    if found is None or not isinstance(found[1], _FUNCTIONS):
        return False
    home, made = found
    parameters = {a.arg for inner in walk(made) if isinstance(inner, _FUNCTIONS) for a in inner.args.args}
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in parameters and _in_try(home, n)
        for n in walk(made)
    )


def _callers_try(tree: SourceTree, module: PythonModule, function: Function, depth: int) -> bool:
    """Return whether the service calls `function`, and each call stands in a `try` or its own callers' do."""
    table = tree.facts.setdefault("covered callers", {})
    key = (module.path, function.lineno, function.name)
    if not isinstance(table, dict):
        return False
    if key not in table:
        table[key] = False  # while it is being asked: a function that calls itself proves nothing
        called = function.name.encode() + b"("
        files = [file for file in tree.service_files("python") if called in file.data]
        if len(files) > _MAX_FILES:
            table[key] = True
        else:
            places = _places(files, module, function)
            table[key] = bool(places) and all(is_covered(tree, home, node, depth + 1) for home, node in places)
    return bool(table[key])


def _places(files: list[SourceFile], module: PythonModule, function: Function) -> list[tuple[PythonModule, ast.AST]]:
    """Return the calls of a function in the service, as far as names tell."""
    owner = module.class_of(function)
    method = owner is not None and module.parents.get(function) is owner
    found: list[tuple[PythonModule, ast.AST]] = []
    for file in files:
        home = file.python
        if home is None:
            continue
        for call in home.calls:
            if isinstance(call.func, ast.Attribute):
                if call.func.attr != function.name or not _may_be(home, call.func, owner if method else None, module):
                    continue
            elif (
                not isinstance(call.func, ast.Name)
                or home.imports.get(call.func.id, call.func.id).rpartition(".")[2] != function.name
            ):
                continue
            found.append((home, call))
    return found


def _may_be(home: PythonModule, func: ast.Attribute, owner: ast.ClassDef | None, module: PythonModule) -> bool:
    """Return whether `x.name()` may call a method of `owner`, or the function of `module` where there is no owner."""
    holder = home.qualname(func.value)
    head = holder.partition(".")[0]
    last = holder.rpartition(".")[2].replace("_", "").lower()
    if owner is None:
        return last == module.path.removesuffix(".py").rpartition("/")[2].replace("_", "").lower()
    if head in {"self", "cls", "super"} and holder in {"self", "cls", "super"}:
        return (home is module and home.class_of(func) is owner) or (
            home.class_of(func) is not None
            and any(
                home.qualname(base).endswith(owner.name)
                for base in home.class_of(func).bases  # type: ignore[union-attr]  # asked before
            )
        )
    names = [owner.name, *(home.qualname(base).rpartition(".")[2] for base in owner.bases)]
    return not last or any(last in name or name in last for name in (n.replace("_", "").lower() for n in names) if name)
