"""A session begins: it takes over what dead ones left, and works on the run that is not done yet or on a new one."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import TYPE_CHECKING

from pytest_superteam.builders.run import load_builds
from pytest_superteam.pipeline.fleet.reviews import Reviews
from pytest_superteam.pipeline.state.heartbeat import Heartbeat
from pytest_superteam.pipeline.state.pruning import prune
from pytest_superteam.pipeline.state.resuming import Choice, bury, choose_run
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.times import moment

if TYPE_CHECKING:
    from pytest_superteam.pipeline.run import Run

__all__ = ["begin", "end"]

_DESIGNING = ("init", "architect_running", "architect_review")
"""States in which a run has no design yet, or one that may still change."""
BEAT_SECONDS = 10.0
"""Between two signs of life; a crash loses at most sixty seconds of bookkeeping."""


def begin(run: Run, kind: str, *, waiting: str = "", redesigned: bool = False) -> None:
    """Begin this session's work, on the run that is not done yet or on a new one.

    The caller holds the project. `waiting` is the run whose design was reviewed, if it is about one; `redesigned` says
    that the design is not the one that the last run went on from.
    """
    store, project = run.store, run.project
    dead = bury(store, project)
    choice = _choice(run, kind, project, waiting, redesigned=redesigned)
    if choice.run is not None:
        run.id = choice.run
    else:
        store.start_run(
            run.id,
            prd=run.prd.path,
            prd_sha256=run.prd.sha256,
            kind=kind,
            project=project,
            depth=run.config.depth,
            continues=choice.continues,
        )
    command = mask(str(run.memory.get("command", "")))
    store.start_session(run.scope, run=run.id, pid=os.getpid(), host=platform.node(), command=command)
    store.update_run(run.id, interrupted=False, interrupt_reason="", ended=None, verdict=None)
    prune(store, project)
    services = [service.name for service in run.architecture.services] if run.architecture else []
    run.log.begin(title=run.prd.path.name, services=services, resumed=choice.why if choice.run else "")
    for session in dead:
        told = f"session {session.id} crashed; its last sign of life was at {moment(session.heartbeat)}"
        run.log.emit("interrupt", told, level="warning")
    told = f"goes on, {choice.why}" if choice.run else " ".join(filter(None, ("begins", choice.why)))
    run.log.emit("resume" if choice.run else "run", f"run {run.id} {told}")
    run.ledger.settle_dead()
    if choice.run and choice.why:
        run.memory.setdefault("notes", []).append(f"run: goes on with {run.id}, {choice.why}")
    run.memory["began"] = time.monotonic()
    run.memory["heartbeat"] = Heartbeat(store, run.scope, seconds=BEAT_SECONDS, also=run.save_snapshot)
    run.memory["heartbeat"].start()
    run.save_snapshot()
    if choice.run is None:
        run.plugged.phase("run", "init")
    elif choice.retry:
        run.advance("retry_quality", manual_retry_requested=True)


def _choice(run: Run, kind: str, project: str, waiting: str, *, redesigned: bool) -> Choice:
    """Return the run to go on with; a design that somebody was to review is gone on with where this is about it."""
    if waiting:
        return Choice(waiting, retry=False, continues="", why="whose design was waiting for review")
    choice = choose_run(
        run.store,
        project=project,
        kind=kind,
        prd_sha256=run.prd.sha256,
        fresh=run.config.fresh and not run.config.start,
    )
    if choice.run is None:
        return choice
    state = run.store.state(choice.run)
    waits = state == "architect_review" and _is_reviewed(run, choice.run)
    if run.config.start or waits or (redesigned and state not in _DESIGNING):
        return Choice(None, retry=False, continues=choice.run, why=f"after run {choice.run}, {choice.why}")
    return choice


def _is_reviewed(run: Run, other: str) -> bool:
    """Return whether somebody was to look at the design of a run."""
    from pytest_superteam.pipeline.review import RECORD

    return run.store.result(other, RECORD) is not None


def end(run: Run) -> None:
    """End this session: what is still open is written down, and why it ended.

    Where that can't be written, one line says so; the next session finds this one without an end, and goes on.
    """
    heartbeat = run.memory.pop("heartbeat", None)
    if heartbeat is None:
        return
    heartbeat.stop()
    try:
        _write_end(run)
    except (StoreError, OSError) as error:
        why = str(error) or type(error).__name__
        sys.stderr.write(f"superteam: how this session ended can't be written down: {why}. The same command goes on.\n")


def _write_end(run: Run) -> None:
    known = run.store.run(run.id)
    reason = str(run.memory.get("interrupted", "")) or (known.interrupt_reason if known else "")
    if reason:
        run.store.update_run(run.id, interrupted=True, interrupt_reason=reason)
        way = "a higher budget goes on" if reason.startswith("budget") else "the same command goes on"
        run.log.emit("interrupt", f"interrupted: {reason}; {way}", level="warning")
    run.store.end_session(run.scope, f"interrupted: {reason}" if reason else "done")
    _sum_up(run, reason, known.verdict if known else None)
    run.save_snapshot()


def _sum_up(run: Run, reason: str, verdict: str | None) -> None:
    """Write the summary of this session into the run log."""
    records = load_builds(run.layout.builds, run.layout.output).values()
    built = sum(record.success for record in records)
    run.log.end(
        verdict="interrupted" if reason else verdict or "not gated",
        seconds=time.monotonic() - run.memory.get("began", time.monotonic()),
        usd=run.ledger.total().usd,
        completed=built,
        failed=len(records) - built,
        review=len(Reviews(run.store, run.id, run.scope).open()),
    )
