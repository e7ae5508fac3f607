"""The fix loop as its users see it: what is mended, what is not, what is refused, and what the last reports say."""

from __future__ import annotations

import json
import signal
import time
import xml.etree.ElementTree as ET

import pytest

pytestmark = pytest.mark.slow
SOURCE = ("-k", "builds or SEC-005")
"""Items that need no running system."""
SEC = "layer3::test_scan[catalog-service-SEC-005]"


def attempts(project):
    """Return (outcome, items mended, items broken) of each attempt of the last report, by service."""
    told = []
    for attempt in project.report["fixes"]:
        after = attempt["after"]
        mended = [item for item in attempt["before"] if after is not None and item not in after]
        broken = [item for item in after or () if item not in attempt["before"]]
        told.append(({fixed["service"]: fixed["outcome"] for fixed in attempt["services"]}, mended, broken))
    return told


def test_mended(project, spread):
    """A fault is mended at the second attempt, once the first one was refused for weakening a test."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "weaken"], ["mend"]]})
    ended = project.run(
        *SOURCE, *spread, "--junitxml=junit.xml", "--html=gate.html", "--self-contained-html", "--sarif=gate.sarif"
    )
    assert ended.code == 0, ended.text
    assert attempts(project) == [({"catalog-service": "refused"}, [], []), ({"catalog-service": "changed"}, [SEC], [])]
    assert "it makes the gate see less: tests/" in ended.text
    second = project.mended("catalog-service")[1]
    assert "it makes the gate see less" in second["refused"]
    suite = ET.parse(project.path / "junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    sarif = json.loads((project.path / "gate.sarif").read_text(encoding="utf-8"))
    assert sarif["runs"][0]["results"] == []
    assert ended.text.count("gate: passed") == 1
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


def test_refused_twice(project):
    """A builder that weakens the gate in the same way again is not asked a third time; its service stays as it was."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "weaken"]]})
    ended = project.run(*SOURCE)
    assert ended.code == 1
    assert [outcome for outcome, _, _ in attempts(project)] == [{"catalog-service": "refused"}] * 2
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
    assert attempts(project)[0][0] == {"catalog-service": "failed"}
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
    assert attempts(project)[0][0] == {"catalog-service": "changed", "note-service": "changed"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_interrupted(project, number):
    """Whoever ends the loop in the middle finds it again with the same command; nothing is left running."""
    psutil = pytest.importorskip("psutil")
    project.script(catalog_service={"build": ["fault"], "fix": [["slow", "mend"]]})
    process = project.start(*SOURCE)
    deadline = time.monotonic() + 60
    while not project.mended("catalog-service") and time.monotonic() < deadline:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    text, _ = process.communicate(timeout=60)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert (alive, process.returncode) == ([], 2 if number == signal.SIGTERM else -number), text
    project.script(catalog_service={"build": ["fault"], "fix": [["mend"]]})
    ended = project.run(*SOURCE)
    assert ended.code == 0, ended.text
    assert attempts(project) == [({"catalog-service": "changed"}, [SEC], [])]


def test_running_system(project, spread):
    """A fix that breaks another service is seen and told; what did not change goes on running."""
    project.script(catalog_service={"build": ["fault"], "fix": [["mend", "break"], ["repair"]]})
    project.settings("gate: {examples: 5}\n")
    ended = project.run(*spread, "-k", "builds or SEC-005 or (order and conformance) or (order and pact)")
    assert ended.code == 0, ended.text
    first, second = attempts(project)
    assert first[1] == [SEC]
    assert any("order-service" in item for item in first[2]), first
    assert second[2] == []
    assert "starting again: catalog-service; going on as before" in ended.text
    asked_again = [attempt["asked_again"] for attempt in project.report["fixes"]]
    assert asked_again == [["catalog-service", "order-service"]] * 2
