"""Files that grow: what was appended since we began to look, and what a log line says of a trace.

The logs are written by the services that are tried, so they may be huge, binary or no files at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.evidence import masked, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["MOST_BYTES", "Follower", "LogLine", "read_line"]

MOST_BYTES = 8 * 1024 * 1024
"""Bytes that one look reads; where more came, the oldest are left out."""
_LONGEST_LINE = 64 * 1024  # bytes of a line that are read
_SHOWN = 240  # characters of a line in a finding
_LEVELS = 3  # of nested JSON
_TRACE_KEY = re.compile(r"trace", re.IGNORECASE)
_TRACE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", re.IGNORECASE)
_SPOKEN = re.compile(r"trace[\w.-]{0,12}[^0-9a-z]{1,6}(?:00-)?([0-9a-f]{32})(?![0-9a-f])", re.IGNORECASE)
_CLAIMED = re.compile(r"trace[_.-]?id[\"']?\s{0,3}[=:]\s{0,3}[\"']?([\w-]{1,80})", re.IGNORECASE)
_TRACE_ID_KEY = re.compile(r"trace[_.-]?id$", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w/.])/[\w./~%:@!$&'()*+,;=-]{1,300}")
_CHANGING = re.compile(r"\b\d{4}-\d\d-\d\d[T ][\d:.,]{5,18}(?:Z|[+-]\d\d:?\d\d)?|\b\d{1,8}\.\d{1,12}\b|(?<=:)\d{4,5}\b")
_DULL = re.compile(
    r"time|date|stamp|milli|second|duration|latency|elapsed|pid|thread|process|port|span|parent", re.IGNORECASE
)
_SECRET = re.compile(r"passw|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
_STATUS_KEYS = frozenset({"status", "status_code", "statuscode", "http_status", "http.status_code"})
_STATUS_KEYS |= {"http.response.status_code", "response_status", "code"}


class Follower:
    """Reads what is appended to `path` after it was made, line by line. `skipped` says that a part was left out."""

    def __init__(self, path: Path) -> None:
        """Begin at the present end of `path`, which need not exist yet."""
        self._path = path
        self._rest = b""
        self._offset = 0
        self.skipped = False
        with contextlib.suppress(OSError):
            self._offset = path.stat().st_size

    def lines(self) -> list[bytes]:
        """Return the lines that were finished since the last look, without their ends."""
        *done, self._rest = (self._rest + self._read()).split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        return done

    def _read(self) -> bytes:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:  # not there yet, or a link that somebody put into its place
            return b""
        with os.fdopen(descriptor, "rb") as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return b""
            if facts.st_size < self._offset:  # begun anew
                self._offset, self._rest = 0, b""
            if facts.st_size - self._offset > MOST_BYTES:
                self._offset, self._rest, self.skipped = facts.st_size - MOST_BYTES, b"", True
            stream.seek(self._offset)
            found = stream.read(MOST_BYTES)
        self._offset += len(found)
        return found


@dataclass(frozen=True)
class LogLine:
    """What a log line says. `shown` is masked, short, and without what differs from run to run."""

    shown: str
    text: str = field(repr=False)
    traces: tuple[str, ...] = ()
    """The trace ids in it, lower case."""
    claimed: tuple[str, ...] = ()
    """What stands under its keys for a trace id, whether that is one or not."""
    paths: tuple[str, ...] = ()
    status: int = 0
    """The HTTP status in it; 0 where it has none."""
    span_id: str = ""
    parent_id: str = ""

    def has(self, trace_id: str) -> bool:
        """Return whether `trace_id` stands in the line, under whatever key; dashes don't count."""
        text = self.text.lower()
        return trace_id in text or trace_id in text.replace("-", "")


def read_line(raw: bytes) -> LogLine:
    """Return what a line says, whatever its shape: a JSON object, or any text."""
    text = raw[:_LONGEST_LINE].decode("utf-8", "replace")
    facts = _facts(text)
    if facts is None:
        return LogLine(
            _shown(_CHANGING.sub("*", text)),
            text,
            tuple(dict.fromkeys(found.lower() for found in _SPOKEN.findall(text))),
            tuple(dict.fromkeys(_CLAIMED.findall(text[:4000]))),
            tuple(dict.fromkeys(_PATH.findall(text[:4000])))[:8],
            _spoken_status(text),
        )
    traces = (i.lower() for k, v in facts.items() if _TRACE_KEY.search(k) for i in _TRACE_ID.findall(str(v)[:200]))
    paths = (p for value in facts.values() if isinstance(value, str) for p in _PATH.findall(value[:4000])[:4])
    return LogLine(
        _shown(" ".join(f"{k}={_plain(k, v)}" for k, v in facts.items() if _telling(k, v))),
        text,
        tuple(dict.fromkeys((*traces, *(found.lower() for found in _SPOKEN.findall(text[:8000]))))),
        tuple(str(v)[:200] for k, v in facts.items() if _TRACE_ID_KEY.search(k) and v),
        tuple(dict.fromkeys(paths))[:8],
        next((status for k, v in facts.items() if k.lower() in _STATUS_KEYS and (status := _status(v))), 0),
        _named(facts, ("span_id", "spanid", "span.id")),
        _named(facts, ("parent_id", "parent_span_id", "parentid", "parentspanid", "parent.id")),
    )


def _facts(text: str) -> dict[str, Any] | None:
    """Return the scalars of a JSON line by dotted key, None where it is no JSON object."""
    start = text.find("{")
    if not 0 <= start <= 64:  # a prefix, as `docker compose logs` puts one before each line
        return None
    try:
        data = json.loads(text[start:])
    except (ValueError, RecursionError):
        return None
    return dict(_scalars(data, "", _LEVELS)) if isinstance(data, dict) else None


def _scalars(value: Mapping[str, Any], prefix: str, levels: int) -> Iterator[tuple[str, Any]]:
    for name, inner in list(value.items())[:100]:
        if isinstance(inner, dict):
            if levels > 1:
                yield from _scalars(inner, f"{prefix}{name}.", levels - 1)
        elif not isinstance(inner, list):
            yield f"{prefix}{name}", inner


def _named(facts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the span id that the line has under one of `names`, as the last part of its key."""
    for key, value in facts.items():
        if key.lower().endswith(names) and isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{16}", value):
            lowered = key.lower()
            if names[0] == "span_id" and "parent" in lowered:
                continue
            return value.lower()
    return ""


def _telling(key: str, value: Any) -> bool:
    """Return whether a value is shown: neither empty, nor a measure of time, nor different in every run."""
    return value not in ("", None) and not isinstance(value, float) and not _DULL.search(key)


def _plain(key: str, value: Any) -> str:
    return "***" if _SECRET.search(key) else _CHANGING.sub("*", str(value)[:1000])


def _status(value: Any) -> int:
    text = str(value)
    return int(text) if re.fullmatch(r"[1-5][0-9]{2}", text) else 0


def _spoken_status(text: str) -> int:
    """Return the status of an access line (`"GET /books HTTP/1.1" 200 OK`)."""
    found = re.search(r'HTTP/[0-9.]{1,3}"?\s+([1-5][0-9]{2})\b', text[:4000])
    return int(found[1]) if found else 0


def _shown(text: str) -> str:
    return shortened(masked(_TRACE_ID.sub("<32 hex>", "".join(c if c.isprintable() else " " for c in text))), _SHOWN)
