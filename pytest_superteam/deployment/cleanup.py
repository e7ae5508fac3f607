"""Taking a deployment down, from whatever process, and sweeping away what a killed run has left."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from pytest_superteam.deployment.records import DEPLOYMENT, READINESS, RECORD, ProcessRecord, read_record
from pytest_superteam.deployment.supervisor import GRACE_SECONDS, ORDER, alive, start_token

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

__all__ = ["MARKER", "sweep", "teardown"]

MARKER = "SUPERTEAM_DEPLOYMENT"
"""The environment variable that marks every process of a deployment; its value is no secret."""
_KILL_SECONDS = 5.0


def teardown(folder: Path) -> None:
    """Stop what `folder` says is running and remove its records. Idempotent; works from any process.

    Only processes that the record names with the same start time, or that carry its marker, are touched.
    """
    record = read_record(folder)
    if record and record.here:
        _stop_supervisor(record)
        _kill_rest(record)
    if record is None or record.here:
        _forget(folder)


def sweep(folder: Path) -> list[int]:
    """Stop what a dead run has left in `folder` and return the pids, sorted.

    A run is dead when its owner or its supervisor is gone. A live one, and one of another machine, is left alone.
    """
    record = read_record(folder)
    if record is None:
        _forget(folder)
        return []
    if record.live or not record.here:
        return []
    left = {process.pid for process in _members(record)}
    if alive(*record.supervisor):
        left.add(record.supervisor[0])
    teardown(folder)
    return sorted(left)


def _forget(folder: Path) -> None:
    for name in (DEPLOYMENT, READINESS, RECORD, ORDER):
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def _stop_supervisor(record: ProcessRecord) -> None:
    pid, started = record.supervisor
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS + _KILL_SECONDS + 1), (signal.SIGKILL, 1.0)):
        if not alive(pid, started):
            break
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        _wait_for_end(pid, started, seconds)
    with contextlib.suppress(ChildProcessError):  # it is no child of ours when another worker deployed
        os.waitpid(pid, os.WNOHANG)


def _wait_for_end(pid: int, started: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while alive(pid, started) and time.monotonic() < end:
        time.sleep(0.02)


def _kill_rest(record: ProcessRecord) -> None:
    """End what a supervisor that was killed has left: gently, then not."""
    import psutil

    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        left = _members(record)
        if not left:
            return
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        psutil.wait_procs(left, timeout=seconds)


def _members(record: ProcessRecord) -> list[psutil.Process]:
    """Return the living processes of the deployment, its supervisor and this process left out."""
    import psutil

    named = {state.pid: state.start for state in record.services.values() if state.pid > 1}
    own = {os.getpid(), record.supervisor[0]}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in own and start_token(process.pid) and _belongs(process, named, record.marker)
    ]


def _belongs(process: psutil.Process, named: dict[int, str], marker: str) -> bool:
    import psutil

    if process.pid in named and alive(process.pid, named[process.pid]):
        return True
    try:
        return bool(marker) and process.environ().get(MARKER) == marker
    except (psutil.Error, OSError):
        return False
