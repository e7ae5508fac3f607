"""Two reports compared: what is new, mended, unchanged, and what can't be said; then how that is told."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from pytest_superteam.models import Outcome, Severity
from pytest_superteam.reports.comparing import compare
from pytest_superteam.reports.diff import diff_data, diff_rows, diff_title
from pytest_superteam.reports.json_report import SCHEMA, to_json
from pytest_superteam.reports.markdown import LIMIT, to_markdown
from pytest_superteam.reports.reading import read_report


@pytest.fixture
def diff(make):
    """Return a function that compares reports on items."""

    def of(before, after, planned=(0, 0), **changes):
        reports = [make.report(items, planned=n, **changes) for items, n in zip((before, after), planned, strict=True)]
        return compare(*reports)

    return of


@pytest.fixture
def failed(make):
    """Return a function that makes an item that fails with violations of its code."""

    def item(*lines, code="SEC-001", outcome=Outcome.FAILED, evidence="", **changes):
        found = (make.violation(code, file="a.py", line=n, message=f"Line {n}.", evidence=evidence) for n in lines)
        return make.item(outcome, code=code, violations=tuple(found), **changes)

    return item


def keys(entries):
    """Return what is told of entries: code, place and whether they block."""
    return [(entry.code, entry.place, entry.blocking) for entry in entries]


def counts(found):
    """Return how much is new, mended and unchanged."""
    return len(found.new), len(found.mended), len(found.unchanged)


def test_what_is_found_is_new_mended_or_unchanged(diff, failed, make):
    """By fingerprint: a finding that only moved is unchanged, one that is gone is mended, and one more is new."""
    before = [failed(3, evidence="x = 1"), failed(5, code="SEC-002"), make.item(code="SEC-003")]
    after = [failed(9, evidence="x = 1"), make.item(code="SEC-002"), failed(1, code="SEC-003")]
    found = diff(before, after)
    assert keys(found.new) == [("SEC-003", "a.py:1", True)]
    assert keys(found.mended) == [("SEC-002", "a.py:5", True)]
    assert keys(found.unchanged) == [("SEC-001", "a.py:9", True)]
    assert (found.not_compared, found.turned, found.excused) == ({}, (), ())


def test_each_of_several_alike_counts(diff, failed):
    """Of three findings with one fingerprint one is mended, or one is new."""
    three, two = [failed(1, 2, 3, evidence="x")], [failed(1, 3, evidence="x")]
    assert [len(kind) for found in (diff(three, two),) for kind in (found.new, found.mended, found.unchanged)] == [
        0,
        1,
        2,
    ]
    assert [len(kind) for found in (diff(two, three),) for kind in (found.new, found.mended, found.unchanged)] == [
        1,
        0,
        2,
    ]


def test_what_could_not_run_is_a_finding_of_its_item(diff, make):
    """It is new, mended or unchanged by the item, whatever the reason says, and wherever the run was started."""
    error = make.item(Outcome.ERROR, reason="port 8080 is taken")
    again = make.item(Outcome.ERROR, reason="port 9090 is taken", id=f"sub/{error.id}")
    assert [entry.message for entry in diff([make.item()], [error]).new] == ["could not run: port 8080 is taken"]
    assert keys(diff([error], [make.item()]).mended) == [("SEC-001", "", True)]
    assert keys(diff([error], [again]).unchanged) == [("SEC-001", "", True)]


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.ERROR])
def test_what_was_not_looked_at_is_not_mended(diff, failed, make, outcome):
    """Where the item was skipped, held back or could not run, nobody knows whether its finding is gone."""
    found = diff([failed(1)], [make.item(outcome, reason="held back")])
    assert (found.mended, found.not_compared) == ((), {"not tried this time": 1})


def test_what_was_not_looked_at_before_is_not_new(diff, failed, make):
    """A finding of an item that the other run skipped is counted as not compared."""
    found = diff([make.item(Outcome.SKIPPED)], [failed(1)])
    assert (found.new, found.not_compared) == ((), {"not tried in the other run": 1})


def test_items_of_one_report_only(diff, failed, make):
    """Of partial runs they are not compared; of whole ones the system has changed, and with it what is found."""
    one, two = failed(1), failed(1, code="SEC-002")
    whole = diff([one], [two])
    assert [keys(whole.new), keys(whole.mended)] == [[("SEC-002", "a.py:1", True)], [("SEC-001", "a.py:1", True)]]
    partial = diff([one], [two], planned=(2, 2))
    assert (partial.new, partial.mended) == ((), ())
    assert partial.not_compared == {"not tried in the other run": 1, "not tried this time": 1}
    assert keys(diff([one], [make.item(), two], planned=(1, 9)).new) == [("SEC-002", "a.py:1", True)]


def test_what_is_excused_now_is_not_mended(diff, make):
    """A comment or a baseline mends nothing; without it the finding is new again."""
    found = make.violation(file="a.py", line=1)
    plain = make.item(Outcome.FAILED, violations=(found,))
    excused = make.item(violations=(replace(found, suppressed_by="noqa"),))
    now, back = diff([plain], [excused]), diff([excused], [plain])
    assert (now.mended, keys(now.excused)) == ((), [("SEC-001", "a.py:1", True)])
    assert keys(back.new) == [("SEC-001", "a.py:1", True)]


def test_what_blocks_now_and_did_not(diff, failed):
    """The same finding under a stricter setting is unchanged, and told."""
    advice, blocks = failed(1, outcome=Outcome.ADVISORY, blocking=False), failed(1)
    found = diff([advice], [blocks])
    assert keys(found.turned) == keys(found.unchanged) == [("SEC-001", "a.py:1", True)]
    assert keys(diff([blocks], [advice]).turned) == [("SEC-001", "a.py:1", False)]


def test_what_blocks_comes_first_then_the_most_severe(diff, make):
    """The order of what is new does not follow the items."""
    severities = (Severity.ERROR, Severity.CRITICAL, Severity.HIGH)
    found = [make.violation(f"A-{n}", severity, file="a", line=n) for n, severity in enumerate(severities)]
    advice = make.item(Outcome.ADVISORY, 4, "ADV", violations=(make.violation("ADV", Severity.CRITICAL),))
    new = diff([advice, make.item()][1:], [advice, make.item(Outcome.FAILED, violations=tuple(found))]).new
    assert [entry.code for entry in new] == ["A-1", "A-2", "A-0", "ADV"]


def requirement(name, status, **changes):
    """Return a row of the matrix."""
    row = {
        "id": name,
        "line": 3,
        "status": status,
        "priority": "Must",
        "text": "T",
        "reason": "no check",
        "blocks": False,
    }
    return {**row, **changes}


def test_requirements_operations_services_verdict_time_and_cost(make):
    """What else is different is told beside the findings."""
    rows = [requirement("R-1", "proven"), requirement("R-2", "unproven"), requirement("R-3", "failing")]
    before = make.report(
        [make.item(layer=2, id="PRD.md::layer2::test_conformance[auth-service-login]")],
        operations={"auth-service:login": True, "auth-service:me": False},
        services=("auth-service", "old-service"),
        requirements=(*rows, requirement("R-4", "proven")),
        seconds=10.0,
        costs=(),
    )
    after = make.report(
        [make.item(Outcome.FAILED, 2, id="PRD.md::layer2::test_conformance[auth-service-logout]", reason="no")],
        operations={"auth-service:login": False, "auth-service:me": False},
        services=("auth-service", "new-service"),
        requirements=(
            requirement("R-1", "failing"),
            rows[1],
            requirement("R-3", "proven"),
            requirement("R-5", "proven"),
        ),
    )
    found = compare(before, after)
    assert [(c.name, c.before, c.after) for c in (found.verdict, *found.requirements, *found.operations)] == [
        ("verdict", "passed", "failed"),
        ("R-1", "proven", "failing"),
        ("R-3", "failing", "proven"),
        ("auth-service:login", "exercised", "not exercised"),
    ]
    assert (found.services_new, found.services_gone) == (("new-service",), ("old-service",))
    assert (found.operations_new, found.operations_gone) == (("auth-service-logout",), ("auth-service-login",))
    assert (found.seconds, found.cost_usd) == ((10.0, 12.34), (0.0, 0.5))
    assert list(diff_rows(found)) == [
        (0, "Verdict: failed, was passed"),
        (0, "New (1)"),
        (1, "SEC-001 auth-service: no"),
        (0, "Requirements (2)"),
        (1, "R-1: failing, was proven"),
        (1, "R-3: proven, was failing"),
        (0, "New services (1)"),
        (1, "new-service"),
        (0, "Services gone (1)"),
        (1, "old-service"),
        (0, "New operations (1)"),
        (1, "auth-service-logout"),
        (0, "Operations gone (1)"),
        (1, "auth-service-login"),
        (0, "Operations (1)"),
        (1, "auth-service:login: not exercised, was exercised"),
        (0, "Time: 12.3 s, was 10.0 s. Cost: 0.50 USD, was 0.00 USD."),
    ]
    partial = compare(before, replace(after, planned=2))
    assert (partial.operations_new, partial.operations_gone) == ((), ())


def test_a_requirement_that_blocks_is_a_finding(make):
    """One that lost its proof is new; in a partial run, which proves nothing, it is not compared."""
    rows = [(requirement("R-1", "unproven", blocks=blocks),) for blocks in (False, True)]
    before, after = (make.report([make.item()], requirements=row) for row in rows)
    assert keys(compare(before, after).new) == [("UNPROVEN", "line 3", True)]
    assert keys(compare(after, before).mended) == [("UNPROVEN", "line 3", True)]
    assert compare(replace(before, planned=2), after).not_compared == {"not tried in the other run": 1}


def test_a_partial_run_changes_no_requirement_to_unproven(make):
    """It only did not run what proves it."""
    before = make.report([make.item()], requirements=(requirement("R-1", "proven"), requirement("R-2", "proven")))
    rows = (requirement("R-1", "unproven"), requirement("R-2", "failing"))
    found = compare(before, make.report([make.item()], requirements=rows, planned=2))
    assert [change.name for change in found.requirements] == ["R-2"]


def test_another_system_is_said_so(make):
    """It is compared all the same, and the first line warns."""
    found = compare(make.report([], title="Shop"), make.report([make.item()], title="Bank"))
    assert next(diff_rows(found)) == (0, "Mind: the other report is on 'Shop', this one on 'Bank'")


def test_lists_are_cut_unless_all_are_asked_for(diff, failed, make):
    """Five codes are named, each with how many more it has; with -v two hundred findings; and what is left out."""
    one = failed(1, code="SEC-009")
    found = diff([one, make.item()], [one, failed(*range(1, 300)), *(failed(1, 2, code=f"DOC-{n}") for n in range(9))])
    short, long = list(diff_rows(found)), list(diff_rows(found, verbose=True))
    assert short[0] == long[0] == (0, "New (317)")
    assert short[6] == (1, "... and 307 more, in gate-report.json")
    assert all(row[1].endswith(" (1 more of this code)") for row in short[1:6])
    assert long[201] == (1, "... and 117 more, in gate-report.json")
    assert diff_title(found) == "Since run run-1: 317 new, 0 mended, 1 unchanged"


@pytest.mark.parametrize(
    ("before", "after"), [("good", "bad"), ("bad", "hostile"), ("hostile", "good"), ("huge", "bad")]
)
def test_every_comparison_is_within_schema_and_limits(reports, before, after, tmp_path):
    """Also one with a report that was read back; no secret, nothing that acts, and the comment still fits."""
    path = tmp_path / "old.json"
    path.write_text(to_json(reports[before]), encoding="utf-8")
    report = replace(reports[after], diff=compare(read_report(path), reports[after]))
    data = json.loads(to_json(report))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    assert data["diff"] == json.loads(json.dumps(diff_data(report.diff)))
    text = to_markdown(report)
    assert len(text.encode()) < LIMIT
    assert "hunter2hunter2" not in text + json.dumps(data["diff"])
    assert all("\n" not in line and line.isprintable() for _, line in diff_rows(report.diff, verbose=True))


@pytest.mark.parametrize("name", ["good", "bad", "hostile", "huge", "empty"])
def test_a_report_does_not_differ_from_itself(reports, name, tmp_path):
    """Written, read back and compared, nothing is new, mended or left out: what is masked is masked on both sides."""
    path = tmp_path / "gate-report.json"
    path.write_text(to_json(reports[name]), encoding="utf-8")
    found = compare(read_report(path), reports[name])
    assert (found.new, found.mended, found.turned, found.excused, found.not_compared) == ((), (), (), (), {})
    assert (found.requirements, found.operations, found.services_new, found.notes[1:]) == ((), (), (), ())
