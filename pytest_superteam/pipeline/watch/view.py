"""What is known of a run that goes on, worked out from its events; it looks at nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.watch.amounts import amount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.pipeline.watch.events import Event

__all__ = ["AT_WORK", "PhaseView", "ServiceView", "View", "text_of"]

AT_WORK = ("building", "retrying")
"""What services are called while somebody works on them, or is about to try again."""
_STANDINGS = ("waiting", "building", "done", "failed", "kept", "review")
_PHASE_STATES = {"started": "running", "done": "done", "failed": "failed", "stopped": "stopped"}
_MOST = 1000
"""Services and phases that are kept; a builder that writes events itself can't fill the memory."""


@dataclass
class PhaseView:
    """A phase: `waiting`, `running`, `done`, `failed` or `kept` (its work was there already).

    Times are in seconds since the epoch, sums in US dollars.
    """

    name: str
    status: str = "waiting"
    started: float = 0.0
    ended: float = 0.0
    usd: float = 0.0
    note: str = ""
    """How far it is, in its own words."""

    def seconds(self, now: float) -> float:
        """Return how long it has taken so far."""
        return max(0.0, (now if self.status == "running" else self.ended) - self.started)


@dataclass
class ServiceView:
    """A service: `waiting`, `building`, `retrying`, `done`, `failed`, `kept` (from before) or `review`."""

    name: str
    status: str = "waiting"
    started: float = 0.0
    ended: float = 0.0
    usd: float = 0.0
    attempt: int = 1
    attempts: int = 0
    """How many there may be; 0 where that is not known."""
    note: str = ""

    def seconds(self, now: float) -> float:
        """Return how long it has taken so far, all its attempts together."""
        return max(0.0, (now if self.status in AT_WORK else self.ended) - self.started) if self.started else 0.0


@dataclass
class View:
    """Phases, services and costs of a run; `take` brings them up to date."""

    phases: dict[str, PhaseView] = field(default_factory=dict)
    services: dict[str, ServiceView] = field(default_factory=dict)
    state: str = ""
    """The run's state, as its state machine calls it."""
    usd: float = 0.0
    """What the run has cost so far, over all its sessions."""
    estimated: bool = False
    """Whether some of that was worked out by us."""
    unknown: bool = False
    """Whether some of it nobody could say."""
    cap: float | None = None
    """What it may cost; None where nobody said."""
    stopping: str = ""
    """Why the run is about to stop."""

    @classmethod
    def expecting(cls, phases: Iterable[str], cap: float | None = None) -> View:
        """Return the view of a run that has all its phases before it."""
        return cls({name: PhaseView(name) for name in phases}, cap=cap)

    def take(self, event: Event) -> None:
        """Bring everything up to date with what happened."""
        taker = getattr(self, f"_take_{event.kind}", None)
        if taker is not None:
            taker(event)

    @property
    def running(self) -> list[PhaseView]:
        """Return the phases at work."""
        return [phase for phase in self.phases.values() if phase.status == "running"]

    def count(self, *statuses: str) -> int:
        """Return how many services are called one of `statuses`."""
        return sum(service.status in statuses for service in self.services.values())

    # ------------------------------------------------------------ one method for each kind of event that counts

    def _take_transition(self, event: Event) -> None:
        self.state = text_of(event, "target") or self.state

    def _take_phase(self, event: Event) -> None:
        phase, state = self._phase(text_of(event, "phase")), text_of(event, "state")
        if phase is None:
            return
        if state == "progress":
            phase.note = event.message
        elif state in _PHASE_STATES:
            phase.status = _PHASE_STATES[state]
            if state == "started":
                phase.started, phase.note = event.at, ""
                self._pass_over(phase)
            phase.ended = event.at

    def _pass_over(self, begun: PhaseView) -> None:
        """Call the phases before `begun` kept that nobody had to begin."""
        for phase in self.phases.values():
            if phase is begun:
                return
            phase.status = "kept" if phase.status == "waiting" else phase.status

    def _take_builder(self, event: Event) -> None:
        service, state = self._service(event.service), text_of(event, "state")
        if service is None or state not in _STANDINGS:
            return
        if state == "building" and service.status not in AT_WORK:
            service.started = event.at
        service.status, service.ended = state, event.at
        service.note = _about(event) if state in {"failed", "review"} else ""

    def _take_attempt(self, event: Event) -> None:
        service = self._service(event.service)
        if service is None:
            return
        service.attempt = int(amount(event.data.get("number")) or service.attempt)
        service.attempts = int(amount(event.data.get("of")) or service.attempts)
        if text_of(event, "status") == "running":
            service.started = service.started or event.at
            service.status, service.note = "building", ""

    def _take_retry(self, event: Event) -> None:
        service = self._service(event.service)
        if service is not None:
            service.status, service.note = "retrying", text_of(event, "reason")
            service.started = service.started or event.at
            service.attempt = int(amount(event.data.get("attempt")) or service.attempt)
            service.attempts = int(amount(event.data.get("of")) or service.attempts)

    def _take_cost(self, event: Event) -> None:
        usd = amount(event.data.get("usd"))
        total = amount(event.data.get("total_usd"))
        if usd is None:
            return
        self.usd = self.usd + usd if total is None else total
        self._take_doubts(event)
        phase, service = self._phase(text_of(event, "phase")), self._service(event.service)
        for part in (phase, service):
            if part is not None:
                part.usd += usd

    def _take_budget(self, event: Event) -> None:
        total = amount(event.data.get("total_usd"))
        self.usd = self.usd if total is None else total
        self._take_doubts(event)

    def _take_doubts(self, event: Event) -> None:
        self.estimated = self.estimated or event.data.get("estimated") is True
        self.unknown = self.unknown or event.data.get("unknown") is True

    def _take_review(self, event: Event) -> None:
        service = self._service(event.service)
        if service is not None:
            service.status, service.ended, service.note = "review", event.at, _about(event)

    def _take_interrupt(self, event: Event) -> None:
        self.stopping = event.message

    # ------------------------------------------------------------ what it is about

    def _phase(self, name: str) -> PhaseView | None:
        if not name or (name not in self.phases and len(self.phases) >= _MOST):
            return None
        return self.phases.setdefault(name, PhaseView(name))

    def _service(self, name: str) -> ServiceView | None:
        if not name or (name not in self.services and len(self.services) >= _MOST):
            return None
        return self.services.setdefault(name, ServiceView(name))


def text_of(event: Event, name: str) -> str:
    """Return a text of an event's data, empty where there is none."""
    value: Any = event.data.get(name)
    return value if isinstance(value, str) else ""


def _about(event: Event) -> str:
    """Return the message without the service that it is about."""
    return event.message.removeprefix(f"{event.service}: ")
