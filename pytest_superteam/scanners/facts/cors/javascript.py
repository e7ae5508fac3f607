"""The CORS policies of a JavaScript module: middleware of the web frameworks, options of servers, headers by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.javascript_headers import header_policies
from pytest_superteam.scanners.facts.cors.javascript_origin import OriginReader, Origins
from pytest_superteam.scanners.facts.cors.policies import CorsPolicy, is_asset_path
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS, IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["javascript_policies"]

_ANY, _ECHO, _NONE = Origins(wildcard=True), Origins(reflected=True), Origins()
_CALLS = frozenset({"call_expression", "new_expression"})


@dataclass(frozen=True)
class _Library:
    """What a function that makes CORS middleware does where it is told no origins, and how it is told."""

    default: Origins = _ANY
    origins: tuple[str, ...] = ("origin",)
    position: int = 0
    credentials: tuple[str, ...] = ("credentials",)


_EXPRESS = _Library()
_LIBRARIES: dict[str, _Library] = {
    "cors": _EXPRESS,
    "express-cors": _EXPRESS,
    "@tinyhttp/cors": _EXPRESS,
    "@koa/cors": _EXPRESS,
    "koa2-cors": _Library(_ECHO),
    "koa-cors": _Library(_ECHO),
    "kcors": _Library(_ECHO),
    "@fastify/cors": _Library(position=1),
    "fastify-cors": _Library(position=1),
    "hono/cors.cors": _EXPRESS,
    "hono/middleware.cors": _EXPRESS,
    "micro-cors": _Library(credentials=("allowCredentials",)),
    "nextjs-cors": _Library(position=2),
    "@elysiajs/cors.cors": _Library(_ECHO),
    "@elysiajs/cors": _Library(_ECHO),
    "@middy/http-cors": _Library(origins=("origin", "origins")),
    "restify-cors-middleware": _Library(origins=("origins",)),
    "restify-cors-middleware2": _Library(origins=("origins",)),
    "h3.handleCors": _Library(position=1),
    "handleCors": _Library(position=1),
    "oakCors": _EXPRESS,
    "fastifyCors": _Library(position=1),
}
_FASTIFY = frozenset({"@fastify/cors", "fastify-cors", "fastifyCors"})
_KEYS = ("origin", "origins", "allowOrigin", "allowOrigins", "allowedOrigins")
_SERVERS = re.compile(
    r"NestFactory|WebSocketGateway|hapi\b|Hapi\b|\.route$|(?:^|\.)[Ss]erver$|socket\.io|\bio$|createApp"
)


def javascript_policies(module: JavaScriptModule, tree: SourceTree) -> list[CorsPolicy]:
    """Return every policy of the module."""
    found = _Reader(module, tree)
    return [*found.libraries(), *found.options(), *found.calls(), *header_policies(module, found.origins)]


class _Reader:
    def __init__(self, module: JavaScriptModule, tree: SourceTree) -> None:
        self._module = module
        self._tree = tree
        self.origins = OriginReader(module)

    # ---- middleware -------------------------------------------------------------------------------------------------

    def libraries(self) -> Iterator[CorsPolicy]:
        """Read `cors(options)` of Express and its relatives, and `register(cors, options)` of Fastify."""
        for call in self._module.calls:
            found = self._library(call)
            if found is not None:
                library, options = found
                yield from self._policy(call, library, options, public=self._is_asset(call))

    def _library(self, call: Node) -> tuple[_Library, Node | None] | None:
        module = self._module
        callee = module.unwrap(module.callee(call))
        if callee is None:
            return None
        written = module.dotted(callee)
        if written.rpartition(".")[2] == "register":
            first = module.argument(call, 0)
            name = self._plugin(first)
            library = _LIBRARIES.get(name)
            if name == "cors" and module.argument(call, 0) is not None and "cors" not in module.imports:
                library = _LIBRARIES["@fastify/cors"]
            return (
                (_Library(library.default, library.origins), module.argument(call, 1))
                if library is not None and name in {*_FASTIFY, "cors"}
                else None
            )
        name = module.qualname(callee)
        library = _LIBRARIES.get(name)
        if library is None or name in _FASTIFY:
            return None
        if callee.type == "identifier" and self._is_own(callee):
            return None
        if name == "@koa/cors" and self._reflects_by_default():
            library = _Library(_ECHO)
        return library, module.argument(call, library.position)

    def _is_own(self, name: Node) -> bool:
        """Return whether a function of that name is the service's own: declared here, or imported from its files."""
        module = self._module
        if module.function_from(name) is not None:
            return True
        for binding in module.lookup(name):
            if binding.origin is not None and binding.origin.relative:
                return True
            if binding.value is not None and "require(" in (text := module.text(binding.value)[:40]):
                return re.match(r"""require\(\s*['"`]\.""", text) is not None
        return False

    def _plugin(self, node: Node | None) -> str:
        """Return the package that a plugin comes from: a name, `require("x")` or `import("x")`."""
        module = self._module
        node = module.unwrap(node)
        if node is not None and node.type == "call_expression" and module.text(module.callee(node)) == "import":
            return module.string(module.argument(node, 0)) or ""
        return module.required(node) or module.qualname(node)

    def _reflects_by_default(self) -> bool:
        """Return whether the service says that it uses a version of @koa/cors before 5, whose default is the Origin."""
        manifest = self._tree.by_path.get("package.json")
        return (
            manifest is not None and re.search(rb'"@koa/cors"\s{0,4}:\s{0,4}"[\^~]?[1-4]\.', manifest.data) is not None
        )

    def _policy(
        self, call: Node, library: _Library, options: Node | None, *, public: bool = False
    ) -> Iterator[CorsPolicy]:
        module = self._module
        if options is None or module.text(options) == "undefined":
            if any(given.type == "spread_element" for given in module.arguments(call)):
                return
            yield CorsPolicy(call, library.default.wildcard, reflected=library.default.reflected, public=public)
            return
        target = module.resolve(options)
        if target is not None and target.type in FUNCTIONS:
            allowed = self._delegated(target)
            yield CorsPolicy(call, allowed.wildcard, reflected=allowed.reflected, public=public)
            return
        home, target = self._elsewhere(options, target)
        if target is None or target.type != "object":
            return
        reader = home if home is not None else self
        allowed, known = reader.told(target, library.origins, options if home is None else target)
        if not known:
            allowed = library.default if not reader.is_open(target) else _NONE
        credentials = any(
            reader.is_true(target, key, options if home is None else target) for key in library.credentials
        )
        yield CorsPolicy(call, allowed.wildcard, credentials, allowed.reflected, public)

    def _elsewhere(self, options: Node, target: Node | None) -> tuple[_Reader | None, Node | None]:
        """Return the object that options from another file of the service are, with a reader of that file."""
        if target is not None and target.type == "object":
            return None, target
        from pytest_superteam.scanners.facts.services_js import definition_js

        found = definition_js(self._tree, self._module, options)
        if found is None:
            return None, None
        home, node = found
        return _Reader(home, self._tree), home.resolve(node)

    def told(self, target: Node, keys: tuple[str, ...], named: Node) -> tuple[Origins, bool]:
        """Return what the origin options of an object allow, and whether it has any."""
        allowed, known = _NONE, False
        for key in keys:
            value = self._module.option(named, key) or self._module.option(target, key)
            if value is not None:
                known = True
                allowed |= self._value(value)
        return allowed, known

    def _value(self, value: Node) -> Origins:
        """Return what one value allows, looked up in another file where it is imported."""
        module = self._module
        target = module.resolve(value)
        if target is not None and (target.type in IDENTIFIERS or target.type == "member_expression"):
            from pytest_superteam.scanners.facts.services_js import definition_js

            found = definition_js(self._tree, module, target)
            if found is not None and found[0] is not module:
                return OriginReader(found[0]).allowed(found[1])
        return self.origins.allowed(value)

    def is_open(self, target: Node) -> bool:
        """Return whether a spread may add options that are not in the source."""
        literal = self._module.literal(target)
        return bool(getattr(literal, "open", False))

    def is_true(self, target: Node, key: str, named: Node) -> bool:
        """Return whether an option may be on."""
        value = self._module.option(named, key) or self._module.option(target, key)
        return value is not None and any(v is True or v == "true" for v in self._module.possible(value))

    def _delegated(self, function: Node) -> Origins:
        """Return what a function allows that chooses the options for each request: `(req, callback) => ...`."""
        module = self._module
        names = [module.text(module.pattern(parameter)) for parameter in module.parameters(function)]
        body = function.child_by_field_name("body")
        allowed = _NONE
        if len(names) < 2 or body is None:
            return allowed
        for call in module.inside(body, "call_expression"):
            given = module.argument(call, 1)
            if module.text(module.callee(call)) != names[-1] or given is None:
                continue
            target = module.resolve(given)
            if target is None or target.type != "object":
                continue
            if not any(self.origins.is_checked(place, set(), None) for place in (target, call)):
                origin = module.option(target, "origin")
                allowed |= self.origins.allowed(origin)
                if origin is not None and self.origins.echo(origin, call) == "unchecked":
                    allowed |= Origins(reflected=True)
        return allowed

    def _is_asset(self, call: Node) -> bool:
        """Return whether a middleware is for a path of assets: `app.use("/static", cors(), ...)`."""
        outer = self._module.parent(self._module.parent(call) or call)
        if outer is None or outer.type != "call_expression":
            return False
        first = self._module.argument(outer, 0)
        return first is not None and is_asset_path(self._module.literal(first))

    # ---- options of servers -----------------------------------------------------------------------------------------

    def options(self) -> Iterator[CorsPolicy]:
        """Read the key `cors` of options: NestFactory, WebSocketGateway, Socket.IO, hapi, Apollo."""
        module = self._module
        for pair in module.of("pair", "shorthand_property_identifier"):
            shorthand = pair.type == "shorthand_property_identifier"
            key = module.text(pair) if shorthand else module.key(pair.child_by_field_name("key"))
            if key != "cors":
                continue
            value = pair if shorthand else pair.child_by_field_name("value")
            place, name = self._holder(pair)
            known = _SERVERS.search(name) is not None
            target = module.resolve(value)
            if value is None or target is None:
                continue
            if target.type == "object":
                allowed, told = self.told(target, _KEYS, value)
                credentials = self.is_true(target, "credentials", value)
                if not told and known and not self.is_open(target):
                    allowed = _ANY
                yield CorsPolicy(place, allowed.wildcard, credentials, allowed.reflected)
            elif module.literal(value) == "*" or (module.literal(value) is True and known):
                yield CorsPolicy(place, wildcard=True)

    def _holder(self, node: Node) -> tuple[Node, str]:
        """Return the call that options are given to, or the statement that they stand in, and its name."""
        module = self._module
        last = node
        for ancestor in module.ancestors(node):
            if ancestor.type in _CALLS:
                return ancestor, module.qualname(module.callee(ancestor)) or module.text(module.callee(ancestor))[:100]
            if ancestor.type in FUNCTIONS or ancestor.type in {"program", "statement_block", "class_body"}:
                break
            last = ancestor
        return last, ""

    # ---- other calls ------------------------------------------------------------------------------------------------

    def calls(self) -> Iterator[CorsPolicy]:
        """Read `app.enableCors(options)` of NestJS and `io.origins("*:*")` of older Socket.IO."""
        module = self._module
        for call in module.calls:
            callee = module.unwrap(module.callee(call))
            name = module.member_name(callee) if callee is not None and callee.type == "member_expression" else None
            if name == "enableCors":
                yield from self._policy(call, _EXPRESS, module.argument(call, 0))
            elif name == "origins" and module.string(module.argument(call, 0)) in {"*:*", "*"}:
                yield CorsPolicy(call, wildcard=True)
