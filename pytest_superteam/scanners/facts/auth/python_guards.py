"""Middleware and hooks of Python frameworks that stand before many routes: whether they refuse, and for which paths."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import is_auth_name
from pytest_superteam.scanners.facts.auth.python import (
    authenticates,
    is_auth_decorator,
)
from pytest_superteam.scanners.facts.auth.python_effects import called_name, decodes, refuses
from pytest_superteam.scanners.facts.auth.python_handlers import (
    handler_authenticates,
)
from pytest_superteam.scanners.facts.routes.model import Guard
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import PythonModule, keyword, walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["function_guards", "middleware_guards"]

_NO_GUARDS = frozenset({
    "starlette.middleware.authentication.AuthenticationMiddleware",
    "fastapi.middleware.authentication.AuthenticationMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
})  # fmt: skip
"""They find out who is calling and let everybody pass."""


def function_guards(tree: SourceTree, module: PythonModule, node: ast.AST) -> list[Guard]:
    """Return what a middleware, a hook or a class of one guards; nothing where it turns nobody away."""
    refusing = refuses(module, node) or decodes(module, node)
    if not refusing and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        refusing = any(is_auth_decorator(tree, module, d) for d in node.decorator_list if _may_guard(d))
        refusing = refusing or handler_authenticates(tree, module, node)
    if not refusing and not authenticates(tree, module, node):
        return []
    return [Guard(prefix) for prefix in _prefixes(module, node)]


def _may_guard(decorator: ast.expr) -> bool:
    return called_name(decorator).rsplit(".", 1)[-1] not in {
        "before_request", "before_app_request", "middleware", "on_request", "hook", "before_websocket",
    }  # fmt: skip


def middleware_guards(tree: SourceTree, module: PythonModule, node: ast.AST) -> list[Guard]:
    """Return what one middleware guards, given as a class, a function, an instance, or wrapped in `Middleware(...)`."""
    if isinstance(node, ast.Starred):
        return []
    call = node if isinstance(node, ast.Call) else None
    target = node
    if call is not None:
        if called_name(call).rsplit(".", 1)[-1] in {"Middleware", "DefineMiddleware"} and call.args:
            target = call.args[0]
        elif definition(tree, module, call.func) is not None or is_auth_name(called_name(call)):
            target = call.func
    found = definition(tree, module, target)
    if found is not None:
        return function_guards(tree, *found)
    bound = value_of(tree, module, target)
    if bound is not None and isinstance(bound[1], ast.Call) and bound[1] is not node:
        return middleware_guards(tree, *bound) if bound[1] is not target else []
    name = module.qualname(target) or called_name(target)
    if name in _NO_GUARDS or name.endswith("authentication.AuthenticationMiddleware"):
        backend = definition(tree, module, _backend(call)) if call is not None else None
        return function_guards(tree, *backend) if backend is not None else []
    return [Guard()] if is_auth_name(name) or is_auth_name(name.replace("Middleware", "")) else []


def _backend(call: ast.Call) -> ast.expr | None:
    given = keyword(call, "backend")
    return given.func if isinstance(given, ast.Call) else given


def _prefixes(module: PythonModule, node: ast.AST) -> list[str]:
    """Return the paths that a middleware looks at: it passes on all others before it refuses anybody."""
    for test in (n for n in walk(node) if isinstance(n, ast.If)):
        wanted = test.test
        negated = isinstance(wanted, ast.UnaryOp) and isinstance(wanted.op, ast.Not)
        inner = wanted.operand if isinstance(wanted, ast.UnaryOp) else wanted
        parts = inner.values if isinstance(inner, ast.BoolOp) and isinstance(inner.op, ast.And) else [inner]
        found = next((p for part in parts if (p := _path_prefixes(module, part))), None)
        if found is None:
            continue
        if negated and isinstance(test.body[-1], ast.Return) and not refuses(module, test.body[-1]):
            return found
        if (
            not negated
            and any(refuses(module, statement) for statement in test.body)
            and not _refuses_outside(module, node, test)
        ):
            return found
    return [""]


def _refuses_outside(module: PythonModule, node: ast.AST, test: ast.If) -> bool:
    inside = set(walk(test))
    returns = (n for n in walk(node) if isinstance(n, (ast.Return, ast.Raise)) and n not in inside)
    return any(refuses(module, statement) for statement in returns)


def _path_prefixes(module: PythonModule, node: ast.expr) -> list[str] | None:
    """Return what `request.path.startswith("/api")` looks for, None for any other test."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "startswith":
        return None
    about = called_name(node.func.value).lower()
    if not any(word in about for word in ("path", "url", "rule", "uri")) or not node.args:
        return None
    value = module.literal(node.args[0])
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    kept = [item for item in found if isinstance(item, str) and item.startswith("/")]
    return kept or None
