"""What an error of a builder means: of which kind it is, and whether another try may help."""

from __future__ import annotations

import errno
import re
import socket
import time
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import SuperteamError
from pytest_superteam.pipeline.fleet.kinds import KINDS, kind_in
from pytest_superteam.pipeline.fleet.waits import wait_in, wait_of_header
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_TEXT", "UNKNOWN", "ErrorClass", "bounded", "class_of", "class_of_text", "error_text"]

MAX_TEXT = 8_000
"""So many characters of a message are looked at and kept: one half from its start, one from its end."""
MAX_WAIT = 1e9
"""A longer wait than that, in seconds, is as good as this one."""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class ErrorClass:
    """What is known about an error."""

    kind: str
    """A name of `kinds.KINDS`, or `unknown`."""
    retryable: bool
    """Whether another try may help; so it is where the kind is unknown, which has to be told then."""
    retry_after: float | None = None
    """Seconds that the other side wants us to wait first."""

    @property
    def known(self) -> bool:
        """Return whether the kind is known."""
        return self.kind != UNKNOWN


def class_of(error: BaseException, *, now: Callable[[], float] = time.time) -> ErrorClass:
    """Return what an error means.

    What a `BuildError` says of itself counts first; then the type of the exception, an HTTP status that it carries,
    its words, and the same of what it was caused by. What nothing is known about may be tried again.
    """
    found = next((known for part in _chain(error) if (known := _class_of_one(part, now))), None)
    found = found or ErrorClass(UNKNOWN, retryable=True)
    wait = _number(_peek(error, "retry_after"))
    if wait is not None:
        found = replace(found, retryable=True, retry_after=wait)
    told = _peek(error, "retryable")
    if told is True or told is False:
        found = replace(found, retryable=told)
    return found if found.retryable else replace(found, retry_after=None)


def class_of_text(text: str, *, now: float) -> ErrorClass | None:
    """Return what the words of a message mean: plain ones, then an HTTP status, then others; None for unknown ones."""
    kind = kind_in(text, sure=True)
    name = kind.name if kind else _kind_of_status(_status_in(text)) or _name(kind_in(text, sure=False))
    return _class(name, wait_in(text, now)) if name else None


def error_text(error: BaseException) -> str:
    """Return the message of an error for people and records: masked, bounded, without what no record can hold."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  # a builder's own exception may do anything when it is asked for its text
        text = ""
    text = bounded(text).encode("utf-8", "replace").decode().replace("\0", "")
    name = type(error).__name__
    if not _is(error, SuperteamError, OSError):
        text = f"{name}: {text}" if text.strip() else name
    return mask(text) or name


def bounded(text: str) -> str:
    """Return a message cut to what is looked at."""
    half = MAX_TEXT // 2
    return text if len(text) <= MAX_TEXT else f"{text[:half]}\n...\n{text[-half:]}"


# ---------------------------------------------------------------- one exception

_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "timeout"),
    (ConnectionError, "connection"),
    (socket.gaierror, "connection"),
    (PermissionError, "permission"),
    (FileNotFoundError, "missing_tool"),
    (ImportError, "missing_tool"),  # the builder's own, not that of what it builds: the same each time
    (MemoryError, "memory"),
    (SyntaxError, "syntax"),
    (SystemExit, "crash"),
    (KeyboardInterrupt, "crash"),
    (GeneratorExit, "crash"),
    (RecursionError, "crash"),
)
_BY_NUMBER = {
    errno.ENOSPC: "disk",
    errno.EDQUOT: "disk",
    errno.EROFS: "disk",
    errno.ENOMEM: "memory",
    errno.ENETUNREACH: "connection",
    errno.EHOSTUNREACH: "connection",
    errno.EPIPE: "connection",
}
_BY_NAME = {
    "RateLimitError": "rate_limit",
    "AuthenticationError": "authentication",
    "PermissionDeniedError": "permission",
    "NotFoundError": "not_found",
    "BadRequestError": "bad_request",
    "UnprocessableEntityError": "validation",
    "ValidationError": "validation",
    "InternalServerError": "internal",
    "OverloadedError": "unavailable",
    "ServiceUnavailableError": "unavailable",
    "APIConnectionError": "connection",
    "APITimeoutError": "timeout",
    "TimeoutException": "timeout",
    "Timeout": "timeout",
    "TransportError": "connection",
}
"""Names of exceptions of clients that a builder may use, looked up by name since none of them is imported here."""


def _class_of_one(error: BaseException, now: Callable[[], float]) -> ErrorClass | None:
    text, moment = error_text(error), now()
    plain = kind_in(text, sure=True)
    name = _kind_of_type(error) or (plain.name if plain else "") or _kind_of_status(_status_of(error))
    if not name:
        return class_of_text(text, now=moment)
    wait = _wait_of(error, moment)
    return _class(name, wait if wait is not None else wait_in(text, moment))


def _kind_of_type(error: BaseException) -> str:
    by_type = next((kind for cls, kind in _BY_TYPE if _is(error, cls)), "")
    number = _peek(error, "errno")
    by_type = by_type or (_BY_NUMBER.get(number, "") if _is(number, int) else "")
    if by_type:
        return by_type
    names = [cls.__name__ for cls in type(error).__mro__]
    return next((_BY_NAME[name] for name in names if name in _BY_NAME), "")


def _class(kind: str, wait: float | None) -> ErrorClass:
    if kind == "billing" and wait:  # some platforms call their limit a quota, and say when it has room again
        kind = "rate_limit"
    return ErrorClass(kind, KINDS[kind].retryable, wait if KINDS[kind].retryable else None)


def _name(kind: Any) -> str:
    return kind.name if kind is not None else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, those that it groups and what caused them, at most some."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting and len(seen) < 16:
        one = waiting.pop(0)
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        parts = _peek(one, "exceptions")
        others = [*(parts[:8] if _is(parts, tuple) else ()), _peek(one, "__cause__") or _peek(one, "__context__")]
        waiting += [other for other in others if _is(other, BaseException)]


# ---------------------------------------------------------------- HTTP

_PHRASES = "|".join(re.escape(status.phrase) for status in HTTPStatus if status >= 400)
_STATUS = re.compile(
    r"(?i)\b(?:http(?:/\d(?:\.\d)?)?(?:[ _]?(?:status|error))?|status(?:[ _-]?code)?|(?:api )?error[ _]code|api error)"
    r"""(?:[ _]?code)?["']?[ \t]{0,3}[:=]?[ \t]{0,3}["'(\[]?([45]\d\d)(?!\d|\.\d)"""
    rf"|\b([45]\d\d)[ :,-]{{1,3}}(?:{_PHRASES})\b"
    r"|\berror ([45]\d\d)(?=[:,.;)\]]|\s{0,4}$)"
)
_KIND_OF_STATUS = {
    401: "authentication",
    402: "billing",
    403: "permission",
    404: "not_found",
    408: "timeout",
    409: "unavailable",
    410: "not_found",
    413: "context_overflow",
    422: "validation",
    425: "unavailable",
    429: "rate_limit",
    500: "internal",
    504: "timeout",
}


def _kind_of_status(status: int) -> str:
    """Return the kind of an HTTP status, empty for one that is no error."""
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    if 400 <= status < 500:
        return "bad_request"
    return "unavailable" if 500 < status < 600 else ""


def _status_in(text: str) -> int:
    """Return the HTTP status that a text names, 0 for none."""
    found = _STATUS.search(text)
    return int(found[1] or found[2] or found[3]) if found else 0


def _status_of(error: BaseException) -> int:
    """Return the HTTP status that an exception carries, 0 for none."""
    response = _peek(error, "response")
    for value in (_peek(error, "status_code"), _peek(response, "status_code"), _peek(error, "code")):
        if _is(value, int) and 400 <= value < 600:
            return int(value)
    return 0


def _wait_of(error: BaseException, now: float) -> float | None:
    """Return the seconds that the headers of the response ask for, which an exception carries."""
    for holder in (_peek(error, "response"), error):
        headers = _peek(holder, "headers")
        try:
            items = list(islice(headers.items(), 200)) if headers is not None else []
            value = next((str(value) for name, value in items if str(name).lower() == "retry-after"), None)
        except Exception:  # noqa: BLE001, S112  # whatever a stranger's object does, it says nothing then
            continue
        if value is not None:
            return wait_of_header(value, now)
    return None


def _peek(thing: object, name: str) -> Any:
    """Return an attribute of a stranger's object, None where it has none or does not give it."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001  # a property may raise anything
        return None


def _is(thing: object, *classes: type) -> bool:
    """Return whether something is of a class, without asking itself: a stranger's object may raise at that."""
    return issubclass(type(thing), classes)


def _number(value: object) -> float | None:
    """Return a number of seconds, None for what is none."""
    if type(value) is not int and type(value) is not float:
        return None
    return float(min(value, MAX_WAIT)) if value >= 0 else None
