"""Outgoing HTTP calls of Python service code: where they are and with which client."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.python import PythonModule

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
    """One call. `client` is the library, `made` the call that made the client object, where it is in the same module."""

    node: ast.Call
    client: str
    made: ast.Call | None = None


def _attributes(module: PythonModule) -> dict[str, ast.Call]:
    """Return the `self.name = Client(...)` of a module by name."""
    found: dict[str, ast.Call] = {}
    for node in module.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and isinstance(node.value, ast.Call):
                if module.qualname(node.value.func) in _CLIENTS:
                    found[target.attr] = node.value
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


def outgoing_calls(module: PythonModule) -> Iterator[Outgoing]:
    """Yield the calls that leave the service over HTTP."""
    attributes = _attributes(module)
    for call in module.calls:
        name = module.qualname(call.func)
        if name in {"urllib.request.urlopen", "urllib.request.urlretrieve"}:
            yield Outgoing(call, "urllib")
            continue
        if not isinstance(call.func, ast.Attribute) and name.rpartition(".")[0] not in _MODULES:
            continue
        owner, _, verb = name.rpartition(".")
        if verb not in _VERBS and not (isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS):
            continue
        if owner in _MODULES and verb in _VERBS - {"send"}:
            yield Outgoing(call, owner.split(".")[0])
        elif owner in _CLIENTS:
            yield Outgoing(call, _CLIENTS[owner], _maker(module, call))
        elif isinstance(call.func, ast.Attribute):
            holder = call.func.value
            if isinstance(holder, ast.Attribute) and holder.attr in attributes:
                made = attributes[holder.attr]
                yield Outgoing(call, _CLIENTS[module.qualname(made.func)], made)
            elif isinstance(holder, ast.Name) and (kind := _annotated(module, holder.id, call)):
                yield Outgoing(call, kind)


def _maker(module: PythonModule, call: ast.Call) -> ast.Call | None:
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    value = module.bound(holder) if isinstance(holder, ast.Name) else holder
    return value if isinstance(value, ast.Call) else None
