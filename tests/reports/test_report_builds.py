"""What the reports say of builds by agents: what was found, and the claim where it contradicts that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pytest_superteam.models import BuildResult, Claim, Evidence, TestCounts
from pytest_superteam.reports.builds import any_build, build_rows, build_title, contradiction, shortcomings
from pytest_superteam.reports.json_report import SCHEMA, to_json
from pytest_superteam.reports.markdown import to_markdown
from pytest_superteam.reports.page.summary import summary
from pytest_superteam.reports.terminal import render

WHOLE = Evidence(12, 430, operations=10, tests=TestCounts(21))
HALF = replace(
    WHOLE,
    missing=tuple(f"GET /orders/{n}" for n in range(5)),
    tests=TestCounts(21, ("test_total",)),
    unparsable=("a.py:1: x",),
)
GOOD = BuildResult("users", "claude", Path("users"), success=True, evidence=WHOLE, claim=Claim("success", "Done.", 0))
BAD = BuildResult(
    "orders",
    "aider",
    Path("orders"),
    success=True,
    attempts=2,
    fix_attempt=1,
    evidence=HALF,
    claim=Claim("success", "All tests pass!", 0),
)
INSTEAD = BuildResult("shop", "builtin", Path("shop"), success=True, instead_of="codex")
FAILED = BuildResult(
    "cart",
    "codex",
    Path("cart"),
    success=False,
    error="It wrote nothing.",
    claim=Claim("unknown", exit=None, problem="it was cut off"),
)
PLAIN = BuildResult("plain", "builtin", Path("plain"), success=True)
ROWS = """\
users: claude: 12 files of 430 lines, 10 of 10 operations there, 21 of 21 own tests pass
orders: aider, at try 2, mended by fix attempt 1: 12 files of 430 lines, 5 of 10 operations there, \
20 of 21 own tests pass
  can't be parsed: a.py:1: x
  missing operation: GET /orders/0
  missing operation: GET /orders/1
  missing operation: GET /orders/2
  missing operation: ... and 2 more, in gate-report.json
  failing test: test_total
  it claims success ("All tests pass!"), exit 0; found: 1 unparsable file, 5 missing operations, 1 failing test
shop: builtin instead of codex, which failed
cart: codex
  failed: It wrote nothing."""


@pytest.fixture
def built(reports):
    """Return a report with builds of every kind."""
    return replace(reports["bad"], builds=(GOOD, BAD, INSTEAD, FAILED, PLAIN))


def text_of(rows):
    """Return rows as indented lines."""
    return "\n".join("  " * depth + row for depth, row in rows)


def test_rows(built):
    """Who built what is told with what was found; builds by the embedded builder are not worth a word."""
    assert text_of(build_rows(built)) == ROWS
    assert build_title(built) == "Built by agents, or in the place of one (4 services)"


def test_rows_in_full(built):
    """With everything asked for, claims that contradict nothing are told, too."""
    text = text_of(build_rows(built, verbose=True))
    assert '  it claims success ("Done."), exit 0\n' in text
    assert "  it claims unknown, was ended by us, its output: it was cut off" in text
    assert text.count("missing operation: GET") == 5


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (WHOLE, []),
        (replace(WHOLE, files=0), ["nothing was written"]),
        (replace(WHOLE, tests=None), ["tests that could not be run"]),
        (replace(WHOLE, tests=TestCounts(0)), ["no tests"]),
        (replace(WHOLE, untouched=("Dockerfile",)), ["1 template left as it was"]),
        (replace(WHOLE, outside=("a", "b")), ["2 changes outside of its folder"]),
        (HALF, ["1 unparsable file", "5 missing operations", "1 failing test"]),
    ],
)
def test_shortcomings(evidence, words):
    """Each kind of evidence that something is wrong is named, and what is complete has none."""
    assert shortcomings(evidence) == words
    assert evidence.complete is not bool(words)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (GOOD, ""),
        (replace(GOOD, claim=None), ""),
        (replace(BAD, claim=Claim("unknown", exit=0)), ""),
        (replace(BAD, claim=Claim("failure", exit=1)), ""),
        (
            replace(GOOD, claim=Claim("failure", "I gave up.", 1)),
            'it claims failure ("I gave up."), exit 1; found: nothing wrong',
        ),
        (
            replace(GOOD, evidence=replace(WHOLE, files=0)),
            'it claims success ("Done."), exit 0; found: nothing was written',
        ),
        (
            replace(GOOD, success=False, evidence=None),
            'it claims success ("Done."), exit 0; found: a build that failed',
        ),
        (replace(GOOD, evidence=None), ""),
    ],
)
def test_contradictions(build, said):
    """A claim is told where the evidence says otherwise, whichever way round."""
    assert contradiction(build) == said


def test_every_report_has_them(built):
    """Terminal, Markdown and HTML have the section; the JSON has every build and is what its schema says."""
    terminal = render(built, width=140, color=False, ascii=True)
    assert "\n\nBuilt by agents, or in the place of one (4 services)\n  users: claude: 12 files" in terminal
    assert "\n- orders: aider, at try 2" in to_markdown(built)
    assert 'id="gs-builds"' in "".join(summary(built))
    data = json.loads(to_json(built))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    assert [build["service"] for build in data["builds"]] == ["users", "orders", "shop", "cart", "plain"]
    assert data["builds"][1]["evidence"]["tests"] == {"total": 21, "failing": ["test_total"], "seconds": 0.0}
    assert data["builds"][3]["claim"] == {"status": "unknown", "text": "", "exit": None, "problem": "it was cut off"}
    assert data["builds"][4]["evidence"] is None


def test_nothing_to_tell(reports):
    """A run without agents has no such section."""
    report = replace(reports["bad"], builds=(PLAIN,))
    assert not any_build(report)
    assert "Built by" not in render(report, width=100, color=False)
