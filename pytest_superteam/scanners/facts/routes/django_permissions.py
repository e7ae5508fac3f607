"""REST framework's permission classes: whom they let in, by name and, for those of the service, by what they do."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import is_public_name
from pytest_superteam.scanners.facts.auth.python_effects import called_name
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Access", "access_of"]

_DEPTH = 6


class Access(Enum):
    """Who may call, from nobody having said anything to known callers only."""

    OPEN = 0
    PUBLIC = 1
    """Everybody, on purpose."""
    OBJECT = 2
    """Who may touch an object is asked, who may make or list them is not."""
    READ_ONLY = 3
    """Everybody may read, known callers may write."""
    CLOSED = 4


def access_of(tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0) -> Access:
    """Return what a list of permission classes, or one of them, lets in."""
    if node is None or depth > _DEPTH:
        return Access.OPEN
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        found = [access_of(tree, module, item, depth + 1) for item in node.elts]
        return max(found, key=lambda access: access.value) if found else Access.PUBLIC
    if isinstance(node, ast.BinOp):
        both = [access_of(tree, module, part, depth + 1) for part in (node.left, node.right)]
        pick = min if isinstance(node.op, ast.BitOr) else max
        return pick(both, key=lambda access: access.value)
    if isinstance(node, ast.UnaryOp):
        return Access.CLOSED
    if isinstance(node, ast.Constant):
        return _named(tree, str(node.value))
    if isinstance(node, ast.Call):
        return access_of(
            tree,
            module,
            node.func if not node.args else node.args[0] if called_name(node) in {"list", "tuple"} else node.func,
            depth + 1,
        )
    if isinstance(node, ast.IfExp):
        both = [access_of(tree, module, part, depth + 1) for part in (node.body, node.orelse)]
        return max(both, key=lambda access: access.value)
    found_class = definition(tree, module, node)
    if found_class is not None and isinstance(found_class[1], ast.ClassDef):
        return _defined(tree, found_class[0], found_class[1], depth)
    bound = value_of(tree, module, node)
    if bound is not None and bound[1] is not node:
        return access_of(tree, *bound, depth + 1)
    return _by_name(called_name(node).rsplit(".", 1)[-1])


def _named(tree: SourceTree, dotted: str) -> Access:
    """Return what the class at a dotted path lets in, as settings name it."""
    home, _, name = dotted.rpartition(".")
    file = tree.modules_by_name.get(home)
    target = file.python.definitions.get(name) if file is not None and file.python is not None else None
    if isinstance(target, ast.ClassDef) and file is not None and file.python is not None:
        return _defined(tree, file.python, target, 1)
    return _by_name(name or dotted)


def _by_name(name: str) -> Access:
    if name.endswith("OrReadOnly") or name in {"ReadOnly", "IsReadOnly"}:
        return Access.READ_ONLY
    return Access.PUBLIC if is_public_name(name) or name == "BasePermission" else Access.CLOSED


def _defined(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, depth: int) -> Access:
    """Return what a permission class of the service lets in."""
    methods = {m.name: m for m in cls.body if isinstance(m, (ast.FunctionDef, ast.AsyncFunctionDef))}
    asked = methods.get("has_permission")
    if asked is not None:
        returns = [r.value for r in module.scope_nodes(asked) if isinstance(r, ast.Return)]
        if returns and all(isinstance(value, ast.Constant) and value.value is True for value in returns):
            return Access.PUBLIC
        names = {called_name(n).rsplit(".", 1)[-1] for n in walk(asked) if isinstance(n, (ast.Name, ast.Attribute))}
        return Access.READ_ONLY if "SAFE_METHODS" in names else Access.CLOSED
    inherited = [access_of(tree, module, base, depth + 1) for base in cls.bases]
    strictest = max(inherited, key=lambda access: access.value) if inherited else Access.PUBLIC
    if strictest is Access.PUBLIC and "has_object_permission" in methods:
        return Access.OBJECT
    return strictest
