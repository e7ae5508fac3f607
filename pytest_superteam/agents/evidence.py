"""What an agent really left in its folder, found by ourselves: files, code that reads, routes, tests that pass."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pytest_superteam.agents.strange_files import strange_files
from pytest_superteam.agents.telling import first_of, shown_path
from pytest_superteam.errors import BuildError, CheckError
from pytest_superteam.models import Evidence, TestCounts
from pytest_superteam.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.checks.built_tests import TestRun
    from pytest_superteam.checks.convergence.routed import Routed
    from pytest_superteam.checks.own_tests.counts import Counts
    from pytest_superteam.models import Architecture
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["collect", "filled_lines"]

MOST_TOLD = 50
"""Entries of each list of the evidence; a last one tells how many more there are."""
_EMPTY = hashlib.sha256(b"").hexdigest()
"""Hash of a file without contents, of which nobody can say that it was left as it was."""
MOST_MISSING = 500
"""Operations that are told to be missing; more are in no contract."""
_LINE_BYTES = 4 << 20
"""Bytes of a file whose lines are counted."""
_TEXT, _NAME = 400, 200
"""Characters of a reason, and of the name of a test."""


def collect(
    directory: Path,
    architecture: Architecture,
    service: str,
    *,
    test: tuple[str, ...],
    timeout: float,
    given: Mapping[str, str],
    templates: Mapping[str, str] | None = None,
) -> Evidence:
    """Look at what an agent built; its input is taken away already. Blocks for as long as the tests run.

    Args:
        directory: folder that the agent worked in.
        architecture: the system; the service's operations are looked for.
        service: its name.
        test: argument vector of the service's own tests; they run in a copy, confined to it where that is possible.
        timeout: seconds for the tests.
        given: sha256 by path of what lay in the folder before: files that still have it are none of the agent's.
        templates: sha256 by path of what was to be filled in, wherever it lay.

    Returns:
        What was found; `files` is 0 where nothing is the agent's own (then `untouched` says whether only templates are
        there).

    Raises:
        BuildError: what lies there can't be a service: links, devices, names that are no text, too much of it.
    """
    from pytest_superteam.checks.unchanged import tree_digest

    hashes = _hashes(directory)
    blank = frozenset((templates or {}).values()) - {_EMPTY}
    untouched = sorted(path for path, digest in hashes.items() if digest in blank)
    own = [path for path, digest in hashes.items() if digest not in blank and given.get(path) != digest]
    tree = _source(directory)
    found = _routed(architecture, service, tree)
    counts, tests_error = _tests(directory, test, timeout) if own else (None, "nothing was written.")
    return Evidence(
        files=len(own),
        lines=sum(filled_lines(directory / path) for path in own),
        unparsable=_unparsable(tree) if own else (),
        operations=len(found.operations),
        missing=found.missing[:MOST_MISSING],
        routes_read=not found.unread,
        tests=counts,
        tests_error=tests_error,
        untouched=first_of(untouched, MOST_TOLD),
        tree=tree_digest(hashes) if hashes else "",
    )


def _hashes(directory: Path) -> dict[str, str]:
    """Return the hash of each file; none where there is no file.

    Raises:
        BuildError: it can't be a service.
    """
    from pytest_superteam.builders.tree import hash_tree, tree_files

    if directory.is_symlink() or not directory.is_dir():
        raise BuildError("the agent removed its folder, or put something else in its place.")
    strange = strange_files(directory)
    if strange:
        raise BuildError(f"a service is made of plain files in folders only. Remove {'; '.join(strange)}.")
    if next(tree_files(directory), None) is None:
        return {}
    try:
        return hash_tree(directory)
    except OSError as error:
        raise BuildError(f"what the agent wrote can't be read: {error.strerror or error}.") from None


def _source(directory: Path) -> SourceTree:
    """Return all code of a service that is its own, its tests too."""
    from pytest_superteam.checks.service import FOREIGN
    from pytest_superteam.scanners.source import SourceTree

    return SourceTree(directory, FOREIGN)


def _routed(architecture: Architecture, service: str, tree: SourceTree) -> Routed:
    from pytest_superteam.checks.convergence.routed import routed
    from pytest_superteam.scanners.source import SourceTree

    return routed(architecture, service, SourceTree(tree.root))  # as the gate sees it: a test serves nothing


def _unparsable(tree: SourceTree) -> tuple[str, ...]:
    from pytest_superteam.checks.unreadable import Reading

    return first_of([f"{bad.path}:{bad.line}: {bad.problem}" for bad in Reading(tree).problems()], MOST_TOLD)


def _tests(directory: Path, test: tuple[str, ...], timeout: float) -> tuple[TestCounts | None, str]:
    """Return how the own tests ended, and why they were not run or not counted."""
    from pytest_superteam.agents.confined_tests import within_its_copy
    from pytest_superteam.checks.built_tests import run_built_tests

    if not test:
        return None, "it came with no command that runs its tests."
    try:
        run = run_built_tests(directory, test, timeout=timeout, plugins=True, within=within_its_copy(directory))
    except CheckError as error:
        return None, str(error)[:_TEXT]
    return _counted(run)


def _counted(run: TestRun) -> tuple[TestCounts | None, str]:
    counts = run.counts
    if counts is None or (run.problem and counts.total):
        return None, run.problem[:_TEXT]
    failing = _names(counts)
    if not failing and run.status != 0 and counts.total:
        return None, f"its {counts.total} tests pass, but their command fails (exit {run.status})."
    return TestCounts(counts.total, failing, round(run.seconds, 3)), run.problem[:_TEXT]


def _names(counts: Counts) -> tuple[str, ...]:
    """Return the names of the tests that failed, and at least one where any did."""
    names = [shown_path(" ".join(name.split()))[:_NAME] for name in counts.failing]
    unnamed = counts.bad - len(names)
    if unnamed <= 0:
        return tuple(names)
    return (*names, f"{unnamed} more" if names else f"{plural(unnamed, 'test')} without a name")


def filled_lines(path: Path) -> int:
    """Return the lines of a text that are not blank; 0 of what is none."""
    with path.open("rb") as stream:
        data = stream.read(_LINE_BYTES)
    return 0 if b"\0" in data[:8192] else sum(1 for line in data.splitlines() if line.strip())
