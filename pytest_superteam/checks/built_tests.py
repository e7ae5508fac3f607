"""A run of the tests that came with a service that was built: in a copy, with an environment of its own, counted."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.outputs import read_go, read_output
from pytest_superteam.checks.own_tests.place import last_line
from pytest_superteam.checks.own_tests.process import find_program, run_guarded
from pytest_superteam.checks.own_tests.reports import read_junit
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_superteam.checks.own_tests.counts import Counts

__all__ = ["TestRun", "run_built_tests"]

MAX_FILES = 50_000
MAX_BYTES = 1 << 30
"""Files and bytes of the largest service that is copied; one that a builder left is smaller by far."""
_INPUT = ".superteam"
"""Folder of what an agent is given; it is gone when the gate runs the tests."""
_TOOK = re.compile(r" in \d{1,6}(?:\.\d{1,6})? ?m?s\b")
"""How long something took, which is another text each time."""
_COUNTED = (0, 1, 5)
"""Exit statuses of pytest after which its counts are whole: all passed, some failed, no tests."""


@dataclass(frozen=True)
class TestRun:
    """How a service's own tests ended."""

    __test__ = False  # pytest collects no tests from it

    command: tuple[str, ...]
    """As the service names it."""
    status: int
    output: str
    counts: Counts | None
    """None where nothing could be counted."""
    seconds: float

    @property
    def is_pytest(self) -> bool:
        """Return whether the command runs pytest."""
        return _is_pytest(self.command)

    @property
    def problem(self) -> str:
        """Return why the tests did not run, or could not be counted; empty where they did."""
        if self.counts is not None and (self.status in _COUNTED or not self.is_pytest) and self.counts.total:
            return ""
        if self.status == 0 and self.counts is None:
            return f"`{' '.join(self.command[:4])}` succeeded, but no test could be counted in what it printed."
        if self.counts is not None and (self.status in {0, 5} or not self.is_pytest):
            return "its test command ran no test."
        told = _TOOK.sub("", last_line(self.output)).rstrip(". =")
        return f"its tests did not run (exit {self.status}){f': {told}' if told else ''}."


def run_built_tests(
    directory: Path,
    command: Sequence[str],
    *,
    timeout: float,
    plugins: bool = False,
    within: Callable[[list[str], Path, Path], list[str]] | None = None,
) -> TestRun:
    """Run the tests of a service that was built, in a copy of its folder.

    Args:
        directory: the service's folder.
        command: argument vector; `python` as its first element is the interpreter that runs us.
        timeout: seconds for the whole test run.
        plugins: whether pytest loads the plugins that are installed, as it does for whoever calls it by hand.
        within: returns the argument vector that starts another one under limits, given that, the folder that it starts
            in, and the folder around it that it may write to.

    Raises:
        CheckError: the tests could not be started, or did not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="superteam-", ignore_cleanup_errors=True) as scratch:
        home, report = Path(scratch, "home"), Path(scratch, "home", "junit.xml")
        home.mkdir()
        copy = Path(scratch, directory.name)
        _copy(directory, copy)
        dressed = _dress(command, copy, report, plugins=plugins)
        environment = _environment(home, plugins=plugins)
        started = time.monotonic()
        try:
            dressed[0] = find_program(dressed[0], copy, environment)
            ran = run_guarded(within(dressed, copy, Path(scratch)) if within else dressed, copy, environment, timeout)
        except (CheckError, OSError, ValueError) as error:  # ValueError: a NUL byte in an argument
            raise CheckError(f"the service's own tests could not be started: {error}") from None
        if ran.late:
            raise CheckError(f"the service's own tests did not end within {timeout:g} s.")
        seconds = time.monotonic() - started
        counts = read_junit(report) if _is_pytest(command) else read_go(ran.output) or read_output(ran.output)
    return TestRun(tuple(command), ran.status, ran.output.replace(str(copy), "."), counts, seconds)


def _is_pytest(command: Sequence[str]) -> bool:
    return any(Path(word).name in {"pytest", "py.test"} for word in command)


def _dress(command: Sequence[str], folder: Path, report: Path, *, plugins: bool) -> list[str]:
    """Return a test command as it is run: pytest writes a report, and leaves the project around it alone."""
    dressed = [sys.executable if command[0] == "python" else command[0], *command[1:]]
    if not _is_pytest(command):
        return dressed
    dressed += ["-p", "no:cacheprovider", "--rootdir=.", "--confcutdir=.", f"--junitxml={report}"]
    dressed += ["--disable-warnings", "--tb=short"]  # the tail of the output is what people see
    if plugins:
        dressed += ["-p", "no:superteam", "-p", "no:schemathesis"]  # nothing of ours; the other takes a second to load
    if not _has_pytest_settings(folder):
        dressed += ["-c", os.devnull]  # or pytest would take those of the project around it
    return dressed


_SETTINGS = {
    "pytest.ini": "",
    ".pytest.ini": "",
    "pytest.toml": "",
    ".pytest.toml": "",
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
}
"""Where pytest looks for its settings, and the section that makes a file one of them."""


def _has_pytest_settings(folder: Path) -> bool:
    """Return whether a service brings settings of its own for pytest."""
    for name, section in _SETTINGS.items():
        file = folder / name
        if file.is_file() and section in file.read_text(encoding="utf-8", errors="replace"):
            return True
    return False


def _environment(home: Path, *, plugins: bool) -> dict[str, str]:
    """Return all that a test run of built code gets to see: nothing of ours but where the programs are."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        **({} if plugins else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    }


def _copy(source: Path, target: Path) -> None:
    """Copy a service without what tools left in it; links stay links, special files are left out.

    Raises:
        CheckError: it can't be read, or is too large.
    """
    from pytest_superteam.builders.tree import INSTALLED, LEFTOVERS

    files, size, left_out = 0, 0, LEFTOVERS | {_INPUT}
    try:
        for folder, names, inner in os.walk(source):
            place = target / Path(folder).relative_to(source)
            place.mkdir()
            linked = [name for name in names if name in INSTALLED or Path(folder, name).is_symlink()]
            names[:] = [name for name in names if name not in left_out and name not in linked]
            for name in linked:
                (place / name).symlink_to(_aim(Path(folder, name)))
            for name in inner:
                size += _copy_file(Path(folder, name), place / name)
                files += 1
                if files > MAX_FILES or size > MAX_BYTES:
                    raise CheckError(
                        f"its tests did not run: it has more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB."
                    )
    except OSError as error:
        raise CheckError(f"its tests did not run: its folder can't be copied: {error}.") from None


def _copy_file(source: Path, target: Path) -> int:
    """Copy a file, or make the same link, and return its bytes."""
    found = source.lstat()
    if stat.S_ISLNK(found.st_mode):
        target.symlink_to(_aim(source))
    elif stat.S_ISREG(found.st_mode):
        shutil.copyfile(source, target, follow_symlinks=False)
        target.chmod(stat.S_IMODE(found.st_mode) & 0o777 | 0o600)
        return found.st_size
    return 0


def _aim(link: Path) -> str:
    """Return where a link of the copy leads: where the one in the source does, or to a folder of the source."""
    return str(link.readlink() if link.is_symlink() else link.absolute())
