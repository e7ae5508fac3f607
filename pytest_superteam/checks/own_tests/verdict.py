"""What a test run means: a pass, too many failures, no tests, or nothing that can be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.missing_parts import hint
from pytest_superteam.checks.own_tests.place import last_line
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.checks.own_tests.counts import Counts
    from pytest_superteam.checks.own_tests.process import Ran

__all__ = ["FAILED", "NONE", "judge", "violation"]

FAILED, NONE = "TEST-001", "TEST-002"
_NO_TESTS = re.compile(
    r"no tests? (?:found|ran|to run|collected|files)|NO TESTS RAN|Could not find any test", re.IGNORECASE
)
_NOT_RUN = (2, 3, 4)
"""Exit statuses of pytest when it was interrupted, broke, or was called wrongly."""
_LINES, _LINE = 15, 300


def judge(
    service: str,
    command: Sequence[str],
    ran: Ran,
    counts: Counts | None,
    *,
    ratio: float,
    given: bool = False,
    notes: Sequence[str] = (),
) -> CheckResult:
    """Return what a test run that ended says of a service.

    Args:
        service: its name.
        command: what was run.
        ran: how it ended.
        counts: what was read of its report or output, None where nothing could be.
        ratio: share of the tests that must pass, 0 to 1.
        given: whether the user wrote the command, so that its exit status decides where nothing can be counted.
        notes: what was different from what the service asked for.

    Raises:
        CheckError: the tests could not be run: no program, or what they need around them is not here.
    """
    shown, said = " ".join(command[:4]), "".join(f" ({note})" for note in notes)
    if counts is None and given and ran.status == 0:
        return CheckResult(detail=f"the test command succeeded; its tests could not be counted{said}")
    if counts is None and ran.status == 0:
        message = f"its test command `{shown}` succeeded, but no test could be counted in what it printed. Add tests."
        return violation(NONE, service, message, _tail(ran.output))
    if counts is None or counts.total == 0:
        return _nothing_ran(service, ran, counts, said)
    if "pytest" in command and ran.status in _NOT_RUN:
        return _not_run(service, ran, said)
    passed = counts.total - counts.bad
    if counts.bad and passed < ratio * counts.total:
        names = f" ({', '.join(name[:100] for name in counts.failing[:3])})" if counts.failing else ""
        message = f"{counts.bad} of {counts.total} of its own tests fail{names}{said}.{hint(ran.output, counts.bad)}"
        return violation(FAILED, service, f"{message} Mend them.", _tail(ran.output))
    if not counts.bad and ran.status != 0:
        message = (
            f"{counts.total} of its own tests pass, but `{shown}` fails (exit {ran.status}): {last_line(ran.output)}"
        )
        return violation(FAILED, service, f"{message.rstrip('.')}.", _tail(ran.output))
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    return CheckResult(detail=f"{passed} of {counts.total} own tests pass{skipped}{said}")


def _nothing_ran(service: str, ran: Ran, counts: Counts | None, said: str) -> CheckResult:
    if counts is not None and counts.skipped:
        message = f"all its {counts.skipped} tests are skipped. Mend them, or add some that run."
        return violation(NONE, service, message, _tail(ran.output))
    if ran.status in (0, 5) or _NO_TESTS.search(ran.output):
        return violation(NONE, service, "its test command ran no test. Add tests.", _tail(ran.output))
    if ran.status == 127:
        raise CheckError(f"its test command could not be started: {last_line(ran.output)}.")
    return _not_run(service, ran, said)


def _not_run(service: str, ran: Ran, said: str) -> CheckResult:
    message = f"its tests did not run (exit {ran.status}){said}: {last_line(ran.output).rstrip('.')}."
    missing = hint(ran.output, 1)
    if missing:  # what surrounds them elsewhere is not here: nothing is known of the service
        raise CheckError(message + missing)
    return violation(FAILED, service, message, _tail(ran.output))


def _tail(output: str) -> str:
    lines = [line.rstrip()[:_LINE] for line in output.strip().split("\n") if line.strip()]
    return "\n".join(lines[-_LINES:])


def violation(code: str, service: str, message: str, evidence: str = "", file: str = "", line: int = 0) -> CheckResult:
    """Return a result with one violation, whose message begins with the service's name."""
    colon = "" if message.startswith("has ") else ":"
    found = Violation(code, Severity.ERROR, service, f"'{service}'{colon} {message}", file, line, evidence=evidence)
    return CheckResult(violations=(found,))
