"""The routers of Express, Koa, Fastify, Hono and their like: how they hang together, and the guards before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.javascript import is_guard
from pytest_superteam.scanners.facts.auth.javascript_effects import called_name
from pytest_superteam.scanners.facts.routes.javascript_links import Links, Named, links
from pytest_superteam.scanners.facts.routes.javascript_loops import unrolled
from pytest_superteam.scanners.facts.routes.javascript_names import APPS, METHODS, PATTERN, ROUTERS
from pytest_superteam.scanners.facts.routes.javascript_paths import path_texts
from pytest_superteam.scanners.facts.routes.model import Guard, Mount, Place, Router
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Graph", "Resolved"]

_APP_NAME = re.compile(
    r"^(?:app|server|fastify|api|routes?|instance|express|application|_?\w*(?:Router|Routes?|App|Api|router))$"
)
_CHAINED = METHODS | {
    "use",
    "register",
    "addHook",
    "prefix",
    "withTypeProvider",
    "after",
    "on",
    "notFound",
    "onError",
    "setErrorHandler",
    "setValidatorCompiler",
    "decorate",
    "openapi",
}
_HOOKS = frozenset({"onRequest", "preHandler", "preValidation", "preParsing"})
_DEPTH = 8

Resolved = tuple[Router, Place | None]
"""A router, and where statements on it count from, where it came in as a parameter."""


class Graph:
    """Collects routers, then the parameters that stand for them, then mounts and guards."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.links: Links = links(tree)
        self.modules = [
            file.javascript
            for file in tree.service_files("javascript", "typescript")
            if PATTERN.search(file.data) and file.javascript is not None
        ]
        self.routers: dict[tuple[str, int], Router] = {}
        self.made: list[tuple[JavaScriptModule, Node, Router]] = []
        self.parameters: dict[tuple[str, int], Resolved] = {}
        self.implied: dict[tuple[str, str], Router] = {}
        self.served = True
        self._build()

    def _build(self) -> None:
        for module in self.modules:
            for call in module.calls:
                self._declare(module, call)
        for _ in range(3):  # a router may be handed on by a function that was handed it
            known = len(self.parameters)
            for module in self.modules:
                for call in module.calls:
                    self._hand_over(module, call)
            if len(self.parameters) == known:
                break
        for module in self.modules:
            for call in module.calls:
                self._statement(module, call)
        self.served = any(router.app for router in self.routers.values())

    def autohooks(self) -> None:
        """Hang the hooks of `autohooks.js` on the routes of its folder, as Fastify's autoload does."""
        for (path, _), router in self.implied.items():
            folder, _, name = path.rpartition("/")
            for (other, _), below in self.implied.items() if name.startswith("autohooks.") else ():
                if other != path and other.startswith(f"{folder}/"):
                    below.guards += router.guards

    def _declare(self, module: JavaScriptModule, call: Node) -> None:
        callee = module.callee(call)
        name = module.qualname(callee)
        kind, app = (APPS[name], True) if name in APPS else (ROUTERS.get(name, ""), False)
        if not kind:
            last = called_name(module, callee)
            guessed = {"express": True, "express.Router": False, "fastify": True, "Fastify": True}.get(last)
            if guessed is None or name not in {last, ""}:
                return
            kind, app = ("fastify" if last.lower() == "fastify" else "express"), guessed
        prefix = ""
        for given in module.arguments(call)[:1]:
            for text in path_texts(module, module.option(given, "prefix") or module.option(given, "basePath"))[:1]:
                prefix = text
        router = Router(kind, prefix, app=app)
        self.routers[module.path, call.id] = router
        self.made.append((module, call, router))

    # ------------------------------------------------------------ what an expression stands for

    def known(self, module: JavaScriptModule, node: Node) -> Router | None:
        """Return the router that a call makes."""
        if node.type not in {"call_expression", "new_expression"}:
            return None
        return self.routers.get((module.path, node.id))

    def router(self, module: JavaScriptModule, node: Node | None, depth: int = 0) -> Resolved | None:
        """Return the router that an expression stands for."""
        node = module.unwrap(node)
        if node is None or depth > _DEPTH:
            return None
        direct = self.known(module, node)
        if direct is not None:
            return direct, None
        found = self.links.follow(module, node)
        if found is None:
            return None
        home, target = found
        direct = self.known(home, target)
        if direct is not None:
            return direct, None
        if target.type in {"call_expression", "new_expression"}:
            return self._from_call(home, target, depth)
        if target.type in {"identifier", "shorthand_property_identifier"}:
            binding = home.binding(target)
            if binding is not None and (home.path, binding.name.start_byte) in self.parameters:
                return self.parameters[home.path, binding.name.start_byte]
        if target.type == "member_expression":
            return self._from_member(home, target, depth)
        return None

    def _from_call(self, module: JavaScriptModule, call: Node, depth: int) -> Resolved | None:
        """Return the router that a call gives back: a chain on one, `router.routes()`, a function that returns one."""
        callee = module.unwrap(module.callee(call))
        if callee is None:
            return None
        if callee.type == "member_expression":
            last, owner = module.member_name(callee), callee.child_by_field_name("object")
            if last in {"routes", "middleware", "callback"} | _CHAINED:
                inner = self.router(module, owner, depth + 1)
                if inner is not None:
                    return inner
            if last == "basePath":
                return self._based(module, call, owner, depth)
        found = self.links.follow(module, callee)
        if found is None and call.type == "call_expression":
            return None
        if found is not None and found[1].type in FUNCTIONS:
            return self._returned(*found, depth)
        return None

    def _based(self, module: JavaScriptModule, call: Node, owner: Node | None, depth: int) -> Resolved | None:
        """Return Hono's `app.basePath("/api")`, which is the same application under a prefix."""
        outer = self.router(module, owner, depth + 1)
        if outer is None:
            return None
        texts = path_texts(module, next(iter(module.arguments(call)), None))
        key = (module.path, call.start_byte)
        if key not in self.parameters:
            child = Router(outer[0].framework, texts[0] if texts else "")
            child.parents.append(Mount(outer[0]))
            self.parameters[key] = child, None
        return self.parameters[key]

    def _returned(self, module: JavaScriptModule, function: Node, depth: int) -> Resolved | None:
        body = function.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            return self.router(module, body, depth + 1)
        for statement in module.inside(function, "return_statement"):
            value = next(iter(module.children(statement)), None)
            if module.function_of(statement) == function and value is not None:
                options = (
                    [module.option(value, key) for key in ("router", "app", "server")]
                    if value.type == "object"
                    else [value]
                )
                for option in options:
                    found = self.router(module, option, depth + 1) if option is not None else None
                    if found is not None:
                        return found
        return None

    def _from_member(self, module: JavaScriptModule, node: Node, depth: int) -> Resolved | None:
        """Return what `this.router` is where a base class makes it, or what an instance's field holds."""
        owner, name = node.child_by_field_name("object"), module.member_name(node) or ""
        if owner is None:
            return None
        if owner.type == "this":
            cls = module.class_of(node)
            found = self.links.member(module, cls, name) if cls is not None else None
        else:
            held = self.links.follow(module, owner)
            found = self.links.member(*held, name) if held is not None else None
        return self.router(*found, depth + 1) if found is not None and found[1].id != node.id else None

    def imply(self, module: JavaScriptModule, node: Node | None, framework: str = "express") -> Router | None:
        """Return the router for a name that nothing here makes: the file is a part of a program."""
        name = called_name(module, node)
        node = module.unwrap(node)
        last = name.rsplit(".", 1)[-1]
        if node is None or node.type not in {"identifier", "member_expression"} or not _APP_NAME.match(last):
            return None
        if name.count(".") > 1 or (name.count(".") == 1 and not name.startswith("this.")):
            return None
        found = self.links.follow(module, node)
        if found is not None and found[1].type in {"call_expression", "new_expression", "object", "string"}:
            called = called_name(found[0], found[1])
            if not (found[1].type == "call_expression" and found[0].required(found[1]) is not None) and not re.search(
                r"express|koa|fastify|hono|[rR]outer|App$|createServer|^app", called
            ):
                return None
        return self.implied.setdefault((module.path, name), Router(framework, app=True))

    # ------------------------------------------------------------ parameters

    def _hand_over(self, module: JavaScriptModule, call: Node) -> None:
        """Note for `setup(app)` and `require("./routes")(app)` what the function's parameter stands for."""
        given = module.arguments(call)
        if not given:
            return
        callee = module.unwrap(module.callee(call))
        if callee is None or called_name(module, callee).rsplit(".", 1)[-1] in _CHAINED - {"register", "after"}:
            return
        if callee.type == "member_expression" and module.member_name(callee) == "register":
            self._register(module, call, callee, given)
            return
        resolved = [
            (i, self.router(module, arg))
            for i, arg in enumerate(given[:6])
            if arg.type in {"identifier", "member_expression"}
        ]
        passed = [(i, r) for i, r in resolved if r is not None]
        if not passed:
            return
        found = self.links.follow(module, callee)
        if found is None or found[1].type not in FUNCTIONS:
            found = self._constructor(found)
        if found is None:
            return
        parameters = found[0].parameters(found[1])
        for position, (router, place) in passed:
            if position < len(parameters):
                name = found[0].pattern(parameters[position])
                here = place or Place(module.path, call.start_byte)
                self.parameters.setdefault((found[0].path, name.start_byte), (router, here))

    def _constructor(self, found: Named | None) -> Named | None:
        if found is None or not found[1].type.startswith("class"):
            return None
        method = Links.method(found[0], found[1], "constructor")
        return (found[0], method) if method is not None else None

    def _register(self, module: JavaScriptModule, call: Node, callee: Node, given: list[Node]) -> None:
        """Note for Fastify's `app.register(plugin, {prefix})` that the plugin's parameter is a router below the app."""
        outer = self.router(module, callee.child_by_field_name("object"))
        plugin, shared = self._plugin(module, given[0])
        if outer is None or plugin is None:
            return
        parameters = plugin[0].parameters(plugin[1])
        if not parameters:
            return
        name = plugin[0].pattern(parameters[0])
        key = (plugin[0].path, name.start_byte)
        texts = path_texts(module, module.option(given[1], "prefix")) if len(given) > 1 else []
        known = self.parameters.get(key)
        if known is None:
            child = outer[0] if shared and not texts else Router(outer[0].framework or "fastify")
            self.parameters[key] = known = child, outer[1] or Place(module.path, call.start_byte)
        if known[0] is not outer[0] and not any(
            m.parent is outer[0] and m.place.position == call.start_byte for m in known[0].parents
        ):
            known[0].parents.append(
                Mount(outer[0], texts[0] if texts else "", place=Place(module.path, call.start_byte))
            )

    def _plugin(self, module: JavaScriptModule, node: Node) -> tuple[Named | None, bool]:
        """Return the function of a plugin, and whether `fastify-plugin` lets it work on the application itself."""
        found = self.links.follow(module, node)
        shared = False
        for _ in range(3):
            if found is None or found[1].type != "call_expression":
                break
            home, call = found
            shared = (
                shared
                or home.qualname(home.callee(call)).startswith("fastify-plugin")
                or called_name(home, home.callee(call)) in {"fp", "fastifyPlugin"}
            )
            first = next(iter(home.arguments(call)), None)
            found = self.links.follow(home, first) if first is not None else None
        return (found if found is not None and found[1].type in FUNCTIONS else None), shared

    # ------------------------------------------------------------ statements

    def place(self, module: JavaScriptModule, node: Node, resolved: Resolved) -> Place:
        """Return where a statement on a router counts from."""
        if resolved[1] is not None:
            return resolved[1]
        return Place(module.path, node.end_byte)

    def _statement(self, module: JavaScriptModule, call: Node) -> None:
        callee = module.unwrap(module.callee(call))
        if callee is None or callee.type != "member_expression":
            return
        kind, owner = module.member_name(callee), callee.child_by_field_name("object")
        given = module.arguments(call)
        if kind not in {"use", "addHook", "all", "route", "mount", "prefix", "default", "pre"} or not given:
            return
        hapi = kind == "default"  # server.auth.default("jwt")
        if hapi and (owner is None or not called_name(module, callee).endswith(".auth.default")):
            return
        holder = owner.child_by_field_name("object") if hapi and owner is not None else owner
        resolved = self.router(module, holder)
        implied = self.imply(module, owner) if resolved is None else None
        if resolved is None and implied is not None:
            resolved = implied, None
        if resolved is not None and kind is not None:
            for turn in unrolled(module, call, given):
                self._apply(module, call, kind, resolved, turn)

    def _apply(self, module: JavaScriptModule, call: Node, kind: str, resolved: Resolved, given: list[Node]) -> None:
        """Hang what a statement adds on its router: a guard, a child, a prefix."""
        if kind == "default":
            resolved[0].guards.append(Guard())
        elif kind in {"use", "pre"}:
            self._use(module, call, resolved, given)
        elif kind == "addHook" and len(given) > 1:
            if module.literal(given[0]) in _HOOKS and is_guard(self.links, module, given[1]):
                resolved[0].guards.append(Guard())
        elif kind == "all" and len(given) == 2 and is_guard(self.links, module, given[1]):
            for text in path_texts(module, given[0]):
                resolved[0].guards.append(Guard(text, self.place(module, call, resolved)))
        elif kind in {"route", "mount"} and len(given) > 1:  # hono: app.route("/books", books)
            child = self.router(module, given[1])
            if child is not None and child[0] is not resolved[0]:
                texts = path_texts(module, given[0])
                child[0].parents.append(
                    Mount(resolved[0], texts[0] if texts else "", place=self.place(module, call, resolved))
                )
        elif kind == "prefix":
            texts = path_texts(module, given[0])
            resolved[0].prefix = texts[0] if texts else resolved[0].prefix

    def _use(self, module: JavaScriptModule, call: Node, resolved: Resolved, given: list[Node]) -> None:
        """Read `app.use("/api", auth, router)`: guards and mounts, in the order of the statement."""
        router, place = resolved[0], self.place(module, call, resolved)
        texts = path_texts(module, given[0])
        rest = given[1:] if texts else given
        prefixes = texts or [""]
        safe = False
        for node in self._flat(module, rest):
            child = self._mounted(module, node)
            if child is not None:
                if child[0] is not router:
                    for prefix in prefixes:
                        child[0].parents.append(Mount(router, prefix, safe, place))
            elif not self._is_router_name(module, node, prefixes, alone=len(rest) == 1) and is_guard(
                self.links, module, node
            ):
                safe = True
                router.guards += [Guard(prefix, place) for prefix in prefixes]

    def _flat(self, module: JavaScriptModule, nodes: list[Node]) -> list[Node]:
        found: list[Node] = []
        for node in nodes:
            target = module.unwrap(node)
            if target is not None and target.type == "identifier":
                bound = module.resolve(target)
                target = bound if bound is not None and bound.type == "array" else target
            if target is not None and target.type == "spread_element":
                inner = module.resolve(next(iter(module.children(target)), None))
                found += module.children(inner) if inner is not None and inner.type == "array" else [target]
            elif target is not None and target.type == "array":
                found += module.children(target)
            elif target is not None:
                found.append(target)
        return found

    def _mounted(self, module: JavaScriptModule, node: Node) -> Resolved | None:
        """Return the router that a middleware argument is; of `mount("/api", router.routes())` with its prefix."""
        if node.type == "call_expression" and called_name(module, module.callee(node)) == "mount":
            given = module.arguments(node)
            inner = self.router(module, given[-1]) if given else None
            texts = path_texts(module, given[0]) if len(given) > 1 else []
            if inner is not None and texts:
                child = Router(inner[0].framework, texts[0])
                inner[0].parents.append(Mount(child))
                return child, None
            return inner
        return self.router(module, node)

    def _is_router_name(self, module: JavaScriptModule, node: Node, prefixes: list[str], *, alone: bool) -> bool:
        """Return whether an argument that leads out of the service is rather a router: `app.use("/auth", auth)`."""
        name = called_name(module, node).rsplit(".", 1)[-1].lower()
        last = prefixes[0].rstrip("/*").rsplit("/", 1)[-1].lower()
        found = self.links.follow(module, node)
        outside = (
            found is None
            or found[1].type in {"identifier", "member_expression"}
            or (found[1].type == "call_expression" and found[0].required(found[1]) is not None)
        )
        return bool(last) and alone and outside and name in {last, last + "s", last.removesuffix("s")}
