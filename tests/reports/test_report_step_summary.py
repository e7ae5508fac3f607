"""The summary of a step: appended, whole or not at all, and never a reason to end a run."""

from __future__ import annotations

import os

import pytest

from pytest_superteam.reports.step_summary import LIMIT, append_summary


def test_it_is_appended_to_what_is_there(tmp_path):
    """What an earlier command of the step wrote stays; a file that is not there is made."""
    path = tmp_path / "summary.md"
    assert append_summary(path, "# One") == ""
    assert append_summary(path, "# Two ✅") == ""
    assert path.read_text(encoding="utf-8") == "# One\n# Two ✅\n"


def test_more_than_github_takes_is_not_written(tmp_path):
    """Of a file that is too large GitHub shows nothing, so what is there stays as it is."""
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * (LIMIT - 10))
    assert append_summary(path, "12345678") == ""
    line = append_summary(path, "too much")
    assert line.startswith(f"GITHUB_STEP_SUMMARY: '{path}' can't be written: GitHub takes 1024 KiB of a step")
    assert path.stat().st_size == LIMIT - 1


@pytest.mark.parametrize("kind", ["folder", "pipe", "nowhere", "null"])
def test_what_is_no_file_is_told_in_a_line(tmp_path, kind):
    """A folder, a pipe that nobody reads, a missing folder and an impossible name are complained of, not waited for."""
    path = tmp_path / "summary.md"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = tmp_path / ("none/summary.md" if kind == "nowhere" else "a\0b")
    line = append_summary(path, "text")
    assert line.startswith("GITHUB_STEP_SUMMARY: '")
    assert line.endswith(". The same is in gate-report.md.")
    assert "\n" not in line
