"""Services of a system that is there: where they are, where they answer, and what corrects what was found."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_superteam.config_entries.limits import CONTROL, END, LINE, Form
from pytest_superteam.config_entries.messages import meant, shown
from pytest_superteam.config_entries.names import is_name
from pytest_superteam.errors import ConfigError

__all__ = ["NONE", "ServicePath", "corrections", "running_services", "service_paths"]

NONE = "none"
"""What a setting of a found service says where there is none: no framework, no health route, no part of the system."""


HEALTH = Form(rf"^(?:{NONE}|/(?:[!-.0-~][!-~]{{0,499}})?){END}", "path", f"Write `/health`, or {NONE}")
OPERATION = Form(rf"^(?:GET|POST|PUT|PATCH|DELETE) /[^\s{{]{{0,500}}{END}", "operation", "Write `POST /reset`")
_PORT = "0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
ADDRESS = Form(
    rf"^[Hh][Tt][Tt][Pp][Ss]?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::{_PORT})?(?:/[^\s?#{CONTROL}]*)?{END}",
    "address",
    "Write `http://127.0.0.1:8000`",
)
"""Where a service answers: without a name and password, a query and a fragment."""
WORD = Form(rf"^[^{CONTROL}]*{END}", "text", "Write it in one line")
"""A word of a command, which may be empty."""
COMMAND = Form(
    rf"""^(?:[^\\'"{CONTROL}]|[\t\n\r]|\\[^{CONTROL}]|'[^'{CONTROL}]*'|"(?:[^"\\{CONTROL}]|\\[^{CONTROL}])*")*$""",
    "command",
    "Write `[pytest, -q]`",
)
"""A command in one line, with a shell's quotes."""


@dataclass(frozen=True)
class ServicePath:
    """A service of a system that exists already: its folder, or a glob of folders; without a name, the folder's.

    What is not said of it stays as it was found; `none` says that there is none.
    """

    path: str = ""
    """Its folder, or a glob of folders; left out where there is nothing to read, for a service known by its `url`
    only."""
    name: str = ""
    """What it is called; in `system.correct` its new name. Unset: as its folder."""
    url: str = ""
    """Where it answers already; layer 2 calls it there."""
    contract: str = ""
    """Its OpenAPI document, a file relative to the system; unset: found, served or derived."""
    reset: str = ""
    """The operation that brings its data to a known state, such as `POST /reset`; called once, before anything else."""
    kind: str = ""
    """`service`, `job` (it ends), `infrastructure` (somebody else's), or `none`: it is no part of the system."""
    role: str = ""
    """`frontend` or `worker`; of infrastructure `database`, `cache`, `broker`, `gateway` or `other`."""
    language: str = ""
    """The language that it is written in."""
    framework: str = ""
    """The framework that it is written with."""
    port: int | None = None
    """Where it listens, inside its container; `none`: nowhere."""
    health: str = ""
    """Path of its health route."""
    test: tuple[str, ...] | None = None
    """Command of its own tests, as a list or one line; run in its folder, without a shell."""
    depends_on: tuple[str, ...] | None = None
    """Names of the parts of the system that it calls or waits for."""
    datastores: tuple[str, ...] | None = None
    """What it keeps data in or sends them through, such as `postgresql`."""
    compose: str = ""
    """Its name in the compose files."""


def service_paths(value: Any, place: str) -> tuple[ServicePath, ...]:
    """Return services, each a folder or a glob as text, or a mapping of the fields of `ServicePath`."""
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{place}: '{shown(value)}' is no list of folders. Write `[services/api, ...]`.")
    return tuple(_service_path(item, place) for item in value)


def _service_path(item: Any, place: str) -> ServicePath:
    entry = {"path": item} if isinstance(item, str) else item
    if not isinstance(entry, dict) or not ("path" in entry or {"name", "url"} <= set(entry)):
        named = isinstance(entry, dict) and "name" in entry
        raise ConfigError(
            f"{place}: '{shown(item)}' is no service. Write `services/api` or `{{name: api, path: ...}}`, "
            "and for one that runs already `{name: api, path: ..., url: ...}`."
            f"{' What was found is corrected under `system.correct`.' if named else ''}"
        )
    entry = _converted(entry, place)
    several = any(char in entry.get("path", "") for char in "*?[")
    key = next((key for key in ("name", *entry) if key in entry and key not in OF_MANY), "")
    if several and key:
        raise ConfigError(f"{place}: '{entry['path']}' names many folders, but '{key}' one service. Drop it.")
    _check_running(entry, place)
    return ServicePath(**entry)


def corrections(value: Any, place: str) -> dict[str, ServicePath]:
    """Return what is said of services that were found, by the name that each was found under."""
    if not isinstance(value, Mapping) or not all(map(is_name, value)):
        raise ConfigError(f"{place}: is no mapping of services. Write `{{api: {{port: 8000}}}}`.")
    return {name: _correction(entry, f"{place}: {shown(name)}") for name, entry in value.items()}


def _correction(value: Any, place: str) -> ServicePath:
    if not isinstance(value, Mapping) or not value:
        raise ConfigError(f"{place}: '{shown(value)}' says nothing of it. Write `{{port: 8000}}`.")
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
            raise ConfigError(f"{place}: '{shown(value)}' is no service. Write `api=http://127.0.0.1:8000`.")
        if name in found:
            raise ConfigError(f"{place}: '{shown(name)}' is given twice. Give each service once.")
        found[name] = ServicePath(url=_address(url, f"{place}: {shown(name)}"))
    return found


def _converted(entry: Mapping[Any, Any], place: str) -> dict[str, Any]:
    """Return what is said of a service, each value checked and as `ServicePath` has it."""
    found: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in KEYS:
            raise ConfigError(f"{place}: '{shown(key)}' is no key of a service.{meant(str(key), KEYS)}")
        found[key] = KEYS[key](value, f"{place}: {key}")
    return found


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not LINE.holds(value):
        raise ConfigError(f"{place}: '{shown(value)}' is no text. {LINE.example}.")
    return value


def _one_of(*allowed: str) -> Callable[[Any, str], str]:
    def choice(value: Any, place: str) -> str:
        if value not in allowed:
            raise ConfigError(f"{place}: '{shown(value)}' is not allowed. Choose one of {', '.join(sorted(allowed))}.")
        return str(value)

    return choice


def _port(value: Any, place: str) -> int:
    if value == NONE:
        return 0
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not whole or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise ConfigError(f"{place}: '{shown(value)}' is no port. Allowed are 1 to 65535, and {NONE}.")
    return int(value)


def _health(value: Any, place: str) -> str:
    if not (isinstance(value, str) and HEALTH.holds(value)):
        raise ConfigError(f"{place}: '{shown(value)}' is no path. Write `/health`, or {NONE}.")
    return value


def _words(value: Any, place: str) -> tuple[str, ...]:
    if value == NONE:
        return ()
    if not isinstance(value, list):
        raise ConfigError(f"{place}: '{shown(value)}' is no list of texts. Write `[a, b]`, or {NONE}.")
    return tuple(_text(item, place) for item in value)


def _command(value: Any, place: str) -> tuple[str, ...]:
    """Return an argument vector, written as a list or as one line with a shell's quotes; no shell reads it."""
    if value == NONE:
        return ()
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ConfigError(f"{place}: '{shown(value)}' is no command ({error}). Write `[pytest, -q]`.") from None
    if not isinstance(words, list) or not all(isinstance(word, str) and WORD.holds(word) for word in words):
        raise ConfigError(f"{place}: '{shown(value)}' is no list of texts. Write `[a, b]`, or {NONE}.")
    return tuple(words)


def _reset(value: Any, place: str) -> str:
    if not isinstance(value, str) or not OPERATION.holds(value):
        raise ConfigError(f"{place}: '{shown(value)}' is no operation. Write `POST /reset`.")
    return value


_USER = re.compile(r"^([A-Za-z]+://)[^/?#]*@")


def _address(value: Any, place: str) -> str:
    """Return the address of a service; names and passwords belong to `auth`."""
    url = value if isinstance(value, str) else _text(value, place)
    bare = _USER.sub(r"\1", url)
    try:
        host = urlsplit(bare).hostname
    except ValueError:  # an IPv6 address that is none
        host = None
    if host is None or not ADDRESS.holds(bare):
        told = shown(url.partition("@")[2] or url)
        raise ConfigError(f"{place}: '{told}' is no address. {ADDRESS.example}.")
    if bare != url:
        raise ConfigError(f"{place}: the url of '{host}' holds a name. Leave it out, and use `auth`.")
    return url


KINDS = ("service", "job", "infrastructure", NONE)
ROLES = ("frontend", "worker", "database", "cache", "broker", "gateway", "other", NONE)
KEYS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": _text,
    "path": _text,
    "url": _address,
    "contract": _text,
    "reset": _reset,
    "kind": _one_of(*KINDS),
    "role": _one_of(*ROLES),
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
OF_MANY = frozenset({"path", "language", "framework", "port", "health", "test"})
"""What can be said of all folders that a glob matches."""


def _check_running(entry: Mapping[str, str], place: str) -> None:
    """Refuse a `reset` of what nobody says the address of."""
    if "reset" in entry and "url" not in entry:
        raise ConfigError(f"{place}: reset: needs the 'url' of the service that runs. Add it.")
