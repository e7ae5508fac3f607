"""How a session takes over: what dead ones left is ended, and the run to go on with is chosen."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.machine import TERMINAL
from pytest_superteam.pipeline.state.heartbeat import ALIVE_SECONDS
from pytest_superteam.pipeline.state.store import SessionRecord
from pytest_superteam.reports.times import moment

if TYPE_CHECKING:
    from pytest_superteam.pipeline.state.store import RunRecord, Store

__all__ = ["Choice", "bury", "choose_run", "lineage"]

CRASHED = "crashed"
GATE_STATES = ("quality_gate", "fix_pass")
"""A run that failed in one of these has been built and started: its gate can be asked again."""


@dataclass(frozen=True)
class Choice:
    """What a session works on."""

    run: str | None
    """The run that it goes on with; None: a new one."""
    retry: bool
    """Whether that run failed at its gate, so that the gate is tried again."""
    continues: str
    """The run whose budget a new one goes on with; empty where it starts from nothing."""
    why: str
    """In a few words, for people; empty where there was nothing before."""


def bury(store: Store, project: str) -> list[SessionRecord]:
    """End the sessions of a project that never said they ended, and return them as they were left.

    The caller holds the project's lock and has not written down its own session, so that they are dead. Only in a
    database that machines share one may be alive, on a machine where the lock of ours says nothing: its heartbeat does.
    Their runs are interrupted since their last sign of life, and so are the attempts and phases under way.
    """
    dead = [session for session in _without_end(store, project) if not _is_alive(store, session)]
    for session in dead:
        _end(store, session)
    _end_attempts(store, project)
    return dead


def _without_end(store: Store, project: str) -> list[SessionRecord]:
    sessions = store.table("sessions")
    mine = sessions.c.run.in_(store.run_ids(project)), sessions.c.ended.is_(None)
    return store.read(SessionRecord, sessions.select().where(*mine).order_by(sessions.c.started, sessions.c.id))


def _is_alive(store: Store, session: SessionRecord) -> bool:
    """Return whether a session may be at work on another machine."""
    elsewhere = not store.is_file and session.host != platform.node()
    return elsewhere and abs(time.time() - session.heartbeat) < ALIVE_SECONDS


def _end(store: Store, session: SessionRecord) -> None:
    """Write down that a session crashed, and what that means for its run and its phases, in one transaction."""
    sessions, runs, phases = store.table("sessions"), store.table("runs"), store.table("phases")
    last = max(session.started, session.heartbeat)
    reason = f"{CRASHED}: process {session.pid} gave its last sign of life at {moment(last)}"
    with store.begin() as connection:
        ended = {"ended": last, "end_reason": CRASHED}
        connection.execute(sessions.update().where(sessions.c.id == session.id).values(**ended))
        working = (runs.c.id == session.run, runs.c.state.not_in(TERMINAL))
        connection.execute(runs.update().where(*working).values(interrupted=True, interrupt_reason=reason))
        under_way = (phases.c.session == session.id, phases.c.status == "running")
        broken = {"status": "failed", "ended": last, "error": reason}
        connection.execute(phases.update().where(*under_way).values(**broken))


def _end_attempts(store: Store, project: str) -> None:
    """Write down that nobody works on the attempts of sessions that are over; each ended with its session."""
    from sqlalchemy import func, select

    attempts, sessions = store.table("attempts"), store.table("sessions")
    left = attempts.c.run.in_(store.run_ids(project)), attempts.c.status == "running"
    at_work = select(sessions.c.id).where(sessions.c.ended.is_(None))
    ended = select(sessions.c.ended).where(sessions.c.id == attempts.c.session).scalar_subquery()
    over = attempts.update().where(*left, attempts.c.session.not_in(at_work))
    with store.begin() as connection:
        connection.execute(over.values(status="interrupted", ended=func.coalesce(ended, attempts.c.started)))


def choose_run(store: Store, *, project: str, kind: str, prd_sha256: str, fresh: bool) -> Choice:
    """Return the run to go on with: the newest one of its kind where it is about the same requirements and not over.

    A run that another machine is at work on is not ours to touch.
    """
    elsewhere = {session.run for session in _without_end(store, project) if _is_alive(store, session)}
    newest = next((run for run in store.runs(project) if run.kind == kind and run.id not in elsewhere), None)
    if newest is None:
        return Choice(None, retry=False, continues="", why="")
    if fresh:
        return Choice(None, retry=False, continues="", why=f"--fresh starts anew, without run {newest.id}")
    if newest.prd_sha256 != prd_sha256:
        return _new(newest, "the requirements changed")
    if newest.state == "complete" and newest.verdict is None:  # it was killed before it said so
        return Choice(newest.id, retry=False, continues="", why="which was complete and had not said so")
    if newest.state not in TERMINAL:
        return Choice(newest.id, retry=False, continues="", why=_where(newest))
    if newest.state == "failed" and newest.previous_state in GATE_STATES:
        return Choice(newest.id, retry=True, continues="", why="which failed at its gate; the gate is tried again")
    return _new(newest, "it is complete" if newest.state == "complete" else f"it failed in {newest.previous_state}")


def _new(newest: RunRecord, why: str) -> Choice:
    continues = "" if newest.state == "complete" else newest.id
    return Choice(None, retry=False, continues=continues, why=f"after run {newest.id}: {why}")


def _where(run: RunRecord) -> str:
    """Return how far a run got, as a clause."""
    if not run.interrupted:
        return f"which has got to {run.state}"
    return f"which was interrupted in {run.state} ({run.interrupt_reason})"


def lineage(store: Store, run: str) -> list[str]:
    """Return the ids of a run and of those that it continues, the run itself first."""
    found: list[str] = []
    current: str | None = run
    while current and current not in found:  # a damaged database may go round in circles
        known = store.run(current)
        if known is None:
            break
        found.append(current)
        current = known.continues
    return found
