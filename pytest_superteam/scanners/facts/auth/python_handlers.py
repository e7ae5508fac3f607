"""Whether a Python handler asks who is calling: by its parameters, its decorators or its own code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import (
    is_auth_name,
    is_optional_name,
    is_password_check,
    is_public_name,
    is_signature_name,
    is_token_issue,
)
from pytest_superteam.scanners.facts.auth.python import (
    authenticates,
    depends_on_caller,
    enforces,
    is_auth_decorator,
    is_auth_dependency,
    is_auth_mark,
    is_lenient,
    is_route_mark,
    running,
    stands_alone,
)
from pytest_superteam.scanners.facts.auth.python_effects import (
    called_name,
    decodes,
    reads_caller,
    refuses,
    refuses_unknown,
    swallowed,
)
from pytest_superteam.scanners.facts.services import called_functions, definition
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["checks_signature", "handler_authenticates", "is_public_mark", "signs_in"]

_MAX_FUNCTIONS = 50


def is_public_mark(decorator: ast.expr) -> bool:
    """Return whether a decorator says on purpose that everybody may call."""
    return is_public_name(called_name(decorator))


def handler_authenticates(tree: SourceTree, module: PythonModule, function: Function) -> bool:
    """Return whether a route handler authenticates by its parameters, its decorators or its own code."""
    if depends_on_caller(tree, module, function):
        return True
    if any(is_auth_decorator(tree, module, d) for d in function.decorator_list if not is_route_mark(d)):
        return True
    if decodes(module, function):
        return True
    owner = module.class_of(function)
    if owner is not None and module.parents.get(function) is owner and _class_depends(tree, module, owner):
        return True
    return _checks_caller(tree, module, function)


def _class_depends(tree: SourceTree, module: PythonModule, owner: ast.ClassDef) -> bool:
    """Return whether a class attribute (of class-based views of fastapi-utils) is a dependency that authenticates."""
    for node in owner.body:
        if isinstance(node, ast.AnnAssign):
            if isinstance(node.value, ast.Call) and is_auth_mark(tree, module, node.value, node.annotation, 0):
                return True
            if is_auth_dependency(tree, module, node.annotation):
                return True
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and is_auth_dependency(tree, module, node.value)
        ):
            return True
    return False


def _checks_caller(tree: SourceTree, module: PythonModule, function: Function) -> bool:
    """Return whether a handler's own code refuses: by a helper with a telling name, or by looking at the caller."""
    for node in running(function):
        if not isinstance(node, ast.Call) or is_lenient(module, node):
            continue
        name = called_name(node.func)
        if is_password_check(name):
            continue
        found = definition(tree, module, node.func)
        if found is not None:
            if (is_auth_name(name) or is_optional_name(name) or "user" in name.lower()) and authenticates(
                tree, *found, 1
            ):
                return True
        elif enforces(module, node) and stands_alone(module, node) and not swallowed(module, node, function):
            return True
    if signs_in(function):
        return False
    if refuses_unknown(module, function):
        return True
    return reads_caller(function) and refuses(module, function, (401, 403))


def signs_in(function: ast.AST) -> bool:
    """Return whether a handler compares a password and makes a token or session: one has to be unknown to call it."""
    names = [called_name(node.func) for node in walk(function) if isinstance(node, ast.Call)]
    return any(map(is_password_check, names)) and any(map(is_token_issue, names))


def checks_signature(tree: SourceTree, module: PythonModule, function: Function) -> bool:
    """Return whether a function, or one that it calls or depends on, checks the signature of what it was sent."""
    seen: set[ast.AST] = set()
    pending: list[tuple[PythonModule, ast.AST]] = [(module, function)]
    while pending and len(seen) < _MAX_FUNCTIONS:
        home, node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        calls = (n for n in walk(node) if isinstance(n, ast.Call))
        if any(is_signature_name(called_name(call.func)) for call in calls):
            return True
        pending.extend(called_functions(tree, home, node))
    return False
