"""What a name of Python may stand for: each of its bindings, defaults of parameters, what is set on attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["Assigned", "candidates", "target_name"]

_MANY = 20
"""Bindings of one name that are looked at."""

_SPELLED = 500
"""Characters of a dumped expression that are compared."""


def target_name(node: ast.AST) -> str:
    """Return the name that an expression reads or sets: of a variable, an attribute or a literal key."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _default(module: PythonModule, name: ast.Name) -> ast.expr | None:
    """Return the default of the parameter that `name` is, if it has one."""
    function = module.function_of(name)
    while function is not None:
        a = function.args
        positional = [*a.posonlyargs, *a.args]
        defaults = [*[None] * (len(positional) - len(a.defaults)), *a.defaults, *a.kw_defaults]
        for arg, value in zip([*positional, *a.kwonlyargs], defaults, strict=True):
            if arg.arg == name.id:
                return value
        function = module.function_of(function)
    return None


def candidates(module: PythonModule, node: ast.Name) -> list[ast.expr]:
    """Return every expression that a name may stand for: all its bindings in the nearest scope, or its default."""
    function = module.function_of(node)
    while function is not None:
        values = module.local_bindings(function).get(node.id)
        default = _default(module, node) if module.is_parameter(node.id, function) else None
        if values or default is not None:
            return [*(values or ())[:_MANY], *([default] if default is not None else ())]
        if module.is_parameter(node.id, function):
            return []
        function = module.function_of(function)
    owner = module.class_of(node)
    if owner is not None and node.id in module.local_bindings(owner):
        return module.local_bindings(owner)[node.id][:_MANY]
    return module.bindings.get(node.id, [])[:_MANY]


class Assigned:
    """What is assigned to attributes and subscripts in a module, by how they are spelled."""

    def __init__(self, module: PythonModule) -> None:
        self._values: dict[str, list[ast.expr]] = {}
        for assign in module.of(ast.Assign):
            for target in assign.targets:
                if isinstance(target, (ast.Attribute, ast.Subscript)) and target_name(target):
                    self._values.setdefault(_spelled(target), []).append(assign.value)

    def to(self, node: ast.expr) -> list[ast.expr]:
        """Return what is assigned to an expression spelled as `node`: `self.key`, `app.config["KEY"]`."""
        return self._values.get(_spelled(node), [])[:_MANY] if target_name(node) else []


def _spelled(node: ast.expr) -> str:
    """Return an expression of names and constants as text, whether it is read or set; empty for a longer one."""
    parts: list[str] = []
    current: ast.expr = node
    while isinstance(current, (ast.Attribute, ast.Subscript)) and len(parts) < 8:
        parts.append(target_name(current) + ("." if isinstance(current, ast.Attribute) else "[]"))
        current = current.value
    return " ".join([current.id, *parts])[:_SPELLED] if isinstance(current, ast.Name) else ""
