"""What the services tell while we send: their log lines, their exported spans, the events that they publish."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.tracing.following import Follower, LogLine, read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Deployment, RunningService

__all__ = ["Published", "Sighting", "Watch"]

SPANS, EVENTS = "spans.jsonl", "events.jsonl"
"""The collector's files, in `Deployment.telemetry`."""
_RECENT = 300  # lines of a service that are looked at again when a new token is watched for
_INTERVAL = 0.05  # seconds between two looks
_LONG = 8192  # bytes; longer lines are not looked at again
_MOST = 2000  # sightings of one service that are kept


@dataclass(frozen=True)
class Sighting:
    """A log line or an exported span of a service that has to do with what we watch."""

    kind: str
    """`log` or `span`."""
    line: LogLine

    def has(self, token: str) -> bool:
        """Return whether the trace id or row id `token` stands in it."""
        return self.line.has(token) or token in self.line.text.lower()


@dataclass(frozen=True)
class Published:
    """An event as our recorder got it. `body` is parsed, None where it is no JSON; `at` is in seconds of the epoch."""

    at: float
    traceparent: str
    content_type: str
    authorized: bool
    size: int
    text: str = field(repr=False)
    body: Any = None

    @property
    def type(self) -> str:
        """Return the name of the event, empty where it has none."""
        return str(self.body.get("type", "")) if isinstance(self.body, dict) else ""

    @property
    def trace_id(self) -> str:
        """Return the trace that the event was sent in, empty where its header tells none."""
        found = re.fullmatch(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", self.traceparent.strip())
        return found[1] if found else ""


class Watch:
    """Keeps what the services tell from the moment on that it is made; only lines with a token of ours are kept."""

    def __init__(self, deployment: Deployment) -> None:
        """Begin to watch every service of `deployment`."""
        self.logs = {service.name: Follower(service.log) for service in deployment.services if _written(service)}
        self.told: dict[str, int] = dict.fromkeys(self.logs, 0)
        """Log lines by service, whatever they say."""
        self.seen: dict[str, list[Sighting]] = {name: [] for name in self.logs}
        self.events: list[Published] = []
        self.last_event = 0.0
        """When the last event of anybody was recorded, on the monotonic clock; 0 before the first."""
        folder = deployment.telemetry
        self.recording = folder is not None
        self.full = False
        """Whether the recorder had no room any more, so that an absent event proves nothing."""
        self._spans = _records(folder, SPANS)
        self._events = _records(folder, EVENTS)
        self._tokens: set[str] = set()
        self._recent: dict[str, deque[bytes]] = {name: deque(maxlen=_RECENT) for name in self.logs}
        self._pattern = _any_of(())

    def tokens(self, tokens: Iterable[str]) -> None:
        """Keep lines with one of `tokens`, trace ids and row ids; from now on, and of the last few lines before."""
        new = {token.lower() for token in tokens if len(token) >= 8} - self._tokens
        if not new:
            return
        just_these = _any_of(new)
        for name, lines in self._recent.items():
            for raw in [line for line in lines if just_these.search(line)]:
                lines.remove(raw)
                self._keep(name, "log", raw)
        self._tokens |= new
        self._pattern = _any_of(self._tokens)

    def look(self) -> None:
        """Read what has come."""
        for name, follower in self.logs.items():
            for raw in follower.lines():
                self.told[name] += bool(raw.strip())
                if self._pattern.search(raw):
                    self._keep(name, "log", raw)
                elif len(raw) < _LONG:
                    self._recent[name].append(raw)
        for record in _read(self._spans):
            self.full = self.full or record.get("full") is True
            if str(record.get("trace_id")) in self._tokens:
                self._keep(self._named(str(record.get("service"))), "span", record)
        for record in _read(self._events):
            self.full = self.full or record.get("full") is True
            if "body" in record:
                self.events.append(_published(record))
                self.last_event = time.monotonic()

    def until(self, done: Callable[[], bool], deadline: Callable[[], float]) -> bool:
        """Look until `done` or until `deadline`, on the monotonic clock, is over; returns whether it was done."""
        while True:
            self.look()
            if done():
                return True
            if time.monotonic() >= deadline():
                return False
            time.sleep(_INTERVAL)

    def of(self, service: str, token: str) -> list[Sighting]:
        """Return what `service` told of `token`."""
        return [sighting for sighting in self.seen.get(service, ()) if sighting.has(token)]

    def _named(self, reported: str) -> str:
        """Return which service calls itself `reported` in its spans (`Order Service`, `order_service`)."""
        plain = _plain(reported)
        return next((name for name in self.logs if _plain(name) == plain), reported)

    def _keep(self, name: str, kind: str, told: Any) -> None:
        """Keep a raw log line or the record of a span; a service that repeats a token for ever is not read for ever."""
        kept = self.seen.get(name)
        if kept is not None and len(kept) < _MOST:
            kept.append(Sighting("log", read_line(told)) if kind == "log" else _span(told))


def _written(service: RunningService) -> bool:
    """Return whether somebody writes the log of `service`: we started it, or the file is there."""
    return bool(service.log) and (service.pid > 0 or service.log.is_file())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _records(folder: Path | None, name: str) -> Follower | None:
    return Follower(folder / name) if folder is not None else None


def _read(follower: Follower | None) -> list[dict[str, Any]]:
    found = []
    for raw in follower.lines() if follower is not None else ():
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError):  # cut, because too much came at once
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


def _span(record: Mapping[str, Any]) -> Sighting:
    name, trace = str(record.get("name", "")), str(record.get("trace_id"))
    shown = f"exported {'span' if record.get('kind') == 'traces' else 'log record'} {name}".strip()
    text = f"{trace} {name}"
    ids = str(record.get("span_id", "")), str(record.get("parent_id", ""))
    return Sighting("span", LogLine(shown, text, (trace,), (trace,), (), 0, *ids))


def _published(record: Mapping[str, Any]) -> Published:
    text = str(record["body"])
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    return Published(
        float(record.get("at", 0.0)),
        str(record.get("traceparent", "")),
        str(record.get("content_type", "")),
        bool(record.get("authorized")),
        int(record.get("size", len(text))),
        text,
        body,
    )


def _any_of(tokens: Iterable[str]) -> re.Pattern[bytes]:
    spellings = sorted({spelling for token in tokens for spelling in (token, _dashed(token))})
    return re.compile(b"|".join(re.escape(s.encode()) for s in spellings) or b"(?!)", re.IGNORECASE)


def _dashed(token: str) -> str:
    """Return 32 hexadecimal digits as a UUID is written; some loggers do that to a trace id."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        return token
    return "-".join((token[:8], token[8:12], token[12:16], token[16:20], token[20:]))
