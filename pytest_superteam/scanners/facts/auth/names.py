"""What names say about authentication, where nothing but the name is known: a library's decorator, guard, exception."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_superteam.scanners.facts.names import words

__all__ = ["asks_for_credentials", "is_auth_name", "is_optional_name", "is_public_name", "is_refusal_name"]
__all__ += ["is_password_check", "is_signature_name", "is_token_issue"]

_AUTH = frozenset({
    "auth", "authn", "authz", "authenticate", "authenticated", "authenticates", "authentication", "authenticator",
    "authorize", "authorized", "authorization", "authorise", "authorised", "authorisation", "authorizer", "jwt",
    "bearer", "passport", "oauth", "oauth2", "oidc", "keycloak", "protect", "protected", "guard", "guarded", "secured",
    "principal", "apikey", "rbac", "acl", "clerk", "loggedin", "webauthn", "firewall",
})  # fmt: skip
_VERBS = frozenset({
    "require", "requires", "required", "requiring", "ensure", "ensures", "verify", "verifies", "must", "needs",
    "enforce", "restrict", "restricted", "only", "accepted", "allowed", "allow", "needed", "is", "has", "with",
    "current", "assert", "active", "use", "get", "check", "validate", "valid", "accept",
})  # fmt: skip
_NOUNS = frozenset({
    "login", "token", "role", "roles", "permission", "permissions", "scope", "scopes", "admin", "staff", "superuser",
    "access", "session", "credentials", "rights", "privilege", "privileges", "signin", "logged", "user", "key",
    "account", "identity", "owner", "member", "subscriber", "superadmin", "caller",
})  # fmt: skip
_LOOSE = {
    "get": frozenset({"identity"}), "use": frozenset({"roles", "permissions", "scopes"}), "valid": frozenset({"token"}),
    "check": _NOUNS - {"user", "key", "account", "member", "owner"},
    "validate": frozenset({"token", "session", "access", "credentials"}),
    "is": frozenset({"admin", "staff", "superuser", "logged", "signin", "owner", "superadmin"}),
    "has": frozenset({"role", "roles", "permission", "permissions", "scope", "scopes", "access", "rights"}),
    "with": frozenset({"session"}), "active": frozenset({"user", "superuser", "admin", "account", "staff", "member"}),
    "accept": frozenset({"token"}),
    "current": frozenset({"user", "account", "identity", "member", "admin", "caller", "superuser", "staff", "owner"}),
    "allowed": frozenset({"roles", "permissions", "scopes"}), "allow": frozenset({"roles", "permissions", "scopes"}),
    "verify": _NOUNS - {"account"},
}  # fmt: skip
"""For verbs that say much else, the nouns that they mean authentication with."""

_SQUEEZED = re.compile(
    r"(?:check|require|requires|ensure|is|verify|jwt|token|user|need|needs|basic)auth|auth(?:required|middleware|guard|check|only)"
    r"|loginrequired|requirelogin|isloggedin|ensureloggedin|verifytoken|checktoken|checkjwt|verifyjwt|tokenrequired"
    r"|currentuser|jwtrequired|adminonly|adminrequired|apikey|expressjwt|koajwt|isauth\b"
)
_NOT_LAST = frozenset({
    "service", "services", "db", "repo", "repository", "client", "config", "settings", "form", "url", "log", "logger",
    "router", "routes", "route", "controller", "error", "errors", "headers", "header", "limit", "limiter", "schema",
    "dto", "body", "payload", "model", "uri", "provider", "factory", "store", "storage", "cache", "app",
    "module", "types", "utils", "views", "view", "api", "blueprint", "bp", "params", "query", "pipe", "input",
    "request", "response", "req", "res", "validator", "validators", "validation", "crud", "dao", "manager", "agent",
    "serializer", "serializers", "tags", "metrics", "size", "count", "language", "timezone", "locale", "audit",
})  # fmt: skip
_NEVER = frozenset({
    "csrf", "xsrf", "cors", "optional", "maybe", "anonymous", "unauth", "unauthenticated", "noauth", "skip", "guest",
    "optionally", "soft", "lenient", "public", "throttler", "throttle", "passthrough", "unless", "none", "roleless",
})  # fmt: skip
_REFUSAL = re.compile(
    r"unauthori[sz]ed|unauthenticated|forbidden|not_?authenticated|permission_?denied|access_?denied|not_?authori[sz]ed|"
    r"(?:invalid|missing|bad|expired|no)_?(?:access_?)?(?:token|credentials?|api_?key|auth\w*)(?:_?(?:error|exception))?$|"
    r"credentials?_?(?:exception|error)|auth(?:entication|ori[sz]ation)?_?(?:error|failed|exception|failure|required)|"
    r"token_?(?:error|exception|invalid|expired|missing)|login_?required|jwt_?error|"
    r"not_?logged_?in",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(
    r"token|auth(?!or\b)|cred|api_?key|session|cookie|jwt|bearer|user|payload|identity|claims|principal|secret|signature",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:compare_digest|timing_?safe_?equal|construct_?event|verify_?(?:webhook_?)?signature|verify_?webhook\w*|"
    r"validate_?(?:webhook|signature|request)\w*|webhook_?verify|check_?signature|is_?valid_?signature|"
    r"safe_?compare|unwrap_?webhook|verify_?(?:hmac|header|slack\w*|github\w*|stripe\w*|shopify\w*)|"
    r"signature_?(?:is_?)?valid|construct_?event_?async|validate_?express_?request)$",
    re.IGNORECASE,
)
_PUBLIC = frozenset({
    "public", "ispublic", "publicroute", "publicapi", "publicendpoint", "skipauth", "noauth", "allowanonymous",
    "anonymous", "unprotected", "allowany", "allowunauthorized", "allowunauthorizedrequest", "skipjwtauth",
    "skipauthentication", "loginnotrequired", "authexempt", "loginexempt", "unauthenticated", "disableauth",
    "withoutauth", "authnotrequired", "skipauthguard", "publicaccess", "nojwt", "isopen", "openroute",
})  # fmt: skip
_PASSWORD_CHECK = re.compile(
    r"(?:check|verify|compare|validate|match|valid|is)_?(?:password|pw|passwd|credentials|hash)|checkpw|"
    r"^(?:authenticate(?:_?user)?|sign_?in\w*|log_?in|login_?user)$|pwd_context\.verify|"
    r"bcrypt\w*\.(?:compare|verify|checkpw)|argon2\w*\.verify|password\w*\.(?:verify|compare)",
    re.IGNORECASE,
)
_TOKEN_ISSUE = re.compile(
    r"(?:create|generate|issue|make|sign|encode|new|build|get)_?(?:\w{0,12}_?)?(?:tokens?|jwt)|jwt\w*\.(?:encode|sign)|"
    r"^(?:login_user|login|log_in|signIn|sign)$|tokens?\.(?:create|sign|issue)|for_user$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_auth_name(name: str) -> bool:
    """Return whether the last part of a dotted name is that of something which lets only known callers pass."""
    parts = words(name.rsplit(".", 1)[-1])
    if not parts or is_optional_name(name) or (len(parts) > 1 and parts[-1] in _NOT_LAST):
        return False
    found = set(parts)
    if found & _AUTH or {"api", "key"} <= found:
        return not found & {"form", "oauth2form"}
    verbs, nouns = found & _VERBS, found & _NOUNS
    if any(nouns & _LOOSE.get(verb, _NOUNS) for verb in verbs):
        return True
    return _SQUEEZED.search("".join(parts)) is not None


@lru_cache(maxsize=4096)
def is_optional_name(name: str) -> bool:
    """Return whether a name says that callers who are not known pass as well."""
    return bool(_NEVER & set(words(name.rsplit(".", 1)[-1])))


def is_refusal_name(name: str) -> bool:
    """Return whether the name of an exception, a response or a function says that a caller is turned away."""
    return _REFUSAL.search(name) is not None


def asks_for_credentials(text: str) -> bool:
    """Return whether an identifier or header name holds what a caller is known by."""
    return _CREDENTIAL.search(text) is not None


def is_signature_name(name: str) -> bool:
    """Return whether a function of that name compares the signature of a message with the right one."""
    return _SIGNATURE.match(name.rsplit(".", 1)[-1]) is not None


def is_public_name(name: str) -> bool:
    """Return whether a decorator of that name says on purpose that everybody may call."""
    return "".join(words(name.rsplit(".", 1)[-1])) in _PUBLIC


def is_password_check(name: str) -> bool:
    """Return whether a function of that dotted name compares a password."""
    last = name.rsplit(".", 1)[-1]
    return _PASSWORD_CHECK.search(name) is not None or _PASSWORD_CHECK.search(last) is not None


def is_token_issue(name: str) -> bool:
    """Return whether a function of that dotted name makes a token or a session for somebody."""
    last = name.rsplit(".", 1)[-1]
    return _TOKEN_ISSUE.search(name) is not None or _TOKEN_ISSUE.search(last) is not None
