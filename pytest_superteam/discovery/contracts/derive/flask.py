"""What a handler of Flask and its kin reads of the request itself, and which statuses it returns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.details import FORM, MULTIPART, Details, Parameter
from pytest_superteam.discovery.contracts.derive.handlers import first_line, function_at, success_statuses
from pytest_superteam.discovery.contracts.derive.limits import defaulted
from pytest_superteam.scanners.languages.python import keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["flask_details"]

_WRITES = frozenset({"POST", "PUT", "PATCH"})
_READERS = frozenset({"get", "getlist", "__getitem__"})
_TYPES: dict[str, dict[str, Any]] = {"int": {"type": "integer"}, "float": {"type": "number"}, "str": {"type": "string"}}


def flask_details(tree: SourceTree, route: Route, names: frozenset[str]) -> Details:
    """Return what is known of a route of Flask, Quart or their kin; `names` are the parameters of its path."""
    found = Details()
    place = function_at(tree, route)
    if place is None:
        return found
    module, function = place
    found.summary = first_line(function)
    for holder, name, call in _reads(module, function):
        if holder == "args":
            _query(module, found, name, call)
        elif route.method in _WRITES:
            _body(found, holder, name)
    if route.method in _WRITES and found.body is None and _takes_body(module, function, names):
        found.body = {}
    found.statuses = success_statuses(tree, module, function) if module.parents.get(function) is not None else ()
    return found


def _reads(module: PythonModule, function: Function) -> Iterator[tuple[str, str, ast.Call | None]]:
    """Yield what a handler reads of `request.args`, `request.form` and `request.files` by names that are written."""
    for node in module.walk(function):
        call = node if isinstance(node, ast.Call) else None
        if call is not None and isinstance(call.func, ast.Attribute) and call.func.attr in _READERS and call.args:
            holder, key = call.func.value, call.args[0]
        elif isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        else:
            continue
        if isinstance(holder, ast.Attribute) and holder.attr in {"args", "form", "files"} and _is_request(holder.value):
            name = module.literal(key)
            if isinstance(name, str) and name and name.isprintable():
                yield holder.attr, name, call


def _is_request(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in {"request", "req"}


def _query(module: PythonModule, found: Details, name: str, call: ast.Call | None) -> None:
    """Add a query parameter; one that a handler takes with `[...]` is missed where it is not sent."""
    if call is None:
        found.add(Parameter("query", name, {}, required=False))
        return
    given = keyword(call, "type")
    schema = dict(_TYPES.get(module.qualname(given), {})) if given is not None else {}
    default = module.literal(call.args[1] if len(call.args) > 1 else keyword(call, "default"))
    schema = defaulted(schema, default)
    if getattr(call.func, "attr", "") == "getlist":
        schema = {"type": "array", "items": schema} if schema else {}
    found.add(Parameter("query", name, schema, required=False))


def _body(found: Details, holder: str, name: str) -> None:
    fields = dict(found.body["properties"]) if found.body else {}
    fields[name] = {"type": "string", "format": "binary"} if holder == "files" else {"type": "string"}
    found.body = {"type": "object", "properties": fields}
    found.body_type = MULTIPART if holder == "files" or found.body_type == MULTIPART else FORM


def _takes_body(module: PythonModule, function: Function, names: frozenset[str]) -> bool:
    """Return whether a handler looks at the request, or is handed more than the parameters of its path."""
    a = function.args
    given = {arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs)} - {"self", "cls"}
    return bool(given - names or a.kwarg) or any(
        isinstance(node, ast.Name) and node.id == "request" for node in module.walk(function)
    )
