"""Where a service's tests run, and how each kind of service finds, prepares and starts them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.process import Ran, run_guarded
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.checks.own_tests.surroundings import Surroundings

__all__ = ["Found", "Kind", "Place", "last_line", "line_with"]

_MOST_TEXT = 200_000
_ERROR = re.compile(r"\b[A-Z]\w{0,60}(?:Error|Exception)\b ?[:(]|^(?:npm )?(?:error|ERROR|FATAL|fatal)\b[: ]")
"""How the lines of exceptions and of package managers look that say what is wrong."""


@dataclass(frozen=True)
class Found:
    """The tests of a service: the command that runs them, or why there are none."""

    command: tuple[str, ...] = ()
    reason: str = ""
    """Part of a sentence that begins with the service's name, such as `has no test_*.py`."""


@dataclass
class Place:
    """The copy of a service in which its tests run."""

    service: str
    top: Path
    """The copy."""
    folder: Path
    """The service's own folder in it, where the tests are run."""
    work: Path
    given: Surroundings
    ends: float
    """Moment (`time.monotonic`) at which preparing has to be done."""
    extra: dict[str, str] = field(default_factory=dict)
    """Variables of the test run besides `given`; preparing fills it."""
    notes: list[str] = field(default_factory=list)
    """What differs from what the service asked for."""

    @property
    def results(self) -> Path:
        """Return the folder that runners write their reports to."""
        return self.work / "results"

    def left(self) -> float:
        """Return the seconds that preparing may still take.

        Raises:
            CheckError: there are none.
        """
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise CheckError("making the environment of its tests took too long.")
        return seconds

    def install(self, command: Sequence[str], folder: Path, extra: Mapping[str, str] | None = None) -> Ran:
        """Run a command that prepares the tests, in the environment of installations; what it says is kept.

        Raises:
            CheckError: it can't be started, or does not end in time.
        """
        return self._prepare(command, folder, self.given.installing({**self.extra, **(extra or {})}))

    def build(self, command: Sequence[str], folder: Path) -> Ran:
        """Run a command that prepares the tests and may run code of the dependencies: as the tests see the world."""
        return self._prepare(command, folder, self.given.testing(self.extra))

    def _prepare(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ran:
        ran = run_guarded(command, folder, environment, self.left())
        with (self.work / "install.log").open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"$ {' '.join(command)}\n{ran.output[-200_000:]}\n(exit {ran.status})\n")
        if ran.late:
            raise CheckError(f"`{' '.join(command[:3])}` did not end in time; its dependencies are not installed.")
        return ran


@dataclass(frozen=True)
class Kind:
    """One way of testing: which services are tested so, and how."""

    name: str
    languages: frozenset[str]
    is_here: Callable[[Path], bool]
    """Whether a folder is a project of this kind."""
    find: Callable[[Path, Sequence[str]], Found]
    """The tests of a folder; the folders of other services in it are given too."""
    inputs: Callable[[Place], Sequence[Path]]
    """Files that the environment is made of."""
    tools: Callable[[Place], str]
    """What else it depends on: versions."""
    make: Callable[[Place], None]
    """Make the environment; raises CheckError."""
    enter: Callable[[Place], None]
    """Complete `Place.extra` for an environment that is there."""
    dress: Callable[[Place, tuple[str, ...]], tuple[str, ...]]
    """Add to a command of `find` what makes it write a report."""


_NOISE = ("npm error a complete log", "[notice]", "note: this", "hint: see above", "npm error code", "[end of output]")
_FRAME = re.compile(r"(?:> )?\d{1,6} \|| ?\| |at \S|[!=_~^-]{3}|For further information")
"""How lines begin that show where an error is, and not what it is."""


def last_line(output: str, words: Sequence[str] = ("error", "not found", "failed", "could not")) -> str:
    """Return the last line of an output that tells of an error; else the last line of all."""
    lines = [" ".join(line.split()) for line in output[-_MOST_TEXT:].splitlines() if line.strip()]
    telling = [line for line in lines if not line.lower().startswith(_NOISE) and not _FRAME.match(line)]
    named = [line for line in telling if _ERROR.search(line)]
    with_error = [line for line in telling if any(word in line.lower() for word in words) and " " in line]
    return (named or with_error or telling or [""])[-1][:300]


def line_with(output: str, sign: re.Pattern[str]) -> str:
    """Return the longest line in which a sign is found, for it says the most; empty where it is in none."""
    lines = (" ".join(line.split()) for line in output.splitlines() if sign.search(line))
    return max(lines, key=len, default="")[:300].rstrip(".")
