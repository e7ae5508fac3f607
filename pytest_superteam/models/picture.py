"""What a report draws: the parts of a system with what runs between them, and the spans of time of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EdgeKind", "NodeKind", "PictureEdge", "PictureNode", "Span", "SpanKind", "SystemPicture"]

NodeKind = Literal["service", "gateway", "datastore", "broker", "frontend", "external"]
EdgeKind = Literal["calls", "publishes", "stores", "routes"]
SpanKind = Literal["session", "phase", "build", "fix"]


@dataclass(frozen=True)
class PictureNode:
    """One part of a system. `name` is unique in its picture; a service has the name that its gate items have."""

    name: str
    kind: NodeKind
    label: str = ""
    """What is written on it; empty: the name."""


@dataclass(frozen=True)
class PictureEdge:
    """What runs from one part to another; both ends are names of nodes."""

    source: str
    target: str
    kind: EdgeKind
    labels: tuple[str, ...] = ()
    """Operations that are called, or events that are published; in the order of the design."""


@dataclass(frozen=True)
class SystemPicture:
    """The parts of a system and what runs between them."""

    nodes: tuple[PictureNode, ...] = ()
    edges: tuple[PictureEdge, ...] = ()


@dataclass(frozen=True)
class Span:
    """Something that took time: a session, a phase of it, a builder's attempt, a fix attempt.

    Times are seconds since the epoch; `ended` is None while it runs, or where its end is not known.
    """

    kind: SpanKind
    name: str
    """Of a session its number (`1`), of a phase its name, of a build or a fix the service."""
    started: float
    ended: float | None
    outcome: str = ""
    """How it ended, as it is written down: `done`, `failed`, `succeeded`, `timed out`, `interrupted` ..."""
    session: int = 1
    """Which session of the run it was in, from 1."""
    number: int = 1
    """Which attempt at its service it was, from 1."""
    builder: str = ""
