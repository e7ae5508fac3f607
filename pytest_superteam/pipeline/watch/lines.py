"""Events as lines of JSON, and back; what is read is taken for hostile, for builders can write to the file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from pytest_superteam.pipeline.watch.events import Event, Kind, Level
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line
from pytest_superteam.reports.times import iso

__all__ = ["LONGEST", "LONGEST_MESSAGE", "event_of", "line_of", "plain"]

LONGEST = 1 << 16
"""Bytes of a line that is read."""
LONGEST_MESSAGE = 1000
"""Characters of a message."""
_LONGEST_VALUE = 2000
_MOST = 50  # entries of a list or mapping
_DEEPEST = 4
_WHOLE = 1 << 63
_SECRET_NAME = re.compile(r"(?i)pass|pwd|secret|token|credential|key")
"""In names of data without which `mask` sees no secret in a value."""


def line_of(event: Event) -> str:
    """Return an event as one line of JSON, secrets masked."""
    row = {
        "at": iso(event.at),
        "kind": event.kind,
        "level": event.level,
        "service": one_line(event.service, 200),
        "message": one_line(event.message, LONGEST_MESSAGE),
        "run": event.run,
        "session": event.session,
        "data": plain(event.data),
    }
    return json.dumps(row, allow_nan=False) + "\n"


def plain(value: Any, name: str = "", depth: int = 0) -> Any:
    """Return `value` as JSON can hold it, secrets masked, cut to a sensible size."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -_WHOLE < value < _WHOLE:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, str):
        return _masked(name, one_line(value, _LONGEST_VALUE))
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {name: plain(part, name, depth + 1) for name, part in map(_named, list(value.items())[:_MOST])}
    if depth < _DEEPEST and isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part, name, depth + 1) for part in list(value)[:_MOST]]
    return _masked(name, one_line(_shown(value), 200))


def _named(pair: tuple[Any, Any]) -> tuple[str, Any]:
    """Return an entry of a mapping with its name fit to be shown."""
    name, value = pair
    short = isinstance(name, str) and len(name) < 30 and name.isascii() and name.isidentifier()
    return name if short else one_line(_shown(name), 200), value


def _shown(value: object) -> str:
    """Return what an object calls itself; one that can't say, or a number without an end, is named by its type."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # whatever its own code raises
        return type(value).__name__


def _masked(name: str, text: str) -> str:
    """Return a value, which is masked as such, masked where its name says that it is a secret."""
    if not _SECRET_NAME.search(name):
        return text
    before = f'{name}="'
    masked = mask(f'{before}{text}"')
    return masked[len(before) : -1] if masked.startswith(before) and masked.endswith('"') else text


def event_of(line: bytes) -> Event | None:
    """Return the event of a line; None where it holds none, such as half a line that a full disk left."""
    if not line.strip() or len(line) > LONGEST:
        return None
    try:
        row = json.loads(line)
        at = datetime.fromisoformat(row["at"]).timestamp()
        kind, level, data = row["kind"], row["level"], row["data"]
        texts = {name: row[name] for name in ("message", "service", "run", "session")}
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    known = kind in get_args(Kind) and level in get_args(Level) and isinstance(data, dict)
    if not known or not all(isinstance(text, str) for text in texts.values()):
        return None
    shown = {name: one_line(text, LONGEST_MESSAGE) for name, text in texts.items()}
    return Event(at=at, kind=kind, level=level, data=data, **shown)
