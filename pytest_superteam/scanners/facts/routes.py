"""The HTTP routes of a Python service: prefixes put together across files, and whether a caller must be known."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth import (
    checks_signature,
    handler_authenticates,
    is_auth_decorator,
    is_auth_dependency,
    refuses,
)
from pytest_superteam.scanners.facts.services import definition, literal, value_of
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["TRIGGERS", "Route", "application", "normalise_path", "routes"]

TRIGGERS = (b"fastapi", b"starlette", b"flask", b"quart", b"FastAPI", b"APIRouter", b"Blueprint")

_APPS = frozenset(
    {
        "fastapi.FastAPI",
        "starlette.applications.Starlette",
        "flask.Flask",
        "quart.Quart",
        "fastapi.applications.FastAPI",
    }
)
_ROUTERS = frozenset(
    {"fastapi.APIRouter", "fastapi.routing.APIRouter", "flask.Blueprint", "quart.Blueprint", "starlette.routing.Router"}
)
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_PARAMETER = re.compile(r"\{[^{}]*\}|<[^<>]*>|(?<=/):[A-Za-z_]\w*")
_DEPTH = 8


@dataclass(frozen=True)
class Route:
    """One method on one path. `line` is that of the declaration, `signed` whether the body's signature is checked."""

    method: str
    path: str
    file: str
    line: int
    handler: str
    protected: bool
    signed: bool = False


@dataclass
class _Router:
    """An application, router or blueprint: what it adds to its routes, and where it is mounted."""

    module: PythonModule
    node: ast.Call
    prefix: str
    protected: bool
    app: bool
    parents: list[tuple[_Router, str, bool]] = field(default_factory=list)

    def places(self, *, served: bool, depth: int = 0) -> Iterator[tuple[str, bool]]:
        """Yield full prefix and protection for each way from an application to this router.

        With `served`, a router that no application includes has no place; else it has its own prefix.
        """
        if not self.parents or depth > _DEPTH:
            if self.app or not served:
                yield self.prefix, self.protected
            return
        for parent, prefix, protected in self.parents:
            for outer, safe in parent.places(served=served, depth=depth + 1):
                yield _join(outer, prefix, self.prefix), safe or protected or self.protected


def _join(*parts: str) -> str:
    """Return the parts of a path with one slash between them."""
    return "".join("/" + part.strip("/") for part in parts if part.strip("/")) or "/"


def normalise_path(path: str) -> str:
    """Return `path` without names of parameters and without a slash at its end: `/orders/{id}/` is `/orders/{}`."""
    return _join(*_PARAMETER.sub("{}", path.partition("?")[0]).split("/"))


def routes(tree: SourceTree) -> tuple[Route, ...]:
    """Return the routes of all modules of service code, sorted by file and line."""
    known = tree.facts.get("routes")
    if known is None:
        found = _Finder(tree).routes()
        known = tree.facts["routes"] = tuple(sorted(set(found), key=lambda r: (r.file, r.line, r.method, r.path)))
    return known  # type: ignore[return-value]  # the key holds nothing else


def application(tree: SourceTree) -> tuple[str, int] | None:
    """Return file and line where the service makes its HTTP application, or None where it makes none."""
    for file, module in tree.module_with(*TRIGGERS):
        for call in sorted(module.calls, key=lambda c: c.lineno):
            if module.qualname(call.func) in _APPS:
                return file.path, call.lineno
    return None


class _Finder:
    """Collects routers, then how they are mounted, then the routes on them."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.modules = [module for _, module in tree.module_with(*TRIGGERS, b".route(", b"router.", b"app.")]
        self.routers: dict[ast.AST, _Router] = {}
        self.served = True
        """Whether every inclusion was understood, so that a router without one is known to serve nothing."""

    def routes(self) -> Iterator[Route]:
        for module in self.modules:
            for call in module.calls:
                self._declare(module, call)
        for module in self.modules:
            for call in module.calls:
                self._mount(module, call)
            self._middleware(module)
        self.served = self.served and any(router.app for router in self.routers.values())
        for module in self.modules:
            for function in module.functions:
                for decorator in function.decorator_list:
                    yield from self._decorated(module, function, decorator)
            for call in module.calls:
                yield from self._added(module, call)

    def _declare(self, module: PythonModule, call: ast.Call) -> None:
        name = module.qualname(call.func)
        if name in _APPS or name in _ROUTERS:
            prefix = literal(self.tree, module, keyword(call, "prefix") or keyword(call, "url_prefix"))
            safe = self._any_auth(module, keyword(call, "dependencies"))
            self.routers[call] = _Router(module, call, prefix if isinstance(prefix, str) else "", safe, name in _APPS)

    def _router(self, module: PythonModule, node: ast.AST) -> _Router | None:
        """Return the router that an expression stands for; a parameter stands for the only application."""
        if node in self.routers:
            return self.routers[node]
        found = value_of(self.tree, module, node)
        for _ in range(_DEPTH):
            if found is None or found[1] in self.routers:
                break
            found = value_of(self.tree, *found)
        if found is not None:
            return self.routers[found[1]]
        apps = [router for router in self.routers.values() if router.app]
        parameter = isinstance(node, ast.Name) and module.is_parameter(node.id, module.function_of(node))
        return apps[0] if parameter and len(apps) == 1 else None

    def _any_auth(self, module: PythonModule, node: ast.expr | None) -> bool:
        """Return whether a list of dependencies holds one that authenticates."""
        found = value_of(self.tree, module, node) if isinstance(node, (ast.Name, ast.Attribute)) else None
        home, value = found if found is not None else (module, node)
        items = value.elts if isinstance(value, (ast.List, ast.Tuple)) else []
        return any(is_auth_dependency(self.tree, home, item) for item in items)

    def _mount(self, module: PythonModule, call: ast.Call) -> None:
        if not isinstance(call.func, ast.Attribute) or not call.args:
            return
        kind = call.func.attr
        if kind not in {"include_router", "register_blueprint", "mount"}:
            return
        parent = self._router(module, call.func.value)
        children = call.args[0] if kind != "mount" else call.args[1] if len(call.args) > 1 else keyword(call, "app")
        if parent is None or children is None:
            self.served = self.served and kind == "mount"
            return
        given = call.args[0] if kind == "mount" else keyword(call, "prefix") or keyword(call, "url_prefix")
        prefix = literal(self.tree, module, given)
        safe = self._any_auth(module, keyword(call, "dependencies"))
        for node in _looped(module, children):
            child = self._router(module, node)
            self.served = self.served and (child is not None or kind == "mount")
            if child is not None and child is not parent:
                if kind == "register_blueprint" and isinstance(prefix, str):
                    child.prefix = ""  # Flask replaces the blueprint's own prefix
                child.parents.append((parent, prefix if isinstance(prefix, str) else "", safe))

    def _middleware(self, module: PythonModule) -> None:
        """Mark routers whose middleware or `before_request` refuses unknown callers."""
        for function in module.functions:
            for decorator in function.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr
                    in {
                        "middleware",
                        "before_request",
                        "before_app_request",
                    }
                    and (refuses(module, function) or handler_authenticates(self.tree, module, function))
                ):
                    self._protect(module, target.value)
        for call in module.calls:
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr in {"add_middleware", "before_request"}
                and call.args
            ):
                found = definition(self.tree, module, call.args[0])
                if found is not None and refuses(found[0], found[1]):
                    self._protect(module, call.func.value)

    def _protect(self, module: PythonModule, node: ast.AST) -> None:
        router = self._router(module, node)
        if router is not None:
            router.protected = True

    def _decorated(self, module: PythonModule, function: Function, decorator: ast.expr) -> Iterator[Route]:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            return
        methods = self._methods(module, decorator)
        router = self._router(module, decorator.func.value) if methods else None
        given = decorator.args[0] if decorator.args else keyword(decorator, "path") or keyword(decorator, "rule")
        path = literal(self.tree, module, given)
        if router is None or not isinstance(path, str):
            return
        safe = self._any_auth(module, keyword(decorator, "dependencies"))
        yield from self._made(module, router, function, methods, path, decorator.lineno, safe=safe)

    def _methods(self, module: PythonModule, call: ast.Call) -> tuple[str, ...]:
        """Return the upper-case methods that a route declaration names, none where it is no route declaration."""
        kind = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if kind in _METHODS:
            return (kind.upper(),)
        if kind not in {"route", "api_route", "add_api_route", "add_url_rule", "add_route", "Route"}:
            return ()
        named = literal(self.tree, module, keyword(call, "methods"))
        return tuple(str(m).upper() for m in named) if isinstance(named, list) and named else ("GET",)

    def _added(self, module: PythonModule, call: ast.Call) -> Iterator[Route]:
        """Yield the routes of `add_api_route`, `add_url_rule` and Starlette's `Route`."""
        name = module.qualname(call.func)
        if name == "starlette.routing.Route" and len(call.args) > 1:
            router = next((r for r in self.routers.values() if r.app), None)
            path, handler = call.args[0], call.args[1]
            methods = literal(self.tree, module, keyword(call, "methods"))
            verbs = tuple(str(m).upper() for m in methods) if isinstance(methods, list) else ("GET",)
            prefix = _mount_prefix(module, call)
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in {"add_api_route", "add_url_rule", "add_route"}
            and call.args
        ):
            router, path, prefix = self._router(module, call.func.value), call.args[0], ""
            handler = keyword(call, "endpoint") or keyword(call, "view_func") or call.args[-1]
            if call.func.attr == "add_url_rule":
                handler = keyword(call, "view_func") or call.args[-1]
            verbs = self._methods(module, call)
        else:
            return
        text = literal(self.tree, module, path)
        if router is None or not isinstance(text, str):
            return
        safe = self._any_auth(module, keyword(call, "dependencies"))
        for home, function, methods, guarded in self._handlers(module, handler, verbs):
            made = self._made(home, router, function, methods, _join(prefix, text), call.lineno, safe=safe or guarded)
            yield from (replace(route, file=module.path) for route in made)

    def _handlers(
        self, module: PythonModule, node: ast.expr, methods: tuple[str, ...]
    ) -> Iterator[tuple[PythonModule, Function, tuple[str, ...], bool]]:
        """Yield module, function, methods and protection of what a route names: a function, or `View.as_view(...)`."""
        view = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
        home, found = definition(self.tree, module, view) or (module, None)
        if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield home, found, methods, False
        elif isinstance(found, ast.ClassDef):
            lists = home.local_bindings(found).get("decorators", [])
            marks = [mark for value in lists if isinstance(value, ast.List) for mark in value.elts]
            guarded = any(is_auth_decorator(self.tree, home, mark) for mark in marks)
            for method in found.body:
                if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.name in _METHODS:
                    yield home, method, (method.name.upper(),), guarded

    def _made(
        self,
        module: PythonModule,
        router: _Router,
        function: Function,
        methods: tuple[str, ...],
        path: str,
        line: int,
        *,
        safe: bool,
    ) -> Iterator[Route]:
        safe = safe or handler_authenticates(self.tree, module, function)
        signed = not safe and checks_signature(self.tree, module, function)
        for prefix, outer in router.places(served=self.served):
            for method in methods:
                full = _join(prefix, path)
                yield Route(method, full, module.path, line, function.name, safe or outer, signed)


def _looped(module: PythonModule, node: ast.expr) -> list[ast.expr]:
    """Return what a name stands for in `for router in (a.router, b.router)`, or the expression itself."""
    current = module.parents.get(node)
    while isinstance(node, ast.Name) and current is not None:
        if isinstance(current, ast.For) and isinstance(current.target, ast.Name) and current.target.id == node.id:
            source = module.bound(current.iter) if isinstance(current.iter, ast.Name) else current.iter
            if isinstance(source, (ast.Tuple, ast.List)):
                return list(source.elts)
        current = module.parents.get(current)
    return [node]


def _mount_prefix(module: PythonModule, node: ast.AST) -> str:
    """Return the paths of the `Mount(...)` calls around a Starlette route."""
    parts: list[str] = []
    current = module.parents.get(node)
    while current is not None:
        if (
            isinstance(current, ast.Call)
            and module.qualname(current.func) == "starlette.routing.Mount"
            and current.args
        ):
            value = module.literal(current.args[0])
            parts.insert(0, value if isinstance(value, str) else "")
        current = module.parents.get(current)
    return _join(*parts) if parts else ""
