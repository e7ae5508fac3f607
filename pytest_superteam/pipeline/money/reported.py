"""What builders say that they used: hostile input, of which only what can be a price or a count is believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.reports.text import one_line

__all__ = ["MOST_TOKENS", "MOST_USD", "believable", "believable_worst"]

MOST_USD = 1_000_000.0
"""US dollars; no single step costs more, so a larger figure is a mistake."""
MOST_TOKENS = 2**31 - 1
"""Tokens; what a column of whole numbers holds, and months of work of any model."""
_NAME = 128
_LONG = 10**18
"""From here on a whole number is not written out."""
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens")


def believable(said: object) -> tuple[Usage, str]:
    """Return what of a reported usage can be true, and what is wrong with the rest (empty: nothing)."""
    if not isinstance(said, Usage):
        return Usage(), f"the usage is a {type(said).__name__}"
    counts: dict[str, int] = {name: _count(getattr(said, name)) for name in _COUNTS}
    usd = _sum(said.usd)
    wrong = [f"{name} is {_shown(getattr(said, name))}" for name, count in counts.items() if count < 0]
    if usd is None and said.usd is not None:
        wrong.insert(0, f"usd is {_shown(said.usd)}")
    kept = Usage(usd, _name(said.model), **{name: max(0, count) for name, count in counts.items()})
    if kept.cache_read_tokens > kept.input_tokens:  # counted apart, though they belong into both
        kept = replace(kept, input_tokens=min(MOST_TOKENS, kept.input_tokens + kept.cache_read_tokens))
    return kept, ", ".join(wrong)


def believable_worst(said: object) -> WorstCase:
    """Return a worst case, of unknown price where what was said can be none."""
    if not isinstance(said, WorstCase):
        return WorstCase(None)
    return WorstCase(_sum(said.usd), _name(said.model))


def _sum(value: Any) -> float | None:
    """Return US dollars, None for what is no sum of them."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= MOST_USD else None  # neither holds for NaN


def _count(value: Any) -> int:
    """Return a number of tokens, -1 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return -1
    return value if 0 <= value <= MOST_TOKENS else -1


def _name(value: Any) -> str:
    return one_line(value, _NAME) if isinstance(value, str) else ""


def _shown(value: Any) -> str:
    """Return a wrong value for a message; `repr` of a foreign object would run its code."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if type(value) is int:
        return str(value) if abs(value) < _LONG else "far too large"
    return f"no number but {type(value).__name__}"
