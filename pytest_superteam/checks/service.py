"""Layer 1: does a service build, pass its own tests, and hold what was asked of it?"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.process import run_guarded
from pytest_superteam.checks.own_tests.reports import read_junit
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, BuildResult, CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_superteam.checks.own_tests.process import Ran

__all__ = ["check_build", "check_convergence", "run_own_tests"]


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
        ran = _run(command, build.directory, _environment(Path(scratch)), timeout)
        status, output, counts = ran.status, ran.output, read_junit(report)
    if counts is None or status not in (0, 1, 5):
        if status == 0 and "pytest" not in command:
            return CheckResult(detail="the test command succeeded")
        return _violation("TEST-001", build.service, f"its tests did not run (exit {status}).", evidence=_tail(output))
    if not counts.total:
        return _violation("TEST-001", build.service, "its test command ran no test. Add tests.", evidence=_tail(output))
    passed = counts.total - counts.bad
    if passed < ratio * counts.total:
        message = f"{counts.bad} of {counts.total} of its own tests fail ({', '.join(counts.failing[:3])}). Mend them."
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


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float) -> Ran:
    """Run a command that does not outlive us and return how it ended."""
    try:
        ran = run_guarded(command, folder, environment, timeout)
    except CheckError as error:
        raise CheckError(f"the service's own tests could not be started: {error}") from None
    if ran.late:
        raise CheckError(f"the service's own tests did not end within {timeout:g} s.")
    return ran


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
