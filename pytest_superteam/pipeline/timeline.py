"""When what happened in a run: its sessions, their phases, the attempts of builders and to mend, out of the store."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Span
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.resuming import CRASHED
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.pipeline.run import Run
    from pytest_superteam.pipeline.state.attempts import Attempt
    from pytest_superteam.pipeline.state.store import SessionRecord, Store

__all__ = ["LIMIT", "timeline_of"]

LIMIT = 2000
"""Spans of a timeline; of more, sessions and phases come first, and the newest of each kind."""
_RANK = {"session": 0, "phase": 1, "fix": 2, "build": 3}
_GATE, _ARCHITECT = "quality_gate", "architect_running"
"""The states in which the gate is asked, and the architect works; the other phases are written down as such."""


def timeline_of(run: Run) -> tuple[Span, ...]:
    """Return the spans of a run over all its sessions, by beginning; what nobody saw the end of has none.

    The present session, and its gate, end now.
    """
    interrupted = str(run.memory.get("interrupted", ""))
    present = _Present(run.scope, time.time(), f"interrupted: {interrupted}" if interrupted else "done")
    times = _Times(run.store, run.id, present)
    spans = [*times.sessions(), *times.phases(), *times.gates()]
    if run.adopted is None:
        spans += times.designs()
    spans += times.attempts(Attempts(run.store, run.id, run.scope).of_run())
    return _bounded(spans)


def _bounded(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans by beginning, at most so many."""
    kept = sorted(spans, key=lambda span: (_RANK[span.kind], -span.started))[:LIMIT]
    return tuple(sorted(kept, key=lambda span: (span.started, _RANK[span.kind], span.name, span.number)))


@dataclass(frozen=True)
class _Phase:
    """A phase as it is written down."""

    session: str
    name: str
    status: str
    started: float
    ended: float | None


@dataclass(frozen=True)
class _Move:
    """A transition of the state machine as it is written down."""

    session: str
    source: str
    target: str
    at: float


@dataclass(frozen=True)
class _Present:
    """The session that reports: where it is, and how it ends."""

    session: str
    now: float
    reason: str


def _outcome(session: SessionRecord) -> str:
    """Return how a session ended; one without an end is at work on another machine, for those that crashed have one."""
    return one_line(session.end_reason, 120) if session.ended is not None else "running"


def _end(started: float, ended: float | None) -> float | None:
    """Return the end of something: what a crash broke off ended, as it is written down, with the last heartbeat."""
    return None if ended is None else max(started, ended)


class _Times:
    """What the store knows of the times of one run."""

    def __init__(self, store: Store, run: str, present: _Present) -> None:
        phases, moves = store.table("phases"), store.table("transitions")
        self._present = present.session
        of_run: Any = phases.select().where(phases.c.run == run)
        self._phases = store.read(_Phase, of_run.order_by(phases.c.started, phases.c.name))
        self._moves = store.read(_Move, moves.select().where(moves.c.run == run).order_by(moves.c.id))
        self._sessions = [self._as_it_was(session, present) for session in store.sessions(run)]
        self._numbers = {session.id: number for number, session in enumerate(self._sessions, start=1)}

    def _as_it_was(self, session: SessionRecord, present: _Present) -> SessionRecord:
        """Return a session; the one that reports as if it were over, and one that crashed with its last sign of life.

        What the store has of the latter's end is when its heart was last heard.
        """
        if session.id == present.session:
            return replace(session, ended=present.now, end_reason=present.reason)
        if session.ended is None or session.end_reason != CRASHED:
            return session
        signs = [move.at for move in self._moves if move.session == session.id]
        signs += [phase.ended or phase.started for phase in self._phases if phase.session == session.id]
        return replace(session, ended=max([session.ended, *signs]))

    def _number(self, session: str) -> int:
        """Return which session of the run it was; one that nobody wrote down was the only one."""
        return self._numbers.get(session, 1)

    def sessions(self) -> Iterator[Span]:
        """Yield the sessions."""
        for number, session in enumerate(self._sessions, start=1):
            yield Span("session", str(number), session.started, session.ended, _outcome(session), number)

    def phases(self) -> Iterator[Span]:
        """Yield the phases that are written down as such: contracts, builders, deployment, fix."""
        for phase in self._phases:
            number = self._number(phase.session)
            yield Span("phase", phase.name, phase.started, _end(phase.started, phase.ended), phase.status, number)

    def designs(self) -> Iterator[Span]:
        """Yield the times of the architect: from his state to the next."""
        for index, move in enumerate(self._moves):
            if move.target == _ARCHITECT:
                after = next((later for later in self._moves[index + 1 :] if later.session == move.session), None)
                outcome = "running" if after is None else "failed" if after.target == "failed" else "done"
                ended = after.at if after is not None else None
                yield Span("phase", "architect", move.at, ended, outcome, self._number(move.session))

    def gates(self) -> Iterator[Span]:
        """Yield the time that each session spent at its gate: from its last phase to its end."""
        for session in self._sessions:
            began = self._gate_began(session)
            if began is not None:
                number = self._number(session.id)
                yield Span("phase", "gate", began, session.ended, _outcome(session), number)

    def _gate_began(self, session: SessionRecord) -> float | None:
        """Return when a session came to its gate; None where it did not."""
        state = next((move.target for move in reversed(self._moves) if move.at < session.started), "")
        own = [move for move in self._moves if move.session == session.id]
        arrived = next((move.at for move in reversed(own) if move.target == _GATE), None)
        if arrived is None and state != _GATE:
            return None
        ends = [phase.ended for phase in self._phases if phase.session == session.id and phase.ended is not None]
        return max(filter(None, (session.started, arrived, *ends)))

    def attempts(self, attempts: Iterable[Attempt]) -> Iterator[Span]:
        """Yield the tries of builders, and those at mending what they had built."""
        for attempt in attempts:
            yield Span(
                "fix" if attempt.phase == "fix" else "build",
                attempt.service or attempt.phase,
                attempt.started,
                _end(attempt.started, attempt.ended),
                attempt.status,
                self._number(attempt.session),
                attempt.number,
                attempt.builder,
            )
