"""Names and lists that agents made up, as they are told: bounded, and without what can't be printed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["first_of", "shown_path"]


def first_of(entries: Sequence[str], most: int) -> tuple[str, ...]:
    """Return the first `most` entries, and behind them how many more there are, where there are more."""
    more = [f"and {len(entries) - most} more"] if len(entries) > most else []
    return (*entries[:most], *more)


def shown_path(path: str) -> str:
    """Return a path that can be printed and stored, whatever bytes its names are made of."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
