"""Outgoing HTTP calls of a Python module."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.model import Client, Outgoing
from pytest_superteam.scanners.facts.http.python_clients import client_class, client_modules, client_of, shared_names
from pytest_superteam.scanners.facts.http.python_libraries import FUNCTIONS, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["calling_modules", "outgoing_calls"]

_ALL_VERBS = frozenset().union(*VERBS.values())
_SENT = tuple(f".{verb}(".encode() for verb in sorted(_ALL_VERBS))
_IMPORT = re.compile(rb"^[ \t]{0,40}(?:import|from)[ \t][^\n]{1,300}", re.MULTILINE)
_WORD = re.compile(rb"\w+")
_RUNNERS = frozenset({
    "run_in_executor", "to_thread", "run_in_threadpool", "run_sync", "submit", "map", "Thread", "sync_to_async",
    "starmap", "apply_async", "retry_call", "call_soon",
})  # fmt: skip
"""Calls that call the function given to them."""


def calling_modules(tree: SourceTree) -> Iterator[tuple[SourceFile, PythonModule]]:
    """Yield the modules that may hold outgoing calls: those that import a library, and users of their clients."""
    seen: set[str] = set()
    for file, module in client_modules(tree):
        seen.add(file.path)
        yield file, module
    names = shared_names(tree) if seen else {}
    for file in tree.service_files("python") if any(names.values()) else ():
        if file.path not in seen and _may_use(file.data, names) and (user := file.python) is not None:
            yield file, user


def _may_use(data: bytes, names: dict[bytes, frozenset[bytes]]) -> bool:
    """Return whether a module imports from one that makes clients and has a client's name, or reads a shared one."""
    if not any(verb in data for verb in _SENT):
        return False
    shared = names.get(b"", frozenset())
    if any(b"." + name + b"." in data or b"'" + name + b"'" in data or b'"' + name + b'"' in data for name in shared):
        return b".state." in data or b"app" in data
    return any(_takes(line[0], data, names) for line in _IMPORT.finditer(data))


def _takes(line: bytes, data: bytes, names: dict[bytes, frozenset[bytes]]) -> bool:
    """Return whether an import takes one of the names from the module that makes it, or the module itself."""
    words = set(_WORD.findall(line))
    open_ended = line.rstrip().endswith((b"(", b"\\", b"*"))  # the names follow on other lines, or are not said
    for stem in words & names.keys():
        found = names[stem]
        if stem and (found & words or any(stem + b"." + name in data for name in found)):
            return True
        if stem and (open_ended or b" as " in line) and any(name in data for name in found):
            return True
    return False


def outgoing_calls(tree: SourceTree, module: PythonModule) -> Iterator[Outgoing]:
    """Yield the calls that leave the service over HTTP."""
    for call in module.calls:
        found = _outgoing(tree, module, call)
        if found is not None:
            yield found


def _outgoing(tree: SourceTree, module: PythonModule, call: ast.Call) -> Outgoing | None:
    """Return the call with its client, or None where it stays in the service."""
    arguments = (*call.args, *(k.value for k in call.keywords))
    func = call.func
    library = FUNCTIONS.get(module.qualname(func))
    if library is not None:
        return Outgoing(call, library, arguments=arguments)
    if isinstance(func, ast.Attribute) and func.attr in _ALL_VERBS:
        over = _super(tree, module, func.value) or client_of(tree, module, func.value)
        if over is not None and func.attr in VERBS[over.library]:
            return Outgoing(call, over.library, over, func.value, arguments)
        return None
    if isinstance(func, ast.Call):
        return _by_name(tree, module, call, func, arguments)
    if (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) in _RUNNERS:
        return _handed_on(tree, module, call, arguments)
    return _stored_method(tree, module, call, arguments) if isinstance(func, ast.Name) else None


def _super(tree: SourceTree, module: PythonModule, holder: ast.expr) -> Client | None:
    """Return the client that `super()` is in a class of the service that derives from one."""
    if not (isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id == "super"):
        return None
    owner = module.class_of(holder)
    library = client_class(tree, module, owner) if owner is not None else ""
    return Client(library, module, None, owner) if library else None


def _by_name(
    tree: SourceTree, module: PythonModule, call: ast.Call, func: ast.Call, arguments: tuple[ast.expr, ...]
) -> Outgoing | None:
    """Return `getattr(requests, method)(url)` as the call that it is."""
    if not (isinstance(func.func, ast.Name) and func.func.id == "getattr" and func.args):
        return None
    holder = func.args[0]
    name = module.qualname(holder)
    if name in {"requests", "httpx"}:
        return Outgoing(call, name, arguments=arguments)
    over = client_of(tree, module, holder)
    return Outgoing(call, over.library, over, holder, arguments) if over is not None else None


def _method(
    tree: SourceTree, module: PythonModule, node: ast.expr
) -> tuple[str, Client | None, ast.expr | None] | None:
    """Return library, client and holder of a method that is named and not called: `session.get`, `requests.post`."""
    library = FUNCTIONS.get(module.qualname(node)) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if library is not None:
        return library, None, None
    if isinstance(node, ast.Attribute) and node.attr in _ALL_VERBS:
        over = client_of(tree, module, node.value)
        if over is not None and node.attr in VERBS[over.library]:
            return over.library, over, node.value
    return None


def _handed_on(
    tree: SourceTree, module: PythonModule, call: ast.Call, arguments: tuple[ast.expr, ...]
) -> Outgoing | None:
    """Return `asyncio.to_thread(requests.get, url)` and its like."""
    for argument in arguments:
        found = _method(tree, module, argument)
        if found is not None:
            return Outgoing(call, found[0], found[1], found[2], arguments)
    return None


def _stored_method(
    tree: SourceTree, module: PythonModule, call: ast.Call, arguments: tuple[ast.expr, ...]
) -> Outgoing | None:
    """Return the call of a name that stands for a client's method: `send = session.post`, `partial(session.post)`."""
    value = module.bound(call.func) if isinstance(call.func, ast.Name) else None
    if isinstance(value, ast.Call) and value.args and module.qualname(value.func) == "functools.partial":
        arguments = (*value.args[1:], *(k.value for k in value.keywords), *arguments)
        value = value.args[0]
    if not isinstance(value, ast.Attribute) or value.attr not in _ALL_VERBS:
        return None
    found = _method(tree, module, value)
    return Outgoing(call, found[0], found[1], found[2], arguments) if found is not None else None
