"""What the reports say of attempts to mend: what was asked, changed and paid, and what the gate said."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from pytest_superteam.models import FileChange, FixAttempt, FixedService
from pytest_superteam.reports.fixes import any_fix, diff_stat, fix_rows, fix_title
from pytest_superteam.reports.json_report import SCHEMA, to_json
from pytest_superteam.reports.markdown import LIMIT, to_markdown
from pytest_superteam.reports.page.summary import summary
from pytest_superteam.reports.terminal import render

SCAN = "layer3::test_scan[orders-SEC-001]"
TESTS = "layer1::test_own_tests[orders]"
FLOW = "layer2::test_flow[shop-checkout]"
CHANGES = (
    FileChange("app/main.py", 10, 4),
    FileChange("app/auth.py", 2, 0, "added"),
    FileChange("old.py", 0, 9, "removed"),
)
ASKED = tuple(f"SEC-001 app/main.py:{line}: No authentication." for line in range(10, 15))
REFUSED = FixedService(
    "orders",
    "claude",
    ASKED,
    "refused",
    "tests/test_a.py:3: 'test_total' was changed.",
    CHANGES,
    usd=0.25,
    seconds=12.34,
)
CHANGED = FixedService("orders", "claude", ASKED[:1], "changed", "", CHANGES, 2, 0.5, estimated=True, seconds=60.0)
FAILED = FixedService("shop", "aider", (), "failed", "It wrote nothing.", unknown_cost=True, seconds=1.0)
IDLE = FixedService("users", "codex", (), "not begun", "The budget has no room.")
ATTEMPTS = (
    FixAttempt(1, 3, (REFUSED, IDLE), (SCAN, TESTS), (SCAN, TESTS)),
    FixAttempt(2, 3, (CHANGED, FAILED), (SCAN, TESTS), (TESTS, FLOW), ("orders", "shop")),
)
ROWS = """\
Attempt 1 of 3: 2 items blocked, 2 do since; 0 mended
  orders by claude: refused (it had changed 3 files, +12 -13), 0.25 USD, 12.3 s
    why: tests/test_a.py:3: 'test_total' was changed.
    asked: SEC-001 app/main.py:10: No authentication.
    asked: SEC-001 app/main.py:11: No authentication.
    asked: SEC-001 app/main.py:12: No authentication.
    asked: ... and 2 more, in gate-report.json
  users by codex: not begun
    why: The budget has no room.
  still: layer3::test_scan[orders-SEC-001]
  still: layer1::test_own_tests[orders]
Attempt 2 of 3: 2 items blocked, 2 do since, 1 of them new; 1 mended
  orders by claude: changed 3 files, +12 -13, 2 tries, ~0.50 USD, 60.0 s
    asked: SEC-001 app/main.py:10: No authentication.
  shop by aider: failed, unknown cost, 1.0 s
    why: It wrote nothing.
  asked again: orders, shop
  mended: layer3::test_scan[orders-SEC-001]
  new: layer2::test_flow[shop-checkout]
  still: layer1::test_own_tests[orders]
No further attempt: The same failures came back."""


@pytest.fixture
def fixed(reports):
    """Return a report with two attempts."""
    return replace(reports["bad"], fixes=ATTEMPTS, fix_end="The same failures came back.")


def text_of(rows):
    """Return rows as indented lines."""
    return "\n".join("  " * depth + row for depth, row in rows)


def test_rows(fixed):
    """Each attempt says what was asked, changed and paid, and what the gate said."""
    assert text_of(fix_rows(fixed)) == ROWS
    assert fix_title(fixed) == "Fix attempts (2 of at most 3)"


def test_rows_in_full(fixed):
    """All findings and files are there where all are asked for."""
    text = text_of(fix_rows(fixed, verbose=True))
    assert text.count("asked: SEC-001") == 6
    assert "    app/main.py +10 -4\n    +app/auth.py +2 -0\n    -old.py +0 -9\n" in text
    assert "more, in gate-report.json" not in text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((SCAN,), None, "Attempt 1 of 1: 1 item blocked; the gate has not looked since"),
        ((SCAN,), (), "Attempt 1 of 1: 1 item blocked, none does since"),
        ((SCAN, TESTS), (SCAN,), "Attempt 1 of 1: 2 items blocked, 1 does since; 1 mended"),
        ((SCAN,), (FLOW, TESTS), "Attempt 1 of 1: 1 item blocked, 2 do since, 2 of them new; 1 mended"),
    ],
)
def test_verdicts(fixed, before, after, said):
    """What the gate said is told in numbers, also where it has not looked."""
    report = replace(fixed, fixes=(FixAttempt(1, 1, (), before, after),))
    assert next(iter(fix_rows(report))) == (0, said)


@pytest.mark.parametrize(
    ("changes", "said"), [((), "nothing"), (CHANGES[:1], "1 file, +10 -4"), (CHANGES, "3 files, +12 -13")]
)
def test_diff_stat(changes, said):
    """Changes are summed up as `git diff --stat` does."""
    assert diff_stat(changes) == said


def test_terminal(fixed):
    """The terminal has the attempts below what blocks; without any it says nothing, or why there was none."""
    text = render(fixed, width=100, color=False, ascii=True)
    assert (
        text.index("What blocks")
        < text.index("\n\nFix attempts (2 of at most 3)\n  Attempt 1 of 3")
        < text.index("Shop:")
    )
    assert "\n      orders by claude: refused (it had changed 3 files, +12 -13), 0.25 USD, 12.3 s\n" in text
    assert "Fix attempts" not in render(replace(fixed, fixes=(), fix_end=""), width=100, color=False)
    none = render(replace(fixed, fixes=()), width=100, color=False)
    assert "Fix attempts: none\n  No further attempt: The same failures came back.\n" in none


def test_json(fixed):
    """The JSON report has everything, and is what its schema says."""
    data = json.loads(to_json(fixed))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    assert data["fix_end"] == "The same failures came back."
    first, second = data["fixes"]
    assert (first["mended"], second["mended"], second["new"]) == ([], [SCAN], [FLOW])
    assert first["services"][0]["asked"] == list(ASKED)
    assert first["services"][0]["changes"][1] == {"path": "app/auth.py", "kind": "added", "added": 2, "removed": 0}
    assert [each["usd"] for each in second["services"]] == [0.5, None]
    unlooked = json.loads(to_json(replace(fixed, fixes=(replace(ATTEMPTS[0], after=None),))))["fixes"][0]
    assert (unlooked["after"], unlooked["mended"], unlooked["new"]) == (None, None, None)


def test_markdown_and_html(fixed):
    """Both have the attempts in full, folded away."""
    markdown = to_markdown(fixed)
    assert "<details><summary>Fix attempts (2 of at most 3)</summary>\n\n- Attempt 1 of 3" in markdown
    assert "\n    - app/main.py +10 -4\n" in markdown
    html = "".join(summary(fixed))
    assert '<h2 id="gs-fixes-title">Fix attempts (2 of at most 3)</h2>' in html
    assert '<li class="gs-depth-2">app/main.py +10 -4</li>' in html


def test_very_many_attempts(reports):
    """However much was done, the Markdown fits into a comment and says what it leaves out."""
    fixes = (replace(ATTEMPTS[1], services=(replace(CHANGED, asked=("@" * 300,) * 60),) * 5),) * 3
    report = replace(reports["huge"], fixes=fixes, fix_end="x")
    text = to_markdown(report)
    assert len(text.encode()) < LIMIT
    assert "more, left out here; gate-report.json has them all." in text


def test_any_fix(reports):
    """A run without attempts, and without a word on them, has no such section."""
    assert not any_fix(reports["bad"])
    assert any_fix(replace(reports["bad"], fix_end="builtin mends nothing"))
