"""Services of a system that is there: where they are, where they answer, and what corrects what was found."""

from __future__ import annotations

import difflib
import re
import reprlib
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_superteam.errors import ConfigError

__all__ = ["NONE", "ServicePath", "corrections", "meant", "running_services", "service_paths"]

NONE = "none"
"""What a setting of a found service says where there is none: no framework, no health route, no part of the system."""


@dataclass(frozen=True)
class ServicePath:
    """A service of a system that exists already: its folder, or a glob of folders; without a name, the folder's.

    What is not given (empty, None) stays as it was found; `NONE` says that there is none.
    """

    path: str = ""
    """Empty where there is nothing to read: the service is known by its `url` only."""
    name: str = ""
    url: str = ""
    """Where it answers already; layer 2 calls it there."""
    contract: str = ""
    """Its OpenAPI document, relative to the system; unset: found in its folder, else asked of the service."""
    reset: str = ""
    """The operation (`GET /createdb`) that brings its data to a known state; called once, before anything else."""
    kind: str = ""
    """`service`, `job`, `infrastructure`, or `NONE`: it is no part of the system."""
    role: str = ""
    """`frontend` or `worker`; of infrastructure `database`, `cache`, `broker`, `gateway` or `other`."""
    language: str = ""
    framework: str = ""
    port: int | None = None
    """Where it listens, inside its container; 0: nowhere."""
    health: str = ""
    """Path of its health route."""
    test: tuple[str, ...] | None = None
    """Argument vector of its own tests, run in its folder."""
    depends_on: tuple[str, ...] | None = None
    """Names of the parts of the system that it calls or waits for."""
    datastores: tuple[str, ...] | None = None
    compose: str = ""
    """Its name in the compose files."""


def service_paths(value: Any, place: str) -> tuple[ServicePath, ...]:
    """Return services, each a folder or a glob as text, or a mapping of the fields of `ServicePath`."""
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{place}: '{_shown(value)}' is no list of folders. Write `[services/api, ...]`.")
    return tuple(_service_path(item, place) for item in value)


def _service_path(item: Any, place: str) -> ServicePath:
    entry = {"path": item} if isinstance(item, str) else item
    if not isinstance(entry, dict) or not ("path" in entry or {"name", "url"} <= set(entry)):
        named = isinstance(entry, dict) and "name" in entry
        raise ConfigError(
            f"{place}: '{_shown(item)}' is no service. Write `services/api` or `{{name: api, path: ...}}`, "
            "and for one that runs already `{name: api, path: ..., url: ...}`."
            f"{' What was found is corrected under `system.correct`.' if named else ''}"
        )
    entry = _converted(entry, place)
    several = any(char in entry.get("path", "") for char in "*?[")
    key = next((key for key in ("name", *entry) if key in entry and key not in _OF_MANY), "")
    if several and key:
        raise ConfigError(f"{place}: '{entry['path']}' names many folders, but '{key}' one service. Drop it.")
    _check_running(entry, place)
    return ServicePath(**entry)


def corrections(value: Any, place: str) -> dict[str, ServicePath]:
    """Return what is said of services that were found, by the name that each was found under."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ConfigError(f"{place}: is no mapping of services. Write `{{api: {{port: 8000}}}}`.")
    return {name: _correction(entry, f"{place}: {_shown(name)}") for name, entry in value.items()}


def _correction(value: Any, place: str) -> ServicePath:
    if not isinstance(value, Mapping) or not value:
        raise ConfigError(f"{place}: '{_shown(value)}' says nothing of it. Write `{{port: 8000}}`.")
    entry = _converted(value, place)
    if any(char in entry.get("path", "") for char in "*?["):
        raise ConfigError(f"{place}: path: '{entry['path']}' names many folders. Name one.")
    return ServicePath(**entry)


def running_services(values: Iterable[str], place: str = "--url") -> dict[str, ServicePath]:
    """Return where services answer, each written as `name=http://host:port`."""
    found: dict[str, ServicePath] = {}
    for value in values:
        name, separator, url = (part.strip() for part in value.partition("="))
        if not separator or not name:
            raise ConfigError(f"{place}: '{_shown(value)}' is no service. Write `api=http://127.0.0.1:8000`.")
        if name in found:
            raise ConfigError(f"{place}: '{_shown(name)}' is given twice. Give each service once.")
        found[name] = ServicePath(url=_address(url, f"{place}: {_shown(name)}"))
    return found


def meant(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?`, or the choices where nothing is near."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word[:120], names, n=1, cutoff=0.5)
    rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = f" Allowed are {', '.join(_shown(name) for name in names[:_LISTED])}{rest}." if names else ""
    return f" Did you mean '{_shown(near[0])}'?" if near else listed


_LISTED = 12


def _shown(value: Any) -> str:
    """Return a value fit for one line of a message; of a long or deep one its beginning."""
    text = value if isinstance(value, str) else reprlib.repr(value)
    return "".join(c if c.isprintable() else "?" for c in text[:120])


def _converted(entry: Mapping[Any, Any], place: str) -> dict[str, Any]:
    """Return what is said of a service, each value checked and as `ServicePath` has it."""
    found: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in _KEYS:
            raise ConfigError(f"{place}: '{_shown(key)}' is no key of a service.{meant(str(key), _KEYS)}")
        found[key] = _KEYS[key](value, f"{place}: {key}")
    return found


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ConfigError(f"{place}: '{_shown(value)}' is no text. Write a word, in quotes where YAML reads another.")
    return value


def _one_of(*allowed: str) -> Callable[[Any, str], str]:
    def choice(value: Any, place: str) -> str:
        if value not in allowed:
            raise ConfigError(f"{place}: '{_shown(value)}' is not allowed. Choose one of {', '.join(sorted(allowed))}.")
        return str(value)

    return choice


def _port(value: Any, place: str) -> int:
    if value == NONE:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise ConfigError(f"{place}: '{_shown(value)}' is no port. Allowed are 1 to 65535, and {NONE}.")
    return value


_HEALTH = re.compile(r"/(?:[!-.0-~][!-~]{0,499})?")


def _health(value: Any, place: str) -> str:
    if value != NONE and not (isinstance(value, str) and _HEALTH.fullmatch(value)):
        raise ConfigError(f"{place}: '{_shown(value)}' is no path. Write `/health`, or {NONE}.")
    return str(value)


def _words(value: Any, place: str) -> tuple[str, ...]:
    if value == NONE:
        return ()
    if not isinstance(value, list):
        raise ConfigError(f"{place}: '{_shown(value)}' is no list of texts. Write `[a, b]`, or {NONE}.")
    return tuple(_text(item, place) for item in value)


def _command(value: Any, place: str) -> tuple[str, ...]:
    """Return an argument vector, written as a list or as one line with a shell's quotes; no shell reads it."""
    if not isinstance(value, str) or value == NONE:
        return _words(value, place)
    try:
        return _words(shlex.split(value), place)
    except ValueError as error:
        raise ConfigError(f"{place}: '{_shown(value)}' is no command ({error}). Write `[pytest, -q]`.") from None


_OPERATION = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) /\S{0,500}")


def _reset(value: Any, place: str) -> str:
    if not isinstance(value, str) or not _OPERATION.fullmatch(value) or "{" in value:
        raise ConfigError(f"{place}: '{_shown(value)}' is no operation. Write `POST /reset`.")
    return value


def _address(value: Any, place: str) -> str:
    """Return the address of a service; names and passwords belong to `auth`."""
    url = value if isinstance(value, str) else _text(value, place)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.query or parts.fragment or not url.isprintable():
        shown = _shown(url.partition("@")[2] or url)
        raise ConfigError(f"{place}: '{shown}' is no address. Write `http://127.0.0.1:8000`.")
    if parts.username is not None:
        raise ConfigError(f"{place}: the url of '{parts.hostname}' holds a name. Leave it out, and use `auth`.")
    return url


_ROLES = ("frontend", "worker", "database", "cache", "broker", "gateway", "other", NONE)
_KEYS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": _text,
    "path": _text,
    "url": _address,
    "contract": _text,
    "reset": _reset,
    "kind": _one_of("service", "job", "infrastructure", NONE),
    "role": _one_of(*_ROLES),
    "language": _text,
    "framework": _text,
    "port": _port,
    "health": _health,
    "test": _command,
    "depends_on": _words,
    "datastores": _words,
    "compose": _text,
}
"""What can be said of a service, and what reads it. The names are those of `ServicePath`."""
_OF_MANY = frozenset({"path", "language", "framework", "port", "health", "test"})
"""What can be said of all folders that a glob matches."""


def _check_running(entry: Mapping[str, str], place: str) -> None:
    """Refuse a `reset` of what nobody says the address of."""
    if "reset" in entry and "url" not in entry:
        raise ConfigError(f"{place}: reset: needs the 'url' of the service that runs. Add it.")
