"""What a view of Django and REST framework takes: its serializer, what it reads of the query, its statuses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.details import Details, Parameter
from pytest_superteam.discovery.contracts.derive.handlers import first_line, success_statuses
from pytest_superteam.discovery.contracts.derive.serializers import Serializers
from pytest_superteam.scanners.facts.services import definition
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Django"]

_WRITES = frozenset({"POST", "PUT", "PATCH"})
_ACTIONS = {
    "POST": ("create", "post"), "PUT": ("update", "put"), "PATCH": ("partial_update", "patch", "update"),
    "GET": ("list", "retrieve", "get"), "DELETE": ("destroy", "delete"),
}  # fmt: skip
_GENERIC = {"POST": 201, "DELETE": 204}


class Django:
    """Reads the views of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.serializers = Serializers(tree)

    def details(self, route: Route) -> Details:
        """Return what is known of a route."""
        found = Details()
        file = self.tree.by_path.get(route.defined[0])
        module = file.python if file is not None else None
        name = route.handler.split(".")[0]
        target = module.definitions.get(name) if module is not None else None
        if module is None or target is None:
            return found
        if isinstance(target, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(found, module, target, route.method)
        elif isinstance(target, ast.ClassDef):
            self._class(found, module, target, route)
        return found

    def _function(self, found: Details, module: PythonModule, function: Function, method: str) -> None:
        found.summary = found.summary or first_line(function)
        for name in _query_names(module, function):
            found.add(Parameter("query", name))
        if method in _WRITES and _reads_data(function):
            found.body = {}
        found.statuses = success_statuses(self.tree, module, function)

    def _class(self, found: Details, module: PythonModule, cls: ast.ClassDef, route: Route) -> None:
        lines = self.serializers.bases(module, cls)
        own = route.handler.rsplit(".", 1)[-1]
        wanted = (own, *_ACTIONS.get(route.method, ()))
        method = next(((home, m) for name in wanted for home, node in lines if (m := _method(node, name))), None)
        if method is not None:
            self._function(found, method[0], method[1], route.method)
        elif route.method in _GENERIC:
            found.statuses = (_GENERIC[route.method],)
        if route.method not in _WRITES:
            return
        schema = self._written(lines, method)
        if schema and route.method == "PATCH":
            schema = _partial(schema)
        if schema is not None:
            found.body, found.body_required = schema, bool(schema)

    def _written(
        self,
        lines: list[tuple[PythonModule, ast.ClassDef]],
        method: tuple[PythonModule, Function] | None,
    ) -> dict[str, Any] | None:
        """Return the schema of what a view deserializes; open where it picks by itself, None where it takes none."""
        if any(_method(node, "get_serializer_class") or _method(node, "get_serializer") for _, node in lines):
            return {}
        declared = next(
            ((home, v[-1]) for home, node in lines if (v := home.local_bindings(node).get("serializer_class"))), None
        )
        serializer = definition(self.tree, *declared) if declared is not None else None
        if method is None:
            known = serializer is not None and isinstance(serializer[1], ast.ClassDef)
            return self.serializers.schema(serializer[0], serializer[1]) if known and serializer else {}  # type: ignore[arg-type]  # `known` says it is a class
        return self._used(method[0], method[1], serializer)

    def _used(
        self, module: PythonModule, function: Function, declared: tuple[PythonModule, ast.AST] | None
    ) -> dict[str, Any] | None:
        """Return the schema of the serializer that a method feeds with the body, maybe with a part of it."""
        for call in (n for n in walk(function) if isinstance(n, ast.Call)):
            data = next((k.value for k in call.keywords if k.arg == "data"), None)
            if data is None:
                continue
            named = definition(self.tree, module, call.func)
            last = getattr(call.func, "attr", "")
            used = declared if last in {"serializer_class", "get_serializer"} else named
            part = _part_of_body(module, data)
            if used is None or not isinstance(used[1], ast.ClassDef) or part is None:
                return {}
            schema = self.serializers.schema(used[0], used[1])
            return {"type": "object", "properties": {part: schema}, "required": [part]} if part else schema
        return {} if _reads_data(function) else None


def _partial(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in which nothing is required, at any depth."""
    kept = {key: part for key, part in schema.items() if key != "required"}
    inner = kept.get("properties", {})
    return {**kept, "properties": {name: _partial(part) for name, part in inner.items()}} if inner else kept


def _method(cls: ast.ClassDef, name: str) -> Function | None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return next((m for m in cls.body if isinstance(m, kinds) and m.name == name), None)


def _is_body(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"data", "POST", "body"} and _is_request(node.value)


def _is_request(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in {"request", "_request"}


def _reads_data(function: Function) -> bool:
    return any(_is_body(node) for node in walk(function))


def _part_of_body(module: PythonModule, node: ast.expr, depth: int = 0) -> str | None:
    """Return which part of the body an expression is: empty for all of it, None where that is not known."""
    if depth > 3:
        return None
    if _is_body(node):
        return ""
    if isinstance(node, ast.Name):
        bound = module.bound(node)
        return _part_of_body(module, bound, depth + 1) if bound is not None and bound is not node else None
    key: ast.expr | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key = node.args[0] if _is_body(node.func.value) else None
    elif isinstance(node, ast.Subscript) and _is_body(node.value):
        key = node.slice
    name = module.literal(key) if key is not None else None
    return name if isinstance(name, str) and name else None


def _query_names(module: PythonModule, function: Function) -> list[str]:
    """Return the names that a function reads of `request.query_params` or `request.GET`."""
    found: dict[str, None] = {}
    for node in walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            holder, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        else:
            continue
        if isinstance(holder, ast.Attribute) and holder.attr in {"query_params", "GET"} and _is_request(holder.value):
            name = module.literal(key)
            if isinstance(name, str) and name and name.isprintable():
                found[name] = None
    return list(found)
