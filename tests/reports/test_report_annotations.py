"""Workflow commands: one line each, escaped, no more than GitHub shows."""

from __future__ import annotations

import pytest

from pytest_superteam.models import Outcome, Severity
from pytest_superteam.reports.annotations import MAX_EACH, workflow_commands


@pytest.fixture
def lines(tmp_path, make):
    """Return a function that gives the commands for one item."""

    def commands(*violations, outcome=Outcome.FAILED):
        report = make.report((make.item(outcome, violations=violations),))
        return list(workflow_commands(report, tmp_path, {"auth-service": tmp_path / "auth"}))

    return commands


def test_place_and_level(lines, make):
    """The command says file and line from the root of the repository, by severity."""
    found = lines(make.violation(file="a.py", line=3), make.violation(severity=Severity.WARNING))
    assert found == [
        "::error title=SEC-001 auth-service,file=auth/a.py,line=3::No authentication.",
        "::warning title=SEC-001 auth-service::No authentication.",
    ]


def test_suppressed_findings_are_silent(lines, make):
    """What is excused is no annotation, nor what was never decided."""
    assert lines(make.violation(suppressed_by="noqa"), outcome=Outcome.PASSED) == []
    assert lines(make.violation(), outcome=Outcome.SKIPPED) == []


def test_no_text_ends_the_command(lines, make):
    """Line feeds, colons and commas of a finding do not make another command or property."""
    found = lines(make.violation(message=f"::set-output x\n::error::{make.hostile}", service="a,b:c"))
    assert len(found) == 1
    assert "\n" not in found[0]
    assert found[0].startswith("::error title=SEC-001 a%2Cb%3Ac::")


def test_limit(lines, make):
    """What GitHub would not show is counted."""
    found = lines(*(make.violation(line=number, file="a.py") for number in range(1, MAX_EACH + 4)))
    assert len(found) == MAX_EACH + 1
    assert found[-1] == "::notice title=superteam::3 more findings are in the gate report"


def test_places_come_first(lines, make):
    """Of equal severity, what has a place stands before what GitHub would show at no line."""
    found = lines(make.violation(), make.violation(file="a.py", line=1))
    assert [",file=" in line for line in found] == [True, False]


def test_what_could_not_run_is_told(tmp_path, make):
    """An item without a finding that keeps the system from shipping says why; one that was skipped says nothing."""
    items = [
        make.item(Outcome.ERROR, 2, "L2-CONF", reason="the service is down"),
        make.item(Outcome.FAILED, 1, "L1-TESTS"),
        make.item(Outcome.SKIPPED, 3, "SEC-001", reason="held back"),
    ]
    assert list(workflow_commands(make.report(items), tmp_path, {})) == [
        "::error title=L1-TESTS auth-service::failed: no reason was given",
        "::error title=L2-CONF auth-service::could not run: the service is down",
    ]
