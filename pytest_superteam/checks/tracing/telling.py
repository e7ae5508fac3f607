"""From what was watched to what a journey leaves: the lines that have to do with it, in each service."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.tracing.records import Arrival, Journey, Probe, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.checks.tracing.watch import Published, Sighting, Watch

__all__ = ["journey_told", "probe_told"]

_KEPT = 12  # sightings of a journey in one service


def journey_told(journey: Journey, events: list[tuple[str, Published]], sent_at: float, watch: Watch) -> Journey:
    """Return `journey` with what the services told of it; `events` are its own, by their declared names."""
    rows = [row for row in (journey.row, *journey.rows.values()) if row]
    tokens = {journey.trace_id, *(event.trace_id for _, event in events), *rows} - {""}
    seen: list[Seen] = []
    for service, sightings in watch.seen.items():
        found = sorted(_about(sightings, tokens), key=lambda s: not s.has(journey.trace_id))  # proof first
        seen += [_seen(service, sighting, journey.trace_id, rows) for sighting in found[:_KEPT]]
    arrivals = tuple(_arrival(name, event, sent_at) for name, event in events)
    return replace(journey, seen=tuple(seen), events=arrivals)


def probe_told(probe: Probe, watch: Watch) -> Probe:
    """Return `probe` with what its service told of it."""
    sightings = _about(watch.seen.get(probe.service, ()), {probe.header_trace, probe.marker} - {""})
    seen = tuple(_seen(probe.service, s, probe.header_trace, [probe.marker]) for s in sightings[:_KEPT])
    return replace(probe, seen=seen, claimed=tuple(sorted({c for s in sightings for c in s.line.claimed})))


def _arrival(name: str, event: Published, sent_at: float) -> Arrival:
    small = len(json.dumps(event.body)) < 100_000
    return Arrival(
        name,
        event.trace_id,
        event.authorized,
        event.content_type,
        round(max(0.0, event.at - sent_at), 2),
        event.body if small else None,
        event.text[:2000],
    )


def _about(sightings: Iterable[Sighting], tokens: set[str]) -> list[Sighting]:
    return [sighting for sighting in sightings if any(sighting.has(token) for token in tokens)]


def _seen(service: str, sighting: Sighting, trace_id: str, rows: list[str]) -> Seen:
    line = sighting.line
    traced = sighting.has(trace_id)
    return Seen(
        service,
        sighting.kind,
        line.shown,
        traced,
        "" if traced else next(iter(line.traces), ""),
        tuple(row for row in rows if row and sighting.has(row)),
        line.paths,
        line.status,
        line.span_id,
        line.parent_id,
    )
