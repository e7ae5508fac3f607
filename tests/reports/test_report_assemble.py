"""Counts, order and verdict of an assembled report."""

import random

import pytest

from pytest_superteam.models import LayerResult, Outcome
from pytest_superteam.reports.assemble import layer_results, verdict_of


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], "incomplete"),
        ([(Outcome.SKIPPED, True)], "incomplete"),
        ([(Outcome.SKIPPED, True), (Outcome.PASSED, True)], "passed"),
        ([(Outcome.PASSED, True), (Outcome.ADVISORY, False)], "passed"),
        ([(Outcome.ADVISORY, False)], "passed"),
        ([(Outcome.PASSED, True), (Outcome.FAILED, False)], "failed"),  # graded up by the project's triage
        ([(Outcome.PASSED, True), (Outcome.FAILED, True)], "failed"),
        ([(Outcome.PASSED, True), (Outcome.ERROR, False)], "failed"),
        ([(Outcome.ERROR, True)], "failed"),
    ],
)
def test_the_verdict_follows_from_the_outcomes(make, outcomes, verdict):
    """Failures and errors fail, nothing tried is incomplete, all else passes, unless it was interrupted."""
    items = [make.item(outcome, blocking=blocking) for outcome, blocking in outcomes]
    assert verdict_of(items) == verdict
    assert verdict_of(items, interrupted=True) == ("failed" if verdict == "failed" else "interrupted")


def test_the_order_of_the_items_does_not_depend_on_the_run(reports, make):
    """The same items in another order give the same report."""
    report = reports["bad"]
    shuffled = list(report.items)
    random.Random(1).shuffle(shuffled)
    assert make.report(shuffled, requirements=report.requirements, costs=report.costs) == report
    keys = [(item.layer, item.service, item.id) for item in report.items]
    assert keys == sorted(keys)


def test_the_cost_of_a_run_is_the_sum_of_its_steps(make):
    """The report has the steps of the ledger and what they cost together."""
    costs = (make.cost(1, 0.1), make.cost(2, 0.2), make.cost(3, 0.0, unknown=True))
    report = make.report([], costs=costs)
    assert (report.cost_usd, report.costs) == (pytest.approx(0.3), costs)
    assert make.report([], costs=()).cost_usd == 0


def test_layers_are_counted_by_outcome(reports):
    """All four layers are there, each with its counts and verdict."""
    assert reports["bad"].layers == (
        LayerResult(1, passed=2, failed=1),
        LayerResult(2, errors=1),
        LayerResult(3, passed=1, failed=2, skipped=1),
        LayerResult(4, advisory=1),
    )
    assert [layer.verdict for layer in reports["bad"].layers] == ["failed", "failed", "failed", "passed"]
    assert [layer.layer for layer in layer_results([])] == [1, 2, 3, 4]


def test_a_service_that_is_named_twice_is_listed_once(make):
    """The services keep their order, without repetitions."""
    assert make.report([], services=("b", "a", "b")).services == ("b", "a")


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("good", "passed"), ("bad", "failed"), ("hostile", "failed"), ("huge", "failed"), ("empty", "incomplete")],
)
def test_the_example_reports_have_their_verdicts(reports, name, verdict):
    """Each report that the other tests render has the verdict that it stands for."""
    assert reports[name].verdict == verdict
