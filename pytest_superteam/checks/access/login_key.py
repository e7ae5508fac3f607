"""Whether the key that signs the login's token can be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.access.tokens_forged import header_of, is_jwt
from pytest_superteam.checks.access.users import caller, key_names
from pytest_superteam.checks.access.weak_keys import candidates, guessed_key
from pytest_superteam.checks.callers.auth import ANY
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Violation

if TYPE_CHECKING:
    from pytest_superteam.checks.base import CheckItem, RunningSystem

__all__ = ["guess_login_key", "login_token"]


def login_token(system: RunningSystem) -> tuple[str, str]:
    """Return the JSON web token that the login gives, or `""` and why there is none to look at.

    Raises:
        CheckError: nobody can sign in, though the contracts are ours.
    """
    try:
        token = caller(system).tokens.get(ANY, "")
    except CheckError as error:
        if not system.found:
            raise
        return "", f"there is no token to look at: {error}"
    return (token, "") if is_jwt(token) else ("", "the login gave no JSON web token")


def guess_login_key(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return whether a common secret verifies the token that the login gave, tried offline."""
    token, reason = login_token(system)
    if not token:
        return CheckResult(skipped=reason)
    algorithm = str(header_of(token).get("alg", ""))
    if not algorithm.startswith("HS"):
        return CheckResult(detail=f"the login's token is signed by a key pair ({algorithm}), which is not guessed")
    names = key_names(system)
    guessed = guessed_key(token, names)
    if guessed is None:
        return CheckResult(detail=f"{sum(1 for _ in candidates(names))} common secrets tried, none signs the token")
    message = (
        f"The login's tokens are signed with a key that is easily guessed ({_hint(guessed)}), so that everybody can "
        "sign a token for any user and role. Sign with at least 32 random bytes from the environment."
    )
    return CheckResult((Violation(item.code, item.severity, item.service, message),))


def _hint(secret: str) -> str:
    """Return what says which key it is, and not the key."""
    return f"{len(secret)} characters, '{secret[:2]}…'" if secret else "an empty one"
