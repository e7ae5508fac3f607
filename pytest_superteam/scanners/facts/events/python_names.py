"""The names of events that an expression of Python gives, with what is not fixed left open."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART
from pytest_superteam.scanners.facts.services import definition, literal
from pytest_superteam.scanners.languages.python import UNKNOWN, Function, PythonModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Named", "names_of", "places_of"]

Named = tuple[str, "PythonModule", ast.Call]
"""A name, and where it is written."""

_MAX_NAMES = 50


def names_of(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> list[str]:
    """Return the names that `node` gives: one, all of a list, a dict's keys; `UNKNOWN_PART` where none is fixed."""
    if node is None:
        return []
    if isinstance(node, ast.Starred):
        return names_of(tree, module, node.value)
    parts = _parts(node)
    if parts is not None:
        return [name for part in parts for name in names_of(tree, module, part)]
    if isinstance(node, ast.JoinedStr):
        return [_template(tree, module, node)]
    if isinstance(node, ast.Attribute) and node.attr in {"value", "name"} and isinstance(node.value, ast.Attribute):
        inner = _strings(literal(tree, module, node.value))
        if inner:
            return inner
    found = _strings(literal(tree, module, node))
    return found or (_of_name(tree, module, node) if isinstance(node, ast.Name) else []) or [UNKNOWN_PART]


def _parts(node: ast.AST) -> list[ast.expr | None] | None:
    """Return the parts of an expression that gives several names; None where it gives one."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return list(node.elts[:_MAX_NAMES])
    if isinstance(node, ast.Dict):
        return node.keys[:_MAX_NAMES]
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else None


def _of_name(tree: SourceTree, module: PythonModule, node: ast.Name) -> list[str]:
    """Return the names that a variable holds whose value is no plain literal, or that it runs over."""
    value = module.bound(node)
    if isinstance(value, (ast.List, ast.Tuple, ast.Dict, ast.JoinedStr, ast.IfExp)):
        return names_of(tree, module, value)
    looped = _looped(module, node)
    return names_of(tree, module, looped) if looped is not None else []


def _looped(module: PythonModule, node: ast.Name) -> ast.expr | None:
    """Return what a name runs over where it is the variable of a loop."""
    current = module.parents.get(node)
    while current is not None:
        if isinstance(current, (ast.For, ast.AsyncFor)) and getattr(current.target, "id", "") == node.id:
            if isinstance(current.iter, ast.Name):
                return module.bound(current.iter)
            return current.iter if isinstance(current.iter, (ast.List, ast.Tuple, ast.Set)) else None
        current = module.parents.get(current)
    return None


def _strings(value: Any) -> list[str]:
    if value is UNKNOWN or value is None:
        return []
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return [key for key in value if isinstance(key, str)]
    if isinstance(value, list):
        return [item if isinstance(item, str) else UNKNOWN_PART for item in value[:_MAX_NAMES]]
    return []


def _template(tree: SourceTree, module: PythonModule, node: ast.JoinedStr) -> str:
    parts = []
    for part in node.values:
        value = literal(tree, module, part.value if isinstance(part, ast.FormattedValue) else part)
        parts.append(str(value) if isinstance(value, (str, int)) else UNKNOWN_PART)
    return "".join(parts)


def places_of(tree: SourceTree, module: PythonModule, node: ast.AST | None, call: ast.Call) -> Iterator[Named]:
    """Yield each name that `node` gives with its place: `call`, or the caller of a helper that is given the name."""
    names = names_of(tree, module, node)
    function = module.function_of(node) if node is not None else None
    if names == [UNKNOWN_PART] and isinstance(node, ast.Name) and function is not None:
        own = module.is_parameter(node.id, function) and not module.local_bindings(function).get(node.id)
        passed = list(_passed(tree, function, node.id)) if own else []
        if passed:
            yield from passed
            return
    yield from ((name, module, call) for name in names)


def _passed(tree: SourceTree, function: Function, parameter: str) -> Iterator[Named]:
    """Yield what the callers of `function` in the service give for one of its parameters."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    method = bool(names) and names[0] in {"self", "cls"}
    position = names.index(parameter) - method if parameter in names else -1
    for _, home in tree.module_with(function.name.encode()):
        for call in home.calls:
            last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if last != function.name:
                continue
            found = definition(tree, home, call.func)
            if found is not None and getattr(found[1], "lineno", 0) != function.lineno:
                continue
            given = next((k.value for k in call.keywords if k.arg == parameter), None)
            if given is None and 0 <= position < len(call.args):
                given = call.args[position]
            if given is not None:
                yield from ((name, home, call) for name in names_of(tree, home, given))
