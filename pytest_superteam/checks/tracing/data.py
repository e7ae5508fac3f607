"""Whether what was sent arrived: the same names and the same values, as the contracts write them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.evidence import masked, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["changed", "same"]

_SHOWN = 60  # characters of a value in a message
_SECRET = ("password", "secret", "token")


def changed(
    sent: Mapping[str, Any], got: Mapping[str, Any], *, names: Iterable[str] | None = None, must: Iterable[str] = ()
) -> list[str]:
    """Return, for each value of `sent` that `got` has otherwise, a few words: ``quantity` is "3" and not 3``.

    Args:
        sent: what was sent, by name.
        got: what arrived.
        names: those of `sent` to look at; all of them by default.
        must: names that `got` must have; others may be absent from it.
    """
    found, needed = [], set(must)
    for name in sent if names is None else names:
        if name not in sent or any(word in name.lower() for word in _SECRET):
            continue
        if name not in got:
            if name in needed:
                found.append(f"`{name}` is missing")
        elif not same(sent[name], got[name]):
            found.append(f"`{name}` is {_said(got[name])} and not {_said(sent[name])}")
    return found


def same(sent: Any, got: Any) -> bool:
    """Return whether `got` says the same as `sent`: numbers are numbers, and moments may be written in another zone."""
    if isinstance(sent, bool) or isinstance(got, bool):
        return sent is got
    if isinstance(sent, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(sent, got, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(sent, str) and isinstance(got, str):
        return _same_text(sent, got)
    if isinstance(sent, Mapping) and isinstance(got, Mapping):
        return all(name in got and same(value, got[name]) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    return type(sent) is type(got) and bool(sent == got)


def _same_text(sent: str, got: str) -> bool:
    if sent == got:
        return True
    if "://" in sent or "@" in sent:  # a URL may be written out, an address has no case where it matters
        return sent.rstrip("/").lower() == got.rstrip("/").lower()
    if len(sent) == 36 and sent.count("-") == 4:  # a UUID
        return sent.lower() == got.lower()
    moments = _moment(sent), _moment(got)
    return moments[0] is not None and moments[0] == moments[1]


def _moment(text: str) -> dt.datetime | dt.time | None:
    """Return a point in time, without a zone as UTC; None for other text."""
    for kind in (dt.datetime, dt.time):
        try:
            found = kind.fromisoformat(text)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return None


def _said(value: Any) -> str:
    import json

    return shortened(masked(json.dumps(value, ensure_ascii=False, default=str)), _SHOWN)
