"""How a chain of names, members and items of Python is spelled, so that two can be compared."""

from __future__ import annotations

import ast

from pytest_superteam.scanners.languages.python import walk

__all__ = ["names_in", "spelled"]

_MAX_PARTS = 30


def spelled(node: ast.AST | None) -> str:
    """Return `a.b[0].c()` as it is written, arguments of calls left out; empty for anything but such a chain."""
    parts: list[str] = []
    while node is not None and len(parts) < _MAX_PARTS:
        if isinstance(node, ast.Name):
            return node.id + "".join(reversed(parts))
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Subscript):
            key = node.slice
            inner = repr(key.value) if isinstance(key, ast.Constant) else key.id if isinstance(key, ast.Name) else "?"
            if inner == "?" and isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name):
                inner = f"{key.value.id}.{key.attr}"
            parts.append(f"[{inner}]")
            node = node.value
        elif isinstance(node, ast.Call):
            first = node.args[0] if node.args else None
            parts.append(f"({first.id if isinstance(first, ast.Name) else ''})")
            node = node.func
        elif isinstance(node, ast.Await):
            node = node.value
        else:
            return ""
    return ""


def names_in(node: ast.AST) -> set[str]:
    """Return the names that an expression reads."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}
