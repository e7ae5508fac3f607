"""Moments and spans of time, in words and, for programs, as ISO 8601."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["iso", "moment", "span"]

LAST = 253_402_214_400
"""Seconds since the epoch of the end of the year 9999; a database from outside may hold anything."""


def iso(at: float | None) -> str | None:
    """Return seconds since the epoch as `2026-11-22T13:30:05.123Z`; None where no calendar has them."""
    if at is None:
        return None
    try:
        told = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return told.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(at: float) -> str:
    """Return seconds since the epoch as `2026-11-22 14:30:05`, in this machine's own time."""
    if not 0 <= at < LAST:
        return "a moment that can't be"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def span(seconds: float) -> str:
    """Return how long something takes: `4.1 s`, `12 min 5 s`, `2 h 15 min` or `3 d 2 h`."""
    if not -LAST <= seconds <= LAST:
        return "a time that can't be"
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
