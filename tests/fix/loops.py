"""A project whose builder seeds faults and mends them as a script says, run by its command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest_superteam

PRD = """\
# Stall

## Services

| Service | Responsibility |
| --- | --- |
| catalog-service | Keeps items |
| order-service | Takes orders; calls catalog-service |
| note-service | Keeps notes |

## Data model

### Item (catalog-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| name | string | required, max 50 characters |

### Order (order-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| item_id | uuid | required, references Item |
| count | integer | required, minimum 1 |

### Note (note-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| text | string | required, max 50 characters |
"""
SETTINGS = """\
builder: fixer
fix: 3
retry: {base_delay: 0.01, max_delay: 0.02, grace: 2}
"""
SOURCE = ("-k", "builds or SEC-005")
"""Items that need no running system."""
SEC = "layer3::test_scan[catalog-service-SEC-005]"
SUMMARY = "GITHUB_STEP_SUMMARY"
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TREES", SUMMARY)
PLUGINS = ("pytest_superteam.plugin", "xdist.plugin", "pytest_metadata.plugin", "pytest_html.plugin")


@dataclass
class Ended:
    """How a command line ended."""

    code: int
    text: str


@dataclass
class Project:
    """A folder with a document, settings and a scripted builder."""

    path: Path

    def script(self, **services):
        """Say what the builder does, by service (`_` stands for `-`)."""
        script = {name.replace("_", "-"): what for name, what in services.items()}
        (self.path / "script.json").write_text(json.dumps(script), encoding="utf-8")

    def settings(self, text):
        """Add settings."""
        (self.path / "superteam.yaml").write_text(SETTINGS + text, encoding="utf-8")

    def start(self, *arguments):
        """Start a session, or the sessions of a fix loop."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TMPDIR", "TREES", SUMMARY)
            if name in os.environ
        }
        plugins = [word for name in PLUGINS for word in ("-p", name)]
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *plugins, "--prd", "PRD.md", *arguments],
            cwd=self.path,
            env={
                **kept,
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTHONPATH": str(Path(pytest_superteam.__file__).parents[1]),
                "COLUMNS": "160",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments):
        """Run to the end."""
        process = self.start(*arguments)
        text, _ = process.communicate(timeout=240)
        return Ended(process.returncode, text)

    @property
    def book(self):
        """Return what the builder did, in order."""
        book = self.path.with_suffix(".jsonl")
        return [json.loads(line) for line in book.read_text(encoding="utf-8").splitlines()] if book.exists() else []

    def mended(self, service):
        """Return what the builder was asked to mend in a service, in order."""
        return [row for row in self.book if row["service"] == service and row["mending"]]

    @property
    def report(self):
        """Return the report of the last session."""
        file = self.path / ".superteam" / "reports" / "gate-report.json"
        return json.loads(file.read_text(encoding="utf-8"))

    @property
    def attempts(self):
        """Return (outcomes by service, items mended, items that block since) of each attempt of the last report."""
        told = self.report["fixes"]
        outcomes = [{fixed["service"]: fixed["outcome"] for fixed in attempt["services"]} for attempt in told]
        return [(ends, each["mended"] or [], each["new"] or []) for ends, each in zip(outcomes, told, strict=True)]
