"""Figures and texts as a readable document has them."""

from __future__ import annotations

import math

__all__ = ["masked", "number"]

MOST_CHARACTERS = 2000
"""Characters of a text that are told; the database has more."""


def number(value: float, digits: int = 3) -> float | None:
    """Return `value` rounded; None for what JSON has no number for."""
    return round(value, digits) if math.isfinite(value) else None


def masked(text: str) -> str:
    """Return the beginning of a text, without the secrets in it."""
    from pytest_superteam.reports.masking import mask  # only where there is something to tell

    return mask(text[: 2 * MOST_CHARACTERS])[:MOST_CHARACTERS] if text else ""
