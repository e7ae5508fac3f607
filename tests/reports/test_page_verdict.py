"""The head of the page: what a reader knows after ten seconds."""

from dataclasses import replace

import pytest

from pytest_superteam.models import Outcome
from pytest_superteam.reports.page.summary import summary
from pytest_superteam.reports.page.verdict import facts_of, verdict_of


@pytest.mark.parametrize(
    ("name", "state", "sign", "word", "saying"),
    [
        ("good", "passed", "✓", "Passed", "Nothing blocks."),
        ("bad", "failed", "✕", "Failed", "3 findings block; 1 check could not run."),
        ("empty", "open", "!", "Incomplete", "Nothing was tried, so nothing is known."),
        ("huge", "failed", "✕", "Failed", "6000 findings block."),
    ],
)
def test_the_verdict_in_words(reports, name, state, sign, word, saying):
    """Each verdict has a word, a sign and a sentence, so that no colour is needed."""
    found = verdict_of(reports[name])
    assert (found.state, found.sign, found.word, found.saying) == (state, sign, word, saying)


def test_one_finding_blocks(make):
    """The sentence agrees with its number, and tells checks from findings where they differ."""
    found = tuple(make.violation(file="a.py", line=n) for n in (1, 2))
    one = make.report([make.item(Outcome.FAILED, violations=found[:1])])
    two = make.report([make.item(Outcome.FAILED, violations=found)])
    assert verdict_of(one).saying == "1 finding blocks."
    assert verdict_of(two).saying == "2 findings block, from 1 check."


def test_a_partial_run_is_no_whole_verdict(reports):
    """A partial run says how much was run, in the sentence and beside the number of items."""
    report = replace(reports["good"], planned=306)
    assert verdict_of(report).saying == "Nothing that was run blocks. A partial run: 5 of 306 gate items were run."
    assert [fact.detail for fact in facts_of(report) if fact.name == "Gate items"] == ["of 306"]


def test_an_interrupted_run_shows_the_line_that_goes_on(reports, make):
    """The line stands in the head, with why it was interrupted; a spent budget asks for a higher one."""
    report = replace(reports["good"], verdict="interrupted", planned=59)
    head = summary(report, resume="pytest --prd PRD.md", interrupted="SIGINT")[1]
    assert "Interrupted (SIGINT); what is done is kept. Go on with:" in head
    assert '<code tabindex="0">pytest --prd PRD.md</code>' in head
    assert "Run it again" not in head
    assert "A partial run: 5 of 59 gate items were run." in head
    spent = summary(report, resume="pytest --prd PRD.md", interrupted="budget of 1.00 USD is spent")[1]
    assert "Go on with a higher <code>--budget</code>:" in spent
    failed = verdict_of(reports["bad"], interrupted=True)
    assert failed.saying == "3 findings block; 1 check could not run. The run was interrupted."


def test_the_figures(reports):
    """Counts, time and cost, each linked to the section that has more; a figure without one is no link."""
    facts = {fact.name: fact for fact in facts_of(reports["bad"])}
    assert list(facts) == [
        *("Blocking", "Advisory", "Suppressed", "Gate items", "Services", "Requirements", "Time", "Cost"),
    ]
    assert (facts["Blocking"].value, facts["Blocking"].detail) == ("4", "1 critical, 3 high")
    assert facts["Time"].value == "12.3 s"
    assert facts["Cost"].value == "~0.50 USD, 1 step of unknown cost"
    ids = "".join(summary(reports["bad"])[1:])
    targets = {fact.target for fact in facts.values() if fact.target} - {"gs-rows"}
    assert [target for target in targets if f'id="{target}"' not in ids] == []
    assert {fact.target for fact in facts_of(reports["empty"])} == {"", "gs-rows", "gs-matrix"}


def test_the_line_that_repeats_the_run_is_masked(reports):
    """A secret on the command line does not get into the page."""
    report = replace(reports["good"], repeat="pytest --prd PRD.md --builder-env API_KEY=abcd1234efgh5678")
    head = summary(report)[1]
    assert "API_KEY=abcd****" in head
    assert "efgh5678" not in head
