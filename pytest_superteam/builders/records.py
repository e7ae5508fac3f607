"""The records of builds: one JSON file for each service, and what they say about the output folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.tree import differences, tree_files
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import UsageError
from pytest_superteam.models import BuildResult

if TYPE_CHECKING:
    from pytest_superteam.builders.plan import BuildPlan

__all__ = ["check_output", "load_build", "load_builds", "mark_stale", "save_build", "write_sign"]

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


def check_output(plan: BuildPlan) -> None:
    """Refuse to build over files that we did not write.

    Raises:
        UsageError: one line that names the folder and a file in it.
    """
    recorded = load_builds(plan.records, plan.output)
    if plan.output.is_symlink() or (plan.output.exists() and not plan.output.is_dir()):
        raise UsageError(f"output: '{plan.output}' is no folder. Name another one with --superteam-output.")
    if not recorded:
        files = tree_files(plan.output) if plan.output.exists() else iter(())
        foreign = next((path for path in files if not _is_sign(path, plan.output)), None)
        if foreign is not None:
            raise UsageError(
                f"output: '{plan.output}' has files that no builder wrote ({foreign.relative_to(plan.output)}). "
                "Nothing was overwritten. Move them away, or name another folder with --superteam-output."
            )
    for service in plan.architecture.services:
        if (plan.output / service.name).exists():
            _check_service(plan, service.name, recorded.get(service.name))


def _check_service(plan: BuildPlan, name: str, result: BuildResult | None) -> None:
    directory = plan.output / name
    if result is None and any(tree_files(directory)):
        raise UsageError(
            f"output: '{directory}' has files that no builder wrote. Nothing was overwritten. "
            "Move them away, or name another folder with --superteam-output."
        )
    if result and result.edited and not plan.fresh and result.key and result.key not in plan.keys(name):
        raise UsageError(
            f"output: '{directory / result.edited[0]}' was changed after the build, and '{name}' has to be built "
            "again. Nothing was overwritten. Keep your change elsewhere, or let --fresh move it aside."
        )


def mark_stale(plan: BuildPlan) -> None:
    """Take the keys from the records of the plan's services: all is built again, and what was edited goes aside.

    Each service that is built gets its key again, so that who is interrupted goes on where this one was.
    """
    for result in load_builds(plan.records, plan.output).values():
        if result.key and any(result.service == service.name for service in plan.architecture.services):
            save_build(plan, replace(result, key=""))


def write_sign(output: Path) -> None:
    """Make the output folder, with the file that keeps a plain `pytest` above it away from the services' tests."""
    sign = output / SIGN
    if not sign.exists():
        output.mkdir(parents=True, exist_ok=True)
        write_atomically(sign, SIGN_TEXT)


def _is_sign(path: Path, output: Path) -> bool:
    return path == output / SIGN and path.read_text(encoding="utf-8", errors="replace") == SIGN_TEXT
