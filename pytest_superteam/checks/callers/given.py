"""Credentials that the project gives: the fixture `auth_token`, tokens in variables, accounts, an OAuth2 client."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.auth import ANY
from pytest_superteam.checks.callers.credentials import Carrier, carrier_of, renewal
from pytest_superteam.checks.connections import outside_client
from pytest_superteam.checks.evidence import shortened
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.config import OAuth2Config

__all__ = ["given_tokens"]

_FOREVER = float("inf")
_LARGEST = 65536  # bytes of an answer of a token endpoint


def given_tokens(system: RunningSystem) -> tuple[dict[str, str], float]:
    """Return credentials by role, and for how many seconds they hold.

    Raises:
        CheckError: a variable is not set, an account or client is refused, the fixture gives no text.
    """
    auth, carrier = system.config.auth, carrier_of(system.architecture.contracts)
    found: dict[str, str] = {}
    seconds = _FOREVER
    if auth.oauth2.token_url:
        token, seconds = _client_token(auth.oauth2)
        found[ANY] = carrier.written(token)
    found |= _accounts(system, carrier)
    if auth.token:
        found[ANY] = carrier.written(_variable(auth.token, "auth.token"))
    found |= {role: carrier.written(_variable(name, f"auth.tokens.{role}")) for role, name in auth.tokens.items()}
    found |= _from_fixture(system, carrier)
    if auth.users:
        ends = renewal(found.values())
        seconds = min(seconds, _until(ends))
    return found, seconds


def _until(moment: float | None) -> float:
    import time

    return _FOREVER if moment is None else max(1.0, moment - time.time())


def _variable(name: str, setting: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise CheckError(f"{setting}: the environment variable {name} is not set. Set it to the secret.")
    if any(ord(char) < 0x20 for char in value):
        raise CheckError(f"{setting}: the value of {name} has control characters. Set it to one line.")
    return value


def _accounts(system: RunningSystem, carrier: Carrier) -> dict[str, str]:
    """Return the tokens of the accounts in the settings: logged in, or sent themselves by basic authentication."""
    from pytest_superteam.checks.callers.accounts import log_in

    found = {}
    for user in system.config.auth.users:
        password = _variable(user.password, f"auth.users ({user.role})")
        if carrier.scheme == "Basic":
            pair = base64.b64encode(f"{user.username}:{password}".encode()).decode()
            found[user.role] = carrier.written(pair)
            continue
        account = {"username": user.username, "email": user.username, "password": password}
        try:
            found[user.role] = log_in(system.architecture, system.deployment, account)["token"]
        except CheckError as error:
            raise CheckError(f"auth.users: '{user.username}' could not log in: {error}") from error
    return found


def _from_fixture(system: RunningSystem, carrier: Carrier) -> dict[str, str]:
    value = system.auth_token() if system.auth_token is not None else None
    if value is None:
        return {}
    by_role = value if isinstance(value, Mapping) else {ANY: value}
    if not all(isinstance(role, str) and isinstance(token, str) and token.strip() for role, token in by_role.items()):
        raise CheckError("The fixture auth_token gave no text. Return a token, or a dict of role to token.")
    return {role: carrier.written(token.strip()) for role, token in by_role.items()}


def _client_token(client: OAuth2Config) -> tuple[str, float]:
    """Return a token by the client credentials grant (RFC 6749, 4.4) and for how many seconds to use it."""
    import httpx

    secret = _variable(client.client_secret, "auth.oauth2.client_secret")
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    if client.scope:
        form["scope"] = client.scope
    try:
        with outside_client() as http:
            answer = http.post(client.token_url, data=form, headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        raise CheckError(f"auth.oauth2: {client.token_url} can't be reached: {type(error).__name__}.") from error
    got = _json(answer)
    token = got.get("access_token")
    if not answer.is_success or not isinstance(token, str) or not token:
        told = shortened(" ".join(str(got.get(name, "")) for name in ("error", "error_description")), 200).strip()
        said = f" ({told})" if told else ""
        raise CheckError(f"auth.oauth2: {client.token_url} answered {answer.status_code} and no access_token{said}.")
    life = got.get("expires_in")
    seconds = float(life) if isinstance(life, int | float) and life > 0 else _FOREVER
    return token, seconds * 0.5 if seconds < 120 else seconds - 60


def _json(answer: Any) -> Mapping[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= _LARGEST else {}
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
