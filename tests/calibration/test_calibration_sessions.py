"""A session with `--calibrate`: its items, its outcomes, its reports."""

from __future__ import annotations

import json

# pytester forgets what a session in this process imported; C extensions don't survive being imported twice.
import filelock  # noqa: F401
import markdown_it  # noqa: F401
import pytest
import rich.table  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401
import transitions  # noqa: F401
import yaml  # noqa: F401

import pytest_superteam.fixtures
import pytest_superteam.gate.collection
import pytest_superteam.gate.distribution
import pytest_superteam.gate.reporting  # noqa: F401
from pytest_superteam.gate.session import names_calibration

PRD = """\
# Notes

## Services

| Service | Responsibility |
| --- | --- |
| note-service | Keeps notes |

## Data model

### Note (note-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| text | string | required, max 50 characters |

## API

### note-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /notes | List notes | public |
| POST | /notes | Add a note | authenticated |
"""

BLIND = '''
import pytest


@pytest.hookimpl
def pytest_superteam_violation(violation, config):
    """See no root container."""
    return None if violation.code == "DOCKER-001" else violation
'''
STATIC = "root-container or image-unpinned or privileged-container"
"""Faults that a scan decides alone, so that nothing is started."""
PLUGINS = ("pytest_superteam.plugin", "xdist.plugin", "pytest_metadata.plugin", "pytest_html.plugin")


@pytest.fixture
def project(pytester, monkeypatch):
    """Return a pytester in a folder with a document of one service."""
    for name in ("SUPERTEAM_DEPTH", "SUPERTEAM_BUILDER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    (pytester.path / "PRD.md").write_text(PRD, encoding="utf-8")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = " ".join(f"-p {name}" for name in PLUGINS)
    pytester.makeini(f"[pytest]\naddopts = --strict-markers --strict-config {plugins}\nfilterwarnings = error\n")
    return pytester


def report(project):
    """Return the calibration of the JSON report, and the verdict."""
    data = json.loads((project.path / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))
    return data["calibration"], data["verdict"]


def test_items_are_faults(project):
    """--co lists the faults in the place of the gate's items, and builds nothing."""
    result = project.runpytest("--prd", "PRD.md", "--calibrate", "--co", "-q")
    ids = [line for line in result.outlines if "::" in line]
    assert result.ret == 0
    assert ids[0] == "PRD.md::calibration::test_clean"
    assert "PRD.md::calibration::test_fault[root-container]" in ids
    assert ids[-1] == "PRD.md::calibration::test_detection_rate"
    assert not any("::layer" in name for name in ids)
    assert not (project.path / ".superteam").exists()


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["serial", "parallel"])
def test_caught_passes(project, spread):
    """A fault that the gate finds passes, one without a place is skipped, and the reports say what caught it."""
    result = project.runpytest_subprocess("--prd", "PRD.md", "--calibrate", "-k", STATIC, *spread)
    result.assert_outcomes(passed=2, skipped=1)
    found, verdict = report(project)
    assert verdict == "passed"
    assert {fault["id"]: fault["status"] for fault in found["faults"]} == {
        "root-container": "caught",
        "image-unpinned": "caught",
        "privileged-container": "not applicable",
    }
    caught = {fault["id"]: [c["item"] for c in fault["caught_by"]] for fault in found["faults"]}
    assert caught["root-container"] == ["layer3::test_scan[note-service-DOCKER-001]"]
    assert (found["false_alarms"], found["rate"]) == (None, 1.0)
    result.stdout.fnmatch_lines(["*gate: passed*", "Caught 100.0% of 2 faults*"])
    text = (project.path / ".superteam/reports/gate-report.md").read_text(encoding="utf-8")
    assert "Calibration passed: Notes" in text
    assert not (project.path / ".superteam/calibration").exists()
    assert "USER " in (project.path / "services/note-service/Dockerfile").read_text()


def test_survivor_is_an_expected_failure(project):
    """A fault that the gate is blind to is an expected failure, listed, and fails the detection rate."""
    project.makeconftest(BLIND)
    chosen = f"{STATIC} or detection_rate"
    result = project.runpytest("--prd", "PRD.md", "--calibrate", "-k", chosen, "-rx")
    result.assert_outcomes(passed=1, skipped=1, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*50.0% of 2 faults are caught, less than 95.0%: root-container*",
            "Survived: what the gate cannot see (1)",
            "  root-container: note-service/Dockerfile:*: the container runs as root",
            "XFAIL *root-container*survived: the gate cannot see it: note-service*",
        ]
    )
    found, verdict = report(project)
    assert (found["rate"], verdict) == (0.5, "failed")


def test_minimum_can_be_set(project):
    """What is asked for is a setting."""
    project.makeconftest(BLIND)
    (project.path / "superteam.yaml").write_text("calibration: {minimum: 0.5}\n")
    result = project.runpytest("--prd", "PRD.md", "--calibrate", "-k", f"{STATIC} or detection_rate")
    assert result.ret == 0


def test_id_can_be_pasted(project):
    """An id of a report runs that fault alone, without further options."""
    result = project.runpytest("PRD.md::calibration::test_fault[image-unpinned]")
    result.assert_outcomes(passed=1)
    assert [fault["id"] for fault in report(project)[0]["faults"]] == ["image-unpinned"]


def test_leftovers_are_swept(project):
    """What a killed calibration left is gone after the next one."""
    left = project.path / ".superteam/calibration/dead-event/services"
    left.mkdir(parents=True)
    project.runpytest("PRD.md::calibration::test_fault[image-unpinned]")
    assert not left.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--calibrate",), "--calibrate: needs a PRD or a system*"),
        (("--system", ".", "--calibrate"), "--calibrate: nothing is built with --system*"),
        (("--prd", "PRD.md", "--calibrate", "--until", "builders"), "--calibrate: can't go with --until*"),
        (("--prd", "PRD.md", "--calibrate", "--update-baseline"), "--calibrate: can't go with --update-baseline*"),
    ],
)
def test_usage_errors(project, arguments, words):
    """What makes no sense with --calibrate is said in a line before anything runs."""
    result = project.runpytest(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {words}"])


@pytest.mark.parametrize(
    ("argument", "meant"),
    [
        ("PRD.md::calibration::test_fault[dead-event]", True),
        ("docs/PRD.md::calibration", True),
        ("PRD.md::layer3::test_scan[calibration-SEC-001]", False),
        ("tests/test_x.py::calibration::test_y", False),
        ("PRD.md::calibrations", False),
        ("PRD.md", False),
    ],
)
def test_what_names_a_calibration(argument, meant):
    """Only an id below a document's calibration asks for one."""
    assert names_calibration(argument) is meant


@pytest.mark.slow
def test_running_system_is_asked(project):
    """A fault that only shows while the service runs is caught there, on a system that is clean without it."""
    chosen = "test_clean or undeclared-status or does-not-start or detection_rate"
    result = project.runpytest_subprocess("--prd", "PRD.md", "--calibrate", "-k", chosen)
    result.assert_outcomes(passed=4)
    found, _ = report(project)
    assert found["false_alarms"] == []
    assert all(2 in {c["layer"] for c in fault["caught_by"]} for fault in found["faults"])
