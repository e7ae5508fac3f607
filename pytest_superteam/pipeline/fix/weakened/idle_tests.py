"""Tests in Python that check nothing: by them more pass than were tried."""

from __future__ import annotations

import ast
import re

__all__ = ["idle_tests", "last_name"]

_CHECKING = re.compile(r"assert|raises|warns|fail|check|verify|expect|should|raise_for_status|validate", re.IGNORECASE)
"""Names of calls that may fail by what they look at."""


def idle_tests(tree: ast.AST) -> list[tuple[int, str]]:
    """Return line and sentences for each test that can't fail by what it looks at, in a module or a definition."""
    functions = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return [_told(function) for function in functions if _is_idle(function)]


def _told(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[int, str]:
    what = f"The new test '{function.name}' checks nothing, so that more tests pass than were tried."
    return function.lineno, f"{what} Let it assert what the service answers, or leave it out."


def _is_idle(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a test asserts nothing, or only what is always so."""
    return function.name.startswith("test") and not any(map(_checks, ast.walk(function)))


def _checks(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not _is_constant(node.test)
    if isinstance(node, ast.Raise):
        return True
    return isinstance(node, ast.Call) and _CHECKING.search(last_name(node.func)) is not None


def _is_constant(test: ast.expr) -> bool:
    """Return whether nothing of the service is in a condition, such as `True` or `1 == 1`."""
    return not any(isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Await)) for node in ast.walk(test))


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name: `skip` of `pytest.skip`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
