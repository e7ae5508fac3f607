"""How long the token of a login opens the door: a leaked one must not do so for ever (RFC 8725, OWASP API2)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pytest_superteam.checks.access.login_key import login_token
from pytest_superteam.checks.access.tokens_forged import claims_of
from pytest_superteam.models import CheckResult, Violation

if TYPE_CHECKING:
    from pytest_superteam.checks.base import CheckItem, RunningSystem

__all__ = ["LONGEST", "look_at_lifetime"]

LONGEST = 30 * 24 * 3600
"""Seconds that a token may live: what people allow a refresh token; access tokens have minutes or hours."""


def look_at_lifetime(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return whether the token that the login gave ends, and soon enough."""
    token, reason = login_token(system)
    if not token:
        return CheckResult(skipped=reason)
    end = claims_of(token).get("exp")
    if isinstance(end, bool) or not isinstance(end, (int, float)):
        return _violation(item, "The login's token has no `exp`, so it opens the door for ever")
    left = end - time.time()
    if left > LONGEST:
        return _violation(item, f"The login's token lives for {left / 86_400:.0f} days")
    return CheckResult(detail=f"the login's token lives for another {max(0, left) / 60:.0f} minutes")


def _violation(item: CheckItem, what: str) -> CheckResult:
    message = f"{what}. Let it end within hours, at the latest after {LONGEST // 86_400} days, and renew it."
    return CheckResult((Violation(item.code, item.severity, item.service, message),))
