"""Whole runs of the shipped pipelines, in copies, from the command line that a user types."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

PIPELINES = Path(__file__).parents[2] / "pipelines"


@dataclass
class Ran:
    """How a run ended, and the report that it left."""

    folder: Path
    status: int
    output: str
    report: dict

    @property
    def outcomes(self):
        """Return the outcome of each item, by the end of its id."""
        return {item["id"].partition("::")[2]: item["outcome"] for item in self.report["items"]}


def processes_in(folder):
    """Return the command lines of the processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder) and process.pid != os.getpid():
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


def command(*arguments):
    """Return the command line of a pytest without plugins that the run does not need."""
    return [sys.executable, "-m", "pytest", "-p", "no:schemathesis", "-p", "no:cacheprovider", *arguments]


def run(folder, *arguments, timeout=240):
    """Run pytest in `folder`; nothing of it may be alive afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SUPERTEAM_"))}
    done = subprocess.run(
        command(*arguments), cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert processes_in(folder) == []
    file = folder / ".superteam/reports/gate-report.json"
    report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Ran(folder, done.returncode, done.stdout + done.stderr, report)


def copy_of(name, folder):
    """Copy a shipped pipeline without what runs left in it."""
    return Path(
        shutil.copytree(PIPELINES / name, folder / name, ignore=shutil.ignore_patterns(".superteam", "services"))
    )
