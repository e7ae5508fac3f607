"""Layer 1 of a service that was found: its own tests, in a copy of its source and an environment of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.checks.own_tests.compiled_kinds import CARGO, DOTNET, GO, GRADLE, MAVEN, unresolved
from pytest_superteam.checks.own_tests.copying import reaches_out
from pytest_superteam.checks.own_tests.environment import lay_out, provide
from pytest_superteam.checks.own_tests.missing_parts import hint
from pytest_superteam.checks.own_tests.node_kind import NODE
from pytest_superteam.checks.own_tests.outputs import read_go, read_output
from pytest_superteam.checks.own_tests.place import Found, Kind, Place
from pytest_superteam.checks.own_tests.process import Ran, run_guarded
from pytest_superteam.checks.own_tests.python_kind import PYTHON
from pytest_superteam.checks.own_tests.reports import read_reports
from pytest_superteam.checks.own_tests.surroundings import Surroundings
from pytest_superteam.checks.own_tests.trees import files_of
from pytest_superteam.checks.own_tests.verdict import NONE, judge, violation
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_superteam.checks.own_tests.counts import Counts
    from pytest_superteam.models import CheckResult, FoundService

__all__ = ["run_found_tests"]

KINDS = (PYTHON, NODE, GO, MAVEN, GRADLE, CARGO, DOTNET)
PREPARE_SECONDS = 900.0
"""How long installing may take. Of ten services of public repositories on two cores most took 20 to 75 s, and one that
had to compile old packages, and then look for another Python, 190 s."""
_OUR_PROGRAMS = frozenset({
    "python", "python3", "pytest", "npm", "npx", "pnpm", "yarn", "bun", "node", "go", "mvn", "./mvnw", "gradle",
    "./gradlew", "cargo", "dotnet",
})  # fmt: skip
"""Programs whose projects we know ourselves: whether there are tests for them we have looked."""


@dataclass(frozen=True)
class _Chosen:
    """What is run: a command of some kind, by us, or `given` by the user; or the reason why there is nothing."""

    found: Found
    kind: Kind | None = None
    given: bool = False


def run_found_tests(
    service: FoundService,
    root: Path,
    work: Path,
    *,
    ratio: float,
    timeout: float,
    command: Sequence[str] = (),
    inner: Sequence[str] = (),
    prepare: float = PREPARE_SECONDS,
) -> CheckResult:
    """Run the tests that came with a service that was found; its source is copied and never written to.

    Args:
        service: what was found.
        root: folder of the system.
        work: folder for the copy, the environment and `output.log`, below `.superteam/own-tests`; kept.
        ratio: share of the tests that must pass, 0 to 1 (0.9 by default).
        timeout: seconds for the test run.
        command: the user's own test command, run as it is in the service's folder; empty: the service's.
        inner: folders of other services inside this one's, relative to it.
        prepare: seconds for making the environment, which is done when what it is made of changed.

    Returns:
        TEST-001 where too few tests pass or they do not run, TEST-002 where there are none.

    Raises:
        CheckError: the tests could not be run; one line that says what to do.
    """
    try:
        folder = _folder_of(service, root)
        chosen = _choose(service, folder, tuple(command), inner)
        if not chosen.found.command:
            return violation(NONE, service.name, f"{chosen.found.reason} Add some, or name its `test` command.")
        return _locked_run(service, root, folder, work, chosen, ratio, timeout, inner, prepare)
    except CheckError as error:
        raise CheckError(f"'{service.name}': {error}") from None


def _folder_of(service: FoundService, root: Path) -> Path:
    folder = (root / (service.folder or ".")).resolve()
    if not service.folder or not folder.is_dir():
        raise CheckError("there is no source of it to test.")
    if not folder.is_relative_to(root.resolve()):
        raise CheckError(f"its folder '{service.folder}' lies outside of the system.")
    return folder


def _choose(service: FoundService, folder: Path, command: tuple[str, ...], inner: Sequence[str]) -> _Chosen:
    """Return the tests of a service: the user's command, else the first kind of project that has some."""
    kinds = sorted((k for k in KINDS if k.is_here(folder)), key=lambda kind: service.language not in kind.languages)
    if command:
        return _Chosen(Found(command), next(iter(kinds), None), given=True)
    found = [_Chosen(kind.find(folder, inner), kind) for kind in kinds]
    if with_tests := [chosen for chosen in found if chosen.found.command]:
        return with_tests[0]
    if service.test and service.test[0] not in _OUR_PROGRAMS:
        return _Chosen(Found(service.test), next(iter(kinds), None))
    return found[0] if found else _unknown(service, folder, inner)


def _unknown(service: FoundService, folder: Path, inner: Sequence[str]) -> _Chosen:
    """Return the reason why a service of no known kind has no tests.

    Raises:
        CheckError: it seems to have some.
    """
    named = next(files_of(folder, lambda name: "test" in name.lower() or "spec." in name.lower(), inner), None)
    if named is not None and service.language:
        if any(service.language in kind.languages for kind in KINDS):
            raise CheckError(
                f"it seems to have tests ({named.name[:100]}), but nothing in its folder says how they are run. "
                "Set its `test` command."
            )
        raise CheckError(f"how {service.language} services are tested is not known here. Set its `test` command.")
    return _Chosen(Found(reason="has no tests."))


def _locked_run(
    service: FoundService,
    root: Path,
    folder: Path,
    work: Path,
    chosen: _Chosen,
    ratio: float,
    timeout: float,
    inner: Sequence[str],
    prepare: float,
) -> CheckResult:
    from filelock import FileLock, Timeout

    caches = work.parent / ".cache"
    caches.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(caches / f"{work.name}.lock", timeout=prepare + timeout):
            place = _place(service, root, folder, work, inner, prepare)
            unprepared = _prepare(place, chosen)
            ran, counts, command = _run(place, chosen, timeout)
    except Timeout:
        raise CheckError("its tests are run by another process that does not end.") from None
    if ran.late:
        stores = (
            f" It keeps data in {', '.join(service.datastores)}: do they wait for that?" if service.datastores else ""
        )
        raise CheckError(f"its tests did not end within {timeout:g} s.{hint(ran.output, 1) or stores}")
    if ran.status != 0 and counts is None:
        unprepared = unprepared or unresolved(chosen.kind, ran.output)
    if unprepared and ran.status != 0:
        raise CheckError(unprepared)
    return judge(service.name, command, ran, counts, ratio=ratio, given=chosen.given, notes=place.notes)


def _place(service: FoundService, root: Path, folder: Path, work: Path, inner: Sequence[str], prepare: float) -> Place:
    """Copy what the tests need: the service's folder, or the whole system where the service is tied to it."""
    root, work = root.resolve(), work.resolve()
    whole = folder != root and reaches_out(folder, root)
    top = work / "source"
    inside = top / folder.relative_to(root) if whole else top
    given = Surroundings(work, work.parent / ".cache")
    place = Place(service.name, top, inside, work, given, time.monotonic() + prepare)
    left_out = lay_out(place, root if whole else folder, () if whole else inner)
    if left_out:
        place.notes.append(f"{len(left_out)} links or special files were not copied, such as {left_out[0]}")
    return place


def _prepare(place: Place, chosen: _Chosen) -> str:
    """Make the environment; return why that failed where the user's own command may do without."""
    if chosen.kind is None:
        return ""
    try:
        provide(place, chosen.kind)
    except CheckError as error:
        if not chosen.given:
            raise
        return str(error)
    return ""


def _run(place: Place, chosen: _Chosen, timeout: float) -> tuple[Ran, Counts | None, tuple[str, ...]]:
    command = chosen.found.command
    if chosen.kind is not None and not chosen.given:
        command = chosen.kind.dress(place, command)
    try:
        ran = run_guarded(command, place.folder, place.given.testing(place.extra), timeout)
    except CheckError as error:
        raise CheckError(f"{str(error).rstrip('.')}. Install it, or set its `test` below `system.correct`.") from None
    write_atomically(place.work / "output.log", f"$ {' '.join(command)}\n{ran.output}\n(exit {ran.status})\n")
    counts = read_reports(place.results, place.top) or read_go(ran.output) or read_output(ran.output)
    return ran, counts, command
