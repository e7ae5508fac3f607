"""SEC-002, SEC-003, SEC-004 and SEC-006: tokens that are signed or verified in a way that proves nothing."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.excuses import mask_literals
from pytest_superteam.scanners.facts.jwt_calls import TRIGGERS, JwtCall, jwt_calls, settings_literals
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.python import UNKNOWN, Function, PythonModule, keyword
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

_HARMLESS = re.compile(r"(?i)none|[HREP]S\d{3}|EdDSA|verify_\w{2,12}|alg|exp|iat|iss|sub|aud|nbf|jti|kid|role")


def _hit(file: SourceFile, node: ast.AST) -> Hit:
    """Return the hit with the line as evidence, in which no literal is shown that may be a key."""
    line = file.line(getattr(node, "lineno", 1)).strip()
    return Hit.at(file, node, evidence=mask_literals(line, keep=_HARMLESS)[:200])


NONE = Rule(
    "SEC-002",
    "JWT algorithm none",
    Severity.CRITICAL,
    "security",
    3,
    'Name the algorithm that signs: `jwt.decode(token, key, algorithms=["HS256"])`; `none` accepts a token of anybody.',
    applies_to=CODE_LANGUAGES,
    cwe=347,
)


def _is_none(algorithm: object) -> bool:
    return isinstance(algorithm, str) and algorithm.strip().lower() == "none"


def _none(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find `none` as algorithm of a call, of a header or of a setting of a JWT extension."""
    for call in jwt_calls(module):
        unsigned = call.kind == "sign" and call.library == "jwt" and module.literal(call.algorithm) is None
        if unsigned or any(map(_is_none, call.algorithms)):
            yield _hit(file, call.node)
    for node in module.calls:
        if module.qualname(node.func) in {"authlib.jose.JsonWebToken", "jwt.PyJWT", "jwt.PyJWS"}:
            accepted = module.literal(node.args[0] if node.args else keyword(node, "algorithms"))
            if isinstance(accepted, list) and any(map(_is_none, accepted)):
                yield _hit(file, node)
    for name, value, found in settings_literals(module):
        parts = words(name)
        accepted = found if isinstance(found, list) else [found]
        if "jwt" in parts and {"algorithm", "algorithms", "alg"} & set(parts) and any(map(_is_none, accepted)):
            yield _hit(file, value)


UNVERIFIED = Rule(
    "SEC-003",
    "JWT signature not verified",
    Severity.CRITICAL,
    "security",
    3,
    'Verify before you read the claims: `jwt.decode(token, key, algorithms=["HS256"])`, without '
    "`verify_signature: False`.",
    applies_to=CODE_LANGUAGES,
    cwe=347,
)


def _verified_later(call: JwtCall, calls: list[JwtCall]) -> bool:
    """Return whether the same function verifies a token after this look into it, as one that chooses the key does."""
    function = call.module.function_of(call.node)
    return function is not None and any(
        other.kind == "verify"
        and not other.unverified
        and other.node.lineno > call.node.lineno
        and call.module.function_of(other.node) is function
        and _token(other) == _token(call)
        for other in calls
    )


def _token(call: JwtCall) -> str:
    return ast.dump(call.node.args[0]) if call.node.args else ""


def _unverified(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find claims that are read with the signature unchecked."""
    calls = list(jwt_calls(module))
    for call in calls:
        if call.unverified and not _verified_later(call, calls):
            yield _hit(file, call.node)


ENDLESS = Rule(
    "SEC-004",
    "JWT expiration not checked",
    Severity.HIGH,
    "security",
    3,
    'Give tokens an end and check it: `{"sub": user, "exp": now + timedelta(minutes=15)}`, without `verify_exp: '
    "False`.",
    applies_to=CODE_LANGUAGES,
    cwe=613,
)


def _sets_exp(module: PythonModule, name: str, function: Function | None) -> bool:
    """Return whether the payload `name` may get an `exp` after it was made."""
    for node in ast.walk(function or module.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            changed = _is_name(node.value, name) and module.literal(node.slice) in ("exp", UNKNOWN)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = _is_name(node.func.value, name) and node.func.attr in {"update", "setdefault", "__setitem__"}
        else:
            changed = isinstance(node, ast.AugAssign) and _is_name(node.target, name)
        if changed:
            return True
    return False


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _endless_payload(call: JwtCall) -> bool:
    """Return whether the code shows the whole payload, and no `exp` in it."""
    module, payload = call.module, call.payload
    if isinstance(payload, ast.Name):
        if _sets_exp(module, payload.id, module.function_of(call.node)):
            return False
        payload = module.bound(payload)
    if isinstance(payload, ast.Call) and module.qualname(payload.func) == "dict" and not payload.args:
        return all(k.arg not in {None, "exp"} for k in payload.keywords)
    if not isinstance(payload, ast.Dict):
        return False
    return all(key is not None and isinstance(module.literal(key), str) for key in payload.keys) and not any(
        module.literal(key) == "exp" for key in payload.keys
    )


def _endless(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find tokens without an end, and ends that nobody checks."""
    for call in jwt_calls(module):
        if (call.kind == "verify" and not call.unverified and call.options.get("verify_exp", True) is False) or (
            call.kind == "sign" and _endless_payload(call)
        ):
            yield _hit(file, call.node)
    for node in module.calls:
        if module.qualname(node.func).startswith("flask_jwt_extended.create_"):
            delta = keyword(node, "expires_delta")
            if delta is not None and module.literal(delta) is False:
                yield _hit(file, node)
    for name, value, found in settings_literals(module):
        if name in {"JWT_ACCESS_TOKEN_EXPIRES", "JWT_REFRESH_TOKEN_EXPIRES"} and found is False:
            yield _hit(file, value)


CONFUSED = Rule(
    "SEC-006",
    "Algorithm confusion",
    Severity.HIGH,
    "security",
    3,
    'Accept the one algorithm that your key is for: `algorithms=["RS256"]` with a public key, `["HS256"]` with '
    "a secret.",
    applies_to=CODE_LANGUAGES,
    cwe=327,
)


def _is_public(call: JwtCall) -> bool:
    """Return whether the key is a public one, by its text or its name."""
    value = call.module.literal(call.key)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return "BEGIN PUBLIC KEY" in value or "BEGIN CERTIFICATE" in value
    parts = words(call.module.qualname(call.key).rsplit(".", 1)[-1])
    return "public" in parts or "pubkey" in parts


def _from_header(call: JwtCall) -> bool:
    """Return whether the algorithm is read from the token that is to be verified."""
    argument = call.algorithm
    if isinstance(argument, ast.Name):
        argument = call.module.bound(argument)
    for node in ast.walk(argument) if argument is not None else ():
        value: ast.expr | None = call.module.bound(node) if isinstance(node, ast.Name) else None
        for inner in (node, *(ast.walk(value) if value is not None else ())):
            if isinstance(inner, ast.Call) and call.module.qualname(inner.func).endswith("get_unverified_header"):
                return True
    return False


def _confused(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find mixed families, HS* with a public key, the token's own choice, and no list where the library needs one."""
    for call in jwt_calls(module):
        if call.unverified:
            continue
        names = [name.upper() for name in call.algorithms if isinstance(name, str)]
        shared = any(name.startswith("HS") for name in names)
        paired = any(name.startswith(("RS", "ES", "PS", "ED")) for name in names)
        no_list = (
            call.library == "jose" and call.kind == "verify" and len(call.node.args) < 3 and not call.node.keywords
        )
        if (shared and (paired or _is_public(call))) or no_list or (call.kind == "verify" and _from_header(call)):
            yield _hit(file, call.node)


SCANNER = RuleScanner(
    (
        PythonCheck(NONE, TRIGGERS, _none),
        PythonCheck(UNVERIFIED, TRIGGERS, _unverified),
        PythonCheck(ENDLESS, TRIGGERS, _endless),
        PythonCheck(CONFUSED, TRIGGERS, _confused),
    )
)
