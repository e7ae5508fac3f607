"""The fix loop's driver: sessions of pytest one after the other, until nothing blocks or nothing more can be done.

Each session is a child process with the same command line, so that whatever is selected, plugged in or spread over
workers is so each time, and the reports and the exit code are those of the last one. All sessions work on one run,
which knows what is to be mended. The system stays up between them: it belongs to this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.config import load_config
from pytest_superteam.errors import SuperteamError
from pytest_superteam.gate.commandline import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.pipeline.fix.planning import FixPlan
    from pytest_superteam.pipeline.run import Run

__all__ = ["Place", "drive", "fix_footer", "fix_header", "place_in_loop"]

VARIABLE = "PYTEST_SUPERTEAM_FIX"
"""In a session of the loop: `PID:NUMBER:FILE`, the driver, the session's number from 1, and the file whose being there
tells it that another session is to follow."""
BEGINNING = frozenset({"--fresh", "--from", "--approve", "--reject"})
"""Options for the first session only."""
ENDED_BY = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_PR_SET_PDEATHSIG = 1
_OTHERWISE = (
    *("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow", "setupplan"),
    *("superteam_until", "superteam_system", "superteam_calibrate", "superteam_init"),
)
"""Options with which nothing is gated, or nothing that we built."""


@dataclass(frozen=True)
class Place:
    """A session's place in a fix loop."""

    driver: int = 0
    """Process that runs the sessions, and keeps the system running from one to the next; 0 where there is no loop."""
    number: int = 1
    """1 for the first session."""
    again: str = ""
    """The file whose being there tells the driver that another session is to follow."""

    @property
    def goes_on(self) -> bool:
        """Return whether a session goes on with what an earlier one began: nothing is begun anew then."""
        return self.number > 1

    def tell(self) -> None:
        """Tell the driver that another session is to follow."""
        Path(self.again).touch()


PLACE = pytest.StashKey[Place]()


def place_in_loop(config: pytest.Config) -> Place:
    """Return the place of this session, or of the one that this process works for."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return Place(*worker["superteam_loop"])
    return config.stash.get(PLACE, Place())


def _follow(config: pytest.Config) -> bool:
    """Take the session's place in a loop, and end with its driver, however that ends; return whether there is one.

    Nothing that this process starts is to take itself for a session of the loop.
    """
    driver, _, rest = os.environ.pop(VARIABLE, "").partition(":")
    number, _, again = rest.partition(":")
    if not (driver.isdecimal() and number.isdecimal() and int(driver) == os.getppid()):
        return False
    config.stash[PLACE] = Place(int(driver), int(number), again)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    return True


def fix_header(run: Run) -> list[str]:
    """Return a line on the fix attempt that a session begins with."""
    plan = run.planned_fix
    return [f"superteam: {_told(plan)}"] if plan is not None else []


def fix_footer(run: Run) -> list[str]:
    """Return a line on the fix attempt that follows a session."""
    if not run.memory.get("fix_follows"):
        return []
    from pytest_superteam.pipeline.fixing import due

    plan = due(run)
    return [f"another session follows: {_told(plan)}"] if plan is not None else []


def _told(plan: FixPlan) -> str:
    """Return who is asked to mend how much, on one line."""
    from pytest_superteam.reports.text import one_line, plural

    asked = ", ".join(f"{fix.service} ({plural(len(fix.findings), 'finding')})" for fix in plan.services)
    return one_line(f"fix attempt {plan.number} of {plan.of}: {asked}", 400)


def drive(config: pytest.Config) -> int | None:
    """Run the sessions of a fix loop and return the exit code of the last one; None where there is no loop to drive.

    Raises:
        pytest.UsageError: the settings can't be used; one line.
    """
    if (
        hasattr(config, "workerinput")
        or _follow(config)
        or any(getattr(config.option, name, None) for name in _OTHERWISE)
    ):
        return None
    if not _prd(config):
        return None
    try:
        limit = _limit(config)
    except SuperteamError as error:
        raise pytest.UsageError(str(error)) from None
    return _Driver(config, limit).run() if limit else None


def _prd(config: pytest.Config) -> str | None:
    """Return the document that is gated, also where only an id of its gate is given."""
    from pytest_superteam.gate.session import implied_prd

    given = config.getoption("superteam_prd")
    return given[0] if given else implied_prd([str(argument) for argument in config.args])


def _limit(config: pytest.Config) -> int:
    """Return how many fix attempts there may be."""
    from pytest_superteam.gate.settings import absolute, options_of, settings_file
    from pytest_superteam.pipeline.fix.limit import fix_limit

    file, _ = settings_file(config, absolute(config, str(_prd(config))), system=False)
    return fix_limit(load_config(file, environment=os.environ, options=options_of(config)))


class _Driver:
    """Runs sessions one after the other."""

    def __init__(self, config: pytest.Config, limit: int) -> None:
        self._config, self._limit = config, limit
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> int:
        """Return the exit code of the last session."""
        old = {number: signal.signal(number, self._pass_on) for number in ENDED_BY if _is_heard(number)}
        try:
            with tempfile.TemporaryDirectory(prefix="superteam-fix-") as folder:
                return self._sessions(Path(folder, "again"))
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    def _sessions(self, again: Path) -> int:
        arguments = words(self._config)
        code = 0
        for number in range(1, self._limit + 2):
            code = self._session(arguments, {VARIABLE: f"{os.getpid()}:{number}:{again}"})
            if self._stopped or not again.exists():
                break
            again.unlink()
            arguments = words(self._config, without=BEGINNING)
        return code

    def _session(self, arguments: tuple[str, ...], more: Mapping[str, str]) -> int:
        """Run one session and return its exit code."""
        as_module = Path(sys.argv[0]).name == "__main__.py"  # the working folder is importable then, as it was for us
        python = [sys.executable, *([] if as_module else ["-P"]), "-m", "pytest"]
        sys.stdout.flush()
        with subprocess.Popen([*python, *arguments], env={**os.environ, **more}) as self._child:  # noqa: S603
            while True:
                with contextlib.suppress(KeyboardInterrupt):
                    status = self._child.wait()
                    return status if status >= 0 else 128 - status

    def _pass_on(self, number: int, _frame: Any) -> None:
        """Pass a signal on to the session, unless the terminal has told it already."""
        self._stopped = True
        if self._child is not None and self._child.poll() is None and not _from_terminal(number):
            self._child.send_signal(number)


def _is_heard(number: signal.Signals) -> bool:
    """Return whether a signal is not ignored (nohup)."""
    return signal.getsignal(number) is not signal.SIG_IGN


def _from_terminal(number: int) -> bool:
    """Return whether everything in the terminal's foreground got a signal, and our session with it."""
    if number == signal.SIGTERM:
        return False
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
