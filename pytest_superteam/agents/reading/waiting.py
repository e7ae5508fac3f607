"""How long a platform wants us to wait, as programs print it."""

from __future__ import annotations

import re

__all__ = ["LONGEST_WAIT", "asked_wait"]

LONGEST_WAIT = 7 * 86_400.0
"""Seconds; the longest window of a known platform is a week."""
_AFTER = re.compile(
    r"retry[-_ ]?after(?:[-_](?P<ms>ms))?[\"']?\s{0,4}[:=]?\s{0,4}[\"']?(\d{1,9}(?:\.\d{1,9})?)",
    re.IGNORECASE | re.ASCII,
)
_IN = re.compile(
    r"(?:try again|retry|reset(?:s)?(?: after| in)?|wait)\s{1,4}(?:in|after|for)?\s{0,4}"
    r"(?:(\d{1,6})\s?h(?:ours?)?,?\s{0,2})?(?:(\d{1,6})\s?m(?:in(?:ute)?s?)?,?\s{0,2})?"
    r"(?:(\d{1,9}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s(?:ec(?:ond)?s?)?))?\b",
    re.IGNORECASE | re.ASCII,
)


def asked_wait(text: str) -> float | None:
    """Return the seconds of the last request to wait in `text`, None where there is none."""
    found = [(match.start(), _after(match)) for match in _AFTER.finditer(text)]
    found += [(match.start(), seconds) for match in _IN.finditer(text) if (seconds := _written(match)) is not None]
    return min(max(found)[1], LONGEST_WAIT) if found else None


def _after(match: re.Match[str]) -> float:
    return float(match[2]) / (1000 if match["ms"] else 1)


def _written(match: re.Match[str]) -> float | None:
    hours, minutes, seconds, unit = match.groups()
    if hours is minutes is seconds is None:
        return None
    fraction = float(seconds or 0) / (1000 if (unit or "").lower().startswith("m") else 1)
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + fraction
