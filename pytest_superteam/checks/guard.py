"""Run a command that must not outlive the process that asked for it; a script, standard library only.

`python -I -S guard.py PID COMMAND ...` starts the command in a process group of its own, ends with its exit status, and
kills all that it started when its own parent, the process PID, is gone, however that ended. On Linux it adopts the
orphans of the command, so that a child that left the process group is found too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

INTERVAL = 0.2
"""Seconds between two looks at the parent."""
ROUNDS = 20
"""How often children are looked for that were started while others were killed."""
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform.startswith("linux")


def main(parent: int, command: list[str]) -> int:
    """Run `command` to its end, or to the end of the parent; return the exit status."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    if os.getppid() != parent:
        return 1  # it was gone before we began
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(command, start_new_session=True)  # noqa: S603  # no shell; standard input is ours
    try:
        while not stopped and os.getppid() == parent:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(INTERVAL)
        return 1
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        _kill_descendants()


def _kill_descendants() -> None:
    """Kill what left the process group; nothing where there is no /proc."""
    for _ in range(ROUNDS if _LINUX else 0):
        found = _descendants()
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _descendants() -> list[int]:
    """Return the processes below this one, zombies left out."""
    rows = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(OSError):
                state, above = (path / "stat").read_bytes().rpartition(b")")[2].split()[:2]
                rows[int(path.name)] = (state, int(above))
    known = {os.getpid()}
    while new := {pid for pid, (_, above) in rows.items() if above in known and pid not in known}:
        known |= new
    return [pid for pid in known - {os.getpid()} if rows[pid][0] not in b"ZX"]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
