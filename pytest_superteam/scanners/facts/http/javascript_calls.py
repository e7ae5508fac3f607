"""Outgoing HTTP calls of a JavaScript or TypeScript module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.javascript_clients import client_of_js, is_library
from pytest_superteam.scanners.facts.http.javascript_libraries import CLIENT_TRIGGERS, FUNCTIONS, VERBS
from pytest_superteam.scanners.facts.http.model import Client, Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["calling_modules_js", "is_browser", "outgoing_calls_js"]

_ALL_VERBS = frozenset().union(*VERBS.values())
_CALLABLE = frozenset({"axios", "got", "ky", "request", "ofetch", "node-fetch", "fetch"})
"""Libraries whose client objects are functions."""
_BROWSER = re.compile(
    rb"""["']use client["']|\b(?:document|window)\.[a-z]|\blocalStorage\b|from\s*["'](?:react|react-dom|vue|svelte"""
    rb"""|preact|solid-js|@angular/core|next/router|next/navigation|@tanstack/react-query|@vue/[\w-]+|pinia|vuex|zustand)["'/]"""
)


_FRONT_END = re.compile(
    rb"""["'](?:react-dom|react-scripts|vue|svelte|@angular/core|preact|solid-js|@vitejs/[\w-]+)["']\s*:"""
)
_SERVER = re.compile(
    rb"""["'](?:express|fastify|koa|@nestjs/core|@hapi/hapi|hono|next|nuxt|@sveltejs/kit|@remix-run/[\w-]+|astro|restify|polka|@apollo/server|react-router-serve)["']\s*:"""
)


def is_browser(tree: SourceTree, file: SourceFile) -> bool:
    """Return whether a module runs in a browser, where no request is being answered.

    It says so itself, or the package that it belongs to is a front end with no server in it.
    """
    if _BROWSER.search(file.data) is not None:
        return True
    folder = file.path
    while folder:
        folder = folder.rpartition("/")[0]
        package = tree.by_path.get(f"{folder}/package.json" if folder else "package.json")
        if package is not None:
            return _FRONT_END.search(package.data) is not None and _SERVER.search(package.data) is None
    return False


def calling_modules_js(tree: SourceTree) -> Iterator[tuple[SourceFile, JavaScriptModule]]:
    """Yield the modules that may hold outgoing calls: those that name a library, and users of the clients they make."""
    seen: dict[str, SourceFile] = {}
    for file, module in tree.javascript_with(*CLIENT_TRIGGERS):
        seen[file.path] = file
        yield file, module
    names: set[bytes] = set()
    for path in seen:
        stem = path.rpartition(".")[0]
        stem = stem.removesuffix("/index").rpartition("/")[2]
        names |= {f"/{stem}{end}".encode() for end in ("'", '"', ".js'", '.js"', ".ts'")}
    if names:
        yield from ((file, module) for file, module in tree.javascript_with(*sorted(names)) if file.path not in seen)


def outgoing_calls_js(tree: SourceTree, module: JavaScriptModule) -> Iterator[Outgoing]:
    """Yield the calls that leave the service over HTTP."""
    for call in module.calls:
        if call.type == "call_expression":
            found = _outgoing(tree, module, call)
            if found is not None:
                yield found


def _outgoing(tree: SourceTree, module: JavaScriptModule, call: Node) -> Outgoing | None:
    """Return the call with its client, or None where it stays in the service."""
    callee = module.unwrap(module.callee(call))
    if callee is None or callee.type not in {"identifier", "member_expression", "subscript_expression"}:
        return None
    arguments = tuple(module.arguments(call))
    name = module.qualname(callee)
    library = FUNCTIONS.get(name)
    if library is not None and is_library(module, callee):
        if library == "fetch" and _is_relative(module, arguments):
            return None
        holder = callee.child_by_field_name("object") if callee.type == "member_expression" else None
        over = Client(library, module) if library in {"axios", "got", "superagent", "request"} else None
        if library == "http" and not arguments:
            return None
        return Outgoing(call, library, over, holder, arguments)
    if callee.type == "identifier" and (loaded := _loaded(module, call)):
        return Outgoing(call, loaded, arguments=arguments)
    if callee.type == "identifier":
        over = client_of_js(tree, module, callee) if module.lookup(callee) else None
        callable_ = over is not None and over.library in _CALLABLE
        return Outgoing(call, over.library, over, callee, arguments) if over is not None and callable_ else None
    holder = callee.child_by_field_name("object")
    verb = module.member_name(callee)
    if verb is None and callee.type == "subscript_expression":  # axios[method](url)
        over = client_of_js(tree, module, holder)
        return Outgoing(call, over.library, over, holder, arguments) if over is not None else None
    if verb not in _ALL_VERBS and not (verb or "").startswith("$"):
        return _member_call(tree, module, call, callee, arguments)
    over = client_of_js(tree, module, holder)
    if over is None or (verb or "").removeprefix("$") not in VERBS[over.library]:
        return None
    return Outgoing(call, over.library, over, holder, arguments)


def _loaded(module: JavaScriptModule, call: Node) -> str:
    """Return the library of `import("node-fetch").then(({ default: fetch }) => fetch(...args))`."""
    function = module.function_of(call)
    holder = module.parent(function) if function is not None else None
    holder = module.parent(holder) if holder is not None and holder.type == "arguments" else None
    callee = module.callee(holder) if holder is not None and holder.type == "call_expression" else None
    if function is None or callee is None or not module.text(callee).startswith("import("):
        return ""
    name = module.text(module.callee(call))
    if not any(name in module.text(module.pattern(p)) for p in module.parameters(function)):
        return ""
    specifier = module.required(callee.child_by_field_name("object"))
    return FUNCTIONS.get(specifier or "", "")


def _member_call(
    tree: SourceTree, module: JavaScriptModule, call: Node, callee: Node, arguments: tuple[Node, ...]
) -> Outgoing | None:
    """Return `this.client(config)` where the member is a client that can be called."""
    if not module.text(callee).startswith("this."):
        return None
    over = client_of_js(tree, module, callee)
    if over is None or over.library not in _CALLABLE:
        return None
    return Outgoing(call, over.library, over, callee, arguments)


def _is_relative(module: JavaScriptModule, arguments: tuple[Node, ...]) -> bool:
    """Return whether `fetch` is given a path, which only a browser can complete."""
    if not arguments:
        return True
    text = module.text(module.unwrap(arguments[0])).lstrip("`'\"")
    if text.startswith("/") and not text.startswith("//"):
        return True
    value = module.literal(arguments[0])
    return isinstance(value, str) and value.startswith("/") and not value.startswith("//")
