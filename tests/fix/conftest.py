"""Projects with a scripted builder, for tests of the fix loop."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from loops import PRD, SETTINGS, Project


@pytest.fixture
def project(tmp_path):
    """Return a project whose gate looks at its source only."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")
    (folder / "superteam.yaml").write_text(SETTINGS, encoding="utf-8")
    shutil.copy(Path(__file__).with_name("fixer.py"), folder / "conftest.py")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    return Project(folder)


@pytest.fixture(params=["serial", "parallel"])
def spread(request):
    """Run the test without workers and with two."""
    return [] if request.param == "serial" else ["-n", "2"]
