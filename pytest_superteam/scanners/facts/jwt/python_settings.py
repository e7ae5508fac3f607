"""Settings of JWT extensions in Python: names, keys of literal dicts, keyword arguments, defaults of reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.calls import JwtSetting
from pytest_superteam.scanners.facts.jwt.python_names import target_name
from pytest_superteam.scanners.facts.jwt.python_values import resolve
from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["python_settings"]

_MAX_PATH = 4
"""Dicts in dicts that are followed."""

_LOOKUPS = ("getenv", "environ.get", "config", "getattr", "setdefault", "env", "env.str", "get")


def python_settings(module: PythonModule, wants: Callable[[str], bool]) -> Iterator[JwtSetting]:
    """Yield what is set under a name that `wants` takes.

    That is `NAME = ...`, `config["NAME"] = ...`, `{"NAME": ...}`, `f(name=...)`, and defaults of parameters and reads.
    """
    for name, value, place, plain in _bound(module):
        if isinstance(value, ast.Dict):
            yield from _entries(module, name, value, wants)
            continue
        if not wants(name):
            continue
        found = module.literal(value)
        if found is UNKNOWN or found is None:
            text, origin = resolve(module, value) if not isinstance(value, ast.Name) else (UNKNOWN, None)
            found = text if origin is not None else found
        else:
            origin = resolve(module, value)[1]
        if found is not UNKNOWN:
            yield JwtSetting(name, found, place, origin or value, plain)


def _entries(module: PythonModule, name: str, node: ast.Dict, wants: Callable[[str], bool]) -> Iterator[JwtSetting]:
    queue = [(name, node)]
    for prefix, entries in queue:  # the list grows while it is read
        for key, value in zip(entries.keys, entries.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            path = f"{prefix}.{key.value}" if prefix else key.value
            if isinstance(value, ast.Dict) and path.count(".") < _MAX_PATH:
                queue.append((path, value))
            elif wants(path):
                found, origin = resolve(module, value)
                text = isinstance(found, (str, bytes))
                yield JwtSetting(path, found if text else module.literal(value), key, origin or value, plain=False)


def _bound(module: PythonModule) -> Iterator[tuple[str, ast.expr, ast.AST, bool]]:
    """Yield name, value, place, and whether the name is a plain one."""
    for node in module.of(ast.Assign):
        yield from ((n, node.value, node, _is_plain(target)) for target in node.targets if (n := target_name(target)))
    for annotated in module.of(ast.AnnAssign):
        if annotated.value is not None and (name := target_name(annotated.target)):
            yield name, annotated.value, annotated, _is_plain(annotated.target)
    for call in module.calls:
        yield from _of_call(module, call)
    for function in module.functions:
        a = function.args
        positional = [*a.posonlyargs, *a.args]
        defaults = [*[None] * (len(positional) - len(a.defaults)), *a.defaults, *a.kw_defaults]
        for arg, value in zip([*positional, *a.kwonlyargs], defaults, strict=True):
            if value is not None:
                yield arg.arg, value, arg, False


def _of_call(module: PythonModule, call: ast.Call) -> Iterator[tuple[str, ast.expr, ast.AST, bool]]:
    """Yield keyword arguments, dicts that update a configuration, and defaults of reads."""
    called = module.qualname(call.func)
    for item in call.keywords:
        if item.arg and item.arg != "default":
            yield item.arg, item.value, call, called.endswith((".update", ".from_mapping"))
    if called.endswith((".update", ".from_mapping", ".from_dict", "Env")):
        yield from (("", argument, call, False) for argument in call.args if isinstance(argument, ast.Dict))
    if not called.endswith(_LOOKUPS) or not call.args:
        return
    position = 1 if called == "getattr" else 0
    name = module.literal(call.args[position]) if len(call.args) > position else None
    if not isinstance(name, str):
        return
    if len(call.args) > position + 1:
        yield name, call.args[position + 1], call, True
    yield from ((name, k.value, call, True) for k in call.keywords if k.arg == "default")


def _is_plain(target: ast.expr) -> bool:
    return not isinstance(target, ast.Attribute) or (isinstance(target.value, ast.Name) and target.value.id == "self")
