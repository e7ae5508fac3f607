"""The table of the live view as plain rows: what is at work comes first where not everything fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.watch.view import AT_WORK
from pytest_superteam.reports.costs import dollars
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.pipeline.watch.view import PhaseView, ServiceView, View

__all__ = ["Row", "headline", "money", "progress", "rows"]

FEWEST = 3
"""Services that are shown however low the terminal is."""
_URGENT = (*AT_WORK, "review", "failed", "waiting", "done", "kept")


@dataclass(frozen=True)
class Row:
    """A line of the table; every text is fit to be shown."""

    name: str
    status: str
    elapsed: str = ""
    cost: str = ""
    note: str = ""


def headline(view: View, now: float, began: float) -> str:
    """Return state, time since `began` (seconds since the epoch, as `now`), costs and budget of the run on one line."""
    parts = [one_line(view.state.replace("_", " "), 40), span(now - began), money(view)]
    if view.stopping:
        parts.append(one_line(view.stopping, 100))
    return ", ".join(part for part in parts if part)


def money(view: View) -> str:
    """Return what the run has cost and may cost; empty where neither is anything."""
    spent = dollars(view.usd, estimated=view.estimated)
    if view.unknown:
        spent = f"{spent} and an unknown cost" if view.usd else "unknown cost"
    if view.cap is not None:
        return f"{spent} of {dollars(view.cap)}"
    return spent if view.usd or view.unknown else ""


def progress(view: View) -> str:
    """Return how many services are built."""
    if not view.services:
        return ""
    made = view.count("done", "kept")
    failed = view.count("failed", "review")
    return f"{made} of {len(view.services)} built{f', {failed} failed' if failed else ''}"


def rows(view: View, now: float, height: int) -> list[Row]:
    """Return the phases, and below that of the builders the services, as many as fit into `height` lines."""
    found: list[Row] = []
    for phase in view.phases.values():
        found.append(_phase_row(phase, view, now))
        if phase.name == "builders" and phase.status == "running":
            room = max(FEWEST, height - len(view.phases))
            found += _service_rows(list(view.services.values()), now, room)
    return found


def _phase_row(phase: PhaseView, view: View, now: float) -> Row:
    waits = phase.status in {"waiting", "kept"}
    note = progress(view) if phase.name == "builders" else phase.note if phase.status == "running" else ""
    return Row(
        one_line(phase.name, 40),
        phase.status,
        "" if waits else span(phase.seconds(now)),
        dollars(phase.usd) if phase.usd else "",
        one_line(note, 200),
    )


def _service_rows(services: Sequence[ServiceView], now: float, room: int) -> list[Row]:
    """Return the services in their order; where they do not fit, the ones at work, and what the others do."""
    if len(services) <= room:
        return [_service_row(service, now) for service in services]
    urgent = sorted(services, key=lambda service: _URGENT.index(service.status))[: room - 1]
    chosen = {service.name for service in urgent}
    left = [service for service in services if service.name not in chosen]
    counts = [(status, sum(service.status == status for service in left)) for status in _URGENT]
    rest = ", ".join(f"{count} {status}" for status, count in counts if count)
    shown = [_service_row(service, now) for service in services if service.name in chosen]
    return [*shown, Row(f"  and {plural(len(left), 'other')}", rest)]


def _service_row(service: ServiceView, now: float) -> Row:
    tries = ""
    if service.attempt > 1 and service.status in AT_WORK:
        tries = f"attempt {service.attempt}" + (f" of {service.attempts}" if service.attempts else "")
    return Row(
        f"  {one_line(service.name, 60)}",
        service.status,
        span(service.seconds(now)) if service.started else "",
        dollars(service.usd) if service.usd else "",
        ", ".join(part for part in (tries, one_line(service.note, 200)) if part),
    )
