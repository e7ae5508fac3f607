"""What counts as authentication in a Python service: dependencies, decorators, middleware, what only looks so."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import called_functions, definition, value_of
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["checks_signature", "handler_authenticates", "is_auth_decorator", "is_auth_dependency", "refuses"]

_SCHEMES = frozenset({
    "HTTPBearer", "HTTPBasic", "HTTPDigest", "OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "OAuth2",
    "APIKeyHeader",
    "APIKeyQuery", "APIKeyCookie", "OpenIdConnect",
})  # fmt: skip
_OUTSIDE = re.compile(
    r"auth|current_?user|verify_?(?:token|jwt|api_?key)|login_required|permission|roles?_(?:required|accepted)|"
    r"require_?(?:role|user|login|admin|token|scope)|principal|jwt_?required|token_?required|protected",
    re.IGNORECASE,
)
_NO_AUTH = re.compile(r"author(?!i)|unauth|oauth2?_?form|OAuth2PasswordRequestForm|optional", re.IGNORECASE)
_REFUSAL = re.compile(
    r"unauthori[sz]ed|unauthenticated|forbidden|not_?authenticated|permission_?denied|credentials?_?(?:exception|error)|"
    r"authentication_?(?:error|failed|exception)|auth_?(?:error|exception)|invalid_?(?:token|credentials)",
    re.IGNORECASE,
)
_DECODERS = ("jwt.decode", "jose.jwt.decode", "jose.jws.verify", "authlib.jose.jwt.decode", "joserfc.jwt.decode")
_SIGNATURES = frozenset(
    {"compare_digest", "construct_event", "verify_signature", "verify_webhook", "verify_webhook_signature"}
)
_ROUTES = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "websocket"}
)
_DEPTH = 6


def _is_status(module: PythonModule, node: ast.AST, codes: tuple[int, ...]) -> bool:
    """Return whether `node` is one of the HTTP statuses, as a number or as a constant with it in its name."""
    if isinstance(node, ast.Constant):
        return node.value in codes
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if any(str(code) in name for code in codes):
        return True
    said = {"UNAUTHORIZED": 401, "FORBIDDEN": 403}.get(name)
    return said in codes if said else module.literal(node) in codes if isinstance(node, ast.Name) else False


def refuses(module: PythonModule, scope: ast.AST, codes: tuple[int, ...] = (401, 403)) -> bool:
    """Return whether `scope` raises, aborts with or returns a refusal to a caller who is not known or not allowed."""
    for node in ast.walk(scope):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Raise) and node.exc is not None:
            value = module.bound(node.exc) if isinstance(node.exc, ast.Name) else None
            if _REFUSAL.search(_name(node.exc)) or (value is not None and _REFUSAL.search(_name(value))):
                return True
            parts = [node.exc, *([value] if value is not None else [])]
        elif isinstance(node, ast.Call) and _name(node.func).rsplit(".", 1)[-1] in {
            "abort",
            "send_error",
            "make_response",
        }:
            parts = [node]
        elif isinstance(node, ast.Return) and node.value is not None:
            parts = [node.value]
        elif isinstance(node, ast.Call) and "Response" in _name(node.func):
            parts = [node]
        for part in parts:
            if any(_is_status(module, leaf, codes) for leaf in ast.walk(part) if isinstance(leaf, ast.expr)):
                return True
    return False


def _name(node: ast.AST) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))


def _decodes(module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope` verifies a JWT and does not swallow the failure."""
    for node in ast.walk(scope):
        if (
            isinstance(node, ast.Call)
            and module.qualname(node.func) in _DECODERS
            and not _swallowed(module, node, scope)
        ):
            return True
        if isinstance(node, ast.Call) and module.qualname(node.func) == "flask_jwt_extended.verify_jwt_in_request":
            return module.literal(keyword(node, "optional")) is not True
    return False


def _swallowed(module: PythonModule, node: ast.AST, scope: ast.AST) -> bool:
    """Return whether a `try` around `node` inside `scope` has handlers of which none raises."""
    current = module.parents.get(node)
    while current is not None and current is not scope:
        if isinstance(current, ast.Try) and current.handlers:
            return not any(isinstance(inner, ast.Raise) for handler in current.handlers for inner in ast.walk(handler))
        current = module.parents.get(current)
    return False


def dependencies(function: Function) -> Iterator[ast.expr]:
    """Yield the `Depends(...)` and `Security(...)` calls, and the annotations that may be aliases of them."""
    arguments = function.args
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if isinstance(default, ast.Call):
            yield default
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            yield argument.annotation


def is_auth_dependency(tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0) -> bool:
    """Return whether a dependency, as written in a default, an annotation or a `dependencies` list, authenticates."""
    if node is None or depth > _DEPTH:
        return False
    if isinstance(node, ast.Subscript):  # Annotated[User, Depends(f)]
        if module.qualname(node.value).rsplit(".", 1)[-1] != "Annotated" or not isinstance(node.slice, ast.Tuple):
            return False
        kind, *marks = node.slice.elts
        return any(_is_auth_mark(tree, module, mark, kind, depth) for mark in marks)
    if isinstance(node, ast.Call):
        return _is_auth_mark(tree, module, node, None, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = value_of(tree, module, node)
        if found is not None and isinstance(found[1], (ast.Subscript, ast.Name, ast.Attribute, ast.Call)):
            return is_auth_dependency(tree, *found, depth + 1)
    return False


def _is_auth_mark(tree: SourceTree, module: PythonModule, node: ast.AST, kind: ast.expr | None, depth: int) -> bool:
    """Return whether one `Depends(f)` or `Security(f)` authenticates."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = value_of(tree, module, node)
        if found is None or not isinstance(found[1], ast.Call):
            return False
        module, node = found
    if not isinstance(node, ast.Call):
        return False
    name = module.qualname(node.func).rsplit(".", 1)[-1]
    if name not in {"Depends", "Security"}:
        return False
    target = node.args[0] if node.args else keyword(node, "dependency") or kind
    return target is not None and _authenticates(tree, module, target, depth + 1)


def _authenticates(tree: SourceTree, module: PythonModule, target: ast.expr, depth: int) -> bool:
    """Return whether what a dependency names refuses callers that it does not know."""
    if depth > _DEPTH:
        return False
    called = target.func if isinstance(target, ast.Call) else target
    if _is_scheme(module, target):
        return True
    found = definition(tree, module, called)
    if found is not None:
        return _definition_authenticates(tree, *found, depth)
    bound = value_of(tree, module, target)
    if bound is not None and isinstance(bound[1], (ast.Call, ast.Name, ast.Attribute)) and bound[1] is not target:
        return _authenticates(tree, *bound, depth + 1)
    name = module.qualname(called) or _name(called)
    optional = isinstance(target, ast.Call) and module.literal(keyword(target, "optional")) is True
    last = name.rsplit(".", 1)[-1]
    return last not in _SCHEMES and _OUTSIDE.search(name) is not None and not _NO_AUTH.search(last) and not optional


def _is_scheme(module: PythonModule, node: ast.expr) -> bool:
    """Return whether `node` makes one of FastAPI's security schemes that refuses by itself."""
    if not isinstance(node, ast.Call) or module.qualname(node.func).rsplit(".", 1)[-1] not in _SCHEMES:
        return False
    return module.literal(keyword(node, "auto_error")) is not False


def _definition_authenticates(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int) -> bool:
    key = f"auth {module.path}:{getattr(node, 'lineno', 0)}"
    if key not in tree.facts:
        tree.facts[key] = False  # a circle of functions that only call each other authenticates nobody
        tree.facts[key] = _decide(tree, module, node, depth)
    return bool(tree.facts[key])


def _decide(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int) -> bool:
    if refuses(module, node) or _decodes(module, node):
        return True
    functions = (f for f in ast.walk(node) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)))
    if any(is_auth_dependency(tree, module, part, depth + 1) for f in functions for part in dependencies(f)):
        return True
    if depth >= _DEPTH:
        return False
    if isinstance(node, ast.ClassDef):
        bases = (definition(tree, module, base) for base in node.bases)
        if any(_definition_authenticates(tree, *base, depth + 1) for base in bases if base is not None):
            return True
        if any(module.qualname(base).rsplit(".", 1)[-1] in _SCHEMES for base in node.bases):
            return True
    callees = called_functions(tree, module, node)
    return any(_definition_authenticates(tree, m, f, depth + 1) for m, f in callees if f is not node)


def is_auth_decorator(tree: SourceTree, module: PythonModule, decorator: ast.expr) -> bool:
    """Return whether a decorator lets only known callers through; an optional login does not."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(decorator, ast.Call) and module.literal(keyword(decorator, "optional")) is True:
        return False
    found = definition(tree, module, called)
    if found is not None:
        return _definition_authenticates(tree, *found, 1)
    name = module.qualname(called) or _name(called)
    last = name.rsplit(".", 1)[-1]
    return last == "requires" or (_OUTSIDE.search(last) is not None and not _NO_AUTH.search(last))


def handler_authenticates(tree: SourceTree, module: PythonModule, function: Function) -> bool:
    """Return whether a route handler authenticates by its parameters, its decorators or its own code."""
    if any(is_auth_dependency(tree, module, part) for part in dependencies(function)):
        return True
    if any(is_auth_decorator(tree, module, d) for d in function.decorator_list if not _is_route(d)):
        return True
    if _decodes(module, function):
        return True
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _OUTSIDE.search(_name(node.func)):
            found = definition(tree, module, node.func)
            if found is not None and not _is_login(_name(node.func)) and _definition_authenticates(tree, *found, 1):
                return True
    return _reads_authorization(function) and refuses(module, function, (401,))


def _is_login(name: str) -> bool:
    return re.search(r"authenticate(?:_user)?$|login|check_password|verify_password", name) is not None


def _reads_authorization(function: Function) -> bool:
    """Return whether a function looks at the Authorization or an API key header."""
    wanted = {"authorization", "x-api-key", "x_api_key", "api-key"}
    literals = (n.value for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    names = (a.arg for a in (*function.args.args, *function.args.kwonlyargs))
    return any(text.lower() in wanted for text in (*literals, *names))


def _is_route(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in _ROUTES
    )


def checks_signature(tree: SourceTree, module: PythonModule, function: Function) -> bool:
    """Return whether a function, or one that it calls or depends on, checks the signature of what it was sent."""
    seen: set[ast.AST] = set()
    pending: list[tuple[PythonModule, ast.AST]] = [(module, function)]
    while pending and len(seen) < 50:
        home, node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
        if any(_name(call.func).rsplit(".", 1)[-1] in _SIGNATURES for call in calls):
            return True
        pending.extend(called_functions(tree, home, node))
    return False
