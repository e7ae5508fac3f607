"""Where an object of a Python service comes from: the library call that made it, by dotted name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["origin"]

_MAX_DEPTH = 7


def origin(tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0) -> str:
    """Return the dotted name of what made the object that `node` stands for: `redis.Redis.pubsub`; empty if unknown."""
    if node is None or depth > _MAX_DEPTH:
        return ""
    depth += 1
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        return origin(tree, module, node.value, depth)
    if isinstance(node, (ast.IfExp, ast.BoolOp)):
        choices = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
        return next((found for choice in choices if (found := origin(tree, module, choice, depth))), "")
    if isinstance(node, ast.Call):
        return _of_call(tree, module, node, depth)
    if isinstance(node, ast.Name):
        return _of_name(tree, module, node, depth)
    if isinstance(node, ast.Attribute):
        return _of_attribute(tree, module, node, depth)
    return ""


def _of_call(tree: SourceTree, module: PythonModule, node: ast.Call, depth: int) -> str:
    found = definition(tree, module, node.func)
    if found is not None:
        home, target = found
        if isinstance(target, ast.ClassDef):
            return next((name for base in target.bases if (name := _imported(home, base))), "")
        return _returned(tree, home, target, depth)  # type: ignore[arg-type]  # what is no class is a function
    if isinstance(node.func, ast.Attribute):
        inner = origin(tree, module, node.func.value, depth)
        if inner:
            return f"{inner}.{node.func.attr}"
    return _imported(module, node.func)


def _imported(module: PythonModule, node: ast.AST) -> str:
    """Return the dotted name of what is imported from a library; empty for all else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in module.imports:
        return ""
    return ".".join([module.imports[node.id], *reversed(parts)])


def _returned(tree: SourceTree, module: PythonModule, function: Function, depth: int) -> str:
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    for part in walk(function):
        if isinstance(part, (ast.Return, ast.Yield)) and part.value is not None:
            made = origin(tree, module, part.value, depth)
            if made:
                return made
    return _annotation(module, function.returns)


def _annotation(module: PythonModule, annotation: ast.AST | None) -> str:
    parts = walk(annotation) if annotation is not None else ()
    named = (_imported(module, part) for part in parts if isinstance(part, (ast.Name, ast.Attribute)))
    return next((name for name in named if name and not name.startswith(("typing.", "collections."))), "")


def _of_name(tree: SourceTree, module: PythonModule, node: ast.Name, depth: int) -> str:
    function = module.function_of(node)
    while function is not None:
        values = module.local_bindings(function).get(node.id, [])
        if values:
            return _first(tree, module, values, node, depth)
        if module.is_parameter(node.id, function):
            return _parameter(tree, module, function, node.id, depth)
        function = module.function_of(function)
    made = _first(tree, module, module.bindings.get(node.id, []), node, depth)
    if made or node.id not in module.imports:
        return made or _first(tree, module, list(_globals(module, node.id)), node, depth)
    outside = value_of(tree, module, node)
    if outside is not None and outside[0] is not module:
        return origin(tree, *outside, depth)
    return module.imports[node.id]


def _globals(module: PythonModule, name: str) -> Iterator[ast.expr]:
    for node in module.of(ast.Global):
        function = module.function_of(node)
        if name in node.names and function is not None:
            yield from module.local_bindings(function).get(name, [])


def _first(tree: SourceTree, module: PythonModule, values: list[ast.expr], node: ast.AST, depth: int) -> str:
    return next((found for value in values if value is not node and (found := origin(tree, module, value, depth))), "")


def _parameter(tree: SourceTree, module: PythonModule, function: Function, name: str, depth: int) -> str:
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    defaults = [*[None] * (len(positional) - len(a.defaults)), *a.defaults]
    for argument, default in [*zip(positional, defaults, strict=True), *zip(a.kwonlyargs, a.kw_defaults, strict=True)]:
        if argument.arg == name:
            if isinstance(default, ast.Call) and default.args:  # Depends(get_redis)
                found = definition(tree, module, default.args[0])
                made = _returned(tree, found[0], found[1], depth) if found is not None else ""  # type: ignore[arg-type]  # a function
                if made:
                    return made
            return _annotation(module, argument.annotation) or origin(tree, module, default, depth)
    return ""


def _of_attribute(tree: SourceTree, module: PythonModule, node: ast.Attribute, depth: int) -> str:
    if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
        owner = module.class_of(node)
        for part in walk(owner) if owner is not None else ():
            if isinstance(part, (ast.Assign, ast.AnnAssign)):
                targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                for target in targets:
                    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                    if name == node.attr:
                        made = origin(tree, module, part.value, depth)
                        if isinstance(part, ast.AnnAssign):
                            made = made or _annotation(module, part.annotation)
                        if made:
                            return made
        return ""
    outside = value_of(tree, module, node)
    if outside is not None and outside[1] is not node:
        return origin(tree, *outside, depth)
    inner = origin(tree, module, node.value, depth)
    return f"{inner}.{node.attr}" if inner else _imported(module, node)
