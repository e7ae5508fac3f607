"""A project is taken for one run at a time, and what dead runs left in it is cleared."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import UsageError
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import moment
from pytest_superteam.settings import SCHEMA_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.run import Run
    from pytest_superteam.pipeline.state.store import StoreError

__all__ = ["claim", "clear", "hold", "unusable"]

ENDING_SECONDS = 20.0
"""The longest that a worker lives on after its owner: pytest-xdist's workers end by themselves within 15 s."""
NOTE = "run.json"
"""The file of `.superteam/` that says which run has the project."""


def claim(layout: Layout, session: str, *, option: str = "--prd") -> Any:
    """Take the project for a session and write down who has it; the lock, which is returned, goes with the process.

    Raises:
        UsageError: as `hold`.
        OSError: the project can't be written to.
    """
    held = hold(layout, option=option)
    note = {"session": session, "pid": os.getpid(), "since": moment(time.time())}
    write_atomically(layout.state / NOTE, json.dumps(note) + "\n")
    gitignore = layout.state / ".gitignore"
    if not gitignore.exists():
        write_atomically(gitignore, "*\n")
    _leave_schema(layout)
    return held


def _leave_schema(layout: Layout) -> None:
    """Let editors complete superteam.yaml by the schema of this version."""
    schema = SCHEMA_FILE.read_bytes()
    file = layout.state / SCHEMA_FILE.name
    if not file.is_file() or file.read_bytes() != schema:
        write_atomically(file, schema.decode())


def hold(layout: Layout, *, option: str = "--prd") -> Any:
    """Take the project and return its lock; processes that a killed session left come to their end first.

    Args:
        layout: where everything of the project is kept.
        option: what messages begin with.

    Raises:
        UsageError: another run, or a process of a killed one, is at work here.
        OSError: the project can't be written to.
    """
    from filelock import FileLock, Timeout  # not needed to collect

    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o700)  # it holds the secrets of the running system
    layout.locks.mkdir(exist_ok=True)
    held = FileLock(layout.locks / "run.lock")
    try:
        held.acquire(timeout=0)
    except Timeout:
        who = _other(layout.state / NOTE)
        raise UsageError(f"{option}: {who} is at work in '{layout.project}'. Wait for its end, or stop it.") from None
    try:
        _await_left_over(layout, option)
    except BaseException:
        held.release()
        raise
    return held


def _await_left_over(layout: Layout, option: str) -> None:
    """Let the processes of a session whose owner was killed come to their end; they hear of it within a moment."""
    from filelock import FileLock, Timeout

    deadline = time.monotonic() + ENDING_SECONDS
    for file in layout.locks.glob("*/*.lock"):
        try:
            with FileLock(file, timeout=max(0.0, deadline - time.monotonic())):
                pass
        except Timeout:
            left = f"a process of a session that was killed is still at work in '{layout.project}'"
            raise UsageError(f"{option}: {left}. Wait for it.") from None
    for folder in layout.locks.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _other(note: Path) -> str:
    """Return which run is at work, as it wrote down itself."""
    try:
        data = json.loads(note.read_text(encoding="utf-8"))
        return one_line(f"another run (pid {data['pid']}, since {data['since']})")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another run"


def clear(layout: Layout) -> list[str]:
    """Clear what dead runs left, processes, containers and verdicts, and say what of it was still running.

    The caller holds the project.
    """
    from pytest_superteam.builders.placing import sites
    from pytest_superteam.deployment.cleanup import sweep
    from pytest_superteam.deployment.composed.sweeping import sweep_composed
    from pytest_superteam.pipeline.fleet.children import end_children

    end_children(sites(layout.aside))
    processes, projects = sweep(layout.deployment), sweep_composed(layout.deployment)
    for report in (*layout.reports.glob("gate-report.*"), layout.reports / "gate-badge.svg"):
        if report.is_symlink() or not report.is_dir():
            report.unlink(missing_ok=True)  # a verdict of another run must not be taken for this one's
    told = [f"ended {plural(len(processes), 'process')} that a killed run had left"] if processes else []
    return told + [f"took down what a killed run had left on the engine: {', '.join(projects)}"] * bool(projects)


def unusable(option: str, run: Run, error: StoreError) -> UsageError:
    """Return the error that says it where the database of the runs can't be used."""
    if run.config.state_url:
        return UsageError(f"--state-url: the database can't be used: {error}. Check the address.")
    remedy = error.remedy or "Look what has become of it."
    return UsageError(f"{option}: '{run.layout.store}' can't be used: {error}. {remedy}")
