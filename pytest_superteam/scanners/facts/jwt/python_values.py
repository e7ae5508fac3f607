"""What expressions of Python stand for: the key of a call, with where its literal stands."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.jwt.calls import JwtKey, is_public_name, is_public_text
from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.facts.jwt.python_dicts import Dicts
from pytest_superteam.scanners.facts.jwt.python_names import Assigned, candidates, target_name
from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule, keyword

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.jwt.shown import Shown

__all__ = ["key_of", "resolve", "shown"]

_DEPTH = 8
"""Steps that a value is followed."""

_MAX_NODES = 200
"""Expressions that one question looks at."""

_WRAPPERS = frozenset({
    "b64decode", "urlsafe_b64decode", "b64encode", "urlsafe_b64encode", "standard_b64decode", "b32decode", "b16decode",
    "base64url_decode", "base64url_encode", "unhexlify", "hexlify", "fromhex", "bytes", "bytearray", "str",
    "import_key", "from_password", "construct", "jwk_from_dict", "jwk_from_bytes", "SecretStr", "Secret", "SecretBytes",
    "sha256", "sha512", "sha1", "md5", "to_bytes", "force_bytes", "force_str", "smart_bytes", "dedent", "strip",
    "load_pem_private_key", "memoryview", "cast", "from_json", "generate_key", "unquote", "Field", "field", "Key",
    "OctKey", "OctetJWK", "HMACKey", "JWK", "literal_eval", "loads", "JsonWebKey",
})  # fmt: skip
_METHODS = frozenset({"encode", "decode", "strip", "rstrip", "lstrip", "digest", "hexdigest", "get_secret_value"})
_METHODS |= {"lower", "upper", "replace", "as_bytes", "copy", "reveal", "format", "get_op_key", "ljust", "zfill"}
_READS = frozenset({"getenv", "get", "config", "env", "getattr", "pop", "setdefault", "get_env", "str", "read_env"})
_READS |= {"environ", "get_setting", "get_config", "from_env", "getenv_or_default", "get_env_variable", "get_secret"}


def _values(module: PythonModule) -> _Values:
    return kept(module, "values", lambda: _Values(module))


def shown(module: PythonModule, node: ast.AST | None) -> Shown | None:
    """Return the dict that `node` is, later changes of the name included; None where the code does not show it."""
    return _values(module).dicts.shown(node)


def resolve(module: PythonModule, node: ast.expr | None) -> tuple[Any, ast.expr | None]:
    """Return the literal text or bytes that `node` may stand for, and where it stands; `UNKNOWN` and None else."""
    return _values(module).resolve(node)


def key_of(module: PythonModule, node: ast.expr | None) -> JwtKey | None:
    """Return the key that an argument is; None where there is no argument."""
    if node is None:
        return None
    value, origin = resolve(module, node)
    missing = isinstance(node, ast.Constant) and not node.value
    return JwtKey(value, origin, target_name(node), public=_says_public(module, node), missing=missing)


def _says_public(module: PythonModule, node: ast.expr) -> bool:
    """Return what `_is_public` does, found once for all uses of a name in a scope."""
    if not isinstance(node, ast.Name):
        return _is_public(module, node)
    known: dict[tuple[object, ...], bool] = kept(module, "public", dict)
    key = (node.id, module.function_of(node), module.class_of(node))
    if key not in known:
        known[key] = _is_public(module, node)
    return known[key]


class _Values:
    """Answers about one module."""

    def __init__(self, module: PythonModule) -> None:
        self.module = module
        self.assigned = Assigned(module)
        self.dicts = Dicts(module, self.assigned)

    def resolve(self, node: ast.expr | None) -> tuple[Any, ast.expr | None]:
        """Return the literal that `node` may stand for, and where it stands."""
        queue: list[tuple[ast.expr, int]] = [(node, 0)] if node is not None else []
        empty: tuple[Any, ast.expr | None] = (UNKNOWN, None)
        for expression, depth in queue:  # the list grows while it is read
            if isinstance(expression, ast.Constant):
                if isinstance(expression.value, (str, bytes)) and expression.value:
                    return expression.value, expression
                empty = (expression.value, expression) if empty[1] is None else empty
                continue
            value = self._put_together(expression)
            if value is not None:
                return value, expression
            if depth < _DEPTH and len(queue) < _MAX_NODES:
                queue.extend((following, depth + 1) for following in self._following(expression))
        return empty

    def _put_together(self, node: ast.expr) -> str | bytes | None:
        """Return the text of an f-string, a sum or a join of literals."""
        if isinstance(node, (ast.JoinedStr, ast.BinOp)):
            value = self.module.literal(node)
            return value if isinstance(value, (str, bytes)) and value else None
        if isinstance(node, ast.Call) and target_name(node.func) == "join" and node.args:
            value = self.module.literal(node.args[0])
            if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
                return "".join(value)
        return None

    def _following(self, node: ast.expr) -> list[ast.expr]:
        """Return the expressions, in order, of which one may be the value of `node`."""
        if isinstance(node, ast.Name):
            return candidates(self.module, node)
        if isinstance(node, ast.Call):
            return self._behind_call(node)
        if isinstance(node, ast.Attribute):
            bound = self.module.class_attribute(node)
            return [*([bound] if bound is not None else []), *self.assigned.to(node)]
        if isinstance(node, ast.Subscript):
            return [*self._entry(node.value, node.slice), *self.assigned.to(node)]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "k"]
        return _parts(node)

    def _entry(self, owner: ast.expr, key: ast.expr) -> list[ast.expr]:
        """Return what a dict that the code shows holds under a literal key."""
        name = self.module.literal(key)
        inner = self.dicts.shown(owner) if isinstance(name, str) else None
        return [inner.fields[name]] if inner is not None and name in inner.fields else []

    def _behind_call(self, node: ast.Call) -> list[ast.expr]:
        """Return the argument that a call hands on: of a conversion, or the default of a lookup."""
        name = target_name(node.func)
        if name in _READS and not (name == "str" and len(node.args) < 2):
            default = keyword(node, "default") or keyword(node, "fallback")
            if default is None and len(node.args) > 1:
                default = node.args[2] if name == "getattr" and len(node.args) > 2 else node.args[1]
            if default is not None:
                return [default]
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            return self._entry(owner, node.args[0]) if name == "get" and owner is not None and node.args else []
        if name in _METHODS and isinstance(node.func, ast.Attribute) and not self._is_module(node.func.value):
            return [node.func.value]
        if name in _WRAPPERS:
            named = [value for word in ("k", "key", "default", "value") if (value := keyword(node, word)) is not None]
            return named or node.args[:1]
        return []

    def _is_module(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.module.imports


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the parts of an operator of which one is the value."""
    if isinstance(node, ast.BoolOp):
        return list(reversed(node.values))
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
        return [node.value]
    return [node.left] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) else []  # "x" * 32


def _is_public(module: PythonModule, node: ast.expr) -> bool:
    """Return whether a name, attribute or text in the expression says that the key is a public one."""
    queue: list[tuple[ast.AST, int]] = [(node, 0)]
    for inner, depth in queue:  # the list grows while it is read
        if isinstance(inner, ast.Constant) and isinstance(inner.value, (str, bytes)):
            text = inner.value if isinstance(inner.value, str) else inner.value.decode("latin-1")
            if is_public_text(text) or (len(text) < 200 and " " not in text and is_public_name(text)):
                return True
        elif isinstance(inner, (ast.Name, ast.Attribute)):
            name = target_name(inner)
            if is_public_name(name) or name.startswith("get_signing_key"):
                return True
            if isinstance(inner, ast.Name) and depth < 3:
                queue.extend((value, depth + 1) for value in candidates(module, inner)[:5])
        if len(queue) < _MAX_NODES:
            queue.extend((child, depth) for child in ast.iter_child_nodes(inner))
    return False
