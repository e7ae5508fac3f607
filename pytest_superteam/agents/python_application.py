"""The web application that a Python module makes: what kind, and what it is called."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["application"]

_ASGI = frozenset({"FastAPI", "Starlette", "Litestar", "Quart", "Sanic"})
_WSGI = frozenset({"Flask"})
_FACTORY = re.compile(r"(?:create|make|build|get)_(?:app|application)")


def application(text: str) -> tuple[str, str]:
    """Return what kind of application a module makes (`asgi`, `wsgi`, `factory` or none), and the variable's name."""
    if not any(word in text for word in (*_ASGI, *_WSGI)):
        return "", ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "", ""
    factories = {node.name: _made(node) for node in body if isinstance(node, ast.FunctionDef)}
    for node in body:
        variable = _assigned(node)
        if variable:
            called = _called(node.value)  # type: ignore[attr-defined]  # assignments have one
            kind = _kind(called) or factories.get(called, "")
            if kind:
                return kind, variable
    name = next((name for name, kind in factories.items() if kind == "asgi" and _FACTORY.fullmatch(name)), "")
    return ("factory", name) if name else ("", "")


def _assigned(node: ast.stmt) -> str:
    """Return the one name that a statement binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def _called(node: ast.expr | None) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _kind(called: str) -> str:
    return "asgi" if called in _ASGI else "wsgi" if called in _WSGI else ""


def _made(function: ast.FunctionDef) -> str:
    """Return the kind of application that a function without required arguments makes."""
    arguments = function.args
    if len(arguments.args) + len(arguments.posonlyargs) > len(arguments.defaults) or None in arguments.kw_defaults:
        return ""
    return next(
        (kind for node in ast.walk(function) if isinstance(node, ast.Call) and (kind := _kind(_called(node)))), ""
    )
