"""What readers of Python share: the function behind a route, statuses, the first line of a docstring."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import literal

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["first_line", "function_at", "status_of", "success_statuses"]

_NAMED = re.compile(r"HTTP_(\d{3})_")
_LONGEST = 120
_ANSWERING = frozenset({"response", "output", "marshal_with", "marshal_list_with"})


def function_at(tree: SourceTree, route: Route) -> tuple[PythonModule, Function] | None:
    """Return the function that answers a route."""
    path, line = route.defined
    file = tree.by_path.get(path)
    module = file.python if file is not None else None
    if module is None:
        return None
    return next(((module, function) for function in module.functions if function.lineno == line), None)


def first_line(function: Function) -> str:
    """Return the first line of a function's docstring, shortened."""
    text = (ast.get_docstring(function) or "").strip().splitlines()
    return "".join(c for c in text[0] if c.isprintable())[:_LONGEST] if text else ""


def status_of(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> int:
    """Return the status that an expression names: `201`, `status.HTTP_201_CREATED`, `HTTPStatus.CREATED`; else 0."""
    name = module.qualname(node)
    last = name.rsplit(".", 1)[-1]
    named = _NAMED.match(last)
    if named is not None:
        found: object = int(named[1])
    elif "HTTPStatus." in name and last in HTTPStatus.__members__:
        found = HTTPStatus[last].value
    else:
        found = literal(tree, module, node)
    usual = isinstance(found, int) and not isinstance(found, bool) and 100 <= found <= 599
    return int(found) if usual and isinstance(found, int) else 0


def _decorated_status(tree: SourceTree, module: PythonModule, function: Function) -> int:
    """Return the status that a decorator of an extension says: `@response(UserSchema, 201)`; else 0."""
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and module.qualname(mark.func).rsplit(".", 1)[-1] in _ANSWERING:
            named = (k.value for k in mark.keywords if k.arg in {"status_code", "code"})
            found = [s for node in (*named, *mark.args) if 200 <= (s := status_of(tree, module, node)) < 300]
            if found:
                return found[0]
    return 0


def success_statuses(tree: SourceTree, module: PythonModule, function: Function) -> tuple[int, ...]:
    """Return the statuses of success that a function returns beside its body, `200` for a return without one."""
    declared = _decorated_status(tree, module, function)
    if declared:
        return (declared,)
    found: dict[int, None] = {}
    for node in module.scope_nodes(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        value = node.value
        status = HTTPStatus.OK.value
        if isinstance(value, ast.Tuple) and len(value.elts) > 1:
            status = status_of(tree, module, value.elts[1])
        elif isinstance(value, ast.Call):
            given = next((k.value for k in value.keywords if k.arg in {"status", "status_code", "code"}), None)
            if given is not None:
                status = status_of(tree, module, given)
            elif getattr(value.func, "attr", getattr(value.func, "id", "")) in {"redirect", "abort", "make_response"}:
                continue
        if 200 <= status < 300:
            found[status] = None
    return tuple(found)
