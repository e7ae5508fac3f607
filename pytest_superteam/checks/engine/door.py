"""Whether the door of a protected operation is locked: to no token, a worthless, a forged one, and the wrong role's."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.credentials import headers_for
from pytest_superteam.checks.engine.calls import ANSWER_CHECKS, Caller
from pytest_superteam.checks.engine.findings import Finding
from pytest_superteam.checks.evidence import WORTHLESS, curl_line
from pytest_superteam.contracts.derived import is_derived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.engine.types import Case

__all__ = ["forged", "is_protected", "try_door"]

_ANY_ROLE = frozenset({"", "any"})
_SERVICE = "service"
"""The role of calls between services, which may read everywhere; the roles of an operation are those of people."""


_NOT_THERE = (404, 405)


def is_protected(contract: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    """Return whether the operation demands a credential by `contract`; an empty requirement makes it optional.

    Of a contract that was derived from source nobody knows: a handler that can answer 401 may let others in.
    """
    if is_derived(contract):
        return False
    demanded = definition.get("security", contract.get("security", []))
    return bool(demanded) and all(demanded)


def try_door(caller: Caller, case: Case, definition: Mapping[str, Any], other_tokens: Mapping[str, str]) -> None:
    """Send a valid request the wrong ways: 401 or 403 must answer, for another role 403."""
    _knock(caller, case, {}, "without a token", (401, 403))
    _knock(caller, case, {"Authorization": f"Bearer {WORTHLESS}"}, "with a worthless token", (401, 403))
    fake = forged(caller.token)
    if fake:
        _knock(caller, case, {"Authorization": f"Bearer {fake}"}, "with a forged signature", (401, 403))
    roles = definition.get("x-roles") or ()
    for role, token in sorted(other_tokens.items()) if roles else ():
        if role not in roles and role not in _ANY_ROLE and role != _SERVICE:
            _knock(caller, case, headers_for(token), f"with the role {role!r}", (403,))


def forged(token: str | None) -> str | None:
    """Return a JWT with another signature than its issuer's (RFC 7515), None where `token` is no signed JWT."""
    head, _, signature = (token or "").rpartition(".")
    if head.count(".") != 1:
        return None
    try:
        signed = bytearray(urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    except ValueError:
        return None
    if not signed:
        return None
    signed[0] ^= 0xFF
    return f"{head}.{urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def _knock(caller: Caller, case: Case, headers: Mapping[str, str], how: str, allowed: tuple[int, ...]) -> None:
    stripped = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    case.headers = type(case.headers)(stripped) if case.headers is not None else case.headers
    response = caller.send(case, headers)
    if response is None or response.status_code in _NOT_THERE:
        return  # nobody was let in; what the contract says of it, the other calls find out
    if response.status_code not in allowed:
        expected = " or ".join(map(str, allowed))
        message = (
            f"The contract protects the operation, so a call {how} must get {expected}; it got {response.status_code}. "
            "Check the token and its role before anything else."
        )
        what = "breaks the service" if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else "is let in"
        caller.add(
            Finding("OpenDoor", f"A call {how} {what}", message, curl_line(response.request), 0, case.operation.label)
        )
    else:
        caller.judge(case, response, ANSWER_CHECKS, headers)
