"""Layer 1: does a service build, pass its own tests, and hold what was asked of it?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, BuildResult, CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["check_build", "check_convergence", "run_own_tests"]

MAX_OUTPUT = 1 << 20
"""Bytes of a test run's output that are kept."""


def check_build(build: BuildResult) -> CheckResult:
    """Return a violation where the builder failed or left code that can't be read."""
    if not build.success:
        return _violation("BUILD-001", build.service, f"was not built by '{build.builder}': {build.error}")
    for name in sorted(build.files):
        if name.endswith(".py"):
            problem = _syntax_error(build.directory / name)
            if problem:
                line, text = problem
                return _violation("BUILD-001", build.service, f"is no Python: {text}. Mend the file.", name, line)
    return CheckResult(detail=f"{len(build.files)} files in {build.seconds:.1f} s")


def _syntax_error(path: Path) -> tuple[int, str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in built code is no syntax error, whatever -W says
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0, error.msg
    except (ValueError, OSError) as error:  # a NUL byte, a file that went away
        return 0, str(error)
    return None


@dataclass(frozen=True)
class _Counts:
    total: int
    bad: int
    failures: tuple[str, ...]


def run_own_tests(build: BuildResult, *, ratio: float, timeout: float) -> CheckResult:
    """Run the tests that came with a service, in its folder and with an environment of their own.

    Args:
        build: what was built; its `test` is the command.
        ratio: share of the tests that must pass, 0 to 1 (0.9 by default).
        timeout: seconds for the whole test run.

    Raises:
        CheckError: the test run could not be started or counted, or did not end in time.
    """
    if not build.test:
        return _violation("TEST-001", build.service, "came with no tests. Add some, and the command that runs them.")
    with tempfile.TemporaryDirectory(prefix="superteam-") as scratch:
        report = Path(scratch) / "junit.xml"
        command = [sys.executable if build.test[0] == "python" else build.test[0], *build.test[1:]]
        if "pytest" in command:
            command += ["-p", "no:cacheprovider", "--rootdir=.", "--confcutdir=.", f"--junitxml={report}"]
            command += ["--disable-warnings", "--tb=short"]  # the tail of the output is what people see
            if not _has_pytest_settings(build.directory):
                command += ["-c", os.devnull]  # or pytest would take those of the project around it
        status, output = _run(command, build.directory, _environment(Path(scratch)), timeout)
        counts = _count(report)
    if counts is None or status not in (0, 1, 5):
        if status == 0 and "pytest" not in command:
            return CheckResult(detail="the test command succeeded")
        return _violation("TEST-001", build.service, f"its tests did not run (exit {status}).", evidence=_tail(output))
    if not counts.total:
        return _violation("TEST-001", build.service, "its test command ran no test. Add tests.", evidence=_tail(output))
    passed = counts.total - counts.bad
    if passed < ratio * counts.total:
        message = f"{counts.bad} of {counts.total} of its own tests fail ({', '.join(counts.failures[:3])}). Mend them."
        return _violation("TEST-001", build.service, message, evidence=_tail(output))
    return CheckResult(detail=f"{passed} of {counts.total} own tests pass")


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


def _environment(scratch: Path) -> dict[str, str]:
    """Return all that a test run of built code gets to see: nothing of ours but the path."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",  # the source stays as it was built
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float) -> tuple[int, str]:
    """Return exit status and the end of the output of a command that does not outlive us (`checks.guard`)."""
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise CheckError(f"'{command[0]}' could not be started for the tests: there is no such command.")
    guarded = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py")), str(os.getpid()), *command]
    with tempfile.TemporaryFile() as sink:
        child = subprocess.Popen(  # noqa: S603  # an argument vector of the build record, no shell
            guarded, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise CheckError(f"the service's own tests did not end within {timeout:g} s.") from None
        finally:
            child.terminate()  # the guard takes the whole group with it
            child.wait()
        sink.seek(max(0, sink.seek(0, os.SEEK_END) - MAX_OUTPUT))
        return status, sink.read().decode("utf-8", "replace")


def _count(report: Path) -> _Counts | None:
    """Read a JUnit file; None where there is none to read."""
    from xml.etree import ElementTree as ET

    try:
        if report.stat().st_size > MAX_OUTPUT * 16:
            return None
        text = report.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # a JUnit file has none; entity bombs do
        return None
    try:
        cases = list(ET.fromstring(text).iter("testcase"))  # noqa: S314  # entities are refused above
    except ET.ParseError:
        return None
    ran = [case for case in cases if case.find("skipped") is None]
    bad = [case for case in ran if case.find("failure") is not None or case.find("error") is not None]
    return _Counts(len(ran), len(bad), tuple(str(case.get("name")) for case in bad))


def check_convergence(
    system: Architecture,
    service: str,
    routes: frozenset[tuple[str, str]],
    ratio: float,
    normalise: Callable[[str], str],
) -> CheckResult:
    """Compare what was asked of a service with the routes that its source has.

    Args:
        system: the architecture.
        service: name of the service.
        routes: (METHOD, normalised path) of each route of the source.
        ratio: share of operations and requirements that must be there (0.9 by default).
        normalise: function that brings a path to the form that `routes` has.
    """
    operations = system.operations_of(service)
    there = {op.id for op in operations if (op.method, normalise(op.path)) in routes}
    mine = [r for r in system.requirements if any(name.startswith(f"{service}:") for name in r.operations)]
    met = [r for r in mine if all(n.split(":", 1)[1] in there for n in r.operations if n.startswith(f"{service}:"))]
    asked, done = len(operations) + len(mine), len(there) + len(met)
    detail = f"{len(there)} of {len(operations)} operations and {len(met)} of {len(mine)} requirements are there"
    if asked and done < ratio * asked:
        absent = [f"{op.method} {op.path}" for op in operations if op.id not in there]
        return _violation("CONVERGENCE-001", service, f"only {detail}. Add {', '.join(absent[:5])}.")
    return CheckResult(detail=detail)


def _tail(output: str, lines: int = 15) -> str:
    return "\n".join(output.strip().splitlines()[-lines:])


def _violation(code: str, service: str, message: str, file: str = "", line: int = 0, evidence: str = "") -> CheckResult:
    found = Violation(code, Severity.ERROR, service, f"'{service}' {message}", file, line, evidence=evidence)
    return CheckResult(violations=(found,))
