"""What is told of a run in plain lines: few, each complete, none of them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pytest_superteam.pipeline.watch.rows import money, progress
from pytest_superteam.pipeline.watch.view import AT_WORK, text_of
from pytest_superteam.reports.text import one_line
from pytest_superteam.reports.times import span

if TYPE_CHECKING:
    from pytest_superteam.pipeline.watch.events import Event
    from pytest_superteam.pipeline.watch.view import PhaseView, View

__all__ = ["QUIET_PHASES", "Detail", "line_of", "sign_of_life"]

Detail = Literal["little", "beside", "normal", "much"]
"""How much is told: how phases ended that took a while, and what went wrong; how far they are as well; also what became
of each service, where no table shows it; everything."""
QUIET_PHASES = ("contracts", "run", "gate")
"""Phases of a moment, or that pytest itself tells about."""
QUICK = 5.0
"""Seconds below which the end of a phase that went well is told with -v only."""
_LONGEST = 240
_NEVER = ("quality_gate", "cost", "run", "resume")
"""What the header, the table at the end or pytest's own lines say."""


def line_of(event: Event, view: View, detail: Detail) -> str:
    """Return what is told of an event that `view` has taken, without a prefix; empty where it is not worth a line."""
    if event.kind == "phase":
        return _of_phase(event, view, detail)
    if event.kind in _NEVER and not (event.kind == "cost" and event.level == "warning"):
        return ""
    if event.level in {"warning", "error"}:
        return _whole(event)
    if event.kind == "builder":
        state = text_of(event, "state")
        told = state == "done" and not _quick(event, view, "builders")
        if detail != "normal":
            told = detail == "much" and state != "waiting"
        return _whole(event) if told else ""
    return _whole(event) if detail == "much" and event.kind != "transition" else ""


def _of_phase(event: Event, view: View, detail: Detail) -> str:
    name, state = text_of(event, "phase"), text_of(event, "state")
    phase = view.phases.get(name)
    if phase is None or (name in QUIET_PHASES and state not in {"failed", "stopped"}):
        return ""
    if state == "progress":
        return _whole(event) if detail != "little" else ""
    if state not in {"done", "failed", "stopped"}:
        return ""
    if state == "done" and detail != "much" and _quick(event, view, name) and _well(view, name):
        return ""
    return one_line(f"{name}: {_ended(phase, view)}", _LONGEST)


def _quick(event: Event, view: View, name: str) -> bool:
    """Return whether a phase has taken a moment so far and cost nothing: nobody waited for what it would tell."""
    phase = view.phases.get(name)
    if phase is None or not phase.started or view.usd or view.unknown:
        return False
    return phase.seconds(event.at) < QUICK


def _well(view: View, name: str) -> bool:
    """Return whether a phase ended with nothing amiss in any service."""
    return name != "builders" or not (view.count("failed") or view.count("review"))


def _ended(phase: PhaseView, view: View) -> str:
    """Return how a phase ended, in its own figures."""
    took = span(phase.seconds(phase.ended))
    if phase.status in {"failed", "stopped"}:
        return f"{phase.status} after {took}"
    if phase.name != "builders" or not view.services:
        return f"done in {took}"
    words = (("done", "built"), ("kept", "kept"), ("failed", "failed"), ("review", "to be reviewed"))
    counts = [f"{count} {word}" for status, word in words if (count := view.count(status))]
    if view.count("kept") == len(view.services):
        return f"{counts[0]}, nothing to build"
    return ", ".join(part for part in (f"{', '.join(counts)} in {took}", money(view)) if part)


def _whole(event: Event) -> str:
    """Return the message, with the service where it does not name it."""
    about = f"{event.service}: " if event.service and event.service not in event.message else ""
    return one_line(about + event.message, _LONGEST)


def sign_of_life(view: View, now: float) -> str:
    """Return a line for times in which nothing happens; empty where no phase is at work."""
    at_work = [phase for phase in view.running if phase.name not in QUIET_PHASES]
    if not at_work:
        return ""
    phase = at_work[-1]
    parts = [f"{phase.name}: at work for {span(phase.seconds(now))}"]
    if phase.name == "builders":
        busy = [service for service in view.services.values() if service.status in AT_WORK]
        slowest = sorted(busy, key=lambda service: -service.seconds(now))[:3]
        more = f" and {len(busy) - 3} more" if len(busy) > 3 else ""
        names = ", ".join(f"{service.name} ({span(service.seconds(now))})" for service in slowest)
        parts += [progress(view), f"now {names}{more}" if busy else "", money(view)]
    else:
        parts.append(phase.note)
    return one_line(", ".join(part for part in parts if part), _LONGEST)
