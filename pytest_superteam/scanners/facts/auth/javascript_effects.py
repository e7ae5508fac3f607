"""What a piece of JavaScript does to a caller who is not known: it turns him away, checks a token, or lets him pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import asks_for_credentials, is_refusal_name
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["called_name", "decodes", "reads_caller", "refuses", "refuses_unknown", "swallowed"]

_STATUS_CALLS = frozenset(
    {"status", "code", "sendStatus", "writeHead", "throw", "assert", "setStatus", "abort", "newResponse"}
)
_BODY_CALLS = frozenset({"json", "text", "html", "body", "send", "error", "fail", "end", "boom", "jsend"})
_MAKERS = re.compile(
    r"error|exception|abort|reject|respond|response|fail|boom|unauth|forbid|denied|deny", re.IGNORECASE
)
_WORDS = re.compile(
    r"unauthor|not auth|forbidden|access denied|no token|token (?:missing|required|not)|invalid token|not logged|"
    r"missing (?:auth|token)|jwt|authenticat",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"log-?_?in|sign-?_?in|/auth\b", re.IGNORECASE)
_VERIFIERS = frozenset(
    {
        "jwtVerify",
        "verifyIdToken",
        "verifySessionCookie",
        "verifyAsync",
        "jwtDecrypt",
        "authenticateRequest",
        "getTokenInfo",
    }
)
_JWT = re.compile(r"jwt|jsonwebtoken|jose|paseto|token", re.IGNORECASE)
_CALLER = re.compile(
    r"authorization\b|x-api-key|x-auth-token|x-access-token|req(?:uest)?\.user\b|req(?:uest)?\.session|isAuthenticated\(|ctx\.(?:state\.)?(?:user|session)|"
    r"\bcookies?\b|getServerSession|getSession|currentUser|getToken\(|c\.get\(['\"](?:user|jwtPayload|session)|req\.auth\b|api[_-]?key|locals\.user|"
    r"event\.locals|\.headers\.get\(|req\.userId\b|ctx\.session|session\.user|session\[|bearer|\bauth\(\)|\.header\(['\"]x-",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    r"^\(*\s*(?!!)[^|]*(?:isAuthenticated\(|isLoggedIn|is_?admin\b|\.role\b|loggedIn|authenticated)", re.IGNORECASE
)
_ANSWERS = frozenset(
    {"json", "end", "status", "render", "redirect", "sendStatus", "code", "unauthorized", "writeHead", "text", "html"}
)
_NOTHING = frozenset({"undefined", "null", "''", '""', "``", "false"})


def called_name(module: JavaScriptModule, node: Node | None) -> str:
    """Return the dotted name of what is called as it is written, the last parts where it is long."""
    parts: list[str] = []
    node = module.unwrap(node)
    for _ in range(12):
        if node is None:
            break
        if node.type == "member_expression":
            parts.append(module.member_name(node) or "")
            node = module.unwrap(node.child_by_field_name("object"))
        elif node.type in {"call_expression", "new_expression"}:
            node = module.unwrap(module.callee(node))
        elif node.type in {"identifier", "this", "type_identifier"}:
            parts.append(module.text(node))
            break
        else:
            break
    return ".".join(reversed(parts))


def _is_status(module: JavaScriptModule, node: Node | None, codes: tuple[int, ...]) -> bool:
    """Return whether `node` is one of the HTTP statuses, as a number or as a constant with it in its name."""
    node = module.unwrap(node)
    if node is None:
        return False
    if node.type in {"number", "string"}:
        return module.text(node).strip("'\"") in {str(code) for code in codes}
    if node.type in {"member_expression", "identifier"}:
        name = module.text(node).rsplit(".", 1)[-1].upper()
        if ("UNAUTHORIZED" in name or "UNAUTHENTICATED" in name or "401" in name) and 401 in codes:
            return True
        if ("FORBIDDEN" in name or "403" in name) and 403 in codes:
            return True
        return module.literal(node) in codes
    if node.type == "ternary_expression":
        return any(_is_status(module, node.child_by_field_name(f), codes) for f in ("consequence", "alternative"))
    return False


def _refusing_call(module: JavaScriptModule, call: Node, codes: tuple[int, ...]) -> bool:
    name = called_name(module, module.callee(call))
    last = name.rsplit(".", 1)[-1]
    given = module.arguments(call)
    if last in _STATUS_CALLS and any(_is_status(module, arg, codes) for arg in given[:2]):
        return True
    if (
        is_refusal_name(last)
        and not last.startswith(("is", "has", "use", "on"))
        and not any(a.type in FUNCTIONS for a in given)
    ):
        return True
    if (last in _BODY_CALLS or _MAKERS.search(name)) and any(_refusing_argument(module, arg, codes) for arg in given):
        return True
    if last in {"redirect", "NextResponse"} and any(_LOGIN.search(module.text(arg)[:200]) for arg in given):
        return _inside_if(module, call)
    return last == "Error" and any(
        arg.type in {"string", "template_string"} and _WORDS.search(module.text(arg)) for arg in given[:1]
    )


def _refusing_argument(module: JavaScriptModule, node: Node, codes: tuple[int, ...]) -> bool:
    if _is_status(module, node, codes):
        return True
    if node.type == "object":
        return any(_is_status(module, module.option(node, key), codes) for key in ("status", "statusCode", "code"))
    return False


def _inside_if(module: JavaScriptModule, node: Node) -> bool:
    for outer in module.ancestors(node):
        if outer.type in {"if_statement", "catch_clause", "ternary_expression"}:
            return True
        if outer.type in FUNCTIONS:
            return False
    return False


def _refusals(module: JavaScriptModule, scope: Node, codes: tuple[int, ...]) -> Iterator[Node]:
    for node in module.inside(scope, "call_expression", "new_expression", "assignment_expression"):
        if node.type == "assignment_expression":
            target = node.child_by_field_name("left")
            named = (
                target is not None
                and target.type == "member_expression"
                and module.member_name(target) in {"status", "statusCode"}
            )
            if named and _is_status(module, node.child_by_field_name("right"), codes):
                yield node
        elif _refusing_call(module, node, codes):
            yield node


def _about(module: JavaScriptModule, node: Node | None) -> bool:
    return node is not None and asks_for_credentials(module.text(node)[:300])


def _operator(module: JavaScriptModule, node: Node) -> str:
    return module.text(node.child_by_field_name("operator"))


def _absent(module: JavaScriptModule, test: Node | None, depth: int = 0) -> bool:
    """Return whether a test holds where a credential is missing."""
    test = module.unwrap(test)
    if test is None or depth > 6:
        return False
    if test.type == "unary_expression" and _operator(module, test) == "!":
        inner = module.unwrap(test.child_by_field_name("argument"))
        return (
            inner is not None
            and inner.type in {"identifier", "member_expression", "subscript_expression", "call_expression"}
            and _about(module, inner)
        )
    if test.type == "binary_expression":
        operator = _operator(module, test)
        left, right = test.child_by_field_name("left"), test.child_by_field_name("right")
        if operator == "||":
            return _absent(module, left, depth + 1) or _absent(module, right, depth + 1)
        if operator in {"==", "==="}:
            return module.text(right).strip() in _NOTHING | {"'undefined'", '"undefined"'} and _about(module, left)
    return False


def _present(module: JavaScriptModule, test: Node | None, depth: int = 0) -> bool:
    """Return whether a test holds only where a credential was sent."""
    test = module.unwrap(test)
    if test is None or depth > 6:
        return False
    if test.type in {"identifier", "member_expression", "subscript_expression"}:
        last = module.text(test).rsplit(".", 1)[-1]
        return _about(module, test) and not re.match(r"(?:is|in|not|un|no|has|must|need|require)(?=[A-Z_]|valid)", last)
    if test.type == "call_expression":
        last = called_name(module, module.callee(test)).rsplit(".", 1)[-1]
        return last in {"startsWith", "get", "header", "has"} and _about(module, test)
    if test.type == "binary_expression":
        operator = _operator(module, test)
        left, right = test.child_by_field_name("left"), test.child_by_field_name("right")
        if operator == "&&":
            return _present(module, left, depth + 1) or _present(module, right, depth + 1)
        if operator in {"!=", "!=="}:
            return module.text(right).strip() in _NOTHING and _about(module, left)
    return False


def _conditional(module: JavaScriptModule, node: Node, scope: Node) -> bool:
    """Return whether `node` is reached only where a credential was sent."""
    child = node
    for outer in module.ancestors(node):
        if child.id == scope.id:
            return False
        if outer.type in {"if_statement", "ternary_expression"}:
            inside = outer.child_by_field_name("consequence")
            if (
                inside is not None
                and inside.id == child.id
                and _present(module, outer.child_by_field_name("condition"))
            ):
                return True
        child = outer
    return False


def _waves_through(module: JavaScriptModule, node: Node, scope: Node) -> bool:
    """Return whether an earlier `if` passes on who brings no credential: `if (!token) return next()`."""
    for test in module.inside(scope, "if_statement"):
        if test.start_byte >= node.start_byte or not _absent(module, test.child_by_field_name("condition")):
            continue
        inside = test.child_by_field_name("consequence")
        if inside is None or inside.start_byte <= node.start_byte <= inside.end_byte:
            continue
        calls = list(module.inside(inside, "call_expression", "new_expression", "throw_statement"))
        passing = [
            c
            for c in calls
            if called_name(module, module.callee(c)).rsplit(".", 1)[-1] in {"next", "done", "handler"}
            and not module.arguments(c)
        ]
        returns = list(module.inside(inside, "return_statement"))
        content = [
            module.text(r).strip("; ") in {"return", "return true", "return null", "return undefined"} for r in returns
        ]
        if passing or (not calls and content and all(content)):
            return True
    return False


def refuses(module: JavaScriptModule, scope: Node, codes: tuple[int, ...] = (401, 403)) -> bool:
    """Return whether `scope` turns away a caller who brings no credential, or is not allowed."""
    return any(
        not _conditional(module, node, scope) and not _waves_through(module, node, scope)
        for node in _refusals(module, scope, codes)
    ) or _passes_known(module, scope)


def refuses_unknown(module: JavaScriptModule, scope: Node) -> bool:
    """Return whether `scope` answers 401 where it has found no user or token: `if (!user) return res.status(401)`."""
    for node in _refusals(module, scope, (401,)):
        child = node
        for outer in module.ancestors(node):
            if child.id == scope.id:
                break
            if outer.type == "if_statement":
                inside = outer.child_by_field_name("consequence")
                absent = _absent(module, outer.child_by_field_name("condition"))
                if absent and inside is not None and inside.id == child.id:
                    return True
            child = outer
    return False


def _passes(module: JavaScriptModule, scope: Node) -> list[Node]:
    """Return the calls that pass a request on: `next()`."""
    calls = module.inside(scope, "call_expression")
    return [c for c in calls if module.text(module.callee(c)) == "next" and not module.arguments(c)]


def _passes_known(module: JavaScriptModule, scope: Node) -> bool:
    """Return whether requests are passed on only after a test for the caller: `if (req.isAuthenticated()) next()`."""
    passes = _passes(module, scope)
    return bool(passes) and all(_inside_known(module, call, scope) for call in passes)


def _inside_known(module: JavaScriptModule, node: Node, scope: Node) -> bool:
    child = node
    for outer in module.ancestors(node):
        if child.id == scope.id:
            return False
        if outer.type in {"if_statement", "ternary_expression"}:
            inside, test = outer.child_by_field_name("consequence"), outer.child_by_field_name("condition")
            known = _present(module, test) or _KNOWN.search(module.text(test)[:200]) is not None
            if inside is not None and inside.id == child.id and known:
                return True
        child = outer
    return False


def decodes(module: JavaScriptModule, scope: Node) -> bool:
    """Return whether `scope` verifies a token and does not swallow the failure."""
    for call in module.inside(scope, "call_expression"):
        callee = module.callee(call)
        last = called_name(module, callee).rsplit(".", 1)[-1]
        given = module.arguments(call)
        if last not in _VERIFIERS and not (
            last == "verify" and _JWT.search(module.qualname(callee) or module.text(callee)[:80])
        ):
            continue
        if given and given[-1].type in FUNCTIONS:
            continue  # what its callback does counts
        if (
            not swallowed(module, call, scope)
            and not _conditional(module, call, scope)
            and not _waves_through(module, call, scope)
        ):
            return True
    return False


def swallowed(module: JavaScriptModule, node: Node, scope: Node) -> bool:
    """Return whether the failure of `node` ends in a handler in `scope` that neither throws, refuses nor hands on."""
    child = node
    for outer in module.ancestors(node):
        if child.id == scope.id:
            return False
        if outer.type == "try_statement":
            body, handler = outer.child_by_field_name("body"), outer.child_by_field_name("handler")
            if body is not None and body.id == child.id and handler is not None:
                stopped = bool(_passes(module, body)) and not _passes(module, handler)
                return not stopped and not _hands_on(module, handler)
        if outer.type == "member_expression" and module.member_name(outer) == "catch":
            call = module.parent(outer)
            return call is not None and not any(_hands_on(module, arg) for arg in module.arguments(call))
        child = outer
    return False


def _hands_on(module: JavaScriptModule, handler: Node) -> bool:
    for node in module.inside(handler, "throw_statement", "call_expression"):
        if node.type == "throw_statement":
            return True
        last = called_name(module, module.callee(node)).rsplit(".", 1)[-1]
        if last in _ANSWERS or (
            last in {"next", "done", "cb", "callback", "send", "reject"} and module.arguments(node)
        ):
            return True
    return any(True for _ in _refusals(module, handler, (400, 401, 403)))


def reads_caller(module: JavaScriptModule, function: Node) -> bool:
    """Return whether a function looks at what a caller is known by: a header, the session, `req.user`."""
    return _CALLER.search(module.text(function)[:50_000]) is not None
