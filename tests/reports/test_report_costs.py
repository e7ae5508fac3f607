"""What a run cost, as tables, chains and data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.models import Cost
from pytest_superteam.reports.cost_chains import chains
from pytest_superteam.reports.costs import any_cost, cost_data, cost_lines, dollars, headline, price_of
from pytest_superteam.reports.json_report import to_json
from pytest_superteam.reports.markdown import to_markdown
from pytest_superteam.reports.page.summary import summary
from pytest_superteam.reports.terminal import render

BAD = """\
Costs: ~0.50 USD of 2.00 USD, 1 step of unknown cost

By phase
  architect   0.25 USD  1 step
  builders   ~0.25 USD  3 steps, 12,000 tokens read, 500 written
  fix          unknown  1 step

By service
  (whole system)   0.25 USD  1 step
  auth-service     0.10 USD  1 step
  order-service   ~0.15 USD  3 steps, 12,000 tokens read, 500 written, 1 step of unknown cost

By attempt
  (whole system), architect   0.25 USD  1 step
  auth-service, build         0.10 USD  1 step
  order-service, build       ~0.05 USD  1 step, 12,000 tokens read, 500 written
  order-service, retry 2      0.10 USD  1 step
  order-service, fix           unknown  1 step

By model
  model-1  ~0.50 USD  5 steps, 12,000 tokens read, 500 written, 1 step of unknown cost

Chains
  auth-service: architect ~0.12 USD -> build 0.10 USD = ~0.23 USD
  order-service: architect ~0.12 USD -> build ~0.05 USD -> retry 2 0.10 USD -> fix unknown = ~0.28 USD

~ is worked out by us: from tokens and prices, as the worst case of a step that was cut off, or as an even part of a \
step that several services followed from."""


def test_the_whole_text(reports):
    """Sums by phase, service, attempt and model, then the chains; what was worked out is marked and explained."""
    assert "\n".join(cost_lines(reports["bad"].costs, budget=2.0)) == BAD


def test_a_chain_of_unknown_costs_has_no_sum(make):
    """Where nobody can say what any step of a chain cost, neither can its sum."""
    lines = cost_lines((make.cost(service="a", usd=0.0, unknown=True), make.cost(service="b", usd=0.5)))
    assert lines[-2:] == ["  a: build unknown = unknown", "  b: build 0.50 USD = 0.50 USD"]


def test_nothing_paid_is_one_line(make):
    """A run without steps says so; one whose steps are free has no section in the reports."""
    assert cost_lines(()) == ["Costs: none, no step was paid for."]
    free = make.report([], costs=(make.cost(usd=0.0),))
    assert not any_cost(free.costs)
    assert "Costs" not in render(free, width=80, color=False, verbose=1) + to_markdown(free) + "".join(summary(free))
    assert headline(()) == "0.00 USD"


@pytest.mark.parametrize(
    ("amount", "estimated", "text"),
    [
        (0.0, False, "0.00 USD"),
        (1.005, True, "~1.00 USD"),
        (12345.678, False, "12345.68 USD"),
        (0.01, False, "0.01 USD"),
        (0.0042, False, "0.0042 USD"),
        (float("nan"), False, "nan USD"),
        (1e300, False, "1e+300 USD"),
    ],
)
def test_sums_in_words(amount, estimated, text):
    """Cents, with more digits where there are none, and nothing that fills a page."""
    assert dollars(amount, estimated=estimated) == text


def test_the_price_of_a_step_in_words(make):
    """It says what was estimated, what is unknown and what is still at work."""
    assert price_of(make.cost(usd=1.0)) == "1.00 USD"
    assert price_of(make.cost(usd=1.0, estimated=True)) == "~1.00 USD"
    assert price_of(make.cost(usd=0.0, unknown=True)) == "unknown"
    assert price_of(make.cost(usd=0.5, status="reserved", reserved_usd=2.0, unknown=True)) == "0.50 USD so far"
    at_work = make.cost(usd=0.5, status="reserved", reserved_usd=2.0)
    assert headline([at_work], 4.0) == "0.50 USD of 4.00 USD, 1.50 USD set aside"


def test_chains_of_several_designs(make):
    """Each design has its own chains; a second try of the architect is shared like the first, a lone one by nobody."""
    costs = [
        make.cost(1, 0.5, "architect", ""),
        make.cost(2, 0.5, "architect", "", attempt=2, parent=1),
        make.cost(3, 1.0, service="a", parent=2),
        make.cost(4, 1.0, service="b", parent=2),
        make.cost(5, 0.25, "architect", ""),
        make.cost(6, 2.0, service="a", parent=5),
        make.cost(7, 4.0, "architect", ""),
    ]
    found = [(chain.service, chain.usd, [link.cost.id for link in chain.links]) for chain in chains(costs)]
    assert found == [("", 4.0, [7]), ("a", 1.5, [1, 2, 3]), ("a", 2.25, [5, 6]), ("b", 1.5, [1, 2, 4])]
    assert [link.shared for link in chains(costs)[1].links] == [True, True, False]


STEPS = st.lists(
    st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 12), st.integers(0, 1000)), min_size=1, max_size=12
)


@given(STEPS)
def test_chains_lose_no_cent(steps):
    """Whatever followed from whatever, also round in circles, the chains together cost what the steps cost."""
    fields = dict.fromkeys(("run", "session", "builder", "platform", "model"), "")
    counts = dict.fromkeys(("attempt", "input_tokens", "output_tokens", "cache_read_tokens"), 1)
    costs = [
        Cost(
            id=number,
            phase="builders" if service else "architect",
            service=service,
            parent=parent,
            status="settled",
            reserved_usd=0.0,
            usd=cents / 100,
            estimated=False,
            unknown=False,
            at=0.0,
            **fields,
            **counts,
        )
        for number, (service, parent, cents) in enumerate(steps, 1)
    ]
    found = chains(costs)
    assert sum(chain.usd for chain in found) == pytest.approx(sum(cost.usd for cost in costs))
    assert {link.cost.id for chain in found for link in chain.links} == {cost.id for cost in costs}
    assert all(link.cost.service in {"", chain.service} for chain in found for link in chain.links)
    assert found == chains(costs[::-1])


def test_the_data_has_what_the_text_has(reports):
    """The JSON report has the same sums and chains; what is no number is null."""
    data = json.loads(to_json(reports["bad"]))["costs"]
    assert (data["usd"], data["estimated"], data["unknown_steps"], data["steps"]) == (0.5, True, 1, 5)
    assert [(row["name"], row["usd"]) for row in data["by_phase"]] == [
        ("architect", 0.25),
        ("builders", 0.25),
        ("fix", 0.0),
    ]
    assert [(chain["service"], chain["usd"]) for chain in data["chains"]] == [
        ("auth-service", 0.225),
        ("order-service", 0.275),
    ]
    assert [link["name"] for link in data["chains"][1]["links"]] == ["architect", "build", "retry 2", "fix"]
    assert data == cost_data(reports["bad"].costs)
    assert json.loads(to_json(reports["hostile"]))["costs"]["usd"] is None


def test_the_reports_show_the_costs(reports):
    """Folded in Markdown and HTML, a line on the terminal, everything with -v."""
    report = reports["bad"]
    markdown = to_markdown(report)
    assert "<summary>Costs: ~0.50 USD, 1 step of unknown cost</summary>" in markdown
    assert "| by service | auth-service | 0.10 USD | 1 step |" in markdown
    (section,) = [each for each in summary(report) if 'id="gs-costs"' in each]
    assert ">Costs: ~0.50 USD, 1 step of unknown cost</h2>" in section
    assert "<li>auth-service: architect ~0.12 USD -&gt; build 0.10 USD = ~0.23 USD</li>" in section
    shown = render(report, width=120, color=False, verbose=1)
    assert "  auth-service: architect ~0.12 USD -> build 0.10 USD = ~0.23 USD" in shown
    assert "By model" in shown
    assert "By model" not in render(report, width=120, color=False)
