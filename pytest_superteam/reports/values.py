"""Values of the JSON report: texts without secrets, and numbers that JSON has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["masked", "number"]


def masked(texts: Iterable[str]) -> list[str]:
    """Return texts with the secrets in them masked."""
    return [mask(text) for text in texts]


def number(value: float, digits: int = 3) -> float | None:
    """Return `value` rounded; None for what JSON has no number for (a database from outside may hold a cost of NaN)."""
    return round(value, digits) if math.isfinite(value) else None
