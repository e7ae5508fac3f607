"""A guarded child process: two scripts stand between us and the command, one that ends it, one that confines it.

We start `checks/guard.py`, which starts `confine.py`, which becomes the command. Both tell through one pipe what became
of it; the command never holds that pipe, nor a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pytest_superteam.agents.confine import launcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Child", "Report"]

GRACE_SECONDS = 3.0
"""How long a command that is to end gets to do so by itself."""
KILL_SECONDS = 8.0
"""How long the guard may take to end everything: more than it allows itself."""
_STEP = 0.03
_MARKER = "PYTEST_SUPERTEAM_AGENT"
"""The environment variable that marks all processes of one run; its value is no secret. Names that begin with
`SUPERTEAM_` are settings, for the pytest that an agent may run."""
_MOST_REPORT = 1 << 16
_GUARD = Path(__file__).parents[1] / "checks" / "guard.py"


@dataclass(frozen=True)
class Report:
    """What became of a command. `status` is negative for a signal, and None where the guard could not tell."""

    status: int | None = None
    left: int = 0
    confined: bool = False
    failed: str = ""
    """Why it could not be started."""


class Child:
    """A running command."""

    def __init__(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        stdin: bytes | None,
        writable: Sequence[Path] | None,
        file_bytes: int,
    ) -> None:
        """Start `argv` in `folder`; see `confine.launcher` for the last two.

        Raises:
            OSError: it can't be started, for instance since its arguments are too long.
            ValueError: an argument or a variable holds a null character.
        """
        self._marker = uuid.uuid4().hex
        self._report, report = os.pipe()
        self.output, output = os.pipe()
        inner = launcher(argv, folder=folder, writable=writable, file_bytes=file_bytes, report=report)
        grace = ("--grace", str(GRACE_SECONDS), "--report", str(report))
        try:
            with _spooled(stdin) as given:
                self._guard = subprocess.Popen(  # noqa: S603  # an argument vector, no shell
                    [sys.executable, "-I", "-S", str(_GUARD), *grace, str(os.getpid()), *inner],
                    cwd=os.sep,  # it outlives the folder, and whoever ends what works in the folder
                    env={**environment, _MARKER: self._marker},
                    stdin=given,
                    stdout=output,
                    stderr=output,
                    pass_fds=(report,),
                    start_new_session=True,
                )
        except BaseException:
            os.close(self._report)
            os.close(self.output)
            raise
        finally:
            os.close(report)
            os.close(output)

    @property
    def pid(self) -> int:
        """Return the process above the command."""
        return self._guard.pid

    def running(self) -> bool:
        """Return whether anything of it may still run."""
        return self._guard.poll() is None

    @property
    def unguarded(self) -> bool:
        """Return whether the guard was killed, so that what it guarded still runs."""
        return (self._guard.returncode or 0) < 0

    async def ended(self, seconds: float) -> bool:
        """Wait for the end, for so long; return whether it has ended."""
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_STEP)
        return True

    async def stop(self, *, at_once: bool = False) -> None:
        """End it with all that it started; being cancelled meanwhile makes that quicker, and never leaves it undone."""
        try:
            self._signal(signal.SIGCONT)  # whoever stopped the guard
            self._signal(signal.SIGINT if at_once else signal.SIGTERM)
            await self.ended(KILL_SECONDS if at_once else GRACE_SECONDS + KILL_SECONDS)
        finally:
            self._signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._guard.wait(KILL_SECONDS)
            self._signal(signal.SIGKILL)
            self._guard.wait()

    def close(self, seen: Mapping[int, float]) -> Report:
        """Return what became of it, once it has ended; where the guard was killed, end what that has left.

        Args:
            seen: process id -> start time, of the processes that were seen below it.
        """
        os.close(self.output)
        os.set_blocking(self._report, False)
        said = b""
        with contextlib.suppress(BlockingIOError):  # somebody still holds it
            said = os.read(self._report, _MOST_REPORT)
        os.close(self._report)
        report = _read(said)
        if report.status is None or not sys.platform.startswith("linux"):
            self._sweep(seen)
        return report

    def _signal(self, number: int) -> None:
        if self.running():
            self._guard.send_signal(number)

    def _sweep(self, seen: Mapping[int, float]) -> None:
        """Kill what is marked as this run's, or was seen below it and is still the same process."""
        import psutil

        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                known = seen.get(process.pid) == process.create_time()
                if known or process.environ().get(_MARKER) == self._marker:
                    process.kill()


@contextlib.contextmanager
def _spooled(given: bytes | None) -> Iterator[IO[bytes] | int]:
    """Yield a standard input that holds `given` and then ends: nobody has to feed it, and nothing waits on it."""
    if not given:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as stream:
        stream.write(given)
        stream.seek(0)
        yield stream


def _read(said: bytes) -> Report:
    """Put together the lines that the two scripts have sent."""
    told: dict[str, Any] = {}
    for line in said.splitlines():
        with contextlib.suppress(ValueError):  # cut off
            told |= json.loads(line)
    return Report(told.get("status"), told.get("left", 0), told.get("confined", False), told.get("failed", ""))
