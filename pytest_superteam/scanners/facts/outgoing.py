"""Outgoing HTTP calls of Python service code: where they are and with which client."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["TRIGGERS", "Outgoing", "outgoing_calls"]

TRIGGERS = (b"requests", b"httpx", b"aiohttp", b"urlopen", b"urllib3")

_VERBS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "send", "ws_connect"}
)
_CLIENTS = {
    "requests.Session": "requests",
    "requests.session": "requests",
    "requests.sessions.Session": "requests",
    "httpx.Client": "httpx",
    "httpx.AsyncClient": "httpx",
    "aiohttp.ClientSession": "aiohttp",
    "aiohttp.client.ClientSession": "aiohttp",
    "urllib3.PoolManager": "urllib3",
    "urllib3.HTTPConnectionPool": "urllib3",
}
_MODULES = frozenset({"requests", "httpx", "urllib3", "requests.api"})


@dataclass(frozen=True)
class Outgoing:
    """One call. `client` is the library, `made` the call that made the client object, if it is in the module."""

    node: ast.Call
    client: str
    made: ast.Call | None = None


def _attributes(module: PythonModule) -> dict[str, ast.Call]:
    """Return the `self.name = Client(...)` of a module by name."""
    found: dict[str, ast.Call] = {}
    for node in module.of(ast.Assign):
        value = node.value
        if isinstance(value, ast.Call) and module.qualname(value.func) in _CLIENTS:
            found |= {target.attr: value for target in node.targets if isinstance(target, ast.Attribute)}
    return found


def _annotated(module: PythonModule, name: str, node: ast.AST) -> str:
    """Return the library of a parameter that is annotated as a client."""
    function = module.function_of(node)
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs) if function else ()
    for argument in arguments:
        if argument.arg == name and argument.annotation is not None:
            for part in ast.walk(argument.annotation):
                if (kind := _CLIENTS.get(module.qualname(part))) is not None:
                    return kind
    return ""


def _made_by(tree: SourceTree, module: PythonModule, holder: ast.expr) -> str:
    """Return the library of the client that a function of the service returns, as in `http().get(url)`."""
    if isinstance(holder, ast.Name):
        holder = module.bound(holder) or holder
    found = definition(tree, module, holder.func) if isinstance(holder, ast.Call) else None
    home, function = found if found is not None else (module, None)
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    returned = (r.value for r in ast.walk(function) if isinstance(r, (ast.Return, ast.Yield)))
    made = (home.qualname(value.func) for value in returned if isinstance(value, ast.Call))
    names = (home.qualname(function.returns), *made)
    return next((_CLIENTS[name] for name in names if name in _CLIENTS), "")


def outgoing_calls(tree: SourceTree, module: PythonModule) -> Iterator[Outgoing]:
    """Yield the calls that leave the service over HTTP."""
    attributes = _attributes(module)
    for call in module.calls:
        found = _outgoing(tree, module, call, attributes)
        if found is not None:
            yield found


def _outgoing(
    tree: SourceTree, module: PythonModule, call: ast.Call, attributes: dict[str, ast.Call]
) -> Outgoing | None:
    """Return the call with its client, or None where it stays in the service."""
    name = module.qualname(call.func)
    owner, _, verb = name.rpartition(".")
    if name in {"urllib.request.urlopen", "urllib.request.urlretrieve"}:
        return Outgoing(call, "urllib")
    if owner in _MODULES:
        return Outgoing(call, owner.split(".")[0]) if verb in _VERBS - {"send"} else None
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _VERBS:
        return None
    if owner in _CLIENTS:
        return Outgoing(call, _CLIENTS[owner], _maker(module, call))
    holder = call.func.value
    if isinstance(holder, ast.Attribute) and holder.attr in attributes:
        made = attributes[holder.attr]
        return Outgoing(call, _CLIENTS[module.qualname(made.func)], made)
    kind = _annotated(module, holder.id, call) if isinstance(holder, ast.Name) else ""
    kind = kind or _made_by(tree, module, holder)
    return Outgoing(call, kind) if kind else None


def _maker(module: PythonModule, call: ast.Call) -> ast.Call | None:
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    value = module.bound(holder) if isinstance(holder, ast.Name) else holder
    return value if isinstance(value, ast.Call) else None
