"""The records of builds: one JSON file for each service, and what they say about the output folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.tree import differences
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.models import BuildResult

if TYPE_CHECKING:
    from pytest_superteam.builders.plan import BuildPlan

__all__ = ["is_sign", "load_build", "load_builds", "mark_stale", "save_build", "write_sign"]

SIGN = "conftest.py"
SIGN_TEXT = '''"""Each service is tested in its own folder; a test run that starts above leaves them out."""

collect_ignore_glob = ["*"]
'''
"""What stands in the output folder besides the services, so that a plain `pytest` above it does not mix them up."""


def load_builds(records: Path, output: Path) -> dict[str, BuildResult]:
    """Return the recorded builds by service, `edited` brought up to date; unreadable records count as none."""
    found = {}
    for path in sorted(records.glob("*.json")):
        result = load_build(path, output)
        if result is not None:
            found[result.service] = result
    return found


def load_build(path: Path, output: Path) -> BuildResult | None:
    """Return a recorded build, `edited` brought up to date; None where it is unreadable or of another output folder."""
    try:
        result: BuildResult = from_data(BuildResult, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError, TypeError, RecursionError):
        return None
    directory = output / result.service
    if result.service != path.stem or result.directory.as_posix() != _place(path.parent, directory):
        return None
    missing, edited, foreign = differences(directory, result.files)
    return replace(result, directory=directory, edited=tuple(sorted(missing + edited + foreign)))


def save_build(plan: BuildPlan, result: BuildResult) -> None:
    """Write the record of a build beside the others, whole or not at all."""
    data = {**to_data(result), "directory": _place(plan.records, plan.output / result.service)}
    write_atomically(plan.records / f"{result.service}.json", json.dumps(data, indent=1, sort_keys=True) + "\n")


def _place(records: Path, directory: Path) -> str:
    """Return where a service lies, seen from the records, so that a project can be moved as a whole."""
    return Path(os.path.relpath(directory, records)).as_posix()


def mark_stale(plan: BuildPlan, session: str) -> None:
    """Take the keys from the records of the plan's services: all is built again, and what was edited goes aside.

    It is done once in a session. Each service that is built gets its key again, so that who goes on after an
    interruption goes on from there.
    """
    note = plan.records / "fresh"
    if session and note.is_file() and note.read_text(encoding="utf-8", errors="replace") == session:
        return
    for result in load_builds(plan.records, plan.output).values():
        if result.key and any(result.service == service.name for service in plan.architecture.services):
            save_build(plan, replace(result, key=""))
    write_atomically(note, session)


def write_sign(plan: BuildPlan) -> None:
    """Make the output folder, with the file that keeps a plain `pytest` above it away from the services' tests."""
    sign = plan.output / SIGN
    if not sign.exists():
        plan.output.mkdir(parents=True, exist_ok=True)
        staged = plan.records / SIGN  # whoever is killed leaves nothing in the output folder that looks like others'
        write_atomically(staged, SIGN_TEXT)
        staged.replace(sign)


def is_sign(path: Path, output: Path) -> bool:
    """Return whether a file is that one, as we wrote it."""
    return path == output / SIGN and path.read_text(encoding="utf-8", errors="replace") == SIGN_TEXT
