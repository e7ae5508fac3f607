"""Settings that are more than a word or a number: services of a system, callers of it, names of variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pytest_superteam.errors import ConfigError

__all__ = ["AuthConfig", "AuthUser", "EnvironmentName", "OAuth2Config", "ServicePath", "auth_users", "check_auth"]
__all__ += ["environment_name", "named", "service_paths", "texts"]


class EnvironmentName(str):
    """Name of an environment variable that holds a secret: secrets themselves are not written into settings."""

    __slots__ = ()


@dataclass(frozen=True)
class ServicePath:
    """A service of a system that exists already: its folder, or a glob of folders; without a name, the folder's."""

    path: str = ""
    """Empty where there is nothing to read: the service is known by its `url` only."""
    name: str = ""
    url: str = ""
    """Where it answers already; layer 2 calls it there."""
    contract: str = ""
    """Its OpenAPI document, relative to the system; unset: found in its folder, else asked of the service."""
    reset: str = ""
    """The operation (`GET /createdb`) that brings its data to a known state; called once, before anything else."""


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


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_TOKEN = re.compile(
    r"(?:ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|npm|pypi|xox[abprs]|eyJ)[_A-Za-z0-9]{12,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
)
_LONGEST_WORD = 20  # characters; a longer mixture of small letters, capitals and digits is no name


def environment_name(value: Any, place: str) -> EnvironmentName:
    """Return `value` if it can be the name of an environment variable.

    Raises:
        ConfigError: it can't, or looks like the secret itself; the message does not repeat it.
    """
    text = value if isinstance(value, str) else ""
    mixed = len(text) > _LONGEST_WORD and all(re.search(part, text) for part in ("[a-z]", "[A-Z]", "[0-9]"))
    if not _NAME.fullmatch(text) or _TOKEN.match(text) or mixed:
        raise ConfigError(
            f"{place}: is no name of an environment variable. Secrets are not written here: put it into a variable, "
            "and write the variable's name."
        )
    return EnvironmentName(text)


def named(value: Any, place: str) -> dict[str, EnvironmentName]:
    """Return roles and the environment variables that hold their tokens."""
    if not isinstance(value, Mapping) or not all(isinstance(role, str) and role.strip() for role in value):
        raise ConfigError(f"{place}: is no mapping of roles. Write `{{admin: ADMIN_TOKEN}}`.")
    return {role: environment_name(name, f"{place}.{role}") for role, name in value.items()}


def texts(value: Any, place: str) -> dict[str, str]:
    """Return names and texts, such as build arguments; a number or truth value counts as what was written."""
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and name.strip().isprintable() and name.strip() and isinstance(text, (str, int, float))
        for name, text in value.items()
    ):
        raise ConfigError(f"{place}: is no mapping of texts. Write `{{NAME: value}}`.")
    return {name: str(text) for name, text in value.items()}


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


def service_paths(value: Any, place: str) -> tuple[ServicePath, ...]:
    """Return services, each a folder or a glob as text, or `{name, path, url, contract, reset}`."""
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{place}: '{value}' is no list of folders. Write `[services/api, ...]`.")
    return tuple(_service_path(item, place) for item in value)


def _service_path(item: Any, place: str) -> ServicePath:
    entry = {"path": item} if isinstance(item, str) else item
    if (
        not isinstance(entry, dict)
        or not set(entry) <= {"name", "path", "url", "contract", "reset"}
        or not all(isinstance(part, str) and part.strip() for part in entry.values())
        or not ("path" in entry or {"name", "url"} <= set(entry))
    ):
        raise ConfigError(
            f"{place}: '{item}' is no service. Write `services/api` or `{{name: api, path: ...}}`, "
            "and for one that runs already `{name: api, path: ..., url: ...}`."
        )
    several = any(char in entry.get("path", "") for char in "*?[")
    if several and set(entry) - {"path"}:
        key = next(key for key in ("name", "url", "contract", "reset") if key in entry)
        raise ConfigError(f"{place}: '{entry['path']}' names many folders, but '{key}' one service. Drop it.")
    _check_url(entry.get("url", ""), place)
    _check_running(entry, place)
    return ServicePath(**entry)


def _check_url(url: str, place: str) -> None:
    """Refuse what is no address of a service; names and passwords belong to `auth`."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.query or parts.fragment:
        raise ConfigError(f"{place}: '{url.partition('@')[2] or url}' is no address. Write `http://127.0.0.1:8000`.")
    if parts.username is not None:
        raise ConfigError(f"{place}: the url of '{parts.hostname}' holds a name. Leave it out, and use `auth`.")


_OPERATION = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) /\S{0,500}")


def _check_running(entry: Mapping[str, str], place: str) -> None:
    """Refuse a `reset` that nobody could call."""
    reset = entry.get("reset")
    if reset is None:
        return
    if not _OPERATION.fullmatch(reset) or "{" in reset:
        raise ConfigError(f"{place}: reset: '{reset}' is no operation. Write `POST /reset`.")
    if "url" not in entry:
        raise ConfigError(f"{place}: reset: needs the 'url' of the service that runs. Add it.")


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
