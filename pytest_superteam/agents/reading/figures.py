"""Numbers that a program reports: read from JSON or text, never believed to be sane."""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["MOST_TOKENS", "MOST_USD", "figure", "written_figure"]

MOST_USD = 1e6
"""US dollars; no single build costs more, so whoever says so is wrong."""
MOST_TOKENS = 1e12
_WRITTEN = re.compile(r"(\d{1,15}(?:,\d{3}){0,6}(?:\.\d{1,15})?)\s?([kKmM])?", re.ASCII)
_FACTORS = {"": 1, "k": 1e3, "m": 1e6}


def figure(value: Any) -> tuple[float | None, str]:
    """Return a number of a JSON document, or None and what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None, "is no number"
    try:
        number = float(value)
    except OverflowError:
        return None, "is out of all range"
    return (number, "") if math.isfinite(number) else (None, "is not finite")


def written_figure(text: str) -> tuple[float | None, str]:
    """Return a number as people write it, such as `1,200`, `12k` or `0.06`, or None and what is wrong with it."""
    sign = text.strip().startswith("-")
    found = _WRITTEN.fullmatch(text.strip().lstrip("-"))
    if not found:
        return None, "is no number"
    number = float(found[1].replace(",", "")) * _FACTORS[(found[2] or "").lower()]
    return (-number if sign else number), ""
