"""Figures of events made fit to be counted and shown; an event may hold anything."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["amount"]

_MOST = 1e12


def amount(value: Any) -> float | None:
    """Return a figure from zero up; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < _MOST and math.isfinite(value) else None
