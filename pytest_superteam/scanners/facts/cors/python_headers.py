"""`Access-Control-Allow-Origin` set by hand in Python: an item, an entry of a table, a tuple, a call, an attribute."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CREDENTIALS_HEADER, ORIGIN_HEADER, CorsPolicy
from pytest_superteam.scanners.facts.cors.python_origin import Guards, origin_echo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.cors.python_values import Values
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["header_policies"]

_SETTERS = frozenset({"add", "set", "setdefault", "append", "__setitem__", "add_header", "set_header", "send_header"})
_SETTERS |= {"append_header", "setHeader", "set_default_header", "setRawHeaders", "appendlist", "extend"}
_ATTRIBUTES = {
    "access_control_allow_origin": ORIGIN_HEADER,
    "access_control_allow_credentials": CREDENTIALS_HEADER,
}
_CLIENTS = frozenset({"requests", "httpx", "urllib", "urllib3", "http", "aiohttp", "niquests", "pycurl", "httplib2"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "request", "head", "options", "fetch", "send", "stream"})
_CLIENT_NAMES = frozenset({"session", "client", "http", "http_client", "requests", "test_client", "api_client"})

Write = tuple[str, ast.expr, ast.AST]
"""Lower-case name of a header, the expression that it is set to, and the place."""


def header_policies(module: PythonModule, values: Values) -> Iterator[CorsPolicy]:
    """Read headers that are set by hand; credentials count where the same function, or table, allows them."""
    writes = [write for write in _writes(module) if not _is_request(module, write[2])]
    allowed = [place for name, value, place in writes if name == CREDENTIALS_HEADER and values.true(value)]
    scopes = {_scope(module, place) for place in allowed}
    guards: Guards = {}
    for name, value, place in writes:
        if name != ORIGIN_HEADER:
            continue
        credentials = _scope(module, place) in scopes
        echo = origin_echo(module, value, place, guards)
        if echo == "unchecked":
            yield CorsPolicy(place, credentials=credentials, reflected=True)
        elif _falls_back_to_any(module, value) if echo else values.wildcard(value):
            yield CorsPolicy(place, wildcard=True, credentials=credentials)


def _scope(module: PythonModule, place: ast.AST) -> ast.AST:
    """Return what ties headers together: the function, else the table or the module."""
    function = module.function_of(place)
    if function is not None:
        return function
    parent = module.parents.get(place)
    return parent if isinstance(parent, ast.Dict) else module.tree


def _falls_back_to_any(module: PythonModule, value: ast.AST, depth: int = 0) -> bool:
    """Return whether an origin that was compared is replaced by `*` where it is not in the list."""
    if depth > 4:
        return False
    if isinstance(value, ast.IfExp):
        return any(_falls_back_to_any(module, part, depth + 1) for part in (value.body, value.orelse))
    if isinstance(value, ast.Name):
        function = module.function_of(value)
        bound = module.local_bindings(function).get(value.id, []) if function is not None else []
        return any(_falls_back_to_any(module, part, depth + 1) for part in bound)
    return isinstance(value, ast.Constant) and value.value == "*"


def _writes(module: PythonModule) -> Iterator[Write]:
    for key, value, place in _pairs(module):
        name = _header(module, key)
        if name in {ORIGIN_HEADER, CREDENTIALS_HEADER}:
            yield name, value, place
    for node in module.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in _ATTRIBUTES:
                yield _ATTRIBUTES[target.attr], node.value, node


def _header(module: PythonModule, key: ast.expr) -> str:
    """Return the lower-case name of a header that an expression is, empty where it is none that is known."""
    if isinstance(key, ast.Attribute) and key.attr.startswith("ACCESS_CONTROL_ALLOW_"):
        return key.attr.lower().replace("_", "-")
    if isinstance(key, (ast.Constant, ast.Name, ast.Attribute)):
        name = module.literal(key)
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if isinstance(name, str):
            return name.lower()
        if isinstance(key, ast.Name):
            origin = module.imports.get(key.id, "").rpartition(".")[2]
            return origin.lower().replace("_", "-") if origin.startswith("ACCESS_CONTROL_ALLOW_") else ""
    return ""


def _pairs(module: PythonModule) -> Iterator[tuple[ast.expr, ast.expr, ast.AST]]:
    """Yield key, value and place of what may set a header."""
    yield from _entries(module)
    for node in module.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                yield target.slice, node.value, node
    for table in module.of(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if key is not None:
                yield key, value, key


def _entries(module: PythonModule) -> Iterator[tuple[ast.expr, ast.expr, ast.AST]]:
    """Yield the pairs of calls and tuples."""
    for pair in module.of(ast.Tuple):
        if len(pair.elts) == 2:
            yield pair.elts[0], pair.elts[1], pair
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _SETTERS and len(call.args) > 1:
            value = call.args[1]
            yield call.args[0], value.elts[0] if isinstance(value, ast.List) and value.elts else value, call


def _is_request(module: PythonModule, place: ast.AST) -> bool:
    """Return whether the header goes out with a request that the service sends, where it has no effect."""
    node: ast.AST | None = place
    table: ast.AST | None = None
    for _ in range(6):
        parent = module.parents.get(node) if node is not None else None
        if isinstance(parent, ast.Dict):
            table = parent
        if isinstance(parent, ast.Call) and _is_client(module, parent):
            return True
        if isinstance(parent, ast.Assign) and table is not None:
            names = {target.id for target in parent.targets if isinstance(target, ast.Name)}
            return bool(names) and _sent(module, parent, names)
        if parent is None or isinstance(parent, ast.stmt):
            break
        node = parent
    owner = place.targets[0] if isinstance(place, ast.Assign) else None
    receiver = owner.value if isinstance(owner, ast.Subscript) else None
    if isinstance(receiver, ast.Attribute) and receiver.attr == "headers":
        return module.qualname(receiver.value).partition(".")[0] in _CLIENTS
    return isinstance(receiver, ast.Name) and _sent(module, place, {receiver.id})


def _sent(module: PythonModule, place: ast.AST, names: set[str]) -> bool:
    """Return whether a table of headers is given to calls of an HTTP client, and to no other calls."""
    function = module.function_of(place)
    users = [
        parent
        for node in module.of(ast.Name)
        if node.id in names and isinstance(node.ctx, ast.Load) and module.function_of(node) is function
        for parent in [_call_of(module, node)]
        if parent is not None
    ]
    return bool(users) and all(_is_client(module, call) for call in users)


def _call_of(module: PythonModule, node: ast.AST) -> ast.Call | None:
    """Return the call that has `node` as an argument."""
    parent = module.parents.get(node)
    if isinstance(parent, (ast.keyword, ast.Starred)):
        parent = module.parents.get(parent)
    return parent if isinstance(parent, ast.Call) and parent.func is not node else None


def _is_client(module: PythonModule, call: ast.Call) -> bool:
    name = module.qualname(call.func)
    head, _, _ = name.partition(".")
    last = name.rpartition(".")[2]
    if head in _CLIENTS and "web" not in name.split(".") and "server" not in name.split("."):
        return True
    if not isinstance(call.func, ast.Attribute) or last not in _VERBS:
        return False
    owner = call.func.value
    written = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return written.lower().strip("_") in _CLIENT_NAMES
