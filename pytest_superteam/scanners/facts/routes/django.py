"""Routes of Django and REST framework: URL configurations walked from their roots to the views of the service.

A route stands where its view does, as that is where permissions are asked for. Where nothing of the service says which
URLs there are (a file of views on its own), each view is taken to be served.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import is_auth_name
from pytest_superteam.scanners.facts.auth.python import (
    is_auth_decorator,
)
from pytest_superteam.scanners.facts.auth.python_effects import called_name
from pytest_superteam.scanners.facts.auth.python_guards import function_guards
from pytest_superteam.scanners.facts.routes.conventions import is_health_path
from pytest_superteam.scanners.facts.routes.django_permissions import Access, access_of
from pytest_superteam.scanners.facts.routes.django_views import (
    View,
    by_actions,
    is_view_class,
    is_view_function,
    views,
)
from pytest_superteam.scanners.facts.routes.model import Application, Guard, PartialPath, Route, Routing, join
from pytest_superteam.scanners.facts.routes.python_values import prefix_text
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["read"]

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(?:django|rest_framework)\b", re.MULTILINE)
_SETTINGS = re.compile(rb"^(?:REST_FRAMEWORK|MIDDLEWARE)\b", re.MULTILINE)
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?!\?)(?:[^()]|\([^()]*\))*\)|\(\?:(?:[^()]|\([^()]*\))*\)")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEALTH = ("health", "watchman", "heartbeat")
_LISTING = frozenset({"format_suffix_patterns", "i18n_patterns", "patterns", "list"})
_DEPTH = 8


def read(tree: SourceTree) -> Routing:
    """Return what Django serves in the service code of `tree`."""
    files = [
        f
        for f in tree.service_files("python")
        if _IMPORT.search(f.data) or _SETTINGS.search(f.data) or b"urlpatterns" in f.data
    ]
    if not any(_IMPORT.search(file.data) for file in files):
        return Routing()
    reader = _Reader(tree, [file.python for file in files if file.python is not None])
    return Routing(tuple(reader.routes()), tuple(reader.applications()))


class _Reader:
    """Reads settings first, then URL configurations, then the views that they name."""

    def __init__(self, tree: SourceTree, modules: list[PythonModule]) -> None:
        self.tree = tree
        self.modules = modules
        self.default = Access.OPEN
        self.guards: list[Guard] = []
        self.healthy = False
        self.configurations = [m for m in modules if "urlpatterns" in m.bindings]
        self.included: set[str] = set()
        for module in modules:
            self._settings(module)

    def _settings(self, module: PythonModule) -> None:
        for value in module.bindings.get("REST_FRAMEWORK", []):
            pairs = zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ()
            for key, given in pairs:
                if module.literal(key) == "DEFAULT_PERMISSION_CLASSES":
                    access = access_of(self.tree, module, given)
                    self.default = access if access is not Access.PUBLIC else Access.OPEN
        for value in module.bindings.get("MIDDLEWARE", []):
            named = module.literal(value)
            for dotted in named if isinstance(named, list) else ():
                if isinstance(dotted, str):
                    self._middleware(dotted)

    def _middleware(self, dotted: str) -> None:
        home, _, name = dotted.rpartition(".")
        self.healthy = self.healthy or any(word in name.lower() for word in _HEALTH)
        file = self.tree.modules_by_name.get(home)
        module = file.python if file is not None else None
        target = module.definitions.get(name) if module is not None else None
        if module is not None and target is not None:
            self.guards += function_guards(self.tree, module, target)
        elif "LoginRequired" in name or (is_auth_name(name.replace("Middleware", "")) and "equire" in name):
            self.guards.append(Guard())

    def routes(self) -> Iterator[Route]:
        """Yield the routes from the roots of the URL configurations, or of all views where there are none."""
        if not self.configurations:
            yield from self._bare_views()
            return
        found = [
            (module, list(self._entries(module, value)))
            for module in self.configurations
            for value in _all_values(module)
        ]
        roots = [pair for pair in found if pair[0].path not in self.included]
        seen: set[tuple[str, str]] = set()
        for _, entries in roots or found:
            for entry in entries:
                yield from self._entry(entry, "", 0, seen)

    def applications(self) -> Iterator[Application]:
        """Yield where the WSGI or ASGI application is made, or else where the root URLs are listed."""
        made = [
            (m, c)
            for m in self.modules
            for c in m.calls
            if called_name(c.func).rsplit(".", 1)[-1] in {"get_wsgi_application", "get_asgi_application"}
        ]
        wsgi = sorted(made, key=lambda pair: "wsgi" not in called_name(pair[1].func))
        for module, call in wsgi[:1]:
            yield Application(module.path, call.lineno, "django", self.healthy)
        roots = [m for m in self.configurations if m.path not in self.included]
        if not wsgi and roots:
            module = min(roots, key=lambda m: (m.path.count("/"), m.path))
            yield Application(
                module.path, min(v.lineno for v in module.bindings["urlpatterns"]), "django", self.healthy
            )

    def _bare_views(self) -> Iterator[Route]:
        for module in self.modules:
            for node in module.definitions.values():
                served = (isinstance(node, ast.ClassDef) and bool(is_view_class(self.tree, module, node))) or (
                    isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_view_function(module, node)
                )
                if served and not (isinstance(node, ast.ClassDef) and _is_base(module, node)):
                    name = getattr(node, "name", "")
                    yield from self._made(views(self.tree, module, node, self.default), PartialPath(f"/{_plain(name)}"))

    # ------------------------------------------------------------ URL configurations

    def _entries(self, module: PythonModule, node: ast.AST, depth: int = 0) -> Iterator[tuple[PythonModule, ast.expr]]:
        """Yield the members of a list of URLs; what includes another configuration is noted, to know the roots."""
        if depth > _DEPTH:
            return
        wrapper = isinstance(node, ast.Call) and called_name(node).rsplit(".", 1)[-1] in _LISTING
        if isinstance(node, ast.Call) and not wrapper:
            self._note(module, node)
            yield module, node
        elif isinstance(node, ast.Attribute) and node.attr == "urls":
            yield module, node
        else:
            for home, part in self._parts(module, node):
                yield from self._entries(home, part, depth + 1)

    def _parts(self, module: PythonModule, node: ast.AST) -> list[tuple[PythonModule, ast.expr]]:
        """Return what a list, a sum of lists, a call around one or a name is made of."""
        if isinstance(node, (ast.List, ast.Tuple)):
            return [(module, item.value if isinstance(item, ast.Starred) else item) for item in node.elts]
        if isinstance(node, ast.BinOp):
            return [(module, node.left), (module, node.right)]
        if isinstance(node, ast.Call):
            return [(module, item) for item in node.args]
        values = dict.fromkeys(module.bindings.get(node.id, [])) if isinstance(node, ast.Name) else {}
        bound = value_of(self.tree, module, node)
        found = [(module, value) for value in values] or ([bound] if bound is not None else [])
        return [(home, value) for home, value in found if value is not node]

    def _note(self, module: PythonModule, call: ast.Call) -> None:
        for part in (a for a in walk(call) if isinstance(a, ast.Call) and called_name(a).endswith("include")):
            home = self._included(module, part)
            if home is not None:
                self.included.add(home.path)

    def _included(self, module: PythonModule, call: ast.Call) -> PythonModule | None:
        """Return the URL configuration that `include("app.urls")` names."""
        given = call.args[0] if call.args else None
        if isinstance(given, ast.Tuple) and given.elts:
            given = given.elts[0]
        name = module.literal(given)
        if not isinstance(name, str):
            name = module.qualname(given) if given is not None else ""
        if name and any(word in name for word in _HEALTH):
            self.healthy = True
        file = self.tree.modules_by_name.get(name)
        return file.python if file is not None else None

    def _entry(
        self,
        entry: tuple[PythonModule, ast.expr],
        prefix: str,
        depth: int,
        seen: set[tuple[str, str]],
    ) -> Iterator[Route]:
        home, node = entry
        if depth > _DEPTH or (f"{home.path}:{node.lineno}:{node.col_offset}", prefix) in seen:
            return
        seen.add((f"{home.path}:{node.lineno}:{node.col_offset}", prefix))
        if isinstance(node, ast.Attribute):
            yield from self._router(home, node.value, prefix)
            return
        if not isinstance(node, ast.Call) or called_name(node).rsplit(".", 1)[-1] not in {"path", "re_path", "url"}:
            return
        given = keyword(node, "route") or keyword(node, "regex") or (node.args[0] if node.args else None)
        known = prefix_text(self.tree, home, given)
        text = PartialPath() if known is None else known
        if called_name(node).rsplit(".", 1)[-1] != "path":
            text = _from_regex(text)
        full = _joined(prefix, text)
        target = keyword(node, "view") or (node.args[1] if len(node.args) > 1 else None)
        if target is not None:
            yield from self._target(home, target, full, depth, seen)

    def _target(
        self, module: PythonModule, node: ast.expr, path: str, depth: int, seen: set[tuple[str, str]]
    ) -> Iterator[Route]:
        """Yield the routes of what a URL leads to: an inclusion, a router's URLs, a view, a view in decorators."""
        if isinstance(node, ast.Call) and called_name(node).rsplit(".", 1)[-1] == "include":
            for entry in self._inclusion(module, node):
                yield from self._entry(entry, path, depth + 1, seen)
        elif not (isinstance(node, ast.Attribute) and node.attr == "urls"):  # admin.site.urls
            yield from self._view(module, node, path)

    def _inclusion(self, module: PythonModule, call: ast.Call) -> list[tuple[PythonModule, ast.expr]]:
        """Return the URLs that `include(...)` brings: of a module, or of a list in a name or a tuple."""
        inner = self._included(module, call)
        if inner is not None:
            return [entry for value in _all_values(inner) for entry in self._entries(inner, value)]
        given = call.args[0] if call.args else None
        if isinstance(given, ast.Tuple) and given.elts:
            given = given.elts[0]
        return list(self._entries(module, given)) if given is not None else []

    def _view(self, module: PythonModule, node: ast.expr, path: str) -> Iterator[Route]:
        """Yield the routes of a view, maybe in decorators."""
        guarded = False
        actions: ast.expr | None = None
        for _ in range(_DEPTH):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "as_view":
                actions = node.args[0] if node.args else None
                node = node.func.value
            elif isinstance(node, ast.Call) and node.args:
                guarded = guarded or is_auth_decorator(self.tree, module, node.func)
                node = node.args[0]
            else:
                break
        found = definition(self.tree, module, node)
        if found is not None:
            made = views(self.tree, *found, self.default, guarded=guarded)
            verbs = module.literal(actions) if actions is not None else None
            if isinstance(verbs, dict):
                made = by_actions(made, {str(verb): str(action) for verb, action in verbs.items()})
            yield from self._made(made, path, plain=True)
        elif isinstance(node, ast.Lambda) or is_health_path(path):
            access = Access.CLOSED if guarded else Access.OPEN
            yield from self._made([View(module, node.lineno, "lambda", "GET", access)], path, plain=True)

    def _router(self, module: PythonModule, node: ast.AST, prefix: str) -> Iterator[Route]:
        """Yield the routes of the view sets that are registered with a router of REST framework."""
        found = value_of(self.tree, module, node)
        home, name = (found[0], _bound_name(found[0], found[1])) if found is not None else (module, "")
        name = name or called_name(node).rsplit(".", 1)[-1]
        for call in home.calls:
            if (
                not isinstance(call.func, ast.Attribute)
                or call.func.attr != "register"
                or called_name(call.func.value) != name
            ):
                continue
            given = keyword(call, "prefix") or (call.args[0] if call.args else None)
            target = keyword(call, "viewset") or (call.args[1] if len(call.args) > 1 else None)
            view = definition(self.tree, home, target) if target is not None else None
            if view is not None:
                known = prefix_text(self.tree, home, given)
                text = PartialPath() if known is None else _from_regex(known)
                outer, slash = _router_options(home, found[1] if found is not None else None)
                path = join(prefix, outer, text)
                yield from self._made(views(self.tree, *view, self.default), path, slash=slash)

    # ------------------------------------------------------------ routes

    def _made(self, found: list[View], path: str, *, plain: bool = False, slash: bool = False) -> Iterator[Route]:
        slash = path.endswith("/") or slash
        for view in found:
            full = join(path) if plain else join(path, view.suffix)
            safe = view.access is Access.CLOSED or any(g.covers(full, view.method, g.place) for g in self.guards)
            public = view.access is Access.PUBLIC
            if view.access is Access.READ_ONLY:
                safe, public = safe or view.method not in _READS, view.method in _READS
            elif view.access is Access.OBJECT:
                safe = safe or view.method != "POST"
            yield Route(
                view.method,
                full,
                view.module.path,
                view.line,
                view.name,
                safe,
                view.signed,
                "django",
                public,
                view.signs_in,
                slash=slash and full != "/",
                partial=isinstance(full, PartialPath),
                defined=(view.module.path, view.line),
            )


def _all_values(module: PythonModule) -> list[ast.expr]:
    return list(dict.fromkeys(module.bindings.get("urlpatterns", [])))


def _bound_name(module: PythonModule, value: ast.expr) -> str:
    """Return the name that a module binds a value to."""
    return next((name for name, values in module.bindings.items() if any(v is value for v in values)), "")


def _is_base(module: PythonModule, cls: ast.ClassDef) -> bool:
    """Return whether a class serves only as the base of others here."""
    named = {
        called_name(base)
        for other in module.definitions.values()
        if isinstance(other, ast.ClassDef)
        for base in other.bases
    }
    return cls.name in named or cls.name.startswith(("Base", "Abstract")) or cls.name.endswith("Mixin")


def _plain(name: str) -> str:
    """Return what a view's name says about its path, for views whose URL nobody gives: `LoginView` is `login`."""
    stem = re.sub(r"(?:_?view_?set|_?api_?view|_?view|_?api)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", stem or name).replace("_", "-").lower()


def _joined(prefix: str, text: str) -> str:
    """Return the parts of a path with one slash between them, and one at the end where it is declared with it."""
    full = join(prefix, text)
    if full == "/" or not (text or prefix).endswith("/"):
        return full
    return PartialPath(f"{full}/") if isinstance(full, PartialPath) else f"{full}/"


def _router_options(module: PythonModule, made: ast.expr | None) -> tuple[str, bool]:
    """Return what stands before the paths of a router of REST framework, and whether they end in a slash."""
    if not isinstance(made, ast.Call):
        return "", True
    slash = module.literal(keyword(made, "trailing_slash")) is not False
    if "Nested" not in called_name(made.func):
        return "", slash
    above = keyword(made, "parent_prefix") or (made.args[1] if len(made.args) > 1 else None)
    name, lookup = module.literal(above), module.literal(keyword(made, "lookup"))
    if not isinstance(name, str):
        return PartialPath(), slash
    return f"{name}/{{{lookup if isinstance(lookup, str) else 'nested_1'}_pk}}", slash


def _from_regex(text: str) -> str:
    """Return the path that a regular expression of a URL stands for, parameters as `{name}`."""
    plain = _GROUP.sub(lambda match: "{" + (match[1] or "x") + "}", text.removeprefix("^").removesuffix("$"))
    found = plain.replace("\\.", ".").replace("\\/", "/").replace("\\Z", "")
    found = found.removesuffix("/?").rstrip("?")
    return PartialPath(found) if isinstance(text, PartialPath) else found
