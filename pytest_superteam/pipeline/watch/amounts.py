"""Figures of events made fit to be counted and shown; an event may hold anything."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["amount", "span"]

_MOST = 1e12


def amount(value: Any) -> float | None:
    """Return a figure from zero up; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < _MOST and math.isfinite(value) else None


def span(seconds: float) -> str:
    """Return how long something takes: `4.1 s`, `12 min 5 s` or `2 h 15 min`."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
