"""A project, and what runs pytest in it with other plugins on its path."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from shops import CONFIG, CONFTEST, INI, PRD, Ended


@pytest.fixture
def shop(tmp_path):
    """Return the folder of a project with a PRD and a fake builder."""
    for name, text in {"PRD.md": PRD, "conftest.py": CONFTEST, "superteam.yaml": CONFIG, "pytest.ini": INI}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(shop):
    """Return a function that runs pytest in the project with other plugins on its path."""

    def go(plugins, *arguments, only="layer1 or layer3 or not (layer1 or layer2 or layer3 or layer4)", **environment):
        path = os.pathsep.join(filter(None, [str(plugins), str(shop), os.environ.get("PYTHONPATH", "")]))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_", "SUPERTEAM_", "CI"))}
        words = [sys.executable, "-m", "pytest", "--prd", "PRD.md", "-m", only, *arguments]
        done = subprocess.run(
            words,
            cwd=shop,
            env=clean | {"PYTHONPATH": path, "COLUMNS": "100"} | environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Ended(done.returncode, done.stdout + done.stderr, shop)

    return go
