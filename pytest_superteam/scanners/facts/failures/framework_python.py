"""The handlers that a Python web framework calls for any failure of a request, and which failures they are for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["ALL", "covers_client", "framework_handlers"]

ALL = "*"
"""Stands for every failure."""

_WORDS = (
    b"exception_handler", b"errorhandler", b"error_handler", b"call_next", b"EXCEPTION_HANDLER", b"web.middleware",
    b"import middleware", b"HTTPMiddleware", b".app(scope", b"process_exception", b"handler500", b"app.exception(",
    b"bp.exception(", b"api.exception(",
    b"write_error", b"handle_exception",
)  # fmt: skip
_REGISTER = frozenset({
    "exception_handler", "add_exception_handler", "errorhandler", "app_errorhandler", "register_error_handler",
    "add_error_handler", "exception",
})  # fmt: skip
_EVERY = frozenset({"Exception", "BaseException", "builtins.Exception", "werkzeug.exceptions.InternalServerError"})
_NEXT = frozenset({"call_next", "handler", "get_response", "app", "_app", "next_handler", "call_app"})
_BASES = {
    "requests": ("requests.", "OSError", "IOError", "EnvironmentError"),
    "httpx": ("httpx.",),
    "aiohttp": ("aiohttp.", "OSError"),
    "urllib": ("urllib.", "OSError", "IOError"),
    "urllib3": ("urllib3.",),
    "http.client": ("http.client.", "OSError"),
}


def covers_client(handled: frozenset[str], client: str) -> bool:
    """Return whether one of the handled classes is the base of what an HTTP client raises."""
    return ALL in handled or any(kind.startswith(_BASES.get(client, (client + ".",))) for kind in handled)


def framework_handlers(tree: SourceTree) -> frozenset[str]:
    """Return the classes for which the service's framework has an explicit handler; `ALL` for every failure."""
    known = tree.facts.get("failure handlers")
    if known is None:
        found = {kind for _, module in tree.module_with(*_WORDS) for kind in _handled(module)}
        known = tree.facts["failure handlers"] = frozenset(found)
    return known  # type: ignore[return-value]  # the key holds nothing else


def _handled(module: PythonModule) -> Iterator[str]:
    for call in module.calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in _REGISTER and call.args:
            yield from _named(module, call.args[0])
        for keyword in call.keywords:
            if keyword.arg == "exception_handlers":
                yield from _table(module, keyword.value)
        if (name in _NEXT or getattr(call.func, "id", "") in _NEXT) and _is_middleware(module, call):
            yield ALL
    yield from _settings(module)
    for function in module.functions:
        if function.name == "process_exception" and module.class_of(function) is not None:
            yield ALL
        elif function.name in {"write_error", "handle_exception", "handle_error"}:
            owner = module.class_of(function)
            names = {module.qualname(base).rpartition(".")[2] for base in owner.bases} if owner else set()
            if any(base.endswith(("Handler", "View", "APIView", "ViewSet", "Api")) for base in names):
                yield ALL


def _named(module: PythonModule, node: ast.expr, depth: int = 0) -> Iterator[str]:
    """Yield the classes that a registration names; a loop's variable may stand for any."""
    if isinstance(node, (ast.Tuple, ast.List)) and depth == 0:
        for item in node.elts:
            yield from _named(module, item, 1)
        return
    kind = module.qualname(node)
    if (
        kind in _EVERY
        or kind.endswith("InternalServerError")
        or module.literal(node) == 500
        or (
            isinstance(node, ast.Name)
            and any(isinstance(loop.target, ast.Name) and loop.target.id == node.id for loop in module.of(ast.For))
        )
    ):
        yield ALL
    elif kind:
        yield kind


def _table(module: PythonModule, node: ast.expr) -> Iterator[str]:
    value = module.bound(node) if isinstance(node, ast.Name) else node
    if isinstance(value, ast.Dict):
        for key in value.keys:
            if key is not None:
                yield from _named(module, key)
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
        yield ALL  # a table of another module, which nobody passes for nothing


def _settings(module: PythonModule) -> Iterator[str]:
    """Yield `ALL` for Django's `handler500` and REST framework's EXCEPTION_HANDLER."""
    if "handler500" in module.bindings and "urlpatterns" in module.bindings:
        yield ALL
    for table in module.of(ast.Dict):
        for key in table.keys:
            if isinstance(key, ast.Constant) and key.value == "EXCEPTION_HANDLER":
                yield ALL


def _is_middleware(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call of the next handler stands in a `try` of everything, in a middleware."""
    function = module.function_of(call)
    if function is None or not _is_layer(module, function):
        return False
    current: ast.AST = call
    while current is not function:
        parent = module.parents[current]
        if isinstance(parent, ast.Try) and current in parent.body:
            kinds = {module.qualname(kind) for h in parent.handlers for kind in _elements(h.type)}
            if kinds & _EVERY or any(h.type is None for h in parent.handlers):
                return True
        current = parent
    return False


def _elements(node: ast.expr | None) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node] if node is not None else []


def _is_layer(module: PythonModule, function: Function) -> bool:
    """Return whether a function is a middleware: by its decorator, its class or what it takes."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if module.qualname(target).endswith("middleware"):
            return True
    owner = module.class_of(function)
    bases = [module.qualname(base) for base in owner.bases] if owner is not None else []
    if any("Middleware" in name for name in (*bases, owner.name if owner else "")):
        return function.name in {"dispatch", "__call__", "handle"}
    arguments = {argument.arg for argument in (*function.args.posonlyargs, *function.args.args)}
    return "call_next" in arguments or {"scope", "receive", "send"} <= arguments
