"""SEC-005: a JWT key that everybody who reads the source has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.excuses import is_reference, mask
from pytest_superteam.scanners.facts.jwt_calls import LITERALS, jwt_calls, settings_literals
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "SEC-005",
    "Hardcoded JWT secret",
    Severity.CRITICAL,
    "security",
    3,
    'Read the key from the environment and fail without it: `os.environ["JWT_SECRET"]`; then replace the one '
    "that leaked.",
    applies_to=CODE_LANGUAGES,
    cwe=798,
)

_JWT_LIBRARIES = ("jwt", "jose", "authlib", "joserfc", "flask_jwt_extended", "flask_jwt", "rest_framework_simplejwt")
_LAST = frozenset({"secret", "key"})


def _is_secret(value: Any) -> bool:
    """Return whether a literal is a key that one could sign with."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str) or not value.strip() or "BEGIN PUBLIC" in value or "BEGIN CERTIFICATE" in value:
        return False
    return not is_reference(value)


def _names_jwt_key(name: str, *, jwt_service: bool) -> bool:
    """Return whether a setting of that name is the key of tokens: JWT_SECRET, SIMPLE_JWT.SIGNING_KEY, SECRET_KEY."""
    parts = words(name)
    if not parts or "public" in parts or parts[-1] not in _LAST:
        return False
    if "jwt" in parts:
        return {"secret", "signing", "private"} & set(parts) != set() or parts[-2:] == ("jwt", "key")
    return jwt_service and parts in {("secret", "key"), ("token", "secret"), ("auth", "secret"), ("signing", "key")}


def _uses_jwt(tree: SourceTree) -> bool:
    """Return whether the service imports a JWT library anywhere."""
    known = tree.facts.get("uses jwt")
    if known is None:
        origins = (origin for _, module in tree.module_with(b"jwt", b"jose") for origin in module.imports.values())
        known = tree.facts["uses jwt"] = any(origin.split(".")[0] in _JWT_LIBRARIES for origin in origins)
    return bool(known)


def _origin(module: PythonModule, node: ast.expr | None) -> ast.expr | None:
    """Return the expression that a name or a class attribute stands for."""
    for _ in range(5):
        following = module.bound(node) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Attribute):
            following = module.class_attribute(node)
        if following is None:
            return node
        node = following
    return node


def _find(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find literal keys given to sign or verify, and settings of a JWT key with a literal value or default."""
    told: set[ast.AST | None] = set()
    for call in jwt_calls(module):
        value = module.literal(call.key)
        if value is UNKNOWN and isinstance(call.key, ast.Dict):
            value = module.literal(call.key).get("k")
        if _is_secret(value) and not call.unverified:
            origin = _origin(module, call.key)
            if origin not in told:
                yield Hit.at(file, call.node, evidence=f"key {mask(str(value))}")
            told.add(origin)
    for name, node, value in settings_literals(module):
        if node in told or not _is_secret(value) or _is_name_of(value):
            continue
        if _names_jwt_key(name, jwt_service=_uses_jwt(tree)):
            yield Hit.at(file, node, evidence=f"{name} = {mask(str(value))}")


def _is_name_of(value: Any) -> bool:
    """Return whether the value is the name of a variable to read, as in `JWT_SECRET_KEY = "JWT_SECRET"`."""
    return isinstance(value, str) and value.isupper() and "_" in value and value.replace("_", "").isalpha()


SCANNER = RuleScanner((PythonCheck(RULE, LITERALS, _find),))
