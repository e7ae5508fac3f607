"""SEC-001: routes that anybody may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.contract import contract_of, operations
from pytest_superteam.scanners.facts.routes import Route, normalise_path, routes
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER", "is_conventional"]

RULE = Rule(
    "SEC-001",
    "Unauthenticated endpoint",
    Severity.ERROR,
    "security",
    3,
    "Ask who is calling: `user: Annotated[User, Depends(current_user)]` on the handler, or `dependencies=[...]` on its "
    "router; where everybody may call it, say `security: []` in the contract.",
    applies_to=CODE_LANGUAGES,
    reads_routes=True,
    cwe=306,
)

_ANYWHERE = frozenset({"docs", "redoc", "openapi.json", "static", "assets", ".well-known", "metrics", "favicon.ico"})
_ANYWHERE |= {"swagger", "swagger-ui", "actuator", "robots.txt"}
_LAST = frozenset({
    "health", "healthz", "healthcheck", "health-check", "ready", "readyz", "readiness", "live", "livez", "liveness",
    "ping",
    "login", "log-in", "signin", "sign-in", "register", "registration", "signup", "sign-up", "token", "refresh",
    "refresh-token",
    "reset-password", "password-reset", "forgot-password", "callback", "authorize", "jwks.json", "jwks",
})  # fmt: skip
_PAIRS = frozenset({("password", "reset"), ("password", "forgot"), ("token", "refresh"), ("reset", "confirm")})


def is_conventional(path: str) -> bool:
    """Return whether a path is public by convention: health, metrics, docs, static files, signing in."""
    parts = [part.lower().replace("_", "-") for part in normalise_path(path).split("/") if part and part != "{}"]
    if not parts:
        return False
    return bool(_ANYWHERE & set(parts)) or parts[-1] in _LAST or tuple(parts[-2:]) in _PAIRS or parts[0] == "health"


def _is_excused(route: Route, public: dict[tuple[str, str], bool]) -> bool:
    """Return whether anybody may call `route`: the contract decides, without it convention and signatures."""
    said = public.get((route.method, normalise_path(route.path)))
    if said is not None:
        return said
    webhook = route.signed and any(word in route.path.lower() for word in ("hook", "callback", "notif"))
    return webhook or is_conventional(route.path)


def _find(tree: SourceTree, target: ScanTarget) -> Iterator[Hit]:
    """Find routes without authentication that neither the contract nor convention makes public."""
    contract = contract_of(tree, target)
    public = {(o.method, o.path): o.public for o in operations(contract)} if contract is not None else {}
    for route in routes(tree):
        if not route.protected and not _is_excused(route, public):
            message = f"{route.method} {route.path} can be called by anybody. {RULE.help}"
            yield Hit(route.file, route.line, message, 1, f"{route.method} {route.path}")


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
