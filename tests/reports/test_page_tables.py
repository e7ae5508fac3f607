"""The tables of the page: layers by service, requirements, costs."""

from dataclasses import replace

from pytest_superteam.models import Outcome
from pytest_superteam.reports.page.summary import summary
from pytest_superteam.reports.page.tables import costs_of, grid_of, traced_of


def test_a_cell_says_state_and_counts_and_links_to_its_rows(reports):
    """Each cell is a link to its rows, with the worst state first; a cell without items is none."""
    grid = grid_of(reports["bad"])
    rows = dict(grid.rows)
    first, second, third, fourth = rows["auth-service"]
    assert (first.state, first.words, first.link) == ("passed", ("1 ok",), "#layer=1&amp;service=auth-service")
    assert (second.state, second.link) == ("none", "")
    assert (third.state, third.words) == ("failed", ("2 failed", "1 ok", "1 skipped"))
    assert fourth.state == "none"
    assert [name for _, name in grid.layers] == ["Each service", "Running system", "Source", "As an adversary"]


def test_a_long_matrix_shows_what_failed_first(make):
    """Of 60 services 40 are open, those with failures first; the others are folded in their order."""
    names = tuple(f"s-{n:02}" for n in range(60))
    items = [make.item(Outcome.FAILED if name == "s-55" else Outcome.PASSED, service=name) for name in names]
    grid = grid_of(make.report(items, services=names))
    assert grid.rows[0][0] == "s-55"
    assert (len(grid.rows), len(grid.folded), grid.more) == (40, 20, 0)
    assert [name for name, _ in grid.rows[1:]] == [name for name in names if name != "s-55"][:39]


def test_requirements_that_need_a_look_come_first(make):
    """Failing, unproven, proven; of their checks the failed ones first."""
    items = [{"id": "a", "outcome": "passed"}, {"id": "b", "outcome": "failed"}, {"id": "c", "outcome": "odd"}]
    rows = [{"id": status, "line": 7, "status": status, "items": items} for status in ("proven", "unproven", "failing")]
    found = traced_of(make.report([], requirements=rows))
    assert [row.id for row in found.rows] == ["failing", "unproven", "proven"]
    assert [check.id for check in found.rows[0].checks] == ["b", "a", "c"]
    assert found.rows[0].place == "line 7"


def test_operations_that_were_not_exercised_are_named(reports):
    """Those that were are counted only."""
    report = replace(reports["good"], operations={"a:list": True, "a:make": False})
    (text,) = [each for each in summary(report) if 'id="gs-traced"' in each]
    assert "Operations: 1 of 2 exercised" in text
    assert "<code>a:make</code>" in text
    assert "a:list" not in text


def test_costs_by_phase_are_open_and_the_rest_is_folded(reports):
    """The sums by phase stand open, other sums and the chains below a fold; nothing paid is no section."""
    costs = costs_of(reports["bad"])
    assert list(costs.phases) == ["architect", "builders", "fix"]
    assert [title for title, _ in costs.tables] == ["By service", "By attempt", "By model"]
    assert costs_of(replace(reports["bad"], costs=())) is None
    (text,) = [each for each in summary(reports["bad"]) if 'id="gs-costs"' in each]
    above, below = text.split("<details", 1)
    assert "<caption>By phase</caption>" in above
    assert "<caption>By model</caption>" in below
    assert "auth-service: architect ~0.12 USD -&gt; build 0.10 USD = ~0.23 USD" in below
