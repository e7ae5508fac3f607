"""Run a command that must not outlive the process that asked for it; a script, standard library only.

`python -I -S guard.py [--grace SECONDS] [--report FD] PID COMMAND ...` starts the command in a process group of its
own, ends with its exit status, and kills all that it started when it ends, when SIGTERM comes, or when the guard's own
parent, the process PID, is gone, however that ended. On Linux it adopts the orphans of the command, so that a child
that left the process group is found too.

With `--grace`, SIGTERM is passed on first and the command gets so long to end; SIGINT cuts that short. With
`--report`, a line of JSON goes to the descriptor at the end: `{"status": 0, "left": 2}`, the exit status (negative: the
signal) and how many processes were still there when the command had ended by itself. The command inherits the
descriptor.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

INTERVAL = 0.2
"""Seconds between two looks at the parent."""
KILL_SECONDS = 5.0
"""How long children are looked for that were started while others were killed."""
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform.startswith("linux")
_STOPS: list[int] = []
"""The signals that asked us to stop."""


def main(parent: int, command: list[str], grace: float = 0.0, report: int | None = None) -> int:
    """Run `command` to its end, or to the end of the parent; return the exit status."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # handlers: what is ignored would be inherited
        signal.signal(number, lambda number, _frame: _STOPS.append(number))
    if os.getppid() != parent:
        return 1  # it was gone before we began
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    inherited = () if report is None else (report,)
    child = subprocess.Popen(command, start_new_session=True, pass_fds=inherited)  # noqa: S603  # no shell; our own stdin
    status, left = None, 0
    try:
        while not _STOPS and os.getppid() == parent and status is None:
            status = _wait(child, INTERVAL)
        if status is None and grace and _STOPS == [signal.SIGTERM]:
            _ask(child, parent, grace)
    finally:
        killed = _kill_all(child)
        if report is not None:
            left = killed if status is not None else 0
            _tell(report, {"status": child.poll() if status is None else status, "left": left})
    return 1 if status is None else status


def _wait(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    _reap(child)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _ask(child: subprocess.Popen[bytes], parent: int, grace: float) -> None:
    """Let the command end by itself, for as long as nobody is in a hurry."""
    deadline, asked = time.monotonic() + grace, len(_STOPS)
    for number in (signal.SIGTERM, signal.SIGCONT):  # one that is stopped hears nothing
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
    while time.monotonic() < deadline and len(_STOPS) == asked and os.getppid() == parent:
        if _wait(child, INTERVAL / 4) is not None:
            return


def _reap(child: subprocess.Popen[bytes]) -> None:
    """Collect the orphans that have ended, so that their number stays bounded; the command is left to `child`."""
    child.poll()
    with contextlib.suppress(ChildProcessError):
        while _LINUX and (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
            if found.si_pid == child.pid:
                return
            os.waitpid(found.si_pid, os.WNOHANG)


def _kill_all(child: subprocess.Popen[bytes]) -> int:
    """Kill the process group and what left it, and return how many; without /proc only the group, uncounted."""
    seen = set(_descendants()) if _LINUX else set()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for pid in seen:
        _kill(pid)
    end = time.monotonic() + KILL_SECONDS
    while _LINUX and time.monotonic() < end:
        _reap(child)
        # Orphans become our own children, and that list is short to read: one that forks and ends, again and again, is
        # caught by being quick.
        found = _children() or _descendants()
        if not found:
            break
        for pid in found:
            _kill(pid)
        if seen.issuperset(found):
            time.sleep(0.001)
        seen.update(found)
    with contextlib.suppress(subprocess.TimeoutExpired):  # the kernel holds it; it ends when that lets go
        child.wait(KILL_SECONDS)
    return len(seen)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _children() -> list[int]:
    """Return the processes directly below this one; nothing where the kernel keeps no such list."""
    pid = os.getpid()
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()]
    except OSError:
        return []


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


def _tell(report: int, said: dict[str, int | None]) -> None:
    with contextlib.suppress(OSError):  # nobody listens
        os.write(report, json.dumps(said).encode() + b"\n")


def _given(words: list[str]) -> int:
    options = {}
    while words[0].startswith("--"):
        options[words[0]], words = words[1], words[2:]
    report = int(options["--report"]) if "--report" in options else None
    return main(int(words[0]), words[1:], float(options.get("--grace", 0)), report)


if __name__ == "__main__":
    sys.exit(_given(sys.argv[1:]))
