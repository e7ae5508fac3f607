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
    assert lines(make.violation(suppressed_by="noqa")) == []
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
