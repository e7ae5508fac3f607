"""Calls of the JWT libraries of Python, whatever they are imported as."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.jwt.calls import JwtCall, JwtKey, Kind
from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.facts.jwt.python_flow import is_header_read, is_validated, split_tokens, verified_too
from pytest_superteam.scanners.facts.jwt.python_libraries import DEFAULT_LISTS, PARAMETER_NAMES, SHAPES, Shape
from pytest_superteam.scanners.facts.jwt.python_names import candidates
from pytest_superteam.scanners.facts.jwt.python_values import key_of, shown
from pytest_superteam.scanners.facts.jwt.shown import Shown
from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["python_calls"]

_WORDS = ("jwt", "jws", "jose", "JWT", "JWS")
_METHODS = frozenset({"encode", "decode", "decode_complete", "serialize_compact", "deserialize_compact"})


def python_calls(module: PythonModule) -> tuple[JwtCall, ...]:
    """Return the calls of JWT libraries in `module`, in source order within each depth."""
    return kept(module, "calls", lambda: tuple(_calls(module)))


def _calls(module: PythonModule) -> Iterator[JwtCall]:
    found = []
    for call in module.calls:
        shape = _shape(module, call.func, call)
        if shape is not None:
            found.append(_Call(module, call, shape))
        elif call.args and module.qualname(call.func) == "functools.partial":
            shape = _shape(module, call.args[0], call)
            found += [_Call(module, call, shape, partial=True)] if shape is not None else []
    verifying: dict[str, list[ast.Call]] = {}
    for made in found:
        if made.verifies:
            verifying.setdefault(made.token, []).append(made.node)
    for made in found:
        if not made.is_idle:
            yield made.read(verifying)
    for call, token in split_tokens(module):
        yield JwtCall("decode", "none", call, verified=verified_too(module, call, token, verifying))


def _shape(module: PythonModule, func: ast.expr, call: ast.Call) -> Shape | None:
    """Return what the called function is; None where it is none of a JWT library."""
    name = module.qualname(func)
    if name.startswith("self.") and name.rsplit(".", 1)[-1] in _METHODS:
        return _of_attribute(module, func)
    if not any(word in name for word in _WORDS):
        return None
    shape = SHAPES.get(name)
    if shape is None:
        return None
    head = func
    while isinstance(head, ast.Attribute):
        head = head.value
    if isinstance(head, ast.Name) and (
        module.is_parameter(head.id, module.function_of(call))
        or (head.id not in module.imports and head.id == name.split(".")[0] and candidates(module, head))
    ):
        return None  # another thing of that name: a text, a token
    return shape


def _of_attribute(module: PythonModule, func: ast.expr) -> Shape | None:
    """Return the shape of `self.coder.decode`, where the class sets `self.coder` once."""
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute)):
        return None
    owner = module.class_of(func)
    values = [
        node.value
        for node in module.of(ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == func.value.attr and module.class_of(node) is owner
    ]
    if len(values) != 1:
        return None
    made = values[0]
    name = module.qualname(made.func if isinstance(made, ast.Call) else made)
    return SHAPES.get(f"{name}.{func.attr}")


class _Call:
    """One call on its way to a `JwtCall`."""

    def __init__(self, module: PythonModule, node: ast.Call, shape: Shape, *, partial: bool = False) -> None:
        self.module = module
        self.node = node
        self.shape = shape
        self.given = node.args[1:] if partial else node.args
        self.spread = (
            partial or any(k.arg is None for k in node.keywords) or any(isinstance(a, ast.Starred) for a in node.args)
        )
        self.arguments = self._arguments()

    def _arguments(self) -> dict[str, ast.expr]:
        """Return the arguments by parameter, those of a literal `**` too."""
        shape, args = self.shape, self.given
        names = shape.parameters
        if shape.library == "pyjwt" and shape.kind == "verify" and len(args) > 2 and self._is_flag(args[2]):
            names = ("token", "key", "verify", "algorithms", "options")  # as version 1 had it
        found = dict(zip(names, args, strict=False))
        given = {k.arg: k.value for k in self.node.keywords if k.arg}
        for spread in (k.value for k in self.node.keywords if k.arg is None):
            made = shown(self.module, spread)
            if made is not None:
                given = {**made.fields, **given}
                self.spread = not made.complete
        for name in names:
            for spelling in PARAMETER_NAMES.get(name, (name,)):
                if spelling in given:
                    found[name] = given.pop(spelling)
                    break
        return {**given, **{k: v for k, v in found.items() if not isinstance(v, ast.Starred)}}

    def _is_flag(self, node: ast.expr) -> bool:
        return isinstance(self.module.literal(node), bool)

    @property
    def is_idle(self) -> bool:
        """Return whether the call says nothing: an object made with nothing of interest."""
        return self.shape.kind == "accept" and not self.arguments

    @property
    def token(self) -> str:
        """Return how the token is spelled, to compare it with that of another call."""
        node = self.arguments.get("token")
        return ast.dump(node)[:500] if node is not None else ""

    def is_off(self, name: str) -> bool:
        """Return whether a flag of the call is literally false."""
        value = self.module.literal(self.arguments[name]) if name in self.arguments else True
        return not value and value is not UNKNOWN

    def is_on(self, name: str) -> bool:
        """Return whether a flag of the call is literally true."""
        return name in self.arguments and bool(self.module.literal(self.arguments[name]))

    def read(self, verifying: dict[str, list[ast.Call]]) -> JwtCall:
        """Return what the call says; `verifying` are the calls of the module that verify, by token."""
        shape, module = self.shape, self.module
        options = shown(module, self.arguments.get("options")) or Shown()
        signature_off = (
            self._option_off(options, "verify_signature") or self.is_off("verify") or self.is_off("do_verify")
        )
        kind: Kind = "verify" if shape.kind == "accept" and signature_off else shape.kind
        if shape.library == "jwcrypto" and kind == "accept":
            kind = "verify" if "token" in self.arguments else "sign" if "payload" in self.arguments else "accept"
        algorithms, alternatives = self._algorithms()
        return JwtCall(
            kind,
            shape.library,
            self.node,
            self._keys(),
            algorithms,
            alternatives,
            unsigned=self._unsigned(),
            list_given=self._list_given(),
            list_needed="never" if self._made_lenient() else shape.list_needed,
            trusts_header=any(
                is_header_read(module, node)
                for name in ("algorithm", "algorithms")
                if (node := self.arguments.get(name)) is not None
            ),
            signature_off=signature_off,
            expiry_off=self._expiry_off(options),
            endless=kind == "sign" and self._endless(),
            verified=(shape.kind == "decode" or signature_off)
            and verified_too(module, self.node, self.token, verifying),
        )

    @property
    def verifies(self) -> bool:
        """Return whether the call looks at the signature of a token."""
        if self.shape.kind != "verify":
            return False
        options = shown(self.module, self.arguments.get("options")) or Shown()
        return not (self._option_off(options, "verify_signature") or self.is_off("verify") or self.is_off("do_verify"))

    def _option_off(self, options: Shown, name: str) -> bool:
        value = self.module.literal(options.fields[name]) if name in options.fields else True
        return not value and value is not UNKNOWN

    def _keys(self) -> tuple[JwtKey, ...]:
        key = key_of(self.module, self.arguments.get("key"))
        return () if key is None else (key,)

    def _list_given(self) -> bool:
        node = self.arguments.get("algorithms", self.arguments.get("algorithm"))
        if node is None:
            return self.spread or self.shape.kind != "verify" or self._key_knows()
        return not (isinstance(node, ast.Constant) and node.value is None) or self._key_knows()

    def _made_lenient(self) -> bool:
        """Return whether the call is one of a `PyJWT(options=...)` that verifies no signature, where that is told."""
        owner: ast.AST | None = self.node.func.value if isinstance(self.node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and len(made := candidates(self.module, owner)) == 1:
            owner = made[0]
        if not isinstance(owner, ast.Call) or not self.module.qualname(owner.func).endswith("PyJWT"):
            return False
        given = next((k.value for k in owner.keywords if k.arg == "options"), owner.args[0] if owner.args else None)
        return self._option_off(shown(self.module, given) or Shown(), "verify_signature")

    def _key_knows(self) -> bool:
        """Return whether the key carries its algorithm, as a PyJWK does."""
        node = self.arguments.get("key")
        if isinstance(node, ast.Name):
            made = candidates(self.module, node)
            node = made[0] if len(made) == 1 else node
        if isinstance(node, ast.Await):
            node = node.value
        return isinstance(node, ast.Call) and self.module.qualname(node.func).rsplit(".", 1)[-1] in {
            "get_signing_key_from_jwt", "get_signing_key", "PyJWK", "from_dict", "from_json",
        }  # fmt: skip

    def _algorithms(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return the algorithms as far as they are literal, and the lists that a condition chooses from."""
        node = self.arguments.get("algorithms", self.arguments.get("algorithm"))
        headers = shown(self.module, self.arguments.get("headers"))
        said: list[str] = []
        if headers is not None and "alg" in headers.fields:
            said = self._names(headers.fields["alg"])
        while isinstance(node, ast.Name) and len(values := candidates(self.module, node)) == 1:
            node = values[0]
        if isinstance(node, ast.IfExp):
            return tuple(said), (tuple(self._names(node.body)), tuple(self._names(node.orelse)))
        names = self._names(node)
        if isinstance(node, ast.Name):
            lists = tuple(tuple(self._names(value)) for value in candidates(self.module, node))
            return tuple(said), lists if not any(isinstance(p, ast.If) for p in self._above(node)) else ()
        return (*names, *said), ()

    def _above(self, name: ast.Name) -> Iterator[ast.AST]:
        """Yield the statements that hold the bindings of a name which is bound more than once."""
        for value in candidates(self.module, name):
            node: ast.AST | None = self.module.parents.get(value)
            while node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield node
                node = self.module.parents.get(node)

    def _names(self, node: ast.expr | None) -> list[str]:
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [name for item in node.elts for name in self._names(item)]
        if isinstance(node, ast.Starred):
            return self._names(node.value)
        if isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Attribute):
            inner = node.func.value if node.func.attr in {"keys", "copy"} else node.func
            known = self._known_list(inner.func if isinstance(inner, ast.Call) else inner)
            if known:
                return known
        if isinstance(node, ast.Call) and len(node.args) == 1 and self.module.qualname(node.func) in {"list", "tuple"}:
            return self._names(node.args[0])
        if isinstance(node, ast.Attribute) and (known := self._known_list(node)):
            return known
        value: Any = self.module.literal(node)
        if isinstance(value, dict):
            value = list(value)
        values = value if isinstance(value, list) else [value]
        return [one for one in values if isinstance(one, str)]

    def _known_list(self, node: ast.expr) -> list[str]:
        """Return a list or a constant of a library: `ALGORITHMS.ALL`, `ALGORITHMS.RS256`."""
        name = self.module.qualname(node)
        if name.startswith("jose.") and ".ALGORITHMS." in name:
            name = f"jose.constants.ALGORITHMS.{name.rsplit('.', 1)[-1]}"
            return list(DEFAULT_LISTS.get(name, (name.rsplit(".", 1)[-1],)))
        return list(DEFAULT_LISTS.get(name, ()))

    def _unsigned(self) -> bool:
        """Return whether a null stands for the algorithm, or for the key where the library then signs nothing."""
        if self.shape.kind != "sign":
            return False
        node = self.arguments.get("algorithm")
        if self.shape.library == "pyjwt" and node is not None and self.module.literal(node) is None:
            return True
        key = self.arguments.get("key")
        if self.shape.library != "python-jwt" or self.spread:
            return False
        return key is None or self.module.literal(key) is None

    def _expiry_off(self, options: Shown) -> bool:
        if self.shape.kind in {"verify", "accept"} and (
            self._option_off(options, "verify_exp")
            or self.is_off("verify_exp")
            or self.is_off("verify_expiration")
            or self.is_off("do_time_check")
            or self.is_on("allow_expired")
            or ("check_claims" in self.arguments and self.module.literal(self.arguments["check_claims"]) is False)
        ):
            return True
        unchecked = self.shape.library in {"authlib", "joserfc"} and self.shape.kind == "verify"
        return unchecked and "payload" not in self.arguments and not is_validated(self.module, self.node)

    def _endless(self) -> bool:
        """Return whether the claims are shown, with no `exp`, and the call adds none."""
        if self.shape.library in {"flask-jwt-extended", "fastapi-jwt-auth"}:
            delta = self.arguments.get("expires_delta", self.arguments.get("expires_time"))
            return delta is not None and self.module.literal(delta) is False
        if self.shape.library == "fastapi-users" and self.shape.payload == "bytes":
            return "lifetime" in self.arguments and self.module.literal(self.arguments["lifetime"]) is None
        for name in ("lifetime", "expires"):
            if name in self.arguments and self.module.literal(self.arguments[name]) is not None:
                return False
        if self.spread or (self.shape.payload == "bytes" and self.shape.library != "jwcrypto"):
            return False
        claims = shown(self.module, self.arguments.get("payload"))
        defaults = shown(self.module, self.arguments.get("default_claims"))
        if claims is None or not claims.complete or (defaults is not None and "exp" in defaults.fields):
            return False
        return "exp" not in claims.fields or self.module.literal(claims.fields["exp"]) is None
