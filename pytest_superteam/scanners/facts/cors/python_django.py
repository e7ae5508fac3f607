"""The settings of django-cors-headers, and class attributes of the same kind in Tornado and Eve."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CorsPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.cors.python_values import Values
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["django_policies"]

_EVERYTHING = frozenset({"CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"})
_ORIGINS = frozenset({"CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST", "X_DOMAINS", "CORS_ORIGIN", "CORS_ALLOW_ORIGIN"})
_PATTERNS = frozenset({"CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST", "X_DOMAINS_RE"})
_CREDENTIALS = frozenset({"CORS_ALLOW_CREDENTIALS", "X_ALLOW_CREDENTIALS", "CORS_CREDENTIALS"})
_ALL = _EVERYTHING | _ORIGINS | _PATTERNS | _CREDENTIALS


def django_policies(module: PythonModule, values: Values) -> Iterator[CorsPolicy]:
    """Read the settings of the module, and of each class in it (django-configurations)."""
    scopes: dict[ast.AST | None, list[tuple[str, ast.Assign | ast.AnnAssign]]] = {}
    nodes: list[ast.Assign | ast.AnnAssign] = [*module.of(ast.Assign), *module.of(ast.AnnAssign)]
    for node in nodes:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            name = target.id if isinstance(target, ast.Name) else ""
            if name in _ALL and module.function_of(node) is None:
                scopes.setdefault(module.class_of(node), []).append((name, node))
    for settings in scopes.values():
        credentials = any(name in _CREDENTIALS and values.true(node.value) for name, node in settings)
        for name, node in settings:
            everything = name in _EVERYTHING and values.true(node.value)
            if everything or (name in _ORIGINS and values.wildcard(node.value)):
                yield CorsPolicy(node, wildcard=True, credentials=credentials)
            elif name in _PATTERNS and values.any_origin(node.value, full=False):
                yield CorsPolicy(node, credentials=credentials, reflected=True)
