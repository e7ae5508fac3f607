"""Whoever builds a service, it is gated by the same items."""

from __future__ import annotations

import shutil
import sys

import pytest

pytestmark = pytest.mark.slow
AGENT = """\
import json
import os
import shutil
from pathlib import Path

here = Path.cwd()
service = next(line for line in Path(".superteam/TASK.md").read_text().splitlines() if "-service" in line)
name = next(name for name in os.listdir(os.environ["TREES"]) if f"`{name}`" in service or name in service)
shutil.copytree(Path(os.environ["TREES"]) / name, here, dirs_exist_ok=True)
start = ["python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}", "--no-access-log"]
Path("service.json").write_text(json.dumps({"start": start, "test": ["python", "-m", "pytest", "-q", "tests"]}))
"""


def outcomes(project):
    """Return how each item of the last report ended."""
    return {item["id"]: item["outcome"] for item in project.report["items"]}


def test_same_items(project, tmp_path, monkeypatch):
    """Services by the built-in builder and by an agent get the same items, and the same work the same verdicts."""
    only = ("-k", "layer1 or SEC-00")
    (project.path / "superteam.yaml").write_text("builder: builtin\n", encoding="utf-8")
    ended = project.run(*only)
    assert ended.code == 0, ended.text
    builtin = outcomes(project)
    trees = tmp_path / "trees"
    shutil.move(project.path / "services", trees)
    shutil.rmtree(project.path / ".superteam")
    (tmp_path / "agent.py").write_text(AGENT, encoding="utf-8")
    agent = f"{{command: ['{sys.executable}', '{tmp_path / 'agent.py'}'], environment: [TREES]}}"
    text = f"builder: mine\nagents: {{mine: {agent}}}\n"
    (project.path / "superteam.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("TREES", str(trees))
    ended = project.run(*only)
    assert ended.code == 0, ended.text
    assert outcomes(project) == builtin
    builds = {build["service"]: build for build in project.report["builds"]}
    assert {build["builder"] for build in builds.values()} == {"mine"}
