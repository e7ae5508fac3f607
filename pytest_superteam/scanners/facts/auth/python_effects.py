"""What a piece of Python does to a caller who is not known: it turns him away, checks a token, or lets him pass."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import asks_for_credentials, is_refusal_name
from pytest_superteam.scanners.languages.python import PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["called_name", "decodes", "reads_caller", "reads_header", "refuses", "refuses_unknown", "swallowed"]

_DECODERS = frozenset({
    "jwt.decode", "jwt.decode_complete", "jose.jwt.decode", "jose.jws.verify", "authlib.jose.jwt.decode",
    "joserfc.jwt.decode", "jwcrypto.jwt.JWT", "firebase_admin.auth.verify_id_token", "flask_jwt_extended.decode_token",
    "google.oauth2.id_token.verify_oauth2_token", "google.oauth2.id_token.verify_token",
    "aiohttp_security.check_authorized", "aiohttp_security.check_permission", "python_jwt.verify_jwt",
    "google.oauth2.id_token.verify_firebase_token",
})  # fmt: skip
_JWT_IN_REQUEST = "verify_jwt_in_request"
_SENDERS = frozenset(
    {"abort", "send_error", "make_response", "set_status", "problem", "set_http_status", "halt", "custom_abort"}
)
_REDIRECTS = frozenset({
    "redirect", "RedirectResponse", "HttpResponseRedirect", "redirect_to_login", "HTTPFound", "HTTPSeeOther",
    "HTTPTemporaryRedirect", "redirect_login",
})  # fmt: skip
_LOGIN = re.compile(r"log_?-?in|sign_?-?in|unauthori|(?:^|[/._])auth(?:$|[/._])", re.IGNORECASE)
_PASSES = re.compile(r"anonym|guest|call_?next|get_response|handler|nobody|public_user|\bnext\b|^app$", re.IGNORECASE)
_OTHERWISE = frozenset({"session", "user_id"})
"""As parameters, a session of the database and whose data is wanted."""
_HEADER = re.compile(r"(?:x_)?(?:\w{1,20}_)?(?:token|api_key|authorization|apikey|secret)$")
_RESPONSE = re.compile(r"response|jsonify|render|redirect|make_resp|^json$", re.IGNORECASE)
_SAID = {"unauthorized": 401, "forbidden": 403, "network_authentication_required": 401}
_STATUS_ATTRIBUTES = frozenset({"status_code", "status", "code"})
_CALLER = frozenset({
    "authorization", "x-api-key", "x_api_key", "api-key", "api_key", "x-auth-token", "x-access-token", "x_token",
    "x-token", "current_user", "http_authorization", "http_x_api_key", "is_authenticated", "session", "cookies",
    "x-internal-token", "apikey", "x-apikey", "get_current_user", "x-user-id", "access_token", "auth_token", "user_id",
    "remote_user", "bearer", "jwt", "token", "get_secure_cookie", "get_signed_cookie", "x-api-token", "is_staff",
    "is_superuser", "request_user", "x-admin-token", "x-service-token", "x-secret", "api_token",
})  # fmt: skip


def called_name(node: ast.AST | None) -> str:
    """Return the dotted name of an expression as written, that of what it calls where it is a call."""
    while isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
        while isinstance(node, ast.Call):
            node = node.func
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))


def _is_status(module: PythonModule, node: ast.AST, codes: tuple[int, ...]) -> bool:
    """Return whether `node` is one of the HTTP statuses, as a number or as a constant with it in its name."""
    if isinstance(node, ast.Constant):
        value = node.value
        return value in codes or (
            isinstance(value, str) and value[:3] in {str(code) for code in codes} and len(value) < 20
        )
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if not name:
        return False
    if any(str(code) in name for code in codes):
        return True
    said = _SAID.get(name.lower())
    return said in codes if said else module.literal(node) in codes if isinstance(node, ast.Name) else False


def _refusals(module: PythonModule, scope: ast.AST, codes: tuple[int, ...]) -> Iterator[ast.AST]:
    """Yield the statements and calls of `scope` that turn a caller away."""
    for node in walk(scope):
        if isinstance(node, (ast.Return, ast.Raise)) and (
            _leaves_refusing(module, node) or _sends_to_login(module, node, scope)
        ):
            yield node
            continue
        leaves = (leaf for part in _answering(module, node) for leaf in walk(part) if isinstance(leaf, ast.expr))
        if any(_is_status(module, leaf, codes) for leaf in leaves):
            yield node


def _leaves_refusing(module: PythonModule, node: ast.Return | ast.Raise) -> bool:
    """Return whether what is raised or returned says by its name that it refuses."""
    if isinstance(node, ast.Return):
        return isinstance(node.value, (ast.Call, ast.Await)) and _refusing_call(node.value)
    value = module.bound(node.exc) if isinstance(node.exc, ast.Name) else None
    return is_refusal_name(called_name(node.exc)) or (value is not None and is_refusal_name(called_name(value)))


def _answering(module: PythonModule, node: ast.AST) -> list[ast.expr]:
    """Return the expressions of a node in which the status of an answer stands."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        value = module.bound(node.exc) if isinstance(node.exc, ast.Name) else None
        return [node.exc, *([value] if value is not None else [])]
    if isinstance(node, ast.Call):
        last = called_name(node.func).rsplit(".", 1)[-1]
        if last in _SENDERS or "Response" in last or last in {"jsonify_error", "error", "fail", "json"}:
            return [*node.args, *(k.value for k in node.keywords)]
    elif isinstance(node, ast.Return) and node.value is not None:
        return [node.value]
    elif isinstance(node, ast.Assign):
        named = any(isinstance(t, ast.Attribute) and t.attr in _STATUS_ATTRIBUTES for t in node.targets)
        return [node.value] if named else []
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [v for k, v in pairs if isinstance(k, ast.Constant) and k.value in {"status", "statusCode"}]
    return []


def _refusing_call(value: ast.Call | ast.Await) -> bool:
    call = value.value if isinstance(value, ast.Await) else value
    last = called_name(call).rsplit(".", 1)[-1]
    return is_refusal_name(last) and not last.startswith(("is_", "has_", "not_"))


def _sends_to_login(module: PythonModule, node: ast.Return | ast.Raise, scope: ast.AST) -> bool:
    """Return whether a statement inside an `if` redirects to where one signs in."""
    call = node.value if isinstance(node, ast.Return) else node.exc
    if not isinstance(call, ast.Call) or called_name(call).rsplit(".", 1)[-1] not in _REDIRECTS:
        return False
    said = [called_name(call)]
    for leaf in walk(call):
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
            said.append(leaf.value)
        elif isinstance(leaf, (ast.Attribute, ast.Name)):
            said.append(leaf.attr if isinstance(leaf, ast.Attribute) else leaf.id)
    if not any(_LOGIN.search(text) for text in said):
        return False
    current = module.parents.get(node)
    while current is not None and current is not scope:
        if isinstance(current, (ast.If, ast.ExceptHandler)):
            return True
        current = module.parents.get(current)
    return False


def _about_credentials(test: ast.AST) -> bool:
    for leaf in walk(test):
        text = leaf.id if isinstance(leaf, ast.Name) else leaf.attr if isinstance(leaf, ast.Attribute) else ""
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
            text = leaf.value
        if text and asks_for_credentials(text):
            return True
    return False


def _absent(test: ast.expr) -> bool:
    """Return whether `test` holds where a credential is missing: `not token`, `token is None`, `x or token == ""`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_absent(part) for part in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = test.operand
        if isinstance(inner, ast.Call) and "start" in called_name(inner):
            return _about_credentials(inner)
        return isinstance(inner, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) and _about_credentials(inner)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], (ast.Is, ast.Eq)):
            right = test.comparators[0]
            return isinstance(right, ast.Constant) and not right.value and _about_credentials(test.left)
        return isinstance(test.ops[0], ast.NotIn) and isinstance(test.left, ast.Constant) and _about_credentials(test)
    return False


def _present(test: ast.expr) -> bool:
    """Return whether `test` holds only where a credential was sent."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_present(part) for part in test.values)
    if isinstance(test, ast.NamedExpr):
        test = test.value
    if isinstance(test, (ast.Name, ast.Attribute)):
        return _about_credentials(test) and not called_name(test).rsplit(".", 1)[-1].startswith(
            ("in", "not", "un", "no_", "is_")
        )
    if isinstance(test, ast.Call):
        return called_name(test).rsplit(".", 1)[-1] in {"get", "startswith", "has"} and _about_credentials(test)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.IsNot):
            return isinstance(test.comparators[0], ast.Constant) and _about_credentials(test.left)
        return isinstance(test.ops[0], ast.In) and isinstance(test.left, ast.Constant) and _about_credentials(test)
    return False


def _conditional(module: PythonModule, node: ast.AST, scope: ast.AST) -> bool:
    """Return whether `node` is reached only where a credential was sent, so that nobody without one is stopped."""
    child, current = node, module.parents.get(node)
    while current is not None and child is not scope:
        if isinstance(current, ast.If) and child in current.body and _present(current.test):
            return True
        if isinstance(current, ast.IfExp) and child is current.body and _present(current.test):
            return True
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child, current = current, module.parents.get(current)
    return False


def _waves_through(module: PythonModule, node: ast.AST) -> bool:
    """Return whether the function around `node` returns early, content, where the credential is missing."""
    function = module.function_of(node)
    if function is None:
        return False
    for other in module.scope_nodes(function):
        if isinstance(other, ast.If) and other.lineno < getattr(node, "lineno", 0) and _absent(other.test):
            last = other.body[-1]
            if isinstance(last, ast.Return) and _is_pass(last.value):
                return True
    return False


def _is_pass(value: ast.expr | None) -> bool:
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return True
    if isinstance(value, ast.Await):
        value = value.value
    return isinstance(value, (ast.Name, ast.Call, ast.Attribute)) and _PASSES.search(called_name(value)) is not None


def refuses(module: PythonModule, scope: ast.AST, codes: tuple[int, ...] = (401, 403)) -> bool:
    """Return whether `scope` turns away a caller who brings no credential, or is not allowed."""
    return any(
        not _conditional(module, node, scope) and not _waves_through(module, node)
        for node in _refusals(module, scope, codes)
    ) or _calls_known(module, scope)


def refuses_unknown(module: PythonModule, function: ast.AST) -> bool:
    """Return whether a function answers 401 where it has found no user or token: `if user is None: abort(401)`."""
    for node in _refusals(module, function, (401,)):
        child, current = node, module.parents.get(node)
        while current is not None and child is not function:
            if isinstance(current, ast.If) and child in current.body and _absent(current.test):
                return True
            child, current = current, module.parents.get(current)
    return False


def _calls_known(module: PythonModule, scope: ast.AST) -> bool:
    """Return whether a decorator calls what it decorates only after a test for the caller: `if session.get("user")`."""
    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)) or not scope.args.args:
        return False
    wrapped = {a.arg for a in scope.args.args}
    inner = [f for f in module.scope_nodes(scope) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))]
    calls = [
        node
        for function in inner
        for node in walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in wrapped
    ]
    return bool(calls) and all(_inside_known(module, call, scope) for call in calls)


def _inside_known(module: PythonModule, node: ast.AST, scope: ast.AST) -> bool:
    child, current = node, module.parents.get(node)
    while current is not None and child is not scope:
        if isinstance(current, ast.If) and child in current.body and not _absent(current.test):
            about = _about_credentials(current.test) or any(
                isinstance(leaf, ast.Attribute) and "authenticated" in leaf.attr for leaf in walk(current.test)
            )
            if about and not (isinstance(current.test, ast.UnaryOp) and isinstance(current.test.op, ast.Not)):
                return True
        child, current = current, module.parents.get(current)
    return False


def decodes(module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope` verifies a token and does not swallow the failure."""
    for node in walk(scope):
        if not isinstance(node, ast.Call):
            continue
        name = module.qualname(node.func)
        if name.rsplit(".", 1)[-1] == _JWT_IN_REQUEST:
            optional = keyword(node, "optional") or (node.args[0] if node.args else None)
            if module.literal(optional) is not True:
                return True
        elif name in _DECODERS and not (
            swallowed(module, node, scope) or _conditional(module, node, scope) or _waves_through(module, node)
        ):
            return True
    return False


def swallowed(module: PythonModule, node: ast.AST, scope: ast.AST) -> bool:
    """Return whether a `try` around `node` inside `scope` has handlers of which none raises or refuses."""
    child, current = node, module.parents.get(node)
    while current is not None and current is not scope:
        if isinstance(current, ast.Try) and current.handlers and child in current.body:
            inside = (inner for handler in current.handlers for inner in walk(handler))
            raised = any(isinstance(n, ast.Raise) or _answers(n) for n in inside)
            return not raised and not any(any(_refusals(module, h, (401, 403))) for h in current.handlers)
        child, current = current, module.parents.get(current)
    return False


def _answers(node: ast.AST) -> bool:
    """Return whether a statement ends a request with a response of its own."""
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if isinstance(value, ast.Tuple):
        return len(value.elts) == 2 and isinstance(value.elts[1], (ast.Constant, ast.Attribute))
    return isinstance(value, ast.Call) and _RESPONSE.search(called_name(value)) is not None


def reads_caller(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function looks at what a caller is known by: a header, the session, `request.user`."""
    arguments = function.args
    given = {a.arg.lower() for a in (*arguments.args, *arguments.kwonlyargs)}
    if given & (_CALLER - _OTHERWISE):
        return True
    for node in walk(function):
        text = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "user"
            and called_name(node.value) in {"request", "self.request", "g", "info.context", "request.state"}
        ):
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if text.lower() in _CALLER and not (text in _OTHERWISE and text in given):
            return True
    return False


def reads_header(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a parameter is the header or query value that a caller is known by."""
    arguments = function.args
    return any(_HEADER.match(a.arg) for a in (*arguments.args, *arguments.kwonlyargs))
