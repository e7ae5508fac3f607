"""The page of the Python interface, made of the modules that projects import from."""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

from superteam_docs.declared import Declared, declared_fields, definition, signature, text_of
from superteam_docs.markdown import page, paragraphs, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["MODULES", "api_page"]

MODULES: dict[str, tuple[str, ...]] = {
    "pytest_superteam.builders.base": ("BuildOutput", "BuildRequest", "Builder", "Progress", "Tier"),
    "pytest_superteam.deployment.base": ("DeployRequest", "Deployer", "RestartError", "Restarter"),
    "pytest_superteam.scanners.base": (),
    "pytest_superteam.checks.base": ("Check", "CheckTarget"),
    "pytest_superteam.checks.client": ("ServiceClient",),
    "pytest_superteam.architect.document.prd": ("Prd",),
    "pytest_superteam.errors": (),
    "pytest_superteam.models": (),
}
"""Modules to what projects take of them; empty: all that they offer."""

_HEAD = """\
# Python interface

What hooks and tests of a project are given, and what they return. Everything else in the package is its own affair and
may change without a word. Import each name from the module below which it stands.
"""


def api_page() -> str:
    """Return the page, in Markdown: a section for each module, in it one for each name."""
    parts = [_HEAD]
    seen: set[int] = set()
    for name, chosen in MODULES.items():
        module = importlib.import_module(name)
        things = [(word, getattr(module, word)) for word in chosen or sorted(module.__all__)]
        own = [(word, thing) for word, thing in things if id(thing) not in seen]
        seen |= {id(thing) for _, thing in own}
        parts += [f"## {name}\n\n{paragraphs(module.__doc__).split(chr(10) * 2)[0]}", *_sections(module, own)]
    return page(*parts)


def _sections(module: ModuleType, things: list[tuple[str, Any]]) -> Iterator[str]:
    for name, thing in things:
        text = _class(thing) if inspect.isclass(thing) else _other(module, name, thing)
        yield f"### {name}\n\n{text}"


def _class(cls: type) -> str:
    parts = [paragraphs(cls.__doc__)]
    fields = declared_fields(cls)
    bases = [base.__name__ for base in cls.__bases__ if base.__module__.startswith("pytest_superteam")]
    if bases:
        parts.insert(0, f"A `{'`, `'.join(bases)}`.")
    if fields:
        head = ("attribute", "type", "default", "meaning") if is_dataclass(cls) else ("attribute", "type", "meaning")
        parts.append(table(head, [_row(field, with_default=is_dataclass(cls)) for field in fields]))
    members = [f"`{name}`" for name in getattr(cls, "__members__", ())]
    if members:
        parts.append(f"Members: {', '.join(members)}.")
    parts += [_method(node) for node in definition(cls).body if _is_public(node)]
    return "\n\n".join(part for part in parts if part)


def _row(field: Declared, *, with_default: bool) -> tuple[str, ...]:
    default = (f"`{field.default}`" if field.default else "",) * with_default
    return f"`{field.name}`", f"`{field.type}`", *default, field.text


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_")


def _method(node: Any) -> str:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    shown = signature(node)
    if decorators & {"property", "cached_property"}:
        shown = f"{node.name}: {ast.unparse(node.returns)}"
    return f"`{shown}`\n\n{paragraphs(ast.get_docstring(node))}"


def _other(module: ModuleType, name: str, thing: Any) -> str:
    """Return what is to be said of a function, a choice of words, or a value."""
    if inspect.isfunction(thing):
        node = definition(thing)
        return f"```python\n{signature(node)}\n```\n\n{paragraphs(thing.__doc__)}"  # type: ignore[arg-type]  # of a function
    shown = repr(thing).replace("typing.", "")
    return f"`{name} = {shown}`\n\n{_text_below(module, name)}".strip()


def _text_below(module: ModuleType, name: str) -> str:
    """Return the text below the assignment of a name, in the module that it comes from."""
    body = ast.parse(inspect.getsource(module)).body
    for node, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and name in {alias.asname or alias.name for alias in node.names}:
            return _text_below(importlib.import_module(str(node.module)), name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return text_of(below)
    return ""
