"""Moments, figures and texts as a readable document has them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

__all__ = ["masked", "moment", "number"]

MOST_CHARACTERS = 2000
"""Characters of a text that are told; the database has more."""


def moment(seconds: float | None) -> str | None:
    """Return a moment as ISO 8601 in UTC; None where there is none, or none that a calendar has."""
    if seconds is None:
        return None
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(value: float, digits: int = 3) -> float | None:
    """Return `value` rounded; None for what JSON has no number for."""
    return round(value, digits) if math.isfinite(value) else None


def masked(text: str) -> str:
    """Return the beginning of a text, without the secrets in it."""
    from pytest_superteam.reports.masking import mask  # only where there is something to tell

    return mask(text[: 2 * MOST_CHARACTERS])[:MOST_CHARACTERS] if text else ""
