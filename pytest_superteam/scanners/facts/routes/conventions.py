"""Paths that everybody may call by convention: health, metrics, documentation, static files, ways to sign in."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.facts.routes.model import normalise_path

__all__ = ["is_conventional", "is_health_path", "looks_like_webhook", "segments", "signs_in_by_name"]

_HEALTH = frozenset({
    "health", "healthz", "healthcheck", "health-check", "healthchecks", "ready", "readyz", "readiness", "live",
    "livez", "liveness", "liveliness",
})  # fmt: skip
_PROBES = frozenset(
    {"ping", "status", "heartbeat", "lbheartbeat", "alive", "up", "startup", "startupz", "probe", "statusz"}
)
_OPEN_ENDS = frozenset({
    "docs", "redoc", "openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml", "swagger",
    "swagger-ui", "api-docs", "apidocs", "metrics", "prometheus", "favicon.ico", "robots.txt", "sitemap.xml",
    "manifest.json", "jwks", "jwks.json", "openapi", "graphiql",
})  # fmt: skip
_OPEN_STARTS = frozenset(
    {
        "static",
        "assets",
        ".well-known",
        "swagger-ui",
        "swagger",
        "docs",
        "public-assets",
        "staticfiles",
        "flasgger-static",
    }
)
_CATCH_ALL = re.compile(r"/?(?:\*\w*|\(?\.\*\)?|\*\*|\{\*\w+\}|\{\w+:path\}|<path:\w+>|:\w+\(\.\*\))/?$")
"""What answers whatever no other route does: the pages of a front end, or 404."""
_PREFIX = re.compile(r"^(?:api|rest|v\d+(?:\.\d+)?|latest)$")
_SIGN_IN = frozenset({"login", "signin", "register", "registration", "signup", "logout", "signout", "logon"})
_SIGN_IN_EXTRAS = frozenset({
    "user", "users", "admin", "customer", "account", "form", "page", "process", "do", "submit", "with", "google",
    "github", "facebook", "oauth", "api", "auth", "json", "jwt", "email", "password", "member", "post", "as", "view",
    "local", "new", "client", "employee", "staff", "student", "teacher", "doctor", "patient", "seller", "vendor",
    "request", "otp", "social", "sso", "ldap", "code", "verify", "handler", "test", "simple", "basic", "2fa",
    "mfa", "all",
})  # fmt: skip
_PROVIDERS = frozenset({
    "google", "github", "facebook", "twitter", "apple", "microsoft", "linkedin", "oauth", "oauth2", "sso", "saml",
    "azure", "okta", "auth0", "discord", "gitlab", "social", "oidc", "openid", "auth", "authentication", "login",
    "signin", "account", "accounts", "connect", "acs", "cognito", "keycloak", "spotify", "slack", "authorize", "user",
    "users", "identity", "session", "sessions", "token", "tokens", "jwt",
})  # fmt: skip
_RESET = frozenset({"reset", "forgot", "forget", "forgotten", "recover", "recovery", "lost"})
_RESET_WHOLE = frozenset(
    {"forgotpassword", "resetpassword", "passwordreset", "forgotpwd", "forgot-pw", "recoverpassword", "recover-account"}
)
_CONFIRM = frozenset(
    {
        "verify-email",
        "confirm-email",
        "email-verification",
        "verify-account",
        "confirm-account",
        "activate-account",
        "verifyemail",
        "confirmemail",
    }
)
_TOKENS = frozenset({
    "token", "access-token", "refresh", "refresh-token", "token-refresh", "refreshtoken", "refresh-access-token",
    "obtain-token",
    "token-auth", "api-token-auth", "renew-token", "get-token", "authorize", "authenticate", "auth", "callback",
    "revoke", "introspect", "oauth", "oauth2", "generate-token", "accesstoken", "jwt", "token-obtain", "renew",
})  # fmt: skip
_ALONE = frozenset(
    {
        "token",
        "access-token",
        "refresh-token",
        "token-refresh",
        "refreshtoken",
        "refresh",
        "authenticate",
        "authorize",
        "auth",
        "callback",
        "oauth",
        "token-auth",
        "api-token-auth",
        "get-token",
        "generate-token",
        "oauth2",
        "renew-token",
        "obtain-token",
        "refresh-access-token",
        "accesstoken",
        "jwt",
    }
)
_WEBHOOK = ("hook", "callback", "notif", "ipn", "event")


@lru_cache(maxsize=4096)
def segments(path: str) -> tuple[str, ...]:
    """Return the parts of a path in lower case with `-` between words, parameters as `{}`."""
    plain = (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", part) for part in normalise_path(path).split("/") if part)
    return tuple("{}" if "{}" in part or part == "*" else part.lower().strip("_").replace("_", "-") for part in plain)


def _own(path: str) -> tuple[str, ...]:
    """Return the segments behind the prefixes that an API has: `/api/v1`."""
    parts = segments(path)
    while len(parts) > 1 and _PREFIX.match(parts[0]):
        parts = parts[1:]
    return parts


def is_health_path(path: str) -> bool:
    """Return whether a path is asked by orchestrators: `/health`, `/api/readyz`, `/health/live`, `/actuator/health`."""
    parts = [part.removesuffix(".json") for part in segments(path)]
    if any(part == "{}" for part in parts[:-1]):
        return False
    last = parts[-1] if parts else ""
    squeezed = last.replace("-", "")
    return (
        bool(set(parts) & {"health", "healthz", "healthcheck", "health-check"})
        or last in _HEALTH
        or squeezed in _HEALTH
    )


def is_conventional(path: str) -> bool:
    """Return whether a path is public by convention: health, metrics, docs, static files, signing in."""
    parts = _own(path)
    if not parts or _CATCH_ALL.match(path):
        return bool(parts)
    last = parts[-1]
    if (
        is_health_path(path)
        or last in _OPEN_ENDS
        or parts[0] in _OPEN_STARTS
        or (last in _PROBES and len(parts) <= 2 and "{}" not in parts)
    ):
        return True
    if last in {"info", "prometheus"} and "actuator" in parts:
        return True
    return _signs_in(parts)


def _signs_in(parts: tuple[str, ...]) -> bool:
    """Return whether a path is one by which a caller becomes known."""
    fixed = parts[: parts.index("{}")] if "{}" in parts else parts
    if not fixed:
        return parts[-1] == "callback" and len(parts) <= 3
    last = fixed[-1].removesuffix(".php").removesuffix(".html")
    if _names_sign_in(last) or _resets(fixed) or last in _CONFIRM:
        return True
    if len(fixed) > 1 and "{}" not in parts and fixed[-2] in _SIGN_IN:  # /login/google, /register/confirm
        return True
    return _by_provider(parts, fixed, last)


def _names_sign_in(last: str) -> bool:
    """Return whether a segment is a form of `login` or `register`: `user-login`, `sign-up`."""
    squeezed = last.replace("-", "")
    rest = set(words(last)) - _SIGN_IN - _SIGN_IN_EXTRAS
    if not (set(words(last)) | {squeezed}) & _SIGN_IN:
        return False
    return not rest or squeezed in _SIGN_IN or rest <= {"log", "sign", "in", "up", "on", "out"}


def _resets(fixed: tuple[str, ...]) -> bool:
    """Return whether a path resets a password or confirms an address."""
    tail = {word for part in fixed[-3:] for word in words(part)}
    if ("password" in tail or "pwd" in tail) and tail & _RESET:
        return True
    if fixed[-1] in {"reset", "forgot"}:
        return len(fixed) == 1 or fixed[-2] in _PROVIDERS
    confirms = tail & {"confirm", "verify", "verification", "confirmation", "activate"}
    return fixed[-1] in _RESET_WHOLE or ("email" in tail and bool(confirms))


def _by_provider(parts: tuple[str, ...], fixed: tuple[str, ...], last: str) -> bool:
    """Return whether a path belongs to a sign-in elsewhere, or hands out tokens."""
    before = set(fixed[:-1])
    if last in _PROVIDERS and before & (_SIGN_IN | {"auth", "oauth", "oauth2", "sso", "social"}):
        return True
    if "callback" in parts and (before & _PROVIDERS or parts[0] in _PROVIDERS):
        return True
    if "{}" in parts and parts[-1] not in {"{}", "callback"}:
        return False
    return last in _TOKENS and (bool(before & (_PROVIDERS | _SIGN_IN)) or (not before and last in _ALONE))


_HANDLER_ENDS = re.compile(
    r"(?:^|-)(?:api|view|viewset|handler|controller|endpoint|action|resource|route|page|post|get|create|api-view)$"
)
_HANDLER_ALONE = (
    _SIGN_IN
    | _RESET_WHOLE
    | {"refresh-token", "forgot-password", "reset-password", "sign-in", "sign-up", "log-in", "password-reset"}
)


@lru_cache(maxsize=4096)
def signs_in_by_name(handler: str) -> bool:
    """Return whether a handler's name says that callers become known by it: `register_user`, `LoginView.post`."""
    for piece in handler.split("."):
        name = "-".join(words(piece))
        for _ in range(3):
            name = _HANDLER_ENDS.sub("", name) or name
        parts = set(name.split("-"))
        if name.replace("-", "") in _HANDLER_ALONE or name in _HANDLER_ALONE:
            return True
        if parts & _SIGN_IN and parts <= _SIGN_IN | _SIGN_IN_EXTRAS:
            return True
    return False


def looks_like_webhook(path: str) -> bool:
    """Return whether a path receives what another system sends on its own."""
    return any(word in path.lower() for word in _WEBHOOK)
