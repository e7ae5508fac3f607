"""Run a command that must not outlive the process that asked for it; a script, standard library only.

`python -I -S guard.py PID COMMAND ...` starts the command in a process group of its own, ends with its exit status, and
kills the group when its own parent, the process PID, is gone, however that ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

INTERVAL = 0.2
"""Seconds between two looks at the parent."""


def main(parent: int, command: list[str]) -> int:
    """Run `command` to its end, or to the end of the parent; return the exit status."""
    if os.getppid() != parent:
        return 1  # it was gone before we began
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  # no shell

    def stop(_signal: int, _frame: object) -> None:
        raise SystemExit(1)

    signal.signal(signal.SIGTERM, stop)
    try:
        while True:
            try:
                return child.wait(INTERVAL)
            except subprocess.TimeoutExpired:
                if os.getppid() != parent:
                    return 1
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
