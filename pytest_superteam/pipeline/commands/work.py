"""Whether somebody is at work on a project, told from its sessions alone: nothing is locked to find out."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.pipeline.state.store import RunRecord, SessionRecord, Store

__all__ = ["Work", "work_on"]

SILENT_SECONDS = 60.0
"""A sign of life is due every ten seconds; after so many without one, a session is told to be silent."""

Condition = Literal["at work", "silent", "dead"]


@dataclass(frozen=True)
class Work:
    """A session that nobody has ended."""

    session: SessionRecord
    condition: Condition
    """`at work`; `silent`: its process may be there and gives no sign of life; `dead`: its process is gone."""
    silent_for: float
    """Seconds since its last sign of life."""


def work_on(
    store: Store,
    run: RunRecord,
    *,
    now: float | None = None,
    here: str | None = None,
    born: Callable[[int], float | None] | None = None,
) -> Work | None:
    """Return the newest session of a run that has no end, None where each of them ended.

    Args:
        store: the memory of the runs.
        run: the run.
        now: seconds since the epoch; the clock's where it is not given.
        here: the name of this machine.
        born: says since when (seconds since the epoch) a process of this machine exists, None where it does not.
    """
    open_ones = [session for session in store.sessions(run.id) if session.ended is None]
    if not open_ones:
        return None
    session = open_ones[-1]
    silent_for = max(0.0, (time.time() if now is None else now) - session.heartbeat)
    condition: Condition = "at work" if silent_for < SILENT_SECONDS else "silent"
    if session.host == (platform.node() if here is None else here):
        since = (born or _born)(session.pid)
        if since is None or since > session.heartbeat + 1:  # the number belongs to another process by now
            condition = "dead"
    return Work(session, condition, silent_for)


def _born(pid: int) -> float | None:
    """Return since when a process exists, in seconds since the epoch; None where it does not, or has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.AccessDenied:
        return 0.0
    except (psutil.Error, ValueError, OverflowError):
        return None
