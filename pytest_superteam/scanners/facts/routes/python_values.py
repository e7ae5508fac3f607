"""Paths and lists of Python code that say where routes are, as far as they are written down."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.routes.model import PartialPath
from pytest_superteam.scanners.facts.services import definition, literal, value_of

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["UNKNOWN_PART", "collection", "path_text", "prefix_text"]

_DEPTH = 6
UNKNOWN_PART = PartialPath()
"""A prefix of which nothing is known."""


def prefix_text(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return what a prefix is as far as it is known; None only where none is given."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return None
    found = path_text(tree, module, node)
    return UNKNOWN_PART if found is None else found


def path_text(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return a path as far as it is known: parts that nobody knows (`f"{settings.PREFIX}/orders"`) are left out."""
    if node is None:
        return None
    value = _text(tree, module, node)
    if isinstance(value, str):
        return value
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.FormattedValue) else v for v in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        stack: list[ast.expr] = [node]
        while stack and len(parts) < 50:
            part = stack.pop()
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
                stack += [part.right, part.left]
            else:
                parts.append(part)
    known = [_text(tree, module, part) for part in parts]
    texts = [k for k in known if isinstance(k, str)]
    if not texts:
        return None
    return "".join(texts) if len(texts) == len(known) else PartialPath("".join(texts))


def _text(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> Any:
    """Return the literal value of an expression, settings that a function hands out included."""
    value = literal(tree, module, node)
    return value if isinstance(value, str) or not isinstance(node, ast.Attribute) else _typed(tree, module, node)


def _typed(tree: SourceTree, module: PythonModule, node: ast.Attribute) -> Any:
    """Return the default of `settings.prefix` where `settings` is what `get_settings() -> Settings` returns."""
    made = value_of(tree, module, node.value)
    home, call = made if made is not None else (module, node.value)
    function = definition(tree, home, call.func) if isinstance(call, ast.Call) else None
    if function is None or not isinstance(function[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    found = definition(tree, function[0], function[1].returns)
    for _ in range(_DEPTH):  # the class, then its first base
        if found is None or not isinstance(found[1], ast.ClassDef):
            return None
        values = found[0].local_bindings(found[1]).get(node.attr, [])
        if values:
            return found[0].literal(values[0]) if len(values) == 1 else None
        found = definition(tree, found[0], found[1].bases[0]) if found[1].bases else None
    return None


def collection(
    tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0
) -> list[tuple[PythonModule, ast.expr]]:
    """Return the members of a list, with names, concatenations, `*` and later `+=` resolved; unknown parts are left."""
    if node is None or depth > _DEPTH:
        return []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        found: list[tuple[PythonModule, ast.expr]] = []
        for item in node.elts:
            found += (
                collection(tree, module, item.value, depth + 1) if isinstance(item, ast.Starred) else [(module, item)]
            )
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return collection(tree, module, node.left, depth + 1) + collection(tree, module, node.right, depth + 1)
    if isinstance(node, ast.Call):
        made = definition(tree, module, node.func)
        if made is not None and isinstance(made[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            returned = (r.value for r in made[0].scope_nodes(made[1]) if isinstance(r, ast.Return))
            return [item for value in returned for item in collection(tree, made[0], value, depth + 1)]
        return collection(tree, module, node.args[0], depth + 1) if node.args else []
    if isinstance(node, ast.Name):
        function = module.function_of(node)
        values = module.local_bindings(function).get(node.id) if function is not None else None
        values = values or module.bindings.get(node.id)
        if values:
            unique = list(dict.fromkeys(values))
            return [
                item for value in unique if value is not node for item in collection(tree, module, value, depth + 1)
            ]
    if isinstance(node, (ast.Name, ast.Attribute)):
        bound = value_of(tree, module, node)
        return collection(tree, *bound, depth + 1) if bound is not None and bound[1] is not node else []
    return []
