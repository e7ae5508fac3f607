"""Routes of NestJS, routing-controllers and tsoa: classes and methods with decorators, guards of class and program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.auth.javascript import (
    authenticates,
    checks_signature,
    handler_authenticates,
    is_guard,
    signs_in,
)
from pytest_superteam.scanners.facts.auth.javascript_effects import called_name, refuses
from pytest_superteam.scanners.facts.auth.names import is_auth_name, is_optional_name, is_public_name
from pytest_superteam.scanners.facts.routes.javascript_links import Links, links
from pytest_superteam.scanners.facts.routes.javascript_paths import path_texts
from pytest_superteam.scanners.facts.routes.model import Application, Guard, PartialPath, Route, Routing, join
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["read"]

_PATTERN = re.compile(
    rb"@(?:Json)?Controller\b|@Route\(|NestFactory|APP_GUARD|useGlobalGuards|implements[ \t]+NestModule|\.forRoutes\("
)
_CONTROLLERS = frozenset({"Controller", "JsonController", "Route", "RestController"})
_METHODS = frozenset({"Get", "Post", "Put", "Patch", "Delete", "All", "Options", "Head", "Sse", "Search"})
_GUARDS = frozenset({"UseGuards", "UseBefore", "Security", "Middlewares"})
_ABOUT = re.compile(
    r"^(?:Api[A-Z]|Swagger|Use(?:Interceptors|Pipes|Filters)|Throttle|Cache|Header|Http|Render|Redirect|Tags|Version)"
)
_TRUE = frozenset({"true", "Promise.resolve(true)", "of(true)", "await true"})


def read(tree: SourceTree) -> Routing:
    """Return what decorated controllers serve in the service code of `tree`."""
    modules = [
        f.javascript
        for f in tree.service_files("javascript", "typescript")
        if _PATTERN.search(f.data) and f.javascript is not None
    ]
    return _Reader(tree, modules).routing() if modules else Routing()


def _methods_of(module: JavaScriptModule, node: Node | None) -> frozenset[str]:
    """Return the method that `RequestMethod.POST` names; none where it stands for all."""
    name = module.text(node).rsplit(".", 1)[-1].upper() if node is not None else ""
    return frozenset({name} if name in {m.upper() for m in _METHODS - {"All"}} else ())


def _guard(path: str, methods: frozenset[str]) -> Guard:
    return Guard(path, methods=methods, exact=bool(methods))


class _Reader:
    """Reads what holds for the whole program first, then each controller."""

    def __init__(self, tree: SourceTree, modules: list[JavaScriptModule]) -> None:
        self.links: Links = links(tree)
        self.modules = modules
        self.prefix = ""
        self.versioned: str | None = None
        """The prefix of versions in paths, None where paths have none."""
        self.version = ""
        self.guards: list[Guard] = []
        self.guarded_classes: set[str] = set()
        self.made: list[Application] = []
        for module in modules:
            for call in module.calls:
                self._program(module, call)
            self._providers(module)

    def routing(self) -> Routing:
        found = tuple(r for module in self.modules for cls in module.classes for r in self._controller(module, cls))
        listening = {module.path for module in self.modules if b".listen(" in module.data}
        made = [app for app in self.made if app.file in listening] or self.made
        return Routing(found, tuple(made))

    def _program(self, module: JavaScriptModule, call: Node) -> None:
        """Read what `main.ts` says: the application, its prefix, its versions and its global guards."""
        name = called_name(module, module.callee(call))
        last, given = name.rsplit(".", 1)[-1], module.arguments(call)
        if name in {"NestFactory.create", "NestFactory.createMicroservice"}:
            if last == "create":
                self.made.append(Application(module.path, module.line(call), "nest"))
        elif last == "setGlobalPrefix" and given:
            self.prefix = next(iter(path_texts(module, given[0])), "")
        elif last == "enableVersioning":
            kind = module.text(module.option(given[0], "type")) if given else ""
            said = module.literal(module.option(given[0], "prefix")) if given else None
            default = module.literal(module.option(given[0], "defaultVersion")) if given else None
            self.versioned = (said if isinstance(said, str) else "v") if not kind or "URI" in kind else None
            self.version = default if isinstance(default, str) and self.versioned is not None else ""
        elif last == "useGlobalGuards":
            if any(self._is_guard(module, arg) for arg in given):
                self.guards.append(Guard())
        elif last == "forRoutes":
            self._for_routes(module, call, given)

    def _for_routes(self, module: JavaScriptModule, call: Node, given: list[Node]) -> None:
        """Read `consumer.apply(AuthMiddleware).exclude(...).forRoutes("*")`."""
        applied: list[Node] = []
        node: Node | None = call
        for _ in range(6):
            callee = module.unwrap(module.callee(node)) if node is not None else None
            if callee is None or callee.type != "member_expression":
                break
            if node is not None and module.member_name(callee) == "apply":
                applied = module.arguments(node)
            node = module.unwrap(callee.child_by_field_name("object"))
            if node is None or node.type != "call_expression":
                break
        if not any(self._is_guard(module, arg) for arg in applied):
            return
        for arg in given:
            path = module.option(arg, "path")
            texts = path_texts(module, path if path is not None else arg)
            if texts:
                methods = _methods_of(module, module.option(arg, "method") if path is not None else None)
                self.guards += [_guard("" if text == "*" else text, methods) for text in texts]
            else:
                self.guarded_classes.add(module.text(arg))

    def _providers(self, module: JavaScriptModule) -> None:
        """Read `{provide: APP_GUARD, useClass: JwtAuthGuard}`."""
        for pair in module.of("pair"):
            value = pair.child_by_field_name("value")
            if module.key(pair.child_by_field_name("key")) != "provide" or module.text(value) != "APP_GUARD":
                continue
            holder = module.parent(pair)
            given = next(
                (
                    g
                    for k in ("useClass", "useExisting", "useValue", "useFactory")
                    if (g := module.option(holder, k)) is not None
                ),
                None,
            )
            if given is not None and self._is_guard(module, given):
                self.guards.append(Guard())

    # ------------------------------------------------------------ guards

    def _is_guard(self, module: JavaScriptModule, node: Node, depth: int = 0) -> bool:
        """Return whether a guard, given as a class, an instance or a call, lets only known callers pass."""
        target = module.unwrap(node)
        if target is None or depth > 4:
            return False
        if target.type == "call_expression":
            callee = module.callee(target)
            if called_name(module, callee).endswith("AuthGuard"):
                said = module.literal(next(iter(module.arguments(target)), None))
                return "anonymous" not in (said if isinstance(said, list) else [said])
            return is_guard(self.links, module, target)
        if target.type == "new_expression":
            target = module.unwrap(module.callee(target))
        if target is None:
            return False
        if target.type in FUNCTIONS:
            return any(self._is_guard(module, new, depth + 1) for new in module.inside(target, "new_expression"))
        found = self.links.follow(module, target)
        if found is not None and found[1].type in CLASSES:
            return self._class_guards(*found, depth)
        if found is not None and found[1].type in {"call_expression", "new_expression"} and found[1].id != target.id:
            return self._is_guard(*found, depth + 1)
        if found is not None and found[1].type in FUNCTIONS:
            return authenticates(self.links, *found)
        name = module.text(target).rsplit(".", 1)[-1]
        return is_auth_name(name) and not is_optional_name(name)

    def _class_guards(self, module: JavaScriptModule, cls: Node, depth: int) -> bool:
        """Return whether a guard of the service stops anybody: it throws, or answers with more than `true`."""
        handle = Links.method(module, cls, "handleRequest")
        if handle is not None:
            return (
                refuses(module, handle)
                or any(True for _ in module.inside(handle, "throw_statement"))
                or "super.handleRequest" in module.text(handle)
            )
        can = Links.method(module, cls, "canActivate") or Links.method(module, cls, "use")
        if can is not None:
            if Links.method(module, cls, "use") is not None:
                return authenticates(self.links, module, cls)
            return self._stops(module, can)
        heritage = Links.heritage(module, cls)
        base = self.links.base(module, cls)
        if base is not None:
            return self._class_guards(*base, depth + 1) if depth < 4 else False
        return heritage is not None and self._is_guard(module, heritage, depth + 1)

    def _stops(self, module: JavaScriptModule, function: Node) -> bool:
        if any(True for _ in module.inside(function, "throw_statement")) or refuses(module, function):
            return not self._lets_unknown(module, function)
        returns = [
            module.text(r).removeprefix("return").strip("; \n") for r in module.inside(function, "return_statement")
        ]
        answers = [text for text in returns if text]
        return bool(answers) and not all(text in _TRUE for text in answers) and not self._lets_unknown(module, function)

    @staticmethod
    def _lets_unknown(module: JavaScriptModule, function: Node) -> bool:
        """Return whether who brings no token passes: `if (!token) return true`."""
        for test in module.inside(function, "if_statement"):
            condition, inside = test.child_by_field_name("condition"), test.child_by_field_name("consequence")
            said = module.text(condition)
            if re.match(
                r"\(\s*!\s*[\w.?\[\]'\"]*(?:token|auth|header|bearer|user|session)[\w.?\[\]'\"]*\s*\)$",
                said,
                re.IGNORECASE,
            ) and re.search(r"return\s+true", module.text(inside)):
                return True
        return False

    def _marks(self, module: JavaScriptModule, node: Node) -> tuple[bool, bool]:
        """Return whether the decorators of a class or method guard it, and whether they open it on purpose."""
        guarded = public = False
        for name, call, decorator in module.decorators(node):
            last = (name or called_name(module, next(iter(module.children(decorator)), None))).rsplit(".", 1)[-1]
            given = module.arguments(call) if call is not None else []
            if last in _GUARDS:
                guarded = guarded or last == "Security" or any(self._is_guard(module, arg) for arg in given)
            elif is_public_name(last) or self._opens(module, call, decorator):
                public = True
            elif not _ABOUT.match(last) and last not in _METHODS | _CONTROLLERS:
                guarded = guarded or self._composed(module, call, decorator, last)
        return guarded, public

    def _definition(self, module: JavaScriptModule, call: Node | None, decorator: Node) -> tuple[Any, Node] | None:
        inner = module.callee(call) if call is not None else next(iter(module.children(decorator)), None)
        found = self.links.follow(module, inner)
        return found if found is not None and inner is not None and found[1].id != inner.id else None

    def _opens(self, module: JavaScriptModule, call: Node | None, decorator: Node) -> bool:
        """Return whether a decorator of the service marks what everybody may call: `SetMetadata("isPublic", true)`."""
        found = self._definition(module, call, decorator)
        if found is None:
            return False
        home, node = found
        for inner in home.inside(node, "call_expression"):
            if called_name(home, home.callee(inner)) == "SetMetadata":
                given = home.arguments(inner)
                key = home.literal(given[0]) if given else None
                text = key if isinstance(key, str) else home.text(given[0]) if given else ""
                return re.search(r"public|skip|anonymous|no_?auth|unprotected", text, re.IGNORECASE) is not None
        return False

    def _composed(self, module: JavaScriptModule, call: Node | None, decorator: Node, last: str) -> bool:
        """Return whether a decorator applies guards: by what it does where it is of the service, else by its name."""
        found = self._definition(module, call, decorator)
        if found is not None and (found[1].type in FUNCTIONS or found[1].type == "call_expression"):
            home, node = found
            calls = [c for c in home.inside(node, "call_expression") if called_name(home, home.callee(c)) in _GUARDS]
            return any(self._is_guard(home, arg) for c in calls for arg in home.arguments(c))
        return is_auth_name(last) and not last.startswith(("Current", "Get"))

    # ------------------------------------------------------------ controllers

    def _controller(self, module: JavaScriptModule, cls: Node) -> Iterator[Route]:
        marks = {name.rsplit(".", 1)[-1]: call for name, call, _ in module.decorators(cls)}
        kind = next((name for name in marks if name in _CONTROLLERS), None)
        if kind is None:
            return
        call = marks[kind]
        given = next(iter(module.arguments(call)), None) if call is not None else None
        bases = path_texts(module, given) or path_texts(module, module.option(given, "path")) or [""]
        version = module.literal(module.option(given, "version")) if given is not None else None
        guarded, public = self._marks(module, cls)
        base = self.links.base(module, cls)
        if base is not None and not guarded:
            guarded = self._marks(*base)[0]
        guarded = guarded or module.text(cls.child_by_field_name("name")) in self.guarded_classes
        for method in module.children(cls.child_by_field_name("body")):
            if method.type == "method_definition":
                yield from self._method(module, method, bases, version, guarded=guarded, public=public)

    def _method(
        self, module: JavaScriptModule, method: Node, bases: list[str], version: Any, *, guarded: bool, public: bool
    ) -> Iterator[Route]:
        found = [(n.rsplit(".", 1)[-1], c, d) for n, c, d in module.decorators(method)]
        verbs = [(name, call, node) for name, call, node in found if name in _METHODS]
        if not verbs:
            return
        own_guard, own_public = self._marks(module, method)
        said = next((call for name, call, _ in found if name == "Version"), None)
        wanted = module.literal(next(iter(module.arguments(said)), None)) if said is not None else version
        versions = (
            [str(v) for v in wanted]
            if isinstance(wanted, list)
            else [wanted]
            if isinstance(wanted, str)
            else [self.version]
        )
        wholly = handler_authenticates(self.links, module, method)
        for name, call, node in verbs:
            texts = path_texts(module, next(iter(module.arguments(call)), None)) if call is not None else []
            for base in bases:
                for text in texts or [""]:
                    for number in versions:
                        prefix = f"{self.versioned}{number}" if self.versioned is not None and number else ""
                        path = join(self.prefix, prefix, base, text)
                        bare = join(base, text)
                        verb = {"All": "GET", "Sse": "GET"}.get(name, name.upper())
                        over = any(g.covers(bare, verb, g.place) or g.covers(path, verb, g.place) for g in self.guards)
                        open_ = (own_public or public) and not own_guard
                        safe = wholly or own_guard or ((guarded or over) and not open_)
                        handler = module.text(method.child_by_field_name("name"))
                        yield Route(
                            verb,
                            path,
                            module.path,
                            module.line(node),
                            handler,
                            safe,
                            not safe and checks_signature(self.links, module, method),
                            "nest",
                            open_,
                            signs_in(module, method),
                            partial=isinstance(path, PartialPath),
                            defined=(module.path, module.line(method)),
                        )
