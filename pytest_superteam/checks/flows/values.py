"""Whether a value came back as it was sent, whatever lawful form it has."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["differences", "same"]

_CENT = 0.005  # what rounding money to two places may be off by
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")
_CLOCK = re.compile(r"\d{2}:\d{2}(?::\d{2})?")


def same(sent: Any, got: Any) -> bool:
    """Return whether `got` is the value `sent`: the same instant, number or id, however it is written.

    A number that came back as text is the same value here: its form is for the boundary checks to judge.
    """
    if isinstance(sent, bool) or sent is None:
        return sent is got or (isinstance(sent, bool) and str(got).lower() == str(sent).lower())
    if isinstance(sent, int | float):
        return _same_number(sent, got)
    if isinstance(sent, str):
        return sent == got or (isinstance(got, str) and _same_text(sent, got))
    if isinstance(sent, dict):
        return isinstance(got, dict) and all(name in got and same(value, got[name]) for name, value in sent.items())
    if isinstance(sent, list):
        return isinstance(got, list) and len(sent) == len(got) and all(map(same, sent, got))
    return bool(sent == got)


def _same_number(sent: float, got: Any) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float | str):
        return False
    try:
        return math.isclose(sent, float(got), rel_tol=1e-9, abs_tol=_CENT)
    except (ValueError, OverflowError):
        return False


def _same_text(sent: str, got: str) -> bool:
    if _UUID.fullmatch(sent):
        return sent.replace("-", "").lower() == got.strip("{}").replace("-", "").lower()
    if _MOMENT.match(sent):
        return _same_moment(sent, got)
    if _CLOCK.fullmatch(sent):
        return f"{sent}:00"[:8] == f"{got}:00"[:8]
    return "@" in sent and sent.lower() == got.lower()


def _same_moment(sent: str, got: str) -> bool:
    """Compare instants to the millisecond; without a zone, UTC is meant."""
    try:
        one, other = (dt.datetime.fromisoformat(text.upper().replace(" ", "T")) for text in (sent, got))
    except ValueError:
        return False
    one, other = (m if m.tzinfo else m.replace(tzinfo=dt.UTC) for m in (one, other))
    return abs((one - other).total_seconds()) < 1


def differences(sent: Mapping[str, Any], got: Any, names: Collection[str]) -> list[str]:
    """Return for each of `names` in which `got` is not what was sent, a few words; a null may stay away."""
    if not isinstance(got, dict):
        return ["the answer is no object"]
    found = []
    for name in names:
        if name in sent and not same(sent[name], got.get(name)):
            was = _shown(got[name]) if name in got else "missing"
            found.append(f"{name} is {was}, sent was {_shown(sent[name])}")
    return found


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # characters of a value in a message
