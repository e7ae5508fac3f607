"""A gate report read back: what is kept of it, and what is refused in one line."""

from __future__ import annotations

import json
import os

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.models import Severity
from pytest_superteam.reports import reading
from pytest_superteam.reports.json_report import to_json
from pytest_superteam.reports.reading import read_report


@pytest.fixture
def written(tmp_path, reports):
    """Return a function that writes the failing report with some keys changed, None for those to leave out."""

    def write(**changes):
        data = json.loads(to_json(reports["bad"])) | changes
        path = tmp_path / "old.json"
        path.write_text(json.dumps({key: value for key, value in data.items() if value is not ...}), encoding="utf-8")
        return path

    return write


def test_items_findings_and_figures_come_back(written, reports):
    """What a comparison needs is as it was written."""
    report, read = reports["bad"], read_report(written())
    assert [(i.id, i.outcome, i.blocking, i.severity) for i in read.items] == [
        (i.id, i.outcome, i.blocking, i.severity) for i in report.items
    ]
    assert [v.place for i in read.items for v in i.violations] == [v.place for i in report.items for v in i.violations]
    assert isinstance(read.items[0].severity, Severity)
    assert (read.verdict, read.run_id, read.title, read.services, read.seconds, read.cost_usd, read.partial) == (
        *(report.verdict, report.run_id, report.title, report.services, report.seconds, report.cost_usd),
        False,
    )


def test_keys_that_are_not_known_are_passed_over(written, reports):
    """A later release of the same schema version adds keys, and a report of an earlier one lacks some."""
    items = [{**item, "colour": "red"} for item in json.loads(to_json(reports["bad"]))["items"]]
    for item in items:
        del item["reproduce"]
        for violation in item["violations"]:
            del violation["fingerprint"]
    read = read_report(written(items=items, more={"a": 1}, picture=..., timeline=..., diff=...))
    assert len(read.items) == len(items)


def test_a_number_that_was_none_is_nothing(written):
    """A cost or a time that JSON has no number for is written as null."""
    read = read_report(written(cost_usd=None, seconds=None))
    assert (read.cost_usd, read.seconds) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"schema_version": 2}, "is of schema version 2, and this release reads version 1"),
        ({"schema_version": "1"}, "is of schema version 1, and"),
        ({"schema_version": True}, "is of schema version True, and"),
        ({"schema_version": ...}, "is no gate report: it has no schema_version"),
        ({"calibration": {"passed": True}}, "is the report of a calibration"),
        ({"items": ...}, "is no gate report: 'items' is missing"),
        ({"items": {}}, "is no gate report: items: {} is not list"),
        ({"items": [{}]}, "is no gate report: 'violations' is missing"),
        ({"items": [3]}, "is no gate report: "),
        ({"verdict": 7}, "is no gate report: verdict: 7 is not str"),
        ({"summary": None}, "is no gate report: "),
        ({"requirements": [{"id": ["x"], "line": 1}]}, "is no gate report: id: ['x'] is not str"),
        ({"operations": ["x"]}, "is no gate report: operations: 'x' is not a mapping"),
        ({"seconds": "long"}, "is no gate report: value: 'long' is not float"),
        ({"cost_usd": 10**400}, "is no gate report: int too large to convert to float"),
    ],
)
def test_what_is_no_report_of_this_version_is_refused(written, changes, why):
    """The line quotes the file, says what is wrong with it and what to do."""
    path = written(**changes)
    with pytest.raises(UsageError) as caught:
        read_report(path)
    line = str(caught.value)
    assert line.startswith(f"--gate-diff: '{path}' {why}")
    assert line.endswith(". Name the gate-report.json of another run.")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe{", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"schema_version": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b"[]", "is no gate report: it has no schema_version"),
        (b"x" * 300, "is larger than 256 bytes"),
    ],
    ids=["empty", "binary", "deep", "a huge number", "a list", "large"],
)
def test_what_is_no_report_at_all_is_refused(tmp_path, monkeypatch, text, why):
    """Whatever the file holds, it is one line and no traceback; no more is read than a report may have."""
    path = tmp_path / "old.json"
    path.write_bytes(text)
    if why.startswith("is larger"):
        monkeypatch.setattr(reading, "MOST_BYTES", 256)
    with pytest.raises(UsageError, match=why):
        read_report(path)


def test_what_can_not_be_read_is_refused(tmp_path):
    """A file that is not there, a folder, and a pipe, which nobody waits for."""
    with pytest.raises(UsageError, match=r"none\.json' can't be read: No such file or directory\. Name"):
        read_report(tmp_path / "none.json")
    with pytest.raises(UsageError, match="is no file"):
        read_report(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is no file"):
        read_report(tmp_path / "pipe")
