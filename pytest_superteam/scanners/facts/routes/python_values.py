"""Paths and lists of Python code that say where routes are, as far as they are written down."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import definition, literal, value_of

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["collection", "path_text"]

_DEPTH = 6


def path_text(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return a path as far as it is known: parts that nobody knows (`f"{settings.PREFIX}/orders"`) are left out."""
    if node is None:
        return None
    value = literal(tree, module, node)
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
    known = [literal(tree, module, part) for part in parts]
    return "".join(k for k in known if isinstance(k, str)) if any(isinstance(k, str) for k in known) else None


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
