"""Fix attempts and builds by agents in words and as data: what was asked, changed, paid, and what the gate said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import BuildResult, FileChange, FixAttempt, GateReport

__all__ = ["build_data", "build_lines", "diff_stat", "fix_data", "fix_lines"]


def diff_stat(changes: tuple[FileChange, ...]) -> str:
    """Return `3 files, +12 -4`."""
    raise NotImplementedError


def fix_lines(report: GateReport, *, verbose: bool = False) -> Iterator[str]:
    """Yield the section of the terminal on the fix attempts; nothing where there was none."""
    raise NotImplementedError


def fix_data(attempt: FixAttempt) -> dict[str, Any]:
    """Return an attempt as the JSON report has it."""
    raise NotImplementedError


def build_lines(builds: tuple[BuildResult, ...]) -> Iterator[str]:
    """Yield a line by service: who built it, what was found, and the claim where that contradicts it."""
    raise NotImplementedError


def build_data(build: BuildResult) -> dict[str, Any]:
    """Return a build as the JSON report has it."""
    raise NotImplementedError
