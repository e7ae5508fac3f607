"""The fix loop as its users see it: what is mended, what is asked, and what the last reports say."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from loops import SEC, SOURCE, SUMMARY

from pytest_superteam.models import GateReport
from pytest_superteam.reports.write import write_reports

pytestmark = pytest.mark.slow


OTHER = GateReport("Stall", "before", "failed", items=(), layers=(), services=("catalog-service",), seconds=1.0)


def test_mended(project, spread, monkeypatch):
    """A fault is mended at the second attempt, once the first one was refused for weakening a test.

    Of three sessions the last one sums up a step of GitHub Actions, and all compare with the report of before.
    """
    monkeypatch.setenv(SUMMARY, str(project.path / "summary.md"))
    (other,) = write_reports(OTHER, project.path / ".superteam" / "reports")[:1]
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "weaken"], ["mend"]]})
    ended = project.run(
        *(*SOURCE, *spread, "--junitxml=junit.xml", "--html=gate.html", "--self-contained-html", "--sarif=gate.sarif"),
        f"--gate-diff={other}",
    )
    assert ended.code == 0, ended.text
    assert project.attempts == [({"catalog-service": "refused"}, [], []), ({"catalog-service": "changed"}, [SEC], [])]
    assert "it makes the gate see less: tests/" in ended.text
    second = project.mended("catalog-service")[1]
    assert "it makes the gate see less" in second["refused"]
    suite = ET.parse(project.path / "junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    sarif = json.loads((project.path / "gate.sarif").read_text(encoding="utf-8"))
    assert sarif["runs"][0]["results"] == []
    assert ended.text.count("gate: passed") == 1
    assert (project.path / "summary.md").read_text(encoding="utf-8").count("Gate ") == 1
    assert project.report["diff"]["run_id"] == "before"
    times = [(span["kind"], span["name"], span["session"], span["outcome"]) for span in project.report["timeline"]]
    assert [row for row in times if row[0] in {"session", "fix"}] == [
        ("session", "1", 1, "done"),
        ("session", "2", 2, "done"),
        ("fix", "catalog-service", 2, "failed"),
        ("session", "3", 3, "done"),
        ("fix", "catalog-service", 3, "succeeded"),
    ]
    assert [row[2] for row in times if row[:2] == ("phase", "gate")] == [1, 2, 3]
    assert ("order-service", "catalog-service") in {
        (edge["source"], edge["target"]) for edge in project.report["picture"]["edges"]
    }
    assert project.report["items"][0]["reproduce"].startswith("pytest ")
    assert " --fix 0 " in project.report["items"][0]["reproduce"]
    assert "Fix attempts (2 of at most 3)" in (project.path / "gate.html").read_text(encoding="utf-8")


def test_only_asked(project):
    """A finding goes to the builder of its service and to no other, with what reproduces it, and nothing of others."""
    project.script(
        catalog_service={"build": ["fault"], "fix": [["mend"]]}, note_service={"build": ["fault"], "fix": [["mend"]]}
    )
    ended = project.run(*SOURCE)
    assert ended.code == 0, ended.text
    assert [(row["service"], row["mending"]) for row in project.book if row["mending"]] in (
        [("catalog-service", 1), ("note-service", 1)],
        [("note-service", 1), ("catalog-service", 1)],
    )
    (asked,) = project.mended("catalog-service")
    assert asked["asked"] == [line for line in asked["asked"] if line.startswith("SEC-005 app/seeded.py:7")]
    assert "PRD.md::layer3::test_scan[catalog-service-SEC-005]" in asked["text"]
    assert "note-service" not in asked["text"]
    assert "secret-of-ours" not in asked["text"]


def test_same_again(project, spread):
    """Where the same failure comes back after a change the loop stops, and says so."""
    project.script(catalog_service={"build": ["fault"], "fix": [["touch"]]})
    ended = project.run(*SOURCE, *spread)
    assert ended.code == 1
    assert len(project.mended("catalog-service")) == 1
    assert "same" in project.report["fix_end"]
    assert project.report["fix_end"] in " ".join(ended.text.split())


def test_running_system(project, spread):
    """A fix that breaks another service is seen and told; what did not change goes on running."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "break"], ["repair"]]})
    project.settings("gate: {examples: 5}\n")
    ended = project.run(*spread, "-k", "builds or SEC-005 or (order and conformance) or (order and pact)")
    assert ended.code == 0, ended.text
    first, second = project.attempts
    assert first[1] == [SEC]
    assert any("order-service" in item for item in first[2]), first
    assert second[2] == []
    assert "starting again: catalog-service; going on as before" in ended.text
    asked_again = [attempt["asked_again"] for attempt in project.report["fixes"]]
    assert asked_again == [["catalog-service", "order-service"]] * 2
