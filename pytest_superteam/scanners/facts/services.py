"""What crosses the modules of one service: a name's definition in another file, a setting's value, a call's target."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.languages.python import UNKNOWN, Function, PythonModule, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["called_functions", "definition", "literal", "value_of"]

_MAX_HOPS = 6
"""Re-exports that a name is followed through."""


def _module(tree: SourceTree, name: str) -> PythonModule | None:
    file = tree.modules_by_name.get(name)
    return file.python if file is not None else None


def _locate(tree: SourceTree, module: PythonModule, name: str) -> tuple[PythonModule, str] | None:
    """Return the module that defines the dotted `name` seen from `module`, and its name there."""
    for _ in range(_MAX_HOPS):
        head, _, rest = name.partition(".")
        if not rest and (head in module.definitions or head in module.bindings):
            return module, head
        if head in module.definitions or head in module.bindings:
            return module, name
        full = f"{module.imports[head]}.{rest}".rstrip(".") if head in module.imports else name
        found = _split(tree, full)
        if found is None or (found[0] is module and found[1] == name):
            return None
        module, name = found
    return None


def _split(tree: SourceTree, full: str) -> tuple[PythonModule, str] | None:
    """Return the module that the longest head of a dotted name is, and the rest of the name."""
    parts = full.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = _module(tree, ".".join(parts[:cut]))
        if module is not None:
            return module, ".".join(parts[cut:])
    return None


def _dotted(node: ast.AST | None) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def definition(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> tuple[PythonModule, ast.AST] | None:
    """Return module and definition (function or class) of what `node` names, within the service."""
    name = _dotted(node)
    if not name or node is None:
        return None
    if name.startswith(("self.", "cls.")) and name.count(".") == 1:
        owner = module.class_of(node)
        return next(((module, m) for m in owner.body if getattr(m, "name", "") == name[5:]), None) if owner else None
    found = _locate(tree, module, name)
    if found is None:
        return None
    head, _, attribute = found[1].partition(".")
    target = found[0].definitions.get(head)
    if target is not None and attribute and isinstance(target, ast.ClassDef):
        target = next((m for m in target.body if getattr(m, "name", "") == attribute), None)
    return (found[0], target) if target is not None else None


def value_of(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> tuple[PythonModule, ast.expr] | None:
    """Return module and expression that a name stands for, followed through imports within the service."""
    if isinstance(node, ast.Name):
        local = module.bound(node)
        if local is not None:
            return module, local
    found = _locate(tree, module, _dotted(node)) if node is not None else None
    if found is None or "." in found[1]:
        return None
    values = found[0].bindings.get(found[1], [])
    return (found[0], values[0]) if len(values) == 1 else None


def literal(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> Any:
    """Return the literal value of `node`, with names and settings of other modules of the service looked up."""
    value = module.literal(node)
    if value is not UNKNOWN or node is None:
        return value
    if isinstance(node, ast.Name):
        found = value_of(tree, module, node)
        if found is not None and (found[0] is not module or found[1] is not node):
            return literal(tree, *found) if found[1] is not node and not isinstance(found[1], ast.Name) else UNKNOWN
    if isinstance(node, ast.Attribute):
        return _setting(tree, module, node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        inner = literal(tree, module, node.func.value)
        return inner.split(",") if isinstance(inner, str) else UNKNOWN
    return UNKNOWN


def _setting(tree: SourceTree, module: PythonModule, node: ast.Attribute) -> Any:
    """Return the literal default of `settings.NAME`: of a class, its instance or a module of the service."""
    found = value_of(tree, module, node.value)
    home, owner = found if found is not None else (module, node.value)
    if isinstance(owner, ast.Call):  # Settings() or get_settings()
        owner = owner.func
    target = definition(tree, home, owner)
    if target is not None and isinstance(target[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
        returned = next((r.value for r in walk(target[1]) if isinstance(r, ast.Return) and r.value), None)
        target = definition(tree, target[0], returned.func if isinstance(returned, ast.Call) else returned)
    if target is not None and isinstance(target[1], ast.ClassDef):
        values = target[0].local_bindings(target[1]).get(node.attr, [])
        return target[0].literal(values[0]) if len(values) == 1 else UNKNOWN
    constant = value_of(tree, module, node)
    return constant[0].literal(constant[1]) if constant is not None else UNKNOWN


def called_functions(
    tree: SourceTree, module: PythonModule, function: ast.AST
) -> Iterator[tuple[PythonModule, Function]]:
    """Yield the functions of the service that `function` calls or passes on by name (as `Depends(f)` does)."""
    for node in walk(function):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found = definition(tree, module, node)
            if found is not None and isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield found[0], found[1]
