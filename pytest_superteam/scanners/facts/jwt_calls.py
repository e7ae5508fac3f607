"""Calls of the JWT libraries of Python, whatever they are imported as: PyJWT, python-jose, Authlib, joserfc."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LITERALS", "TRIGGERS", "JwtCall", "jwt_calls", "settings_literals"]

TRIGGERS = (b"jwt", b"JWT", b"jose", b"jws")
LITERALS = (b"jwt", b"JWT", b"jose", b"SECRET_KEY", b"secret_key")

_FUNCTIONS: dict[str, tuple[Literal["sign", "verify", "peek"], int, int, int]] = {
    # name: kind, position of the key, of the algorithm or algorithms, of the options
    "jwt.encode": ("sign", 1, 2, -1),
    "jwt.decode": ("verify", 1, 2, 3),
    "jwt.decode_complete": ("verify", 1, 2, 3),
    "jwt.PyJWT.encode": ("sign", 1, 2, -1),
    "jwt.PyJWT.decode": ("verify", 1, 2, 3),
    "jwt.api_jwt.encode": ("sign", 1, 2, -1),
    "jwt.api_jwt.decode": ("verify", 1, 2, 3),
    "jwt.PyJWS.encode": ("sign", 1, 2, -1),
    "jwt.PyJWS.decode": ("verify", 1, 2, 3),
    "jose.jwt.encode": ("sign", 1, 2, -1),
    "jose.jwt.decode": ("verify", 1, 2, 3),
    "jose.jwt.get_unverified_claims": ("peek", -1, -1, -1),
    "jose.jws.sign": ("sign", 1, 3, -1),
    "jose.jws.verify": ("verify", 1, 2, -1),
    "jose.jws.get_unverified_claims": ("peek", -1, -1, -1),
    "authlib.jose.jwt.encode": ("sign", 2, -1, -1),
    "authlib.jose.jwt.decode": ("verify", 1, -1, -1),
    "authlib.jose.JsonWebToken.encode": ("sign", 2, -1, -1),
    "authlib.jose.JsonWebToken.decode": ("verify", 1, -1, -1),
    "joserfc.jwt.encode": ("sign", 2, 3, -1),
    "joserfc.jwt.decode": ("verify", 1, 2, -1),
}


@dataclass(frozen=True)
class JwtCall:
    """One call that signs, verifies or reads a token."""

    module: PythonModule
    node: ast.Call
    library: str
    kind: Literal["sign", "verify", "peek"]
    positions: tuple[int, int, int]

    def _argument(self, position: int, *names: str) -> ast.expr | None:
        found = next((value for name in names if (value := keyword(self.node, name)) is not None), None)
        if found is None and 0 <= position < len(self.node.args):
            found = self.node.args[position]
        return None if isinstance(found, ast.Starred) else found

    @property
    def key(self) -> ast.expr | None:
        """Return the argument that is the key."""
        return self._argument(self.positions[0], "key", "secret", "jwt_key")

    @property
    def algorithm(self) -> ast.expr | None:
        """Return the argument that names one algorithm or the accepted ones."""
        return self._argument(self.positions[1], "algorithm", "algorithms")

    @property
    def algorithms(self) -> list[Any]:
        """Return the algorithms as far as they are literal, those of a literal header included."""
        value = self.module.literal(self.algorithm)
        names = value if isinstance(value, list) else [value]
        header = (
            self._argument(0, "header") if self.library in {"authlib", "joserfc"} else keyword(self.node, "headers")
        )
        said = self.module.literal(header)
        return [*names, said.get("alg")] if isinstance(said, dict) and "alg" in said else names

    @property
    def options(self) -> dict[Any, Any]:
        """Return the options that are literal, PyJWT 1's `verify=` keyword among them."""
        value = self.module.literal(self._argument(self.positions[2], "options"))
        options = dict(value) if isinstance(value, dict) else {}
        verify = keyword(self.node, "verify")
        if verify is not None and self.module.literal(verify) is False:
            options["verify_signature"] = False
        return options

    @property
    def unverified(self) -> bool:
        """Return whether the claims are read with no look at the signature."""
        return self.kind == "peek" or (self.kind == "verify" and self.options.get("verify_signature", True) is False)

    @property
    def payload(self) -> ast.expr | None:
        """Return the argument that is the payload of a token to sign."""
        return self._argument(1 if self.library in {"authlib", "joserfc"} else 0, "payload", "claims")


def jwt_calls(module: PythonModule) -> Iterator[JwtCall]:
    """Yield the calls of JWT libraries in `module`."""
    for call in module.calls:
        name = module.qualname(call.func)
        if "jwt" not in name and "jws" not in name and "JsonWebToken" not in name and "PyJW" not in name:
            continue
        known = _FUNCTIONS.get(name)
        if known is not None:
            kind, *positions = known
            yield JwtCall(module, call, name.split(".")[0], kind, (positions[0], positions[1], positions[2]))


def settings_literals(module: PythonModule) -> Iterator[tuple[str, ast.expr, Any]]:
    """Yield name, expression and value of what looks like a setting: `NAME = ...`, `config["NAME"] = ...`.

    Keys of a literal dict bound to a setting are yielded too, as `SIMPLE_JWT["SIGNING_KEY"]` is set.
    """
    for name, value in _assignments(module):
        found = module.literal(value)
        if found is not UNKNOWN:
            yield name, value, found
        if isinstance(value, ast.Dict):
            for key, inner in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield f"{name}.{key.value}", inner, module.literal(inner)


def _target_name(target: ast.expr) -> str:
    """Return the name that an assignment sets: of a variable, an attribute or a literal key."""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def _assignments(module: PythonModule) -> Iterator[tuple[str, ast.expr]]:
    for node in module.of(ast.Assign):
        yield from ((name, node.value) for target in node.targets if (name := _target_name(target)))
    for annotated in module.of(ast.AnnAssign):
        if isinstance(annotated.target, ast.Name) and annotated.value is not None:
            yield annotated.target.id, annotated.value
    for call in module.calls:
        if module.qualname(call.func).endswith(("config.update", "config.from_mapping")):
            yield from ((k.arg, k.value) for k in call.keywords if k.arg)
