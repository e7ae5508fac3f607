"""Builds in words and as data: who built each service, what we found in it and, beside it, what its builder claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.values import masked, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import BuildResult, Claim, Evidence, GateReport
    from pytest_superteam.reports.fixes import Row

__all__ = ["any_build", "build_data", "build_rows", "build_title", "contradiction", "shortcomings"]

_FEW = 3
_ALL = 50


def any_build(report: GateReport) -> bool:
    """Return whether there is more to tell of the builds than that the embedded builder made them."""
    return any(map(_telling, report.builds))


def _telling(build: BuildResult) -> bool:
    return bool(build.evidence or build.claim or build.instead_of)


def build_title(report: GateReport) -> str:
    """Return how many services were built by whom."""
    told = [build for build in report.builds if _telling(build)]
    return f"Built by agents, or in the place of one ({plural(len(told), 'service')})"


def build_rows(report: GateReport, *, verbose: bool = False) -> Iterator[Row]:
    """Yield a line by service that an agent built, and what is wrong with it or with what it claims below that."""
    most = _ALL if verbose else _FEW
    for build in report.builds:
        if not _telling(build):
            continue
        yield 0, f"{one_line(build.service, 63)}: {_built(build)}"
        if build.error and not build.success:
            yield 1, f"failed: {one_line(build.error, 300)}"
        if build.evidence is not None:
            yield from _wrong(build.evidence, most)
        if said := contradiction(build):
            yield 1, said
        elif verbose and build.claim is not None:
            yield 1, _claimed(build.claim)


def _built(build: BuildResult) -> str:
    builder = one_line(build.builder, 60)
    instead = f" instead of {one_line(build.instead_of, 60)}, which failed" if build.instead_of else ""
    tries = f", at try {build.attempts}" if build.attempts > 1 else ""
    fix = f", mended by fix attempt {build.fix_attempt}" if build.fix_attempt else ""
    found = f": {', '.join(_counts(build.evidence))}" if build.evidence is not None else ""
    return f"{builder}{instead}{tries}{fix}{found}"


def _counts(evidence: Evidence) -> Iterator[str]:
    yield f"{plural(evidence.files, 'file')} of {plural(evidence.lines, 'line')}"
    if evidence.routes_read and evidence.operations:
        there = max(0, evidence.operations - len(evidence.missing))
        yield f"{there} of {plural(evidence.operations, 'operation')} there"
    if evidence.tests is not None:
        passing = max(0, evidence.tests.total - len(evidence.tests.failing))
        yield f"{passing} of {plural(evidence.tests.total, 'own test')} pass"


_KINDS = (
    ("unparsable", "can't be parsed"),
    ("missing", "missing operation"),
    ("untouched", "a template left as it was"),
    ("outside", "changed outside of its folder"),
    ("notes", "note"),
)


def _wrong(evidence: Evidence, most: int) -> Iterator[Row]:
    lists = [(words, getattr(evidence, name)) for name, words in _KINDS]
    failing = evidence.tests.failing if evidence.tests is not None else ()
    for words, found in [*lists, ("failing test", failing)]:
        yield from ((1, f"{words}: {one_line(each, 200)}") for each in found[:most])
        if len(found) > most:
            yield 1, f"{words}: ... and {len(found) - most} more, in gate-report.json"
    if evidence.tests_error:
        yield 1, f"its tests could not be run: {one_line(evidence.tests_error, 300)}"


def shortcomings(evidence: Evidence) -> list[str]:
    """Return what is wrong with a build, a few words for each kind; empty where nothing is."""
    found = [] if evidence.files else ["nothing was written"]
    found += [plural(len(evidence.unparsable), "unparsable file")] * bool(evidence.unparsable)
    found += [plural(len(evidence.missing), "missing operation")] * bool(evidence.missing)
    found += [f"{plural(len(evidence.untouched), 'template')} left as it was"] * bool(evidence.untouched)
    found += [f"{plural(len(evidence.outside), 'change')} outside of its folder"] * bool(evidence.outside)
    if evidence.tests is None:
        return [*found, "tests that could not be run"]
    if not evidence.tests.total:
        return [*found, "no tests"]
    return [*found, *[plural(len(evidence.tests.failing), "failing test")] * bool(evidence.tests.failing)]


def contradiction(build: BuildResult) -> str:
    """Return how a builder's claim differs from what was found; empty where it does not, or where it claims nothing."""
    claim, evidence = build.claim, build.evidence
    if claim is None or claim.status == "unknown":
        return ""
    wrong = [] if evidence is None else shortcomings(evidence)
    if not wrong and not build.success:
        wrong = ["a build that failed"]
    if claim.status == "success" and wrong:
        return f"{_claimed(claim)}; found: {', '.join(wrong)}"
    if claim.status == "failure" and evidence is not None and not wrong:
        return f"{_claimed(claim)}; found: nothing wrong"
    return ""


def _claimed(claim: Claim) -> str:
    words = f' ("{one_line(claim.text, 160)}")' if claim.text else ""
    end = "was ended by us" if claim.exit is None else f"exit {claim.exit}"
    problem = f", its output: {one_line(claim.problem, 160)}" if claim.problem else ""
    return f"it claims {claim.status}{words}, {end}{problem}"


# ---------------------------------------------------------------- as data


def build_data(build: BuildResult) -> dict[str, Any]:
    """Return a build as the JSON report has it."""
    return {
        "service": mask(build.service),
        "builder": mask(build.builder),
        "instead_of": mask(build.instead_of),
        "success": build.success,
        "error": mask(build.error),
        "attempts": max(0, build.attempts),
        "fix_attempt": max(0, build.fix_attempt),
        "seconds": number(build.seconds),
        "evidence": None if build.evidence is None else _evidence(build.evidence),
        "claim": None if build.claim is None else _claim(build.claim),
        "contradiction": contradiction(build),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    tests = evidence.tests
    return {
        "complete": evidence.complete,
        "files": max(0, evidence.files),
        "lines": max(0, evidence.lines),
        "operations": max(0, evidence.operations),
        "routes_read": evidence.routes_read,
        "missing": masked(evidence.missing),
        "unparsable": masked(evidence.unparsable),
        "untouched": masked(evidence.untouched),
        "outside": masked(evidence.outside),
        "notes": masked(evidence.notes),
        "tests": None
        if tests is None
        else {"total": max(0, tests.total), "failing": masked(tests.failing), "seconds": number(tests.seconds)},
        "tests_error": mask(evidence.tests_error),
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "status": claim.status,
        "text": mask(claim.text),
        "exit": claim.exit,
        "problem": mask(claim.problem),
    }
