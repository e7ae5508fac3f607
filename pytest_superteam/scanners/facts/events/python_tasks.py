"""Celery tasks: defined, sent by name or by reference, put on a schedule."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART, EventUse
from pytest_superteam.scanners.facts.events.python_names import names_of
from pytest_superteam.scanners.languages.python import Function, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["TASK_WORDS", "task_uses"]

TASK_WORDS = (b"celery", b"Celery", b"shared_task", b"send_task", b"beat_schedule", b"BEAT_SCHEDULE")
_DECORATORS = re.compile(r"(?:^|\.)(?:task|shared_task|periodic_task)$")
_WORD = re.compile(rb"[A-Za-z_][\w.]*")


def task_uses(tree: SourceTree) -> list[EventUse]:
    """Return the tasks that a service defines and sends."""
    modules = [module for _, module in tree.module_with(*TASK_WORDS)]
    found: list[EventUse] = []
    for module in modules:
        found += _sent(tree, module)
        found += _scheduled(tree, module)
    defined = [(module, f, d) for module in modules for f in module.functions if (d := _task(module, f)) is not None]
    if not defined:
        return found
    mentions = _mentions(tree, {f.name for _, f, _ in defined})
    for module, function, decorator in defined:
        name = _name(tree, module, function, decorator)
        if name is not None:
            said = (
                2
                if isinstance(decorator, ast.Call) and name.split(".")[-1] == function.name and _is_named(decorator)
                else 1
            )
            alive = mentions.get(function.name, 0) > said or _is_periodic(module, decorator)
            found.append(EventUse("consume", name, module.path, decorator.lineno, "celery", claimed=not alive))
    return found


def _task(module: PythonModule, function: Function) -> ast.expr | None:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = module.qualname(target)
        if _DECORATORS.search(name) and not name.startswith(
            ("invoke", "airflow", "prefect", "locust", "fabric", "luigi", "huey")
        ):
            return decorator
    return None


def _is_periodic(module: PythonModule, decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return module.qualname(target).endswith("periodic_task")


def _name(tree: SourceTree, module: PythonModule, function: Function, decorator: ast.expr) -> str | None:
    """Return the name of a task: the one given, else module and function; None where the given one is not known."""
    if isinstance(decorator, ast.Call):
        given = keyword(decorator, "name") or (decorator.args[0] if decorator.args else None)
        if given is not None:
            names = names_of(tree, module, given)
            return names[0] if len(names) == 1 and UNKNOWN_PART not in names[0] else None
    return f"{module.name}.{function.name}"


def _is_named(decorator: ast.Call) -> bool:
    return bool(decorator.args) or keyword(decorator, "name") is not None


def _mentions(tree: SourceTree, names: set[str]) -> dict[str, int]:
    """Return how often each name of a task stands in the service's code, its definition included."""
    counts = dict.fromkeys(names, 0)
    for file in tree.service_files("python"):
        for match in _WORD.finditer(file.data) if any(name.encode() in file.data for name in names) else ():
            for part in match[0].decode("ascii", "replace").split("."):
                if part in counts:
                    counts[part] += 1
    return counts


def _sent(tree: SourceTree, module: PythonModule) -> Iterator[EventUse]:
    for call in module.calls:
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        named = last in {"send_task", "signature"}
        if not named and last == "Signature":
            named = True
        if named and (call.args or keyword(call, "name") is not None):
            for name in names_of(tree, module, keyword(call, "name") or call.args[0]):
                known = UNKNOWN_PART not in name and last == "send_task"
                yield EventUse("publish", name, module.path, call.lineno, "celery", claimed=known)


def _scheduled(tree: SourceTree, module: PythonModule) -> Iterator[EventUse]:
    """Yield the tasks of a beat schedule, by the key `task` of its entries."""
    for node in module.of(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "task":
                for name in names_of(tree, module, value):
                    yield EventUse("publish", name, module.path, value.lineno, "celery", claimed=False)
    if any("django_celery_beat" in name for name in module.imports.values()):
        yield EventUse("publish", UNKNOWN_PART, module.path, 1, "celery", claimed=False)
