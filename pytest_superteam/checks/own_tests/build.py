"""Does the source of a service that was found read at all: Python, JavaScript, TypeScript, Go, Java, package.json?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.unreadable import Reading
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_superteam.checks.unreadable import Unreadable
    from pytest_superteam.models import FoundService

__all__ = ["check_found_build", "unreadable_files"]

CODE = "BUILD-001"
MOST_FOUND = 20
"""Files that do not read that are told one by one."""


def check_found_build(
    service: FoundService, root: Path, *, exclude: tuple[str, ...] | None = None, skip: Sequence[str] = ()
) -> CheckResult:
    """Return a violation for each file of a service that its language can't read.

    Args:
        service: what was found.
        root: folder of the system.
        exclude: globs of what is no service code, as `scan.exclude`; None means the default.
        skip: folders of other services inside this one's, relative to it.

    Raises:
        CheckError: it has no source.
    """
    from pytest_superteam.scanners.source import SourceTree

    folder = (root / (service.folder or ".")).resolve()
    if not service.folder or not folder.is_dir() or not folder.is_relative_to(root.resolve()):
        raise CheckError(f"'{service.name}': there is no source of it to read.")
    look = Reading(SourceTree(folder, exclude, tuple(skip)))
    shown = unreadable_files(service.name, look)
    unsure = f", {len(look.unsure)} not wholly, such as {look.unsure[0]}" if look.unsure else ""
    return CheckResult(tuple(shown), detail=f"{look.count} files of code read{unsure}")


def unreadable_files(service: str, look: Reading) -> list[Violation]:
    """Return a violation for each file that does not read; of more than `MOST_FOUND` the rest is counted."""
    found = list(look.problems())
    shown = [_violation(service, unreadable) for unreadable in found[:MOST_FOUND]]
    if len(found) > MOST_FOUND:
        message = f"'{service}' has {len(found) - MOST_FOUND} more files that do not read. Mend them."
        shown.append(Violation(CODE, Severity.ERROR, service, message))
    return shown


def _violation(service: str, unreadable: Unreadable) -> Violation:
    message = f"'{service}': {unreadable.path} {unreadable.problem}. Mend the file."
    return Violation(CODE, Severity.ERROR, service, message, unreadable.path, unreadable.line)
