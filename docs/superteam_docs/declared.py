"""What modules declare, read from their source: fields with the texts below them, signatures as they were written."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Declared", "declared_fields", "declared_functions", "definition", "signature", "text_of"]


@dataclass(frozen=True)
class Declared:
    """A field of a class: its type and default as they were written, and the text below it."""

    name: str
    type: str
    default: str
    text: str


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def definition(thing: type | object) -> ast.ClassDef | ast.FunctionDef:
    """Return where a class or function is defined."""
    module = sys.modules[thing.__module__]
    name = getattr(thing, "__name__", "")
    for node in _tree(str(inspect.getsourcefile(module))).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            return node
    raise LookupError(f"{thing!r} is not defined at the top of its module")


def declared_fields(cls: type) -> list[Declared]:
    """Return the public fields that a class itself declares, in order."""
    body = definition(cls).body
    found = []
    for node, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not node.target.id.startswith("_"):
            default = _default(node.value)
            found.append(Declared(node.target.id, ast.unparse(node.annotation), default, text_of(below)))
    return found


def text_of(node: ast.AST | None) -> str:
    """Return the text of an expression that is nothing but a text: the documentation of what stands above it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return ""


def _default(value: ast.expr | None) -> str:
    """Return a default as somebody would write it who makes one: `field(default_factory=dict)` is `{}`."""
    if not isinstance(value, ast.Call) or getattr(value.func, "id", "") != "field":
        return ast.unparse(value) if value is not None else ""
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    if "default" in given:
        return ast.unparse(given["default"])
    factory = ast.unparse(given["default_factory"]) if "default_factory" in given else ""
    return {"dict": "{}", "list": "[]", "tuple": "()", "": ""}.get(factory, f"{factory}()")


def declared_functions(module: ModuleType) -> list[ast.FunctionDef]:
    """Return the functions at the top of a module, in order."""
    tree = _tree(str(inspect.getsourcefile(module)))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return how a function is called: its name, its arguments without `self`, and what it returns."""
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    prefix = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    return f"{prefix}{node.name}({arguments}){returns}"
