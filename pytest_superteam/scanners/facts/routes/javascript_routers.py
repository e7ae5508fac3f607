"""Routes of Express, Koa, Fastify, Hono, hapi and restify."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_superteam.scanners.facts.auth.javascript import (
    checks_signature,
    functions_of,
    handler_authenticates,
    is_guard,
    signs_in,
)
from pytest_superteam.scanners.facts.auth.javascript_effects import called_name
from pytest_superteam.scanners.facts.routes.conventions import is_health_path
from pytest_superteam.scanners.facts.routes.javascript_autoload import hang_prefixes
from pytest_superteam.scanners.facts.routes.javascript_graph import Graph
from pytest_superteam.scanners.facts.routes.javascript_names import METHODS
from pytest_superteam.scanners.facts.routes.javascript_paths import path_texts
from pytest_superteam.scanners.facts.routes.model import Application, PartialPath, Place, Route, Router, Routing
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.facts.routes.javascript_graph import Resolved
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["read"]

_HOOKS = ("preHandler", "onRequest", "preValidation", "preParsing", "beforeHandler")
_HANDLER_PARAMETER = re.compile(r"^_?(?:req|request|ctx|context|c|res|reply|_|h|response|\{.*)$", re.DOTALL)
_HEALTH_PACKAGES = re.compile(
    rb"[\"'](?:@godaddy/terminus|lightship|express-healthcheck|express-actuator|@cloudnative/health\w*|fastify-healthcheck|koa-healthcheck|"
    rb"express-health-\w+|koa-health\w*|healthcheck-middleware|@bmoor/health|@kubernetes/health\w*|@moebius/\w*health\w*|express-server-status|express-health\w*)[\"']"
)
_OPAQUE = re.compile(
    rb"(?:express-openapi(?:-validator)?|openapi-backend|@fastify/autoload|fastify-autoload|fastify-openapi-glue|swagger-express-mw|express-list-routes-dynamic|"
    rb"oas-tools|swagger-tools|express-file-routing|exegesis-express|connect-api-mocker|json-server)\b|\bRegisterRoutes\(|\b(?:use|create)ExpressServer\("
)
Declared: TypeAlias = tuple[Router, str, Place, Route]


def read(tree: SourceTree) -> Routing:
    """Return what these frameworks serve in the service code of `tree`."""
    graph = Graph(tree)
    if not graph.modules:
        return Routing()
    finder = _Finder(graph)
    declared = list(finder.declared())
    graph.autohooks()
    hang_prefixes(tree, graph.implied)
    found = [
        replace(route, path=full, protected=route.protected or safe, partial=isinstance(full, PartialPath))
        for router, path, place, route in declared
        for full, _, safe in router.places(
            path,
            route.method,
            place,
            served=graph.served and router not in graph.implied.values() and _included(router),
        )
    ]
    health = any(_HEALTH_PACKAGES.search(module.data) or _under_pressure(module) for module in graph.modules)
    opaque = any(_OPAQUE.search(module.data) for module in graph.modules)
    made = tuple(Application(m.path, m.line(call), r.framework, health) for m, call, r in graph.made if r.app)
    return Routing(tuple(found), made, opaque or finder.opaque)


def _included(router: Router) -> bool:
    """Return whether a router is known to hang somewhere; one that does not may be mounted in a way nobody reads."""
    return bool(router.parents) or router.app


def _under_pressure(module: JavaScriptModule) -> bool:
    return b"under-pressure" in module.data and b"exposeStatusRoute" in module.data


class _Finder:
    """Reads the routes on the routers of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.links = graph.links
        self.opaque = False

    def declared(self) -> Iterator[Declared]:
        """Yield the routes of all modules as declared."""
        for module in self.graph.modules:
            for call in module.calls:
                callee = module.unwrap(module.callee(call))
                if callee is None:
                    continue
                if callee.type == "subscript_expression" and self._dynamic(module, callee):
                    self.opaque = True
                if callee.type != "member_expression":
                    continue
                kind = module.member_name(callee) or ""
                if kind in METHODS:
                    yield from self._method(module, call, callee, kind)
                elif kind == "route":
                    yield from self._route_object(module, call, callee)
                elif kind == "on":
                    yield from self._on(module, call, callee)
                elif kind in {"use", "openapi"}:
                    yield from self._other(module, call, callee, kind)

    def _dynamic(self, module: JavaScriptModule, callee: Node) -> bool:
        return self.graph.router(module, callee.child_by_field_name("object")) is not None

    def _resolve(self, module: JavaScriptModule, node: Node | None, given: list[Node]) -> Resolved | None:
        """Return the router of a call; of an unknown one where its arguments are those of a route."""
        known = self.graph.router(module, node)
        if known is not None:
            return known
        if len(given) < 2 or not self._looks_like_route(module, given):
            return None
        implied = self.graph.imply(module, node)
        return (implied, None) if implied is not None else None

    def _looks_like_route(self, module: JavaScriptModule, given: list[Node]) -> bool:
        texts = path_texts(module, given[0])
        if not any(text.startswith(("/", "*")) or not text for text in texts):
            return False
        last = given[-1]
        if last.type in FUNCTIONS:
            parameters = module.parameters(last)
            return not parameters or _HANDLER_PARAMETER.match(module.text(module.pattern(parameters[0]))) is not None
        if last.type in {"identifier", "member_expression", "call_expression", "array"}:
            found = self.links.follow(module, last)
            return found is None or found[1].type not in {"object", "string", "template_string", "number"}
        return False

    # ------------------------------------------------------------ declarations

    def _method(self, module: JavaScriptModule, call: Node, callee: Node, kind: str) -> Iterator[Declared]:
        given = module.arguments(call)
        owner = callee.child_by_field_name("object")
        base = self._chain_base(module, owner)
        if base is not None:  # router.route("/x").get(f).post(g)
            holder = module.unwrap(module.callee(base))
            paths = path_texts(module, next(iter(module.arguments(base)), None))
            resolved = self._chained(
                module, holder.child_by_field_name("object") if holder is not None else None, paths
            )
            if resolved is not None and given:
                yield from self._made(module, call, callee, kind, resolved, paths, given)
            return
        if not given:
            return
        resolved = self._resolve(module, owner, given)
        if resolved is None:
            return
        paths = path_texts(module, given[0])
        rest = given[1:]
        if not paths and given[0].type in FUNCTIONS:
            paths, rest = [""], given  # hono: app.get(handler)
        if resolved[0].framework == "koa" and len(rest) > 1 and module.literal(rest[0]).__class__ is str:
            paths, rest = path_texts(module, rest[0]), rest[1:]  # koa: router.get("name", "/x", handler)
        if not paths and len(given) > 1:
            self.opaque = True  # a path that nobody knows
        if paths and rest:
            yield from self._made(module, call, callee, kind, resolved, paths, rest)

    def _chained(self, module: JavaScriptModule, node: Node | None, paths: list[str]) -> Resolved | None:
        known = self.graph.router(module, node)
        if known is not None:
            return known
        implied = self.graph.imply(module, node) if any(p.startswith("/") for p in paths) else None
        return (implied, None) if implied is not None else None

    def _chain_base(self, module: JavaScriptModule, node: Node | None) -> Node | None:
        """Return the call `x.route("/path")` that a chain of methods stands on."""
        for _ in range(20):
            node = module.unwrap(node)
            if node is None or node.type != "call_expression":
                return None
            callee = module.unwrap(module.callee(node))
            if callee is None or callee.type != "member_expression":
                return None
            name = module.member_name(callee)
            if name == "route" and len(module.arguments(node)) == 1:
                return node
            if name not in METHODS:
                return None
            node = callee.child_by_field_name("object")
        return None

    def _route_object(self, module: JavaScriptModule, call: Node, callee: Node) -> Iterator[Declared]:
        """Yield the routes of `fastify.route({method, url, handler})` and hapi's `server.route([{...}])`."""
        given = module.arguments(call)
        if len(given) != 1:
            return
        target = module.resolve(given[0])
        items = module.children(target) if target is not None and target.type == "array" else [given[0]]
        resolved = self.graph.router(module, callee.child_by_field_name("object"))
        for item in items:
            method = module.option(item, "method")
            path = module.option(item, "url") or module.option(item, "path")
            handler = module.option(item, "handler")
            options = module.option(item, "options") or module.option(item, "config")
            handler = handler or (module.option(options, "handler") if options is not None else None)
            if method is None or path is None or handler is None:
                continue
            if resolved is None:
                implied = self.graph.imply(module, callee.child_by_field_name("object"), "fastify")
                resolved = (implied, None) if implied is not None else None
            if resolved is None:
                return
            said = module.literal(method)
            verbs = [str(v) for v in said] if isinstance(said, list) else [str(said)]
            at = call if len(items) == 1 else item
            for verb in verbs:
                for declared in self._made(
                    module, at, at, verb.lower(), resolved, path_texts(module, path), [item, handler]
                ):
                    yield self._hapi(module, options, declared)

    def _hapi(self, module: JavaScriptModule, options: Node | None, declared: Declared) -> Declared:
        given = module.option(options, "auth") if options is not None else None
        if given is None:
            return declared
        router, path, place, route = declared
        said = module.literal(given)
        mode = said.get("mode") if isinstance(said, dict) else None
        if said is False:
            return Router(router.framework, app=True), path, place, replace(route, public=True)
        return router, path, place, replace(route, protected=route.protected or mode not in {"try", "optional"})

    def _on(self, module: JavaScriptModule, call: Node, callee: Node) -> Iterator[Declared]:
        """Yield Hono's `app.on("GET", "/x", handler)`."""
        given = module.arguments(call)
        resolved = self.graph.router(module, callee.child_by_field_name("object")) if len(given) > 2 else None
        if resolved is None or resolved[0].framework != "hono":
            return
        for verb in path_texts(module, given[0]):
            yield from self._made(module, call, callee, verb.lower(), resolved, path_texts(module, given[1]), given[2:])

    def _other(self, module: JavaScriptModule, call: Node, callee: Node, kind: str) -> Iterator[Declared]:
        """Yield a health route that is given by `app.use("/health", f)`, and those of Hono's OpenAPI."""
        given = module.arguments(call)
        if len(given) < 2:
            return
        if kind == "use":
            paths = [path for path in path_texts(module, given[0]) if is_health_path(path)]
            resolved = self.graph.router(module, callee.child_by_field_name("object")) if paths else None
            if resolved is not None and self.graph.router(module, given[-1]) is None:
                yield from self._made(module, call, callee, "get", resolved, paths, given[1:])
            return
        resolved = self.graph.router(module, callee.child_by_field_name("object"))
        definition = self.links.follow(module, given[0])
        if resolved is None or definition is None or definition[1].type != "call_expression":
            return
        home, created = definition
        described = next(iter(home.arguments(created)), None)
        verb, path = home.literal(home.option(described, "method")), path_texts(home, home.option(described, "path"))
        middleware = home.option(described, "middleware")
        safe = middleware is not None and is_guard(self.links, home, middleware)
        for router, text, place, route in self._made(module, call, callee, str(verb), resolved, path, given[1:2]):
            yield router, text, place, replace(route, protected=route.protected or safe)

    # ------------------------------------------------------------ routes

    def _made(
        self,
        module: JavaScriptModule,
        call: Node,
        callee: Node,
        kind: str,
        resolved: Resolved,
        paths: list[str],
        given: list[Node],
    ) -> Iterator[Declared]:
        router = resolved[0]
        verb = {"del": "DELETE", "all": "GET", "opts": "OPTIONS", "*": "GET"}.get(kind, kind.upper())
        prop = callee.child_by_field_name("property") if callee.type == "member_expression" else None
        line = module.line(prop if prop is not None else call)
        safe = any(self._guards(module, item, last=item is given[-1]) for item in given)
        if kind == "all" and len(given) == 1 and is_guard(self.links, module, given[0]):
            return  # a guard, not a route
        handlers = functions_of(self.links, module, given[-1])
        safe = safe or any(handler_authenticates(self.links, *handler) for handler in handlers)
        signed = not safe and any(checks_signature(self.links, home, f) for home, f in handlers)
        signing = not safe and any(signs_in(home, f) for home, f in handlers)
        if (
            not handlers
            and given[-1].type == "call_expression"
            and called_name(module, given[-1]).endswith(("static", "serve", "setup"))
        ):
            return  # files and documentation
        name = called_name(module, given[-1])
        place = self.graph.place(module, call, resolved)
        defined = (handlers[0][0].path, handlers[0][0].line(handlers[0][1])) if handlers else ("", 0)
        for path in paths:
            route = Route(
                verb, path, module.path, line, name, safe, signed, framework=router.framework, signs_in=signing
            )
            yield router, path, place, replace(route, defined=defined)

    def _guards(self, module: JavaScriptModule, node: Node, *, last: bool) -> bool:
        """Return whether one argument of a route is a guard; the handler itself only where it is wrapped in one."""
        target = module.resolve(node) if node.type in {"identifier", "member_expression"} else node
        if target is not None and target.type == "object":
            hooks = [module.option(target, hook) for hook in _HOOKS]
            return any(hook is not None and is_guard(self.links, module, hook) for hook in hooks)
        if target is not None and target.type == "array":
            items = module.children(target)
            return any(self._guards(module, item, last=last and item.id == items[-1].id) for item in items)
        if not last:
            return is_guard(self.links, module, node)
        if node.type == "call_expression":
            callee = module.unwrap(module.callee(node))
            if callee is not None and callee.type == "call_expression":
                return is_guard(self.links, module, callee)
            inner = [
                arg
                for arg in module.arguments(node)
                if arg.type in {*FUNCTIONS, "identifier", "member_expression", "call_expression"}
            ]
            return self._wraps(module, node) if inner else is_guard(self.links, module, node)
        return False

    def _wraps(self, module: JavaScriptModule, call: Node) -> bool:
        """Return whether `requireAuth(handler)` guards, apart from what the handler does itself."""
        callee = module.callee(call)
        found = self.links.follow(module, callee)
        if found is not None and found[1].type in FUNCTIONS:
            return is_guard(self.links, module, callee)
        return is_guard(self.links, module, callee) or any(
            is_guard(self.links, module, arg) for arg in module.arguments(call)[:-1] if arg.type not in FUNCTIONS
        )
