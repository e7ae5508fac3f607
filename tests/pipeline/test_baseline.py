"""The baseline: what it accepts, how often, and what it says of entries that are of no use any more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.errors import UsageError
from pytest_superteam.models import Severity, Violation
from pytest_superteam.pipeline.baseline import Baseline


def found(evidence="x()", line=1, code="SEC-001", service="api", **changes):
    """Return a violation."""
    return Violation(code, Severity.HIGH, service, "Do.", "a.py", line, evidence=evidence, **changes)


def accepted(path, *violations):
    """Return a baseline that accepts these, as read back from its file."""
    by_item = {}
    for violation in violations:
        by_item.setdefault((violation.code, violation.service), []).append(violation)
    Baseline(path).update(by_item)
    return Baseline.read(path, missing_ok=False)


def excused(baseline, *violations):
    """Return what excuses each violation."""
    return [violation.suppressed_by for violation in baseline.excuse(violations)]


@pytest.fixture
def path(tmp_path):
    """Return where the baseline lies."""
    return tmp_path / "baseline.json"


def test_lines_do_not_count(path):
    """A finding that moved, or whose spaces changed, is the same one."""
    baseline = accepted(path, found("x( a )", 3))
    assert excused(baseline, found("x(  a )", 300)) == ["baseline"]
    assert excused(baseline, found("x( b )", 3)) == [""]


@pytest.mark.parametrize("changes", [{"code": "SEC-002"}, {"service": "web"}])
def test_code_and_service_count(path, changes):
    """Another code or another service is another finding."""
    assert excused(accepted(path, found()), found(**changes)) == [""]


def test_number_counts(path):
    """Two alike are accepted, the third is new."""
    baseline = accepted(path, found(line=1), found(line=2))
    assert excused(baseline, found(line=5), found(line=6), found(line=7)) == ["baseline", "baseline", ""]


def test_comment_comes_first(path):
    """What a comment excuses is not accepted a second time, nor written down."""
    baseline = accepted(path, found(), found(line=2, suppressed_by="noqa"))
    assert [row["count"] for row in baseline.rows.values()] == [1]
    assert excused(baseline, found(suppressed_by="noqa"), found(line=2)) == ["noqa", "baseline"]


def test_stale(path):
    """Only entries of what was looked at can be stale."""
    baseline = accepted(path, found("x()"), found("y()"), found(service="web"))
    stale = baseline.stale({("SEC-001", "api"): [found("x()")]})
    assert [(row["service"], row["evidence"]) for row in stale] == [("api", "y()")]


def test_ids_and_ports_do_not_count(path):
    """Evidence of a running system is the same with another id and another port."""
    baseline = accepted(path, found("curl http://127.0.0.1:4711/a/7b5e0f9c-1f67-4a5b-9d9f-3f3c1a2b4c5d"))
    assert excused(baseline, found("curl http://127.0.0.1:80/a/00000000-1f67-4a5b-9d9f-3f3c1a2b4c5d")) == ["baseline"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("{", "is no JSON"),
        ("[]", "is no baseline"),
        ('{"version": 2, "findings": []}', "is no baseline"),
        ('{"version": 1, "findings": [{}]}', "is no baseline"),
        ('{"version": 1, "findings": [{"fingerprint": "x", "code": 1}]}', "is no baseline"),
    ],
)
def test_bad_files(path, content, text):
    """What is no baseline is refused in one line that says how to get one."""
    path.write_text(content)
    with pytest.raises(UsageError, match=text) as caught:
        Baseline.read(path, missing_ok=False)
    assert "--update-baseline" in str(caught.value)


def test_missing_file(path):
    """A baseline that is not there is refused, unless it is about to be written."""
    with pytest.raises(UsageError, match="can't be read"):
        Baseline.read(path, missing_ok=False)
    assert Baseline.read(path, missing_ok=True).rows == {}


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "é\ud800"]), st.integers(1, 99)), max_size=20))
def test_what_was_accepted_is_excused(tmp_path_factory, drawn):
    """Whatever was found once is excused when it is found again, in any order."""
    violations = [found(evidence, line) for evidence, line in drawn]
    baseline = accepted(tmp_path_factory.mktemp("b") / "b.json", *violations)
    assert set(excused(baseline, *reversed(violations))) <= {"baseline"}
    assert json.loads(baseline.path.read_text())["version"] == 1 if violations else True


def test_finding_of_another_code(path):
    """What an item finds under another code than its own is counted anew by each update."""
    baseline = Baseline(path)
    for _ in range(3):
        baseline.update({("FLOW-002", "api"): [found(code="FLOW-001")]})
    assert [row["count"] for row in baseline.rows.values()] == [1]
