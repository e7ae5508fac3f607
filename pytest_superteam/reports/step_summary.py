"""The summary of a step of GitHub Actions: Markdown that is appended to the file that GITHUB_STEP_SUMMARY names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LIMIT", "VARIABLE", "append_summary"]

VARIABLE = "GITHUB_STEP_SUMMARY"
LIMIT = 1024 * 1024
"""Bytes that GitHub takes of one step; of a longer file it shows nothing."""


def append_summary(path: Path, markdown: str) -> str:
    """Append to what the step has written so far; return a line on why that could not be done, empty where it was."""
    text = f"{markdown}\n".encode("utf-8", "replace")
    try:
        if path.exists() and not path.is_file():
            return _complaint(path, "it is no file")
        if (path.stat().st_size if path.exists() else 0) + len(text) > LIMIT:
            return _complaint(path, f"GitHub takes {LIMIT // 1024} KiB of a step, and it has written nearly that much")
        with path.open("ab") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        return _complaint(path, getattr(error, "strerror", None) or str(error))
    return ""


def _complaint(path: Path, why: str) -> str:
    return f"{VARIABLE}: '{one_line(str(path))}' can't be written: {why}. The same is in gate-report.md."
