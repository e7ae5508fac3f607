"""Who the gate is to a running system: tokens, accounts and clients."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - settings are read by their type hints
from dataclasses import dataclass, field
from typing import Annotated, Any

from pytest_superteam.config_entries.limits import END, LINE, Form
from pytest_superteam.config_entries.names import EnvironmentName, environment_name
from pytest_superteam.errors import ConfigError

__all__ = ["AuthConfig", "AuthUser", "OAuth2Config", "auth_users", "check_auth"]


@dataclass(frozen=True)
class AuthUser:
    """An account of the system that is there already; `password` names an environment variable."""

    role: str
    """Its role, as the contracts call it."""
    username: str
    """What it is logged in by."""
    password: EnvironmentName
    """Name of the environment variable that holds its password."""


_UNNAMED = EnvironmentName()
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
HEADER = Form(rf"^{_WORD}{{1,100}}{END}", "name of a header", "Write one word, such as `X-API-Key`")
SCHEME = Form(rf"^{_WORD}{{0,40}}{END}", "scheme", "Write one word, such as `Bearer`, or an empty text for none")
ADDRESS = Form(r"^https?:", "address", "Write `https://...`")


@dataclass(frozen=True)
class OAuth2Config:
    """A client that gets its token by the client credentials grant (RFC 6749, 4.4)."""

    token_url: Annotated[str, ADDRESS] = ""
    """Where tokens are asked for."""
    client_id: str = ""
    """The client."""
    client_secret: EnvironmentName = _UNNAMED
    """Name of the environment variable that holds the client's secret."""
    scope: str = ""
    """What to ask for."""


@dataclass(frozen=True)
class AuthConfig:
    """Who the gate is to the running system; unset: it registers and logs in by the contracts."""

    token: EnvironmentName = _UNNAMED
    """Name of the environment variable that holds the token of any caller."""
    tokens: Mapping[str, EnvironmentName] = field(default_factory=dict)
    """The same by role: `{admin: ADMIN_TOKEN}`."""
    users: tuple[AuthUser, ...] = ()
    """Accounts that are logged in by the contracts' login: `{role: admin, username: ada, password: PASSWORD}`, the
    password a variable's name."""
    header: Annotated[str, HEADER] = ""
    """Header that carries the token; unset: what the contract's security scheme says, else `Authorization`."""
    scheme: Annotated[str, SCHEME] | None = None
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
            or not all(isinstance(part, str) and LINE.holds(part) for part in entry.values())
        ):
            raise ConfigError(
                f"{place}: entry {number} is no account. Write `{{role: admin, username: ada, password: PASSWORD}}`; "
                "the password is the name of an environment variable."
            )
        secret = environment_name(entry["password"], f"{place}: entry {number}, password")
        found.append(AuthUser(entry["role"], entry["username"], secret))
    return tuple(found)


OAUTH2_NEEDS = ("token_url", "client_id", "client_secret")
"""What a client can't do without."""


def check_auth(values: Mapping[str, Any]) -> None:
    """Refuse half an OAuth2 client."""
    missing = [f"auth.oauth2.{name}" for name in OAUTH2_NEEDS if f"auth.oauth2.{name}" not in values]
    given = [key for key in values if key.startswith("auth.oauth2.")]
    if given and missing:
        raise ConfigError(f"{given[0]}: needs {' and '.join(sorted(missing))} as well. Write it beside.")
