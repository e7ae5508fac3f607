"""How a fix loop ends: refusals, limits, who can't mend, budgets; and how it goes on afterwards."""

from __future__ import annotations

import json

import pytest
from loops import SOURCE

pytestmark = pytest.mark.slow


def test_refused_twice(project):
    """A builder that weakens the gate in the same way again is not asked a third time; its service stays as it was."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "weaken"]]})
    ended = project.run(*SOURCE)
    assert ended.code == 1
    assert [outcome for outcome, _, _ in project.attempts] == [{"catalog-service": "refused"}] * 2
    tests = project.path / "services" / "catalog-service" / "tests"
    assert not any("mark.skip" in file.read_text(encoding="utf-8") for file in tests.glob("*.py"))
    assert (project.path / "services" / "catalog-service" / "app" / "seeded.py").exists()


def test_limit(project):
    """No more attempts are made than were asked for, and none without `--fix`."""
    project.script(catalog_service={"build": ["fault"], "fix": [["fail"], ["mend"]]})
    ended = project.run(*SOURCE, "--fix", "0")
    assert (ended.code, project.mended("catalog-service")) == (1, [])
    ended = project.run(*SOURCE, "--fix", "1")
    assert ended.code == 1
    assert [row["mending"] for row in project.mended("catalog-service")] == [1]
    assert project.attempts[0][0] == {"catalog-service": "failed"}
    ended = project.run(*SOURCE, "--fix", "1")
    assert ended.code == 0, ended.text
    assert [row["mending"] for row in project.mended("catalog-service")] == [1, 2]


def test_builtin(project):
    """The built-in builder is not asked to mend, since it would make the same again; the report says so."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend"]]})
    project.settings("services: {note-service: {builder: builtin}}\n")
    ended = project.run("-k", "builds")
    assert ended.code == 0, ended.text
    services = project.path / "services"
    fault = (services / "catalog-service" / "app" / "seeded.py").read_text(encoding="utf-8")
    (services / "note-service" / "app" / "seeded.py").write_text(fault, encoding="utf-8")
    ended = project.run(*SOURCE)
    assert ended.code == 1
    assert [row["service"] for row in project.book if row["mending"]] == ["catalog-service"]
    assert "'builtin'" in project.report["fix_end"]


def test_budget(project):
    """A budget that is spent in the middle stops the loop with its state kept; a higher one goes on with it."""
    fault = {"build": ["fault"], "fix": [["mend"]]}
    project.script(catalog_service=fault, note_service=fault)
    project.settings("parallel: 1\n")
    ended = project.run(*SOURCE, "--budget", "1.9")  # three builds of 0.25; each attempt sets 1.0 aside
    assert ended.code == 2, ended.text
    assert "Go on with a higher --budget" in ended.text
    assert len([row for row in project.book if row["mending"]]) == 1
    state = json.loads((project.path / ".superteam" / "PIPELINE_STATE.json").read_text(encoding="utf-8"))
    assert state["state"]["current"] == "fix_pass"
    ended = project.run(*SOURCE, "--budget", "9")
    assert ended.code == 0, ended.text
    assert sorted(row["service"] for row in project.book if row["mending"]) == ["catalog-service", "note-service"]
    assert project.attempts[0][0] == {"catalog-service": "changed", "note-service": "changed"}
