"""What authenticates in JavaScript: middleware, hooks, guards, the handler's own code; and what only looks so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.auth.javascript_effects import (
    called_name,
    decodes,
    reads_caller,
    refuses,
    refuses_unknown,
    swallowed,
)
from pytest_superteam.scanners.facts.auth.names import (
    asks_for_credentials,
    is_auth_name,
    is_optional_name,
    is_password_check,
    is_signature_name,
    is_token_issue,
)
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.facts.routes.javascript_links import Links, Named
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["authenticates", "checks_signature", "functions_of", "handler_authenticates", "is_guard", "signs_in"]

_NO_GUARDS = frozenset({
    "clerkMiddleware", "ClerkExpressWithAuth", "initialize", "session", "cookieSession", "withClerkMiddleware",
    "authMiddlewareOptional", "initAuthConfig", "toNodeHandler", "authHandler",
})  # fmt: skip
"""They find out who is calling and let everybody pass."""

_LENIENT = {
    "credentialsRequired": False, "authRequired": False, "required": False, "requireAuth": False, "optional": True,
    "passthrough": True, "allowAnonymous": True, "allowUnauthenticated": True, "failWithError": None,
}  # fmt: skip
_VAGUE = frozenset(
    {
        "required",
        "handler",
        "middleware",
        "handle",
        "use",
        "check",
        "verify",
        "user",
        "admin",
        "any",
        "default",
        "execute",
        "validate",
        "run",
        "all",
        "token",
    }
)
_ROUTER_PATH = re.compile(
    r"(?:^|/)(?:routes?|routers?|controllers?|api|endpoints|handlers)(?:/|$)|[./-](?:routes?|router|controller|api)$",
    re.IGNORECASE,
)
_ENFORCERS = (
    "verify",
    "require",
    "check",
    "ensure",
    "assert",
    "authenticate",
    "validate",
    "protect",
    "authorize",
    "authorise",
    "jwtVerify",
    "mustBe",
    "guard",
    "enforce",
    "currentUser",
    "getCurrentUser",
)
_REQUEST = re.compile(r"\b(?:req|request|ctx|context|c|token|authorization|headers?|cookies?|event)\b")
"""Arguments by which a helper such as `getUser(req)` finds out who is calling."""
_DEPTH = 5


def _lenient(module: JavaScriptModule, call: Node) -> bool:
    """Return whether a call asks what it makes to let unknown callers pass."""
    for given in module.arguments(call)[:3]:
        if given.type in {"object", "identifier", "member_expression"}:
            for key, wanted in _LENIENT.items():
                value = module.option(given, key)
                if value is not None and module.literal(value) is wanted and wanted is not None:
                    return True
    return False


def is_guard(links: Links, module: JavaScriptModule, node: Node | None, depth: int = 0) -> bool:
    """Return whether a middleware, as it is given to a route, a router or a hook, lets only known callers pass."""
    node = module.unwrap(node)
    if node is None or depth > _DEPTH:
        return False
    if node.type in {"array", "spread_element"}:
        return any(is_guard(links, module, item, depth + 1) for item in module.children(node))
    if node.type in FUNCTIONS:
        return authenticates(links, module, node, depth)
    if node.type in {"call_expression", "new_expression"}:
        return _is_guard_call(links, module, node, depth)
    if node.type not in {"identifier", "member_expression", "shorthand_property_identifier", "subscript_expression"}:
        return False
    known = _followed(links, module, node, depth)
    if known is not None:
        return known
    return _named(module.qualname(node), module.text(node)) and not _decorated_open(links, module, node)


def _followed(links: Links, module: JavaScriptModule, node: Node, depth: int) -> bool | None:
    """Return whether what a name stands for is a guard; None where only its name can tell."""
    found = links.follow(module, node)
    if found is None:
        return None
    home, target = found
    if target.type in FUNCTIONS or target.type in CLASSES:
        return authenticates(links, home, target, depth)
    elsewhere = target.id != node.id or home is not module
    if target.type in {"call_expression", "new_expression", "array"} and elsewhere:
        specifier = home.required(target) if target.type == "call_expression" else None
        if specifier is not None:
            return _named(specifier, module.text(node))
        return is_guard(links, home, target, depth + 1)
    return False if target.type == "object" and node.type != "member_expression" else None


def _decorated_open(links: Links, module: JavaScriptModule, node: Node) -> bool:
    """Return whether `fastify.decorate("authenticate", f)` gives the name to something that stops nobody."""
    if node.type != "member_expression":
        return False
    name = module.member_name(node) or ""
    known = decorations(links)
    return name in known and not any(is_guard(links, home, given, 2) for home, given in known[name])


def decorations(links: Links) -> dict[str, list[Named]]:
    """Return what the service decorates its Fastify instance with, by name."""
    known: Any = links.tree.facts.get("fastify decorations")
    if known is None:
        known = links.tree.facts["fastify decorations"] = {}
        for _, module in links.tree.javascript_with(b".decorate("):
            for call in module.calls:
                given = module.arguments(call)
                if len(given) > 1 and called_name(module, module.callee(call)).endswith(".decorate"):
                    name = module.literal(given[0])
                    if isinstance(name, str):
                        known.setdefault(name, []).append((module, given[1]))
    return known  # type: ignore[no-any-return]  # the key holds nothing else


def _named(qualname: str, text: str) -> bool:
    """Return whether the name of something that is not of the service says that it authenticates."""
    if _ROUTER_PATH.search(qualname.rsplit(".", 1)[0] if "/" in qualname else ""):
        return False
    for name in (qualname.rsplit("/", 1)[-1] if "." not in qualname.rsplit("/", 1)[-1] else qualname, text):
        last = name.rsplit(".", 1)[-1]
        if last in _NO_GUARDS or _ROUTER_PATH.search(name):
            return False
        if is_optional_name(name):
            return False
        if last in _VAGUE and "." in name:
            last = "_".join(name.split(".")[-2:])
        if is_auth_name(last):
            return True
    return False


def _is_guard_call(links: Links, module: JavaScriptModule, call: Node, depth: int) -> bool:
    callee = module.unwrap(module.callee(call))
    if callee is None or _lenient(module, call):
        return False
    name = called_name(module, callee)
    last = name.rsplit(".", 1)[-1]
    given = module.arguments(call)
    if last in {"unless", "bind"} and callee.type == "member_expression":
        return is_guard(links, module, callee.child_by_field_name("object"), depth + 1)
    if last == "authenticate" and given:
        said = module.literal(given[0])
        strategies = said if isinstance(said, list) else [said]
        return "anonymous" not in strategies
    if callee.type == "call_expression":  # factory(a)(b)
        return is_guard(links, module, callee, depth + 1)
    found = links.follow(module, callee)
    if found is not None and (found[1].type in FUNCTIONS or found[1].type in CLASSES):
        if authenticates(links, *found, depth + 1):
            return True
        return any(
            is_guard(links, module, arg, depth + 1)
            for arg in given
            if arg.type in {"identifier", "member_expression", "call_expression", *FUNCTIONS}
        )
    made = found is not None and found[1].type in {"call_expression", "new_expression"} and found[1].id != callee.id
    if made and found is not None and found[0].required(found[1]) is None and is_guard(links, *found, depth + 1):
        return True
    if _named(module.qualname(callee), name):
        return True
    inner = (
        arg for arg in given if arg.type in {"identifier", "member_expression", "call_expression", "array", *FUNCTIONS}
    )
    return (
        last not in _NO_GUARDS
        and not is_optional_name(last)
        and any(is_guard(links, module, arg, depth + 1) for arg in inner)
    )


def authenticates(links: Links, module: JavaScriptModule, node: Node, depth: int = 1) -> bool:
    """Return whether a function or class of the service refuses callers that it does not know."""
    key = f"auth {module.path}:{node.start_byte}:{node.end_byte}"
    facts = links.tree.facts
    if key not in facts:
        facts[key] = False  # a circle of functions that only call each other authenticates nobody
        facts[key] = _decide(links, module, node, depth)
    return bool(facts[key])


def _decide(links: Links, module: JavaScriptModule, node: Node, depth: int) -> bool:
    if refuses(module, node) or decodes(module, node):
        return True
    if depth >= _DEPTH:
        return False
    if node.type in CLASSES:
        base = links.base(module, node)
        if base is not None and authenticates(links, *base, depth + 1):
            return True
    return any(_call_authenticates(links, module, call, node, depth) for call in module.inside(node, "call_expression"))


def _call_authenticates(links: Links, module: JavaScriptModule, call: Node, scope: Node, depth: int) -> bool:
    """Return whether one call inside `scope` refuses unknown callers."""
    name = called_name(module, module.callee(call))
    last = name.rsplit(".", 1)[-1]
    telling = is_auth_name(last) or asks_for_credentials(last) or last.startswith(_ENFORCERS)
    if not telling or is_password_check(name):
        return False
    found = links.follow(module, module.callee(call))
    if found is not None and found[1].type in FUNCTIONS:
        known = found[1].id != scope.id and authenticates(links, *found, depth + 1)
    else:
        known = _enforces(module, call, name)
    return known and not swallowed(module, call, scope)


def _enforces(module: JavaScriptModule, call: Node, name: str) -> bool:
    """Return whether a call of a library's function refuses unknown callers, by its name; a mere test does not."""
    last = name.rsplit(".", 1)[-1]
    if not last.startswith(_ENFORCERS) or not is_auth_name(last) or _lenient(module, call) or is_password_check(name):
        return False
    if last == "authenticate":
        given = module.arguments(call)
        return bool(given) and isinstance(module.literal(given[0]), (str, list))
    for outer in module.ancestors(call):
        if outer.type in {"if_statement", "ternary_expression", "while_statement"}:
            test = outer.child_by_field_name("condition")
            return test is None or not test.start_byte <= call.start_byte < test.end_byte
        if outer.type in FUNCTIONS or outer.type.endswith(("_statement", "_declaration")):
            return True
    return True


def functions_of(links: Links, module: JavaScriptModule, node: Node | None, depth: int = 0) -> list[Named]:
    """Return the functions that answer: a function, what a name stands for, what a wrapper is given."""
    node = module.unwrap(node)
    if node is None or depth > 4:
        return []
    if node.type in FUNCTIONS:
        return [(module, node)]
    if node.type == "array":
        return [item for child in module.children(node)[-1:] for item in functions_of(links, module, child, depth + 1)]
    if node.type == "call_expression":
        callee = module.unwrap(module.callee(node))
        if callee is not None and callee.type == "member_expression" and module.member_name(callee) == "bind":
            return functions_of(links, module, callee.child_by_field_name("object"), depth + 1)
        return [item for arg in module.arguments(node) for item in functions_of(links, module, arg, depth + 1)]
    if node.type in {"identifier", "member_expression", "shorthand_property_identifier"}:
        found = links.follow(module, node)
        if found is not None and found[1].type in FUNCTIONS:
            return [found]
        if found is not None and found[1].type in {"call_expression", "array"} and found[1].id != node.id:
            return functions_of(links, *found, depth + 1)
    return []


def handler_authenticates(links: Links, module: JavaScriptModule, function: Node) -> bool:
    """Return whether a handler's own code asks who is calling."""
    if decodes(module, function):
        return True
    for call in module.inside(function, "call_expression"):
        name = called_name(module, module.callee(call))
        last = name.rsplit(".", 1)[-1]
        if is_password_check(name) or not (is_auth_name(last) or "user" in last.lower() or "session" in last.lower()):
            continue
        found = links.follow(module, module.callee(call))
        if found is not None and found[1].type in FUNCTIONS:
            given = " ".join(module.text(arg)[:80] for arg in module.arguments(call)[:2])
            asking = is_auth_name(last) or _REQUEST.search(given) is not None
            if found[1].id != function.id and asking and authenticates(links, *found, 1):
                return True
        elif _enforces(module, call, name) and not swallowed(module, call, function):
            return True
    if signs_in(module, function):
        return False
    if refuses_unknown(module, function):
        return True
    return reads_caller(module, function) and refuses(module, function, (401, 403))


def _call_names(module: JavaScriptModule, function: Node) -> list[str]:
    return [called_name(module, module.callee(call)) for call in module.inside(function, "call_expression")]


def signs_in(module: JavaScriptModule, function: Node) -> bool:
    """Return whether a handler compares a password and makes a token or session."""
    names = _call_names(module, function)
    return any(map(is_password_check, names)) and any(map(is_token_issue, names))


def checks_signature(links: Links, module: JavaScriptModule, function: Node) -> bool:
    """Return whether a function, or one that it calls, checks the signature of what it was sent."""
    seen: set[tuple[str, int]] = set()
    pending: list[Named] = [(module, function)]
    while pending and len(seen) < 30:
        home, node = pending.pop()
        if (home.path, node.id) in seen:
            continue
        seen.add((home.path, node.id))
        for call in home.inside(node, "call_expression"):
            name = called_name(home, home.callee(call))
            if is_signature_name(name) or (name.endswith("createHmac") and refuses(home, node, (400, 401, 403))):
                return True
            if asks_for_credentials(name) or "hook" in name.lower() or "sign" in name.lower():
                found = links.follow(home, home.callee(call))
                if found is not None and found[1].type in FUNCTIONS:
                    pending.append(found)
    return False
