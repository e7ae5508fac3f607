"""What an error of a builder means: of which kind it is, and whether another try may help."""

from __future__ import annotations

import errno
import socket
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import SuperteamError
from pytest_superteam.pipeline.fleet.kinds import KINDS, kind_in
from pytest_superteam.pipeline.fleet.statuses import kind_of_status, status_in, status_of, wait_of
from pytest_superteam.pipeline.fleet.strangers import is_a, peek
from pytest_superteam.pipeline.fleet.waits import wait_in
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
    found = found or ErrorClass(UNKNOWN, retryable=True, retry_after=wait_in(error_text(error), now()))
    wait = _number(peek(error, "retry_after"))
    if wait is not None:
        found = replace(found, retryable=True, retry_after=wait)
    told = peek(error, "retryable")
    if told is True or told is False:
        found = replace(found, retryable=told)
    return found if found.retryable else replace(found, retry_after=None)


def class_of_text(text: str, *, now: float) -> ErrorClass | None:
    """Return what the words of a message mean: plain ones, then an HTTP status, then others; None for unknown ones."""
    kind = kind_in(text, sure=True)
    name = kind.name if kind else kind_of_status(status_in(text)) or _name(kind_in(text, sure=False))
    return _class(name, wait_in(text, now)) if name else None


def error_text(error: BaseException) -> str:
    """Return the message of an error for people and records: masked, bounded, without what no record can hold."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  # a builder's own exception may do anything when it is asked for its text
        text = ""
    text = bounded(text).encode("utf-8", "replace").decode().replace("\0", "")
    name = type(error).__name__
    if not is_a(error, SuperteamError, OSError):
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
    name = _kind_of_type(error) or (plain.name if plain else "") or kind_of_status(status_of(error))
    if not name:
        return class_of_text(text, now=moment)
    wait = wait_of(error, moment)
    return _class(name, wait if wait is not None else wait_in(text, moment))


def _kind_of_type(error: BaseException) -> str:
    by_type = next((kind for cls, kind in _BY_TYPE if is_a(error, cls)), "")
    number = peek(error, "errno")
    by_type = by_type or (_BY_NUMBER.get(number, "") if is_a(number, int) else "")
    if by_type:
        return by_type
    names = [cls.__name__ for cls in type(error).__mro__]
    return next((_BY_NAME[name] for name in names if name in _BY_NAME), "")


def _class(kind: str, wait: float | None) -> ErrorClass:
    if kind == "billing" and wait:  # some platforms call their limit a quota, and say when it has room again
        kind = "rate_limit"
    return ErrorClass(kind, KINDS[kind].retryable, wait)


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
        parts = peek(one, "exceptions")
        others = [*(parts[:8] if is_a(parts, tuple) else ()), peek(one, "__cause__") or peek(one, "__context__")]
        waiting += [other for other in others if is_a(other, BaseException)]


def _number(value: object) -> float | None:
    """Return a number of seconds, None for what is none."""
    if type(value) is not int and type(value) is not float:
        return None
    return float(min(value, MAX_WAIT)) if value >= 0 else None
