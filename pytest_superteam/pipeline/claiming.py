"""A project is taken for one run at a time, and what dead runs left in it is cleared."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import UsageError
from pytest_superteam.reports.times import moment

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.run import Run
    from pytest_superteam.pipeline.state.store import StoreError

__all__ = ["claim", "clear", "unusable"]

ENDING_SECONDS = 20.0
"""The longest that a worker lives on after its owner: pytest-xdist's workers end by themselves within 15 s."""


def claim(layout: Layout, session: str) -> Any:
    """Take the project for this run and clear what dead runs left; the lock goes with the process."""
    from filelock import FileLock, Timeout  # not needed to collect

    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o700)  # it holds the secrets of the running system
    layout.locks.mkdir(exist_ok=True)
    note = layout.state / "run.json"
    hold = FileLock(layout.locks / "run.lock")
    try:
        hold.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"--prd: {_other(note)} is at work in '{layout.project}'. Wait for its end, or stop it."
        ) from None
    _await_left_over(layout)
    began = moment(time.time())
    write_atomically(note, json.dumps({"session": session, "pid": os.getpid(), "since": began}) + "\n")
    gitignore = layout.state / ".gitignore"
    if not gitignore.exists():
        write_atomically(gitignore, "*\n")
    return hold


def _await_left_over(layout: Layout) -> None:
    """Let the processes of a session whose owner was killed come to their end; they hear of it within a moment."""
    from filelock import FileLock, Timeout

    deadline = time.monotonic() + ENDING_SECONDS
    for file in layout.locks.glob("*/*.lock"):
        try:
            with FileLock(file, timeout=max(0.0, deadline - time.monotonic())):
                pass
        except Timeout:
            raise UsageError(
                f"--prd: a process of a session that was killed is still at work in '{layout.project}'. Wait for it."
            ) from None
    for folder in layout.locks.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _other(note: Path) -> str:
    try:
        data = json.loads(note.read_text(encoding="utf-8"))
        return f"another run (pid {data['pid']}, since {data['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


def clear(run: Run) -> None:
    """Clear what earlier runs left: processes, reports, unfinished builds."""
    from pytest_superteam.builders.placing import sites
    from pytest_superteam.deployment.cleanup import sweep
    from pytest_superteam.deployment.composed.sweeping import sweep_composed
    from pytest_superteam.pipeline.fleet.children import end_children

    sweep(run.layout.deployment)
    sweep_composed(run.layout.deployment)
    for left in run.layout.reports.glob("gate-report.*"):
        left.unlink()  # a verdict of another run must not be taken for this one's
    end_children(sites(run.layout.aside))


def unusable(option: str, run: Run, error: StoreError) -> str:
    """Return what to say where the database of the runs can't be used."""
    if run.config.state_url:
        return f"--state-url: the database can't be used: {error}."
    return f"{option}: '{run.layout.store}' can't be used: {error}. Delete it."
