"""Routes of FastAPI, Starlette, Flask and its extensions, Quart, Sanic, Bottle, aiohttp, Tornado and Falcon."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_superteam.scanners.facts.auth.python_guards import middleware_guards
from pytest_superteam.scanners.facts.routes.conventions import is_health_path
from pytest_superteam.scanners.facts.routes.model import Application, Mount, PartialPath, Route, Router, Routing
from pytest_superteam.scanners.facts.routes.python_graph import Graph
from pytest_superteam.scanners.facts.routes.python_handlers import Handler, class_handlers, function_handler, handlers
from pytest_superteam.scanners.facts.routes.python_names import APPS
from pytest_superteam.scanners.facts.routes.python_values import collection, path_text
from pytest_superteam.scanners.facts.services import literal
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["read"]

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_DECLARING = frozenset({"route", "api_route", "view", "add_url_rule", "path"})
_ADDING = frozenset({"add_api_route", "add_url_rule", "add_route", "add_resource", "add_view", "add_handlers"})
_AIOHTTP = frozenset({f"add_{verb}" for verb in _VERBS})
_ALL = ("GET",)
_HEALTH_LIBRARIES = (
    "healthcheck.HealthCheck",
    "py_healthcheck",
    "flask_healthz.Healthz",
    "flask_healthz.healthz",
    "fastapi_health.health",
    "aiohttp_healthcheck",
    "flask_health",
    "healthpy",
    "fastapi_healthcheck",
    "fastapi_healthchecks",
)


def read(tree: SourceTree) -> Routing:
    """Return what these frameworks serve in the service code of `tree`."""
    graph = Graph(tree)
    if not graph.modules:
        return Routing()
    finder = _Finder(graph)
    found = tuple(finder.routes())
    health = any(_has_health_library(module) for module in graph.modules)
    made = tuple(
        Application(graph.homes[node].path, node.lineno, router.framework, health)
        for node, router in graph.routers.items()
        if isinstance(node, ast.Call) and graph.kind(graph.homes[node], node.func) in {(f, True) for f in APPS.values()}
    )
    return Routing(found, made, finder.opaque or any(app.framework == "connexion" for app in made))


def _has_health_library(module: PythonModule) -> bool:
    return any(origin.startswith(_HEALTH_LIBRARIES) for origin in module.imports.values())


Declared: TypeAlias = tuple[Router, str, Route]
"""A route as declared, on which router and with which path there."""


class _Finder:
    """Reads the routes on the routers of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tree = graph.tree
        self.opaque = False

    def routes(self) -> Iterator[Route]:
        """Yield the routes, once all declarations are read: a mount may stand after what it mounts."""
        for router, path, route in list(self._declared()):
            for full, _, outer in router.places(path, route.method, served=self.graph.served):
                whole = replace(route, path=full, partial=isinstance(full, PartialPath))
                slash = path.endswith("/") or (not path and router.prefix.endswith("/"))
                yield replace(whole, protected=route.protected or outer, slash=slash)

    def _declared(self) -> Iterator[Declared]:
        listed: set[ast.AST] = set()
        for node, router in list(self.graph.routers.items()):
            if isinstance(node, ast.Call):
                home = self.graph.homes[node]
                given = keyword(node, "routes") or keyword(node, "handlers")
                if given is None and router.framework == "tornado" and node.args:
                    given = node.args[0]
                yield from self._list(home, given, router, listed)
        for module in self.graph.modules:
            for function in module.functions:
                for decorator in function.decorator_list:
                    yield from self._decorated(module, function, decorator)
            for cls in module.of(ast.ClassDef):
                for decorator in cls.decorator_list:
                    yield from self._decorated(module, cls, decorator)
            for call in module.calls:
                yield from self._added(module, call, listed)

    # ------------------------------------------------------------ decorators

    def _decorated(
        self, module: PythonModule, target: Function | ast.ClassDef, decorator: ast.expr
    ) -> Iterator[Declared]:
        if not isinstance(decorator, ast.Call):
            return
        called = decorator.func
        if isinstance(called, ast.Name):  # bottle: @get("/x")
            if not module.qualname(called).startswith("bottle.") or called.id not in _VERBS | {"route"}:
                return
            kind, router = called.id, self.graph.imply(module, called, "bottle")
            router = self.graph.implied.setdefault((module.path, "bottle"), Router("bottle", app=True))
        elif isinstance(called, ast.Attribute) and called.attr in _VERBS | _DECLARING:
            kind, router = called.attr, self.graph.router(module, called.value)
        else:
            return
        paths = self._paths(module, decorator)
        if router is None and any(path.startswith("/") for path in paths) and isinstance(called, ast.Attribute):
            router = self.graph.imply(module, called.value)
        if router is None or kind == "path":
            return
        if not paths:
            self.opaque = True
            return
        verbs = self._methods(module, decorator, kind, router)
        safe = self.graph.any_auth(module, keyword(decorator, "dependencies")) or _own_auth(decorator)
        hidden = module.literal(keyword(decorator, "include_in_schema")) is False
        if isinstance(target, ast.ClassDef):
            found = list(class_handlers(self.tree, module, target))
        else:
            found = [function_handler(self.tree, module, target)]
        for path in paths:
            yield from self._made(module, router, found, verbs, path, decorator.lineno, safe=safe, hidden=hidden)

    def _paths(self, module: PythonModule, call: ast.Call) -> list[str]:
        """Return the paths of a decorator; of Flask-RESTX there may be several."""
        given: list[ast.expr | None] = [keyword(call, "path") or keyword(call, "rule") or keyword(call, "uri")]
        if given == [None]:
            given = list(call.args[:1])
            given += [a for a in call.args[1:] if isinstance(a, ast.Constant) and str(a.value).startswith("/")]
        if len(given) == 1 and isinstance(given[0], (ast.List, ast.Tuple)):
            given = list(given[0].elts)
        found = [path_text(self.tree, module, node) for node in given]
        if not found and isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS:
            return [""]
        return [path for path in found if path is not None]

    def _methods(
        self, module: PythonModule, call: ast.Call, kind: str, router: Router | None = None
    ) -> tuple[str, ...]:
        """Return the upper-case methods that a route declaration names."""
        if kind in _VERBS:
            return (kind.upper(),)
        given = keyword(call, "methods") or keyword(call, "method")
        if given is None and router is not None and router.framework == "bottle" and len(call.args) > 1:
            given = call.args[1]
        named = literal(self.tree, module, given)
        named = [named] if isinstance(named, str) else named
        found = tuple(str(m).upper() for m in named if isinstance(m, str)) if isinstance(named, list) else ()
        return found or _ALL

    # ------------------------------------------------------------ calls

    def _added(self, module: PythonModule, call: ast.Call, listed: set[ast.AST]) -> Iterator[Declared]:
        """Yield the routes of `add_api_route`, `add_url_rule`, `add_resource` and their like."""
        if isinstance(call.func, ast.Call) and isinstance(call.func.func, ast.Attribute) and call.args:
            yield from self._applied(module, call, call.func)
            return
        if not isinstance(call.func, ast.Attribute):
            if _is_listed_route(module, call) and call not in listed and not _inside_listing(module, call):
                implied = self.graph.implied.setdefault(
                    (module.path, ""), self._only_app() or Router("starlette", app=True)
                )
                yield from self._item(module, call, implied, listed)
            return
        kind = call.func.attr
        if kind == "add_routes" and call.args:
            router = self.graph.router(module, call.func.value) or self.graph.imply(module, call.func.value, "aiohttp")
            if router is not None:
                yield from self._list(module, call.args[0], router, listed)
        elif kind in _ADDING | _AIOHTTP and (call.args or call.keywords):
            yield from self._adding(module, call, kind, listed)
        elif _is_listed_route(module, call) and call not in listed and not _inside_listing(module, call):
            implied = self.graph.implied.setdefault(
                (module.path, ""), self._only_app() or Router("starlette", app=True)
            )
            yield from self._item(module, call, implied, listed)

    def _only_app(self) -> Router | None:
        apps = [router for router in self.graph.routers.values() if router.app]
        return apps[0] if len(apps) == 1 else None

    def _applied(self, module: PythonModule, call: ast.Call, declaration: ast.Call) -> Iterator[Declared]:
        """Yield the routes of `app.get("/x")(handler)`."""
        called = declaration.func
        if not isinstance(called, ast.Attribute) or called.attr not in _VERBS | {"route", "api_route"}:
            return
        router = self.graph.router(module, called.value)
        paths = self._paths(module, declaration)
        if router is not None:
            verbs = self._methods(module, declaration, called.attr, router)
            safe = self.graph.any_auth(module, keyword(declaration, "dependencies"))
            for path in paths:
                found = handlers(self.tree, module, call.args[0])
                yield from self._made(module, router, found, verbs, path, call.lineno, safe=safe)

    def _adding(self, module: PythonModule, call: ast.Call, kind: str, listed: set[ast.AST]) -> Iterator[Declared]:
        func = call.func
        if not isinstance(func, ast.Attribute):
            return
        router = self.graph.router(module, func.value)
        args = list(call.args)
        verbs: tuple[str, ...] = (kind.removeprefix("add_").upper(),) if kind in _AIOHTTP else ()
        if kind == "add_handlers":
            if router is not None and len(args) > 1:
                yield from self._list(module, args[1], router, listed)
            return
        first = module.literal(args[0]) if args else None
        if (
            kind == "add_route"
            and len(args) > 2
            and isinstance(first, str)
            and first.upper() in {v.upper() for v in _VERBS} | {"*"}
        ):
            verbs, args = ((first.upper(),) if first != "*" else _ALL), args[1:]  # aiohttp: method, path, handler
        paths, target = self._places(module, call, kind, args)
        if router is None and paths and paths[0].startswith("/"):
            router = self.graph.imply(module, func.value)
        if router is None or target is None:
            return
        if not paths:
            self.opaque = True
            return
        falcon = router.framework == "falcon"
        found = handlers(self.tree, module, target, prefix="on_" if falcon else "")
        verbs = verbs or self._methods(module, call, kind)
        safe = self.graph.any_auth(module, keyword(call, "dependencies"))
        hidden = module.literal(keyword(call, "include_in_schema")) is False
        for path in paths:
            yield from self._made(module, router, found, verbs, path, call.lineno, safe=safe, hidden=hidden)

    def _places(
        self, module: PythonModule, call: ast.Call, kind: str, args: list[ast.expr]
    ) -> tuple[list[str], ast.expr | None]:
        """Return paths and handler of a call that adds a route, in whichever order the framework wants them."""
        named = (keyword(call, "endpoint") if kind != "add_url_rule" else None) or keyword(call, "view_func")
        target = named or keyword(call, "handler") or keyword(call, "resource") or keyword(call, "route")
        path = keyword(call, "path") or keyword(call, "rule") or keyword(call, "uri") or keyword(call, "uri_template")
        if kind == "add_resource":
            target, rest = (args[0], args[1:]) if args else (target, [])
            return [p for node in rest if (p := path_text(self.tree, module, node)) is not None], target
        texts = [(node, path_text(self.tree, module, node)) for node in args]
        given = [path_text(self.tree, module, path)] if path is not None else [t for _, t in texts if t is not None][:1]
        if target is None:
            rest = [node for node, text in texts if text is None and not isinstance(node, ast.Constant)]
            target = rest[0] if rest else None
        return [text for text in given if text is not None], target

    # ------------------------------------------------------------ lists

    def _list(
        self, module: PythonModule, node: ast.expr | None, router: Router, listed: set[ast.AST]
    ) -> Iterator[Declared]:
        for home, item in collection(self.tree, module, node):
            yield from self._item(home, item, router, listed)

    def _item(self, module: PythonModule, item: ast.expr, router: Router, listed: set[ast.AST]) -> Iterator[Declared]:
        """Yield the routes of one member of a list: `Route(...)`, `Mount(...)`, `web.get(...)`, `(r"/x", Handler)`."""
        if item in listed:
            return
        listed.add(item)
        if isinstance(item, ast.Tuple) and len(item.elts) > 1:
            yield from self._pair(module, item, item.elts[0], item.elts[1], router)
            return
        if not isinstance(item, ast.Call):
            return
        last = module.qualname(item.func).rsplit(".", 1)[-1]
        if last == "Mount":
            yield from self._mounted(module, item, router, listed)
        elif last in {"Route", "APIRoute"} and (item.args or item.keywords):
            path = keyword(item, "path") or (item.args[0] if item.args else None)
            target = keyword(item, "endpoint") or (item.args[1] if len(item.args) > 1 else None)
            yield from self._pair(module, item, path, target, router, self._methods(module, item, "route"))
        elif last in {"url", "URLSpec"} and len(item.args) > 1:
            yield from self._pair(module, item, item.args[0], item.args[1], router)
        elif last in _VERBS | {"view"} and len(item.args) > 1:
            verbs = (last.upper(),) if last != "view" else ()
            yield from self._pair(module, item, item.args[0], item.args[1], router, verbs)
        elif last == "route" and len(item.args) > 2:
            verb = str(module.literal(item.args[0])).upper()
            yield from self._pair(module, item, item.args[1], item.args[2], router, (verb if verb != "*" else "GET",))

    def _pair(
        self,
        module: PythonModule,
        item: ast.expr,
        path: ast.expr | None,
        target: ast.expr | None,
        router: Router,
        verbs: tuple[str, ...] = (),
    ) -> Iterator[Declared]:
        text = path_text(self.tree, module, path)
        if text is None or target is None:
            return
        found = handlers(self.tree, module, target)
        guards = []
        if isinstance(item, ast.Call):
            guards = [
                g
                for h, m in collection(self.tree, module, keyword(item, "middleware"))
                for g in middleware_guards(self.tree, h, m)
            ]
        hidden = isinstance(item, ast.Call) and module.literal(keyword(item, "include_in_schema")) is False
        plain = text.rstrip("$") if router.framework == "tornado" else text
        yield from self._made(
            module, router, found, verbs or _ALL, plain, item.lineno, safe=bool(guards), hidden=hidden
        )

    def _mounted(
        self, module: PythonModule, item: ast.Call, router: Router, listed: set[ast.AST]
    ) -> Iterator[Declared]:
        prefix = path_text(self.tree, module, keyword(item, "path") or (item.args[0] if item.args else None)) or ""
        child = Router(router.framework)
        child.parents.append(Mount(router, prefix))
        for home, middleware in collection(self.tree, module, keyword(item, "middleware")):
            child.guards += middleware_guards(self.tree, home, middleware)
        yield from self._list(module, keyword(item, "routes"), child, listed)
        target = keyword(item, "app") or (item.args[1] if len(item.args) > 1 else None)
        mounted = self.graph.router(module, target) if target is not None else None
        if mounted is not None and mounted is not router:
            mounted.parents.append(Mount(child))

    # ------------------------------------------------------------ routes

    def _made(
        self,
        module: PythonModule,
        router: Router,
        found: Iterable[Handler],
        verbs: tuple[str, ...],
        path: str,
        line: int,
        *,
        safe: bool,
        hidden: bool = False,
    ) -> Iterator[Declared]:
        """Yield the routes of a declaration, one for each method and each way that the router is mounted.

        Where some methods of a class ask who is calling and others do not, a route stands at its own method.
        """
        found = list(found)
        if not found and is_health_path(path):  # of a library: all that matters is that it is there
            found = [Handler(module, ast.Pass(), "", (), protected=False)]
        mixed = len({handler.protected for handler in found}) > 1
        for handler in found:
            own = mixed and handler.of_class
            file, number = (handler.module.path, handler.line) if own else (module.path, line)
            for verb in handler.methods or verbs:
                route = Route(verb, path, file, number, handler.name, safe or handler.protected, handler.signed)
                route = replace(route, public=handler.public, signs_in=handler.signs_in, hidden=hidden)
                route = replace(route, defined=(handler.module.path, handler.line))
                yield router, path, replace(route, framework=router.framework)


def _own_auth(call: ast.Call) -> bool:
    """Return whether a declaration of Django Ninja names who checks the caller."""
    given = keyword(call, "auth")
    return given is not None and not (isinstance(given, ast.Constant) and not given.value)


def _is_listed_route(module: PythonModule, call: ast.Call) -> bool:
    return module.qualname(call.func) in {
        "starlette.routing.Route",
        "fastapi.routing.APIRoute",
        "starlette.routing.Mount",
    }


def _inside_listing(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a mount around a route is read by itself."""
    current = module.parents.get(call)
    while current is not None:
        if isinstance(current, ast.Call) and module.qualname(current.func).endswith(".Mount"):
            return True
        current = module.parents.get(current)
    return False
