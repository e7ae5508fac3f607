"""GitLab's code quality report: what GitLab reads of it, where it points, and that no two rows are one to GitLab."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from pytest_superteam.models import Outcome, Severity
from pytest_superteam.reports.code_quality import SEVERITIES, to_code_quality
from pytest_superteam.reports.places import Places

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?![./]).+"},
                    "lines": {"type": "object", "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}
"""What GitLab's page on the format asks for."""


@pytest.fixture
def rows(tmp_path):
    """Return a function that gives the rows on a report; the document lies in the repository's docs."""

    def read(report, **changes):
        places = Places(tmp_path, {"auth-service": tmp_path / "services" / "auth"}, tmp_path / "docs" / "PRD.md")
        text = to_code_quality(report, replace(places, **changes))
        assert text.startswith("[")
        data = json.loads(text)
        jsonschema.validate(data, SCHEMA)
        assert len({row["fingerprint"] for row in data}) == len(data)
        return data

    return read


def test_a_row_says_what_gitlab_reads(rows, make):
    """Rule, severity, text, the path from the repository's root and the line of a finding; its own fingerprint."""
    found = make.violation(severity=Severity.CRITICAL, file="app/main.py", line=12)
    assert rows(make.report([make.item(Outcome.FAILED, violations=(found,))])) == [
        {
            "description": "auth-service: No authentication.",
            "check_name": "SEC-001",
            "fingerprint": found.fingerprint,
            "severity": "blocker",
            "location": {"path": "services/auth/app/main.py", "lines": {"begin": 12}},
        }
    ]


def test_each_severity_has_one_of_gitlabs(rows, make):
    """The worst is a blocker, and the order stays."""
    found = [make.violation(severity=severity, file=f"{n}.py", line=1) for n, severity in enumerate(Severity)]
    data = rows(make.report([make.item(Outcome.FAILED, violations=tuple(found))]))
    assert [row["severity"] for row in data] == ["info", "minor", "major", "critical", "blocker"]
    assert set(SEVERITIES) == set(Severity)


def test_what_belongs_to_no_file_is_shown_at_the_document(rows, make):
    """So is what could not run, what lies outside of the repository, and at its line a requirement without a proof."""
    outside = make.violation(code="A-1", file="../../../../etc/passwd", line=3)
    items = [
        make.item(Outcome.FAILED, violations=(make.violation(code="A-0"), outside)),
        make.item(Outcome.ERROR, 2, "A-2", reason="the service is down"),
        make.item(Outcome.FAILED, 1, "A-3"),
    ]
    requirement = {"id": "R-1", "line": 30, "status": "unproven", "blocks": True, "priority": "Must"}
    report = make.report(items, requirements=({**requirement, "reason": "no check", "text": "It is fast."},))
    data = rows(report)
    assert {row["location"]["path"] for row in data} == {"docs/PRD.md"}
    assert [(row["check_name"], row["location"]["lines"]["begin"]) for row in data] == [
        *((f"A-{n}", 1) for n in range(4)),
        ("UNPROVEN", 30),
    ]
    assert data[2]["description"] == "auth-service: could not run: the service is down"
    assert {row["location"]["lines"]["begin"] for row in rows(report, is_document=False)} == {1}
    assert {row["location"]["path"] for row in rows(report, anchor=None)} == {"superteam"}


def test_what_is_excused_passed_or_skipped_is_left_out(rows, make):
    """A clean report is an empty array."""
    excused = make.violation(suppressed_by="noqa")
    items = [make.item(), make.item(Outcome.SKIPPED, violations=(make.violation(),)), make.item(violations=(excused,))]
    assert rows(make.report(items)) == []
    assert rows(make.report([])) == []


def test_advice_is_in_it(rows, make):
    """What does not block is shown with a severity that says so."""
    advice = make.violation("ADV-002", Severity.WARNING, file="a.py", line=1)
    assert rows(make.report([make.item(Outcome.ADVISORY, 4, violations=(advice,))]))[0]["severity"] == "minor"


def test_the_same_finding_twice_is_two_rows_of_any_order(rows, make):
    """GitLab shows one row of a fingerprint; the second gets one of its own, whatever comes first in the report."""
    twice = [make.violation(file="a.py", line=line, evidence="x = 1") for line in (9, 3)]
    items = [make.item(Outcome.FAILED, violations=(each,)) for each in twice]
    data = rows(make.report(items))
    assert [row["location"]["lines"]["begin"] for row in data] == [3, 9]
    assert data[0]["fingerprint"] == twice[0].fingerprint
    assert data == rows(make.report(items[::-1]))


@pytest.mark.parametrize("name", ["bad", "hostile", "huge"])
def test_every_report_is_within_the_format(rows, reports, name):
    """Whatever is found, rows are as GitLab reads them, on one line each, without a secret."""
    data = rows(reports[name])
    assert data
    assert "hunter2hunter2" not in json.dumps(data)
    assert all("\n" not in row["description"] and len(row["description"]) <= 1000 for row in data)
