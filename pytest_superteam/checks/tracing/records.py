"""What a run knows of the requests that it followed: plain data, made by one process and read by all items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["ARRIVES_IN", "SEEN_IN", "Arrival", "Journey", "Journeys", "Probe", "Seen"]

SEEN_IN = 2.0
"""Seconds until the services that a request passes have told of it."""
ARRIVES_IN = 10.0
"""Seconds until an event is published and has arrived."""


@dataclass(frozen=True)
class Seen:
    """A log line or span of `service` that has to do with a journey."""

    service: str
    kind: str
    shown: str
    traced: bool
    """Whether the journey's trace id is in it."""
    other: str = ""
    """Another trace id that it has instead."""
    marked: tuple[str, ...] = ()
    """Which row ids of the journey stand in it."""
    paths: tuple[str, ...] = ()
    status: int = 0
    span_id: str = ""
    parent_id: str = ""


@dataclass(frozen=True)
class Arrival:
    """An event of a journey, as the recorder got it."""

    type: str
    trace_id: str
    authorized: bool
    content_type: str
    seconds: float
    body: Any = None
    text: str = ""


@dataclass(frozen=True)
class Journey:
    """One request with a trace of ours, and what came of it. `problem` says why it could not be sent or was refused."""

    service: str
    operation: str
    label: str
    trace_id: str = ""
    span_id: str = ""
    problem: str = ""
    status: int = 0
    shown: str = ""
    sent: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)
    """The row as it is read back, empty where nothing reads it."""
    rows: dict[str, str] = field(default_factory=dict)
    row: str = ""
    seen: tuple[Seen, ...] = ()
    events: tuple[Arrival, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether the request was answered with 2xx."""
        return not self.problem and 200 <= self.status < 300

    def seen_in(self, service: str) -> list[Seen]:
        """Return where `service` tells of the journey under its trace id."""
        return [s for s in self.seen if s.service == service and s.traced]


@dataclass(frozen=True)
class Probe:
    """A request to one service, with a good header or one of `checks.tracing.context.Malformed`."""

    service: str
    what: str
    header_trace: str
    status: int
    shown: str
    marker: str = ""
    problem: str = ""
    seen: tuple[Seen, ...] = ()
    claimed: tuple[str, ...] = ()
    """What its log lines give as the trace id."""


@dataclass(frozen=True)
class Journeys:
    """All of a run. `told` counts the log lines and spans by service while we watched."""

    journeys: tuple[Journey, ...]
    probes: tuple[Probe, ...]
    told: dict[str, int]
    recording: bool
    full: bool
    first_of: dict[str, tuple[str, ...]]
    """Purpose (`consumer>provider`, `!Event`, `service`) to the keys of the journeys that were made for it."""

    def made_for(self, purpose: str) -> list[Journey]:
        """Return the journeys of a purpose, those that were answered with 2xx first."""
        keys = self.first_of.get(purpose, ())
        return sorted((j for j in self.journeys if f"{j.service}:{j.operation}" in keys), key=lambda j: not j.ok)
