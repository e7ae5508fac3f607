"""How long the other side wants us to wait, read from what it says."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["wait_in", "wait_of_header"]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])"
_PART = rf"\d{{1,9}}(?:\.\d{{1,9}})?[ \t]{{0,2}}{_UNIT}"
_SPAN = rf"{_PART}(?:,?[ \t]{{0,2}}(?:and[ \t])?{_PART}){{0,3}}"

_HEADER = re.compile(r"""(?i)\bretry-after(-ms)?["']?[ \t]{0,4}[:=][ \t]{0,4}["']?([^\r\n"']{1,40})""")
_PROSE = re.compile(
    r"(?i)\b(?:(?:re)?try(?:ing)?(?: again)?|available again|resets?|wait(?:ing)?)"
    rf"(?: (?:again|in|after|for|at least|about)){{0,3}} ({_SPAN})"
)
_FIELD = re.compile(rf"""(?i)\bretry[-_]?(?:delay|after|in)["']?[ \t]{{0,4}}[:=][ \t]{{0,4}}["']?({_SPAN})""")
_MOMENT = re.compile(
    r"(?i)\b(?:resets?|again|until|after)(?: (?:at|on))?[ \t]{1,2}"
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))"
)
_EPOCH = re.compile(r"(?i)\blimit reached\|(\d{10})(?!\d)")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?(?![\w.])")


def wait_in(text: str, now: float) -> float | None:
    """Return the longest wait, in seconds, that `text` asks for; None where it asks for none.

    Read are the header `Retry-After` (seconds or a date), its variant in milliseconds, `retryDelay` and the like,
    spans in prose ("try again in 6m0s") and moments of which the zone is told. A moment that is over is 0.

    Args:
        text: what the other side said.
        now: seconds since the epoch.
    """
    waits = [_header(found[2], now, milliseconds=bool(found[1])) for found in _HEADER.finditer(text)]
    waits += [_span(found[1]) for pattern in (_PROSE, _FIELD) for found in pattern.finditer(text)]
    waits += [_moment(found[1], now) for found in _MOMENT.finditer(text)]
    waits += [max(0.0, float(found[1]) - now) for found in _EPOCH.finditer(text)]
    return max((wait for wait in waits if wait is not None), default=None)


def wait_of_header(value: str, now: float) -> float | None:
    """Return the seconds that the value of a `Retry-After` header asks for (RFC 9110, section 10.2.3)."""
    return _header(value[:64].strip(), now, milliseconds=False)


def _header(value: str, now: float, *, milliseconds: bool) -> float | None:
    if span := re.match(rf"(?i){_SPAN}", value):
        return _span(span[0])
    if number := _NUMBER.match(value):
        return float(number[0]) * (0.001 if milliseconds else 1.0)
    return _date(value, now)


def _date(value: str, now: float) -> float | None:
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError, TypeError):  # what it raises has changed between versions
        return None
    return _until(when if when.tzinfo else when.replace(tzinfo=UTC), now)


def _moment(value: str, now: float) -> float | None:
    try:
        return _until(datetime.fromisoformat(value), now)
    except ValueError:
        return None


def _until(when: datetime, now: float) -> float | None:
    try:
        return max(0.0, when.timestamp() - now)
    except (ValueError, OverflowError):  # a year that the system does not know
        return None


def _span(text: str) -> float:
    parts = re.findall(rf"(?i)(\d{{1,9}}(?:\.\d{{1,9}})?)[ \t]{{0,2}}({_UNIT})", text)
    return math.fsum(float(number) * _UNITS[_short(unit.lower())] for number, unit in parts)


def _short(unit: str) -> str:
    return "ms" if unit.startswith(("ms", "milli")) else unit[0]
