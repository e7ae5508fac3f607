"""Layer 1: does a service build, pass its own tests, and hold what was asked of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.built_tests import run_built_tests
from pytest_superteam.checks.own_tests.build import MOST_FOUND, unreadable_files
from pytest_superteam.checks.unchanged import is_untouched, passed_then
from pytest_superteam.checks.unreadable import Reading
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, BuildResult, CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pytest_superteam.checks.built_tests import TestRun

__all__ = ["check_build", "check_convergence", "run_own_tests"]


def check_build(build: BuildResult) -> CheckResult:
    """Return what is wrong with what a builder left: nothing built, code that can't be read, what was found besides.

    Raises:
        CheckError: its folder is gone.
    """
    if not build.success:
        return _violation("BUILD-001", build.service, f"was not built by '{build.builder}': {build.error}")
    from pytest_superteam.scanners.source import SourceTree

    if not build.directory.is_dir():
        raise CheckError(f"the folder of '{build.service}' is gone: the same command builds it again.")
    gone = [name for name in build.files if name.endswith(CODE_ENDINGS) and not (build.directory / name).is_file()]
    look = Reading(SourceTree(build.directory, FOREIGN))
    found = [*_found_besides(build), *_gone(build, gone), *unreadable_files(build.service, look)]
    lines = f" with {build.evidence.lines:,} lines" if build.evidence else ""
    unsure = f", {len(look.unsure)} not wholly read, such as {look.unsure[0]}" if look.unsure else ""
    return CheckResult(tuple(found), detail=f"{len(build.files)} files{lines} in {build.seconds:.1f} s{unsure}")


CODE_ENDINGS = (".py", ".js", ".ts", ".go", ".java")
"""How files end that a service can't do without."""
FOREIGN = ("vendor/", "third_party/", "node_modules/", ".venv/", "venv/", "site-packages/", "*.d.ts", "*.min.js")
"""Globs of code that somebody else wrote for a service; all else has to read, its tests too."""


def _gone(build: BuildResult, gone: Sequence[str]) -> Iterator[Violation]:
    for name in sorted(gone)[:MOST_FOUND]:
        yield found("BUILD-001", build.service, f"lacks {name}, which was built. Put it back.", name)


def _found_besides(build: BuildResult) -> Iterator[Violation]:
    """Yield what was found in a build that needs no reading: templates left as they were, what it did elsewhere."""
    if build.evidence is None:
        return
    for name in build.evidence.untouched:
        if is_untouched(build, name):
            text = f"left {name} as it was given to it, a template. Fill it in, or remove it."
            yield found("BUILD-001", build.service, text, name)
    for place in build.evidence.outside:
        text = f"was built by who changed files outside of its folder: {place}. Look at them and put them back."
        yield found("BUILD-001", build.service, text, evidence=place)


def run_own_tests(
    build: BuildResult,
    *,
    ratio: float,
    timeout: float,
    within: Callable[[list[str], Path, Path], list[str]] | None = None,
) -> CheckResult:
    """Judge the tests that came with a service: as they were found when it was built, or by running them.

    Args:
        build: what was built; its `test` is the command. Its evidence counts where all tests passed and no file has
            changed since.
        ratio: share of the tests that must pass, 0 to 1 (0.9 by default).
        timeout: seconds for the whole test run.
        within: confines the tests, as `built_tests.run_built_tests` says.

    Raises:
        CheckError: the test run could not be started or counted, or did not end in time.
    """
    if not build.test:
        return _violation("TEST-001", build.service, "came with no tests. Add some, and the command that runs them.")
    then = passed_then(build)
    if then is not None:
        return CheckResult(detail=f"{then.total} of {then.total} own tests pass, as found when it was built")
    by_agent = build.evidence is not None
    run = run_built_tests(build.directory, build.test, timeout=timeout, plugins=by_agent, within=within)
    if run.counts is None and run.status == 0 and not run.is_pytest and not by_agent:
        return CheckResult(detail="the test command succeeded")
    return _judge(build.service, run, ratio)


def _judge(service: str, run: TestRun, ratio: float) -> CheckResult:
    """Return what a test run says of a service."""
    counts = run.counts
    if counts is None or run.problem:
        return _violation("TEST-001", service, f"was not tested: {run.problem} Add tests, or mend them.", run.output)
    passed = counts.total - counts.bad
    if passed < ratio * counts.total:
        names = f" ({', '.join(name[:100] for name in counts.failing[:3])})" if counts.failing else ""
        text = f"fails {counts.bad} of {counts.total} of its own tests{names}. Mend what they test."
        return _violation("TEST-001", service, text, run.output)
    if not counts.bad and run.status != 0:
        text = f"passes its {counts.total} own tests, but their command fails (exit {run.status}). Mend it."
        return _violation("TEST-001", service, text, run.output)
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    return CheckResult(detail=f"{passed} of {counts.total} own tests pass{skipped}")


def check_convergence(
    system: Architecture,
    service: str,
    routes: frozenset[tuple[str, str]],
    ratio: float,
    normalise: Callable[[str], str],
    unread: Sequence[str] = (),
) -> CheckResult:
    """Compare what was asked of a service with the routes that its source has.

    Args:
        system: the architecture.
        service: name of the service.
        routes: (METHOD, normalised path) of each route of the source.
        ratio: share of operations and requirements that must be there (0.9 by default).
        normalise: function that brings a path to the form that `routes` has.
        unread: why there may be more routes (`convergence.routed.unread_routes`), of which none is known.
    """
    operations = system.operations_of(service)
    there = {op.id for op in operations if (op.method, normalise(op.path)) in routes}
    mine = [r for r in system.requirements if any(name.startswith(f"{service}:") for name in r.operations)]
    met = [r for r in mine if all(n.split(":", 1)[1] in there for n in r.operations if n.startswith(f"{service}:"))]
    asked, done = len(operations) + len(mine), len(there) + len(met)
    detail = f"{len(there)} of {len(operations)} operations and {len(met)} of {len(mine)} requirements are there"
    if asked and done < ratio * asked:
        absent = [f"{op.method} {op.path}" for op in operations if op.id not in there]
        if unread:
            return CheckResult(skipped=f"not analysed: of {', '.join(unread)} nothing is read here. {detail}.")
        return _violation("CONVERGENCE-001", service, f"only {detail}. Add {', '.join(absent[:5])}.")
    return CheckResult(detail=detail)


def _tail(output: str) -> str:
    lines = [line.rstrip()[:_LINE] for line in output.strip().split("\n")]
    return "\n".join(lines[-_LINES:])


_LINES, _LINE = 15, 300
"""What is shown of an output: so many lines at its end, so many characters of each."""


def found(code: str, service: str, text: str, file: str = "", line: int = 0, evidence: str = "") -> Violation:
    """Return a violation whose message begins with the service's name."""
    return Violation(code, Severity.ERROR, service, f"'{service}' {text}", file, line, evidence=evidence)


def _violation(code: str, service: str, text: str, output: str = "") -> CheckResult:
    return CheckResult(violations=(found(code, service, text, evidence=_tail(output)),))
