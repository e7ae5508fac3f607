"""The routers of Python's decorator frameworks, how they hang in each other, and the guards before them."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.auth.python import (
    is_auth_decorator,
    is_auth_dependency,
)
from pytest_superteam.scanners.facts.auth.python_guards import function_guards, middleware_guards
from pytest_superteam.scanners.facts.routes.model import Mount, Router
from pytest_superteam.scanners.facts.routes.python_names import APPS, PATTERN, ROUTERS, WORDS
from pytest_superteam.scanners.facts.routes.python_values import UNKNOWN_PART, collection, prefix_text
from pytest_superteam.scanners.facts.services import definition, literal, value_of
from pytest_superteam.scanners.languages.python import PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Graph"]

_MOUNTS = frozenset({
    "include_router", "register_blueprint", "mount", "blueprint", "add_namespace", "add_subapp", "add_routes",
    "register_api", "add_router", "init_app", "register_router", "merge",
})  # fmt: skip
_HOOKS = frozenset(
    {"middleware", "before_request", "before_app_request", "on_request", "hook", "before_serving_request"}
)
_ADDED = frozenset({"add_middleware", "before_request", "before_app_request", "register_middleware", "add_hook"})
_FOREIGN = frozenset(
    {
        "respx",
        "responses",
        "httpretty",
        "requests_mock",
        "requests",
        "httpx",
        "mock",
        "pook",
        "aioresponses",
        "session",
        "client",
        "cache",
        "redis",
    }
)
_DEPTH = 8


class Graph:
    """Collects routers, then how they are mounted, then what guards them."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.modules = [
            file.python
            for file in tree.service_files("python")
            if any(word in file.data for word in WORDS) and PATTERN.search(file.data) and file.python is not None
        ]
        self.routers: dict[ast.AST, Router] = {}
        self.homes: dict[ast.AST, PythonModule] = {}
        self.implied: dict[tuple[str, str], Router] = {}
        """Routers that a module uses and nobody makes: it is a part of a program, or they come from elsewhere."""
        self.served = True
        """Whether every inclusion was understood, so that a router without one is known to serve nothing."""
        self._build()

    def _build(self) -> None:
        for module in self.modules:
            for call in module.calls:
                self._declare(module, call)
        for node, router in list(self.routers.items()):
            self._options(self.homes[node], node, router)
        for module in self.modules:
            for call in module.calls:
                self._mount(module, call)
        for module in self.modules:
            self._guards(module)
        for router in self.routers.values():
            router.app = router.app or (router.framework == "restful" and not router.parents)
        self.served = self.served and any(router.app for router in self.routers.values())

    @cached_property
    def _subclasses(self) -> frozenset[str]:
        """Return the names of classes of the service that derive from an application or router, maybe over others."""
        known: set[str] = set()
        for _ in range(3):
            for module in self.modules:
                for cls in module.of(ast.ClassDef):
                    bases = [module.qualname(base) for base in cls.bases]
                    if any(b in APPS or b in ROUTERS or b.rsplit(".", 1)[-1] in known for b in bases):
                        known.add(cls.name)
        return frozenset(known)

    @cached_property
    def _calls(self) -> dict[str, list[tuple[PythonModule, ast.Call]]]:
        """Return the calls of all modules by the last name of what they call."""
        found: dict[str, list[tuple[PythonModule, ast.Call]]] = {}
        for module in self.modules:
            for call in module.calls:
                last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if last:
                    found.setdefault(last, []).append((module, call))
        return found

    def kind(self, module: PythonModule, node: ast.AST) -> tuple[str, bool] | None:
        """Return framework, and whether it is an application, of what a call makes: subclasses of the service too."""
        name = module.qualname(node)
        for _ in range(3):
            if name in APPS:
                return APPS[name], True
            if name in ROUTERS:
                return ROUTERS[name], False
            if name.rsplit(".", 1)[-1] not in self._subclasses:
                return None
            found = definition(self.tree, module, node)
            if found is None or not isinstance(found[1], ast.ClassDef) or not found[1].bases:
                return None
            module, node = found[0], found[1].bases[0]
            name = module.qualname(node)
        return None

    def _declare(self, module: PythonModule, call: ast.Call) -> None:
        kind = self.kind(module, call.func)
        if kind is not None:
            self.routers[call] = Router(kind[0], self._own_prefix(module, call, kind[0]), app=kind[1])
            self.homes[call] = module

    def _own_prefix(self, module: PythonModule, call: ast.Call, framework: str) -> str:
        given = next(
            (v for k in ("prefix", "url_prefix", "path", "base_path") if (v := keyword(call, k)) is not None), None
        )
        if given is None and framework == "restx":
            name = literal(self.tree, module, call.args[0] if call.args else keyword(call, "name"))
            return f"/{name}" if isinstance(name, str) else ""
        if given is None and framework == "sanic" and len(call.args) > 1:
            given = call.args[1]
        found = prefix_text(self.tree, module, given)
        return "" if found is None else found

    def _options(self, module: PythonModule, call: ast.AST, router: Router) -> None:
        """Read what a router's own call says: dependencies, decorators, middleware, for an `Api` its application."""
        if not isinstance(call, ast.Call):
            return
        router.protected = self.any_auth(module, keyword(call, "dependencies"))
        given = keyword(call, "auth")
        if router.framework == "ninja" and given is not None:
            router.protected = not (isinstance(given, ast.Constant) and not given.value)
        marks = collection(self.tree, module, keyword(call, "decorators"))
        router.protected = router.protected or any(is_auth_decorator(self.tree, home, mark) for home, mark in marks)
        route_class = definition(self.tree, module, keyword(call, "route_class"))
        if route_class is not None and function_guards(self.tree, *route_class):
            router.protected = True
        for name in ("middleware", "middlewares"):
            for home, item in collection(self.tree, module, keyword(call, name)):
                router.guards += middleware_guards(self.tree, home, item)
        if router.framework == "restful" and call.args:
            parent = self.router(module, call.args[0])
            if parent is not None:
                router.parents.append(Mount(parent))

    def any_auth(self, module: PythonModule, node: ast.expr | None) -> bool:
        """Return whether a list of dependencies holds one that authenticates."""
        items = collection(self.tree, module, node)
        return any(is_auth_dependency(self.tree, home, item) for home, item in items)

    # ------------------------------------------------------------ what an expression stands for

    def router(self, module: PythonModule, node: ast.AST, depth: int = 0) -> Router | None:
        """Return the router that an expression stands for."""
        if node in self.routers:
            return self.routers[node]
        if depth > _DEPTH:
            return None
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"router", "app", "api_router"}
            and node.value in self.routers
        ):
            return self.routers[node.value]
        found = value_of(self.tree, module, node) or self._attribute(module, node) or self._returned(module, node)
        if found is not None and found[1] is not node:
            known = self.router(*found, depth + 1)
            if known is not None:
                return known
        if isinstance(node, ast.Attribute) and node.attr == "router":  # aiohttp: app.router.add_get
            return self.router(module, node.value, depth + 1)
        return self._parameter(module, node, depth)

    def _attribute(self, module: PythonModule, node: ast.AST) -> tuple[PythonModule, ast.expr] | None:
        """Return what `self.router` is assigned in the class around it."""
        if not (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
        ):
            return None
        owner = module.class_of(node)
        for statement in walk(owner) if owner is not None else ():
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [statement.target]
                if isinstance(statement, ast.AnnAssign)
                else []
            )
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            if value is not None and any(isinstance(t, ast.Attribute) and t.attr == node.attr for t in targets):
                return module, value
            if value is not None and any(isinstance(t, ast.Name) and t.id == node.attr for t in targets):
                return module, value
        return None

    def _returned(self, module: PythonModule, node: ast.AST) -> tuple[PythonModule, ast.expr] | None:
        """Return what a function of the service returns, for `app = create_app()`."""
        if not isinstance(node, ast.Call):
            return None
        found = definition(self.tree, module, node.func)
        if found is None or not isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        values = [r.value for r in found[0].scope_nodes(found[1]) if isinstance(r, ast.Return) and r.value is not None]
        return (found[0], values[-1]) if values else None

    def _parameter(self, module: PythonModule, node: ast.AST, depth: int) -> Router | None:
        """Return what a parameter stands for: what the callers give, else the only application."""
        if not isinstance(node, ast.Name):
            return None
        function = module.function_of(node)
        while function is not None and not module.is_parameter(node.id, function):
            function = module.function_of(function)
        if function is None:
            return None
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        for home, call in self._calls.get(function.name, [])[:20]:
            offset = names.index(node.id) if node.id in names else -1
            offset -= names[0] == "self" if names else 0
            given = keyword(call, node.id) or (call.args[offset] if 0 <= offset < len(call.args) else None)
            known = self.router(home, given, depth + 1) if given is not None and given is not node else None
            if known is not None:
                return known
        apps = [router for router in self.routers.values() if router.app]
        return apps[0] if len(apps) == 1 else None

    def imply(self, module: PythonModule, node: ast.AST, framework: str = "") -> Router | None:
        """Return the router for a name that nothing here makes."""
        name = _dotted(node)
        if not name or module.imports.get(name.split(".")[0], name).split(".")[0] in _FOREIGN:
            return None
        return self.implied.setdefault((module.path, name), Router(framework, app=True))

    # ------------------------------------------------------------ mounts

    def _mount(self, module: PythonModule, call: ast.Call) -> None:
        if (
            not isinstance(call.func, ast.Attribute)
            or call.func.attr not in _MOUNTS
            or not (call.args or call.keywords)
        ):
            return
        kind = call.func.attr
        parent = self.router(module, call.func.value)
        if kind == "init_app":  # api.init_app(app): here the argument is the parent
            child, outer = parent, self.router(module, call.args[0]) if call.args else None
            if child is not None and outer is not None and child is not outer and child.framework == "restful":
                child.parents.append(Mount(outer))
            return
        second = kind in {"mount", "add_subapp", "add_router"} and not (
            kind == "mount" and parent is not None and parent.framework == "bottle" and len(call.args) < 2
        )
        children = keyword(call, "app") or keyword(call, "router") or keyword(call, "blueprint")
        if children is None and len(call.args) > second:
            children = call.args[1 if second else 0]
        if parent is None or children is None:
            self.served = self.served and kind not in {"include_router", "register_blueprint"}
            return
        prefix = self._mount_prefix(module, call, second=second)
        safe = self.any_auth(module, keyword(call, "dependencies")) or (
            kind == "add_router" and keyword(call, "auth") is not None
        )
        for home, node in self._children(module, children):
            child = self.router(home, node)
            known = child is not None or kind not in {"include_router", "register_blueprint", "blueprint"}
            self.served = self.served and known
            if child is not None and child is not parent:
                known_prefix = prefix is not None and prefix is not UNKNOWN_PART
                replaces = kind in {"register_blueprint", "add_namespace"} and known_prefix
                child.parents.append(
                    Mount(parent, "" if prefix is None else prefix, safe, replaces=replaces, isolated=kind == "mount")
                )

    def _mount_prefix(self, module: PythonModule, call: ast.Call, *, second: bool) -> str | None:
        if second and call.args:
            return prefix_text(self.tree, module, call.args[0])
        given = next((v for k in ("prefix", "url_prefix", "path") if (v := keyword(call, k)) is not None), None)
        if (
            given is None
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "add_namespace"
            and len(call.args) > 1
        ):
            given = call.args[1]
        return prefix_text(self.tree, module, given)

    def _children(self, module: PythonModule, node: ast.expr) -> Iterator[tuple[PythonModule, ast.expr]]:
        """Yield what is mounted: the expression, the members of a list, what a loop goes over, a group's members."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "group":
            for item in node.args:
                yield from self._children(module, item)
            return
        if isinstance(node, (ast.List, ast.Tuple)):
            yield from ((module, item) for item in node.elts)
            return
        current = module.parents.get(node)
        while isinstance(node, ast.Name) and current is not None:
            if isinstance(current, ast.For) and isinstance(current.target, ast.Name) and current.target.id == node.id:
                items = collection(self.tree, module, current.iter)
                if items:
                    yield from items
                    return
            current = module.parents.get(current)
        bound = value_of(self.tree, module, node)
        if bound is not None and isinstance(bound[1], ast.Call) and getattr(bound[1].func, "attr", "") == "group":
            yield from self._children(*bound)
            return
        yield module, node

    # ------------------------------------------------------------ guards

    def _guards(self, module: PythonModule) -> None:
        """Hang middleware and `before_request` functions that refuse unknown callers on their routers."""
        for function in module.functions:
            for decorator in function.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(target, ast.Attribute) and target.attr in _HOOKS and _before(module, decorator):
                    self._guard(module, target.value, function_guards(self.tree, module, function), target.attr)
        for call in module.calls:
            if not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr in _ADDED and call.args and not isinstance(module.literal(call.args[0]), str):
                given = call.args[0]
                wrapped = (
                    ast.Call(ast.Name("Middleware", ast.Load()), [given], call.keywords) if call.keywords else given
                )
                self._guard(module, call.func.value, middleware_guards(self.tree, module, wrapped), call.func.attr)
            elif (
                call.func.attr in {"append", "insert"}
                and getattr(call.func.value, "attr", "") == "middlewares"
                and call.args
            ):
                self._guard(module, call.func.value.value, middleware_guards(self.tree, module, call.args[-1]), "")  # type: ignore[attr-defined]  # it has an `attr`, so it is an attribute

    def _guard(self, module: PythonModule, node: ast.AST, guards: list[Any], hook: str) -> None:
        if not guards:
            return
        router = self.router(module, node) or self.imply(module, node)
        if hook == "before_app_request":
            for app in [*self.routers.values(), *self.implied.values()]:
                if app.app:
                    app.guards += guards
        elif router is not None:
            router.guards += guards


def _before(module: PythonModule, decorator: ast.expr) -> bool:
    """Return whether a hook runs before the handler: Sanic's and Bottle's say so in an argument."""
    if isinstance(decorator, ast.Call) and decorator.args:
        return module.literal(decorator.args[0]) not in {"response", "after_request"}
    return True


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
