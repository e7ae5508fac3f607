"""The CI files that the documentation hands out: what their machines would read, and what their commands do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

FILES = Path(__file__).parents[2] / "docs/how-to/ci"
ELSEWHERE = {
    "github.yml": {
        'pip install "pytest-superteam[all]"': "installs from a package index",
        "gh run list": "asks GitHub for the report of main",
    },
    "gitlab-ci.yml": {
        'pip install "pytest-superteam[all]"': "installs from a package index",
        "curl --fail": "asks GitLab for the report of the default branch",
    },
    "Jenkinsfile": {"python -m venv .venv": "installs from a package index"},
}
"""Commands that are not run here, by how they begin, with the reason."""


def commands(name):
    """Return the scripts of a CI file."""
    text = (FILES / name).read_text(encoding="utf-8")
    if name == "Jenkinsfile":
        scripts = re.findall(r"sh (?:'''(.*?)'''|'([^']*)')", text, flags=re.DOTALL)
        return [(long or short).replace("\\\\", "\\").strip() for long, short in scripts]
    document = yaml.safe_load(text)
    if name == "github.yml":
        return [step["run"] for step in document["jobs"]["gate"]["steps"] if "run" in step]
    job = document["gate"]
    return [*job["before_script"], *job["script"]]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "schema"), [("github.yml", "github-workflows"), ("gitlab-ci.yml", "gitlab-ci")])
def test_file_keeps_the_schema(name, schema):
    """A file is what the published JSON schema of its CI allows."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", FILES / name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_jenkinsfile_is_balanced():
    """The Jenkinsfile closes what it opens; no more of its form can be checked without Jenkins."""
    text = re.sub(r"'''.*?'''|'[^']*'", "''", (FILES / "Jenkinsfile").read_text(encoding="utf-8"), flags=re.DOTALL)
    opened = []
    for sign in re.findall(r"[(){}\[\]]", text):
        if sign in "({[":
            opened.append(sign)
        else:
            assert opened.pop() + sign in {"()", "{}", "[]"}
    assert opened == []
    assert re.match(r"pipeline \{\n    agent ", text)


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_excuses_are_needed(name):
    """Each command that is not run here stands in the file."""
    assert all(any(start in command for command in commands(name)) for start in ELSEWHERE[name])


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
@pytest.mark.slow
def test_commands_do_what_the_file_expects(name, shell):
    """The gate fails on what blocks, compares with the report of main, and writes each file that later steps take."""
    folder = shell.folder(name, "webshop")
    old = folder / ("main-report.json" if name == "gitlab-ci.yml" else "main-report/gate-report.json")
    (folder / ".venv/bin").mkdir(parents=True)
    shutil.copy(shell.root / "bin/pytest", folder / ".venv/bin/pytest")
    environment = {"OLD": str(old.relative_to(folder)), "PYTEST_ADDOPTS": "-m layer3"}
    if name == "github.yml":
        environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    mine = [command for command in commands(name) if not any(start in command for start in ELSEWHERE[name])]
    assert len(mine) == 1
    first = shell.run(mine[0], folder, **environment)
    assert first.returncode == 1, first.stdout
    assert "--gate-diff" not in first.stdout
    old.parent.mkdir(exist_ok=True)
    shutil.copy(folder / ".superteam/reports/gate-report.json", old)
    second = shell.run(mine[0], folder, **environment)
    assert second.returncode == 1, second.stdout
    assert "unchanged" in second.stdout
    for file in expected(name):
        assert (folder / file).stat().st_size > 100, file
    if name == "github.yml":
        assert "SEC-001" in (folder / "summary.md").read_text(encoding="utf-8")
        assert "file=orders/orders.py,line=20::" in second.stdout
    if name == "gitlab-ci.yml":
        found = json.loads((folder / "gl-code-quality.json").read_text(encoding="utf-8"))
        assert {entry["location"]["path"] for entry in found} >= {"orders/orders.py", "web/server.js"}


def expected(name):
    """Return the files that later steps of a CI file take."""
    text = (FILES / name).read_text(encoding="utf-8")
    later = text[text.rindex("--gate-diff") :]
    found = set(re.findall(r"[\w./-]+\.(?:html|xml|sarif|json)\b", later))
    assert found
    return found
