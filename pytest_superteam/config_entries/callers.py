"""Who the gate is to a running system: tokens, accounts and clients."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - settings are read by their type hints
from dataclasses import dataclass, field
from typing import Any

from pytest_superteam.config_entries.names import EnvironmentName, environment_name
from pytest_superteam.errors import ConfigError

__all__ = ["AuthConfig", "AuthUser", "OAuth2Config", "auth_users", "check_auth"]


@dataclass(frozen=True)
class AuthUser:
    """An account of the system that is there already; `password` names an environment variable."""

    role: str
    username: str
    password: EnvironmentName


_UNNAMED = EnvironmentName()


@dataclass(frozen=True)
class OAuth2Config:
    """A client that gets its token by the client credentials grant (RFC 6749, 4.4)."""

    token_url: str = ""
    """Where tokens are asked for."""
    client_id: str = ""
    client_secret: EnvironmentName = _UNNAMED
    """Name of the environment variable that holds the client's secret."""
    scope: str = ""


@dataclass(frozen=True)
class AuthConfig:
    """Who the gate is to the running system; unset: it registers and logs in by the contracts."""

    token: EnvironmentName = _UNNAMED
    """Name of the environment variable that holds the token of any caller."""
    tokens: Mapping[str, EnvironmentName] = field(default_factory=dict)
    """The same by role."""
    users: tuple[AuthUser, ...] = ()
    """Accounts that are logged in by the contracts' login."""
    header: str = ""
    """Header that carries the token; by default what the contract's security scheme says, else `Authorization`."""
    scheme: str | None = None
    """Word before the token, such as `Bearer`; empty for none."""
    oauth2: OAuth2Config = field(default_factory=OAuth2Config)


_USER_KEYS = {"role", "username", "password"}


def auth_users(value: Any, place: str) -> tuple[AuthUser, ...]:
    """Return accounts, each written as `{role, username, password}`."""
    entries = value if isinstance(value, list) and value else [None]
    found = []
    for number, entry in enumerate(entries, 1):
        if (
            not isinstance(entry, dict)
            or set(entry) != _USER_KEYS
            or not all(isinstance(part, str) and part.strip() for part in entry.values())
        ):
            raise ConfigError(
                f"{place}: entry {number} is no account. Write `{{role: admin, username: ada, password: PASSWORD}}`; "
                "the password is the name of an environment variable."
            )
        secret = environment_name(entry["password"], f"{place}: entry {number}, password")
        found.append(AuthUser(entry["role"], entry["username"], secret))
    return tuple(found)


_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_SCHEME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{0,40}")


def check_auth(values: Mapping[str, Any]) -> None:
    """Refuse settings of callers that can't work: half an OAuth2 client, what is no header."""
    needed = [f"auth.oauth2.{name}" for name in ("token_url", "client_id", "client_secret")]
    given = [key for key in values if key.startswith("auth.oauth2.")]
    missing = [key for key in needed if key not in values]
    if given and missing:
        raise ConfigError(f"{given[0]}: needs {' and '.join(missing)} as well. Write it beside.")
    url = str(values.get("auth.oauth2.token_url", "http:"))
    if not url.startswith(("http:", "https:")):
        raise ConfigError(f"auth.oauth2.token_url: '{url}' is no address. Write `https://...`.")
    for key, pattern, what in (("auth.header", _HEADER, "name of a header"), ("auth.scheme", _SCHEME, "scheme")):
        if not pattern.fullmatch(values.get(key) or "Bearer"):
            raise ConfigError(f"{key}: '{values[key]}' is no {what}. Write e.g. `X-API-Key` and `Bearer`.")
