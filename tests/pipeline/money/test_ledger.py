"""What the ledger sets aside, refuses, settles and tells."""

import math

import pytest

from pytest_superteam.config_entries.running import BudgetConfig, PhaseBudgets, PriceConfig, ServiceConfig
from pytest_superteam.errors import BudgetError
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.ledger import NoLedger, NoRoomError, Total, UnknownCostError

TEN = BudgetConfig(total=10.0)


def reserve(ledger, usd=1.0, **more):
    """Reserve a step of the builder `agent`."""
    values = {"phase": "builders", "service": "orders", "builder": "agent"} | more
    return ledger.reserve(worst=WorstCase(usd, "m-1"), **values)


def test_a_step_is_set_aside_reported_and_settled(open_ledger, runs):
    """What is reported on the way counts at once, what is reported at the end replaces it."""
    ledger = open_ledger(TEN)
    step = reserve(ledger, 3.0, attempt=2, platform="cloud", parent=7)
    assert ledger.total() == Total(usd=0.0, reserved=3.0)
    ledger.report(step, Usage(1.25, "m-2", 1000, 50, 200))
    assert ledger.total() == Total(usd=1.25, reserved=1.75)
    cost = ledger.settle(step, Usage(1.0, "m-2", 1200, 60, 300))
    assert (cost.usd, cost.reserved_usd, cost.status, cost.estimated, cost.unknown) == (
        1.0,
        3.0,
        "settled",
        False,
        False,
    )
    assert (cost.input_tokens, cost.output_tokens, cost.cache_read_tokens, cost.model) == (1200, 60, 300, "m-2")
    assert (cost.attempt, cost.platform, cost.parent, cost.run, cost.session) == (2, "cloud", 7, runs[0], "s1")
    assert ledger.costs() == [cost]
    assert ledger.total() == Total(usd=1.0)


@pytest.mark.parametrize(
    ("worst", "reported", "usage", "expected"),
    [  # expected: usd, estimated, unknown
        (3.0, None, Usage(1.0), (1.0, False, False)),
        (3.0, None, Usage(5.0), (5.0, False, False)),  # more than was set aside: it counts in full
        (3.0, Usage(2.0), Usage(1.0), (1.0, False, False)),
        (3.0, None, None, (3.0, True, False)),
        (3.0, Usage(4.0), None, (4.0, True, False)),
        (3.0, None, Usage(None, "m-1", 500_000, 100_000), (2.0, True, False)),
        (3.0, None, Usage(None, "", 500_000, 100_000), (2.0, True, False)),  # the model of the worst case
        (3.0, Usage(2.5), Usage(None, "m-1", 500_000, 100_000), (2.5, True, False)),
        (3.0, Usage(2.5), Usage(), (2.5, True, False)),
        (3.0, Usage(2.5), Usage(math.nan), (2.5, True, False)),
        (3.0, None, Usage(), (0.0, False, True)),
        (3.0, None, Usage(None, "nobody-knows-it", 10, 10), (0.0, False, True)),
        (3.0, None, Usage(math.nan), (0.0, False, True)),
        (3.0, None, Usage(-1.0), (0.0, False, True)),
        (3.0, None, Usage(math.inf), (0.0, False, True)),
        (3.0, None, Usage(1e30), (0.0, False, True)),
        (3.0, None, Usage("1.0"), (0.0, False, True)),
        (3.0, None, {"usd": 1.0}, (0.0, False, True)),
        (3.0, None, Usage(-1.0, "m-1", 500_000, 100_000), (2.0, True, False)),
        (0.0, None, Usage(), (0.0, False, False)),  # free: need not say
        (0.0, None, None, (0.0, False, False)),
        (None, None, Usage(1.0), (1.0, False, False)),
        (None, None, Usage(), (0.0, False, True)),
        (None, None, None, (0.0, False, True)),
        (None, Usage(1.5), None, (1.5, True, False)),
    ],
)
def test_what_a_step_cost(open_ledger, worst, reported, usage, expected):
    """A report counts, then tokens at their price, then the worst case of what was cut off; else nobody knows."""
    ledger = open_ledger(prices={"M-1": PriceConfig(input=2.0, output=10.0)})
    step = reserve(ledger, worst)
    if reported is not None:
        ledger.report(step, reported)
    cost = ledger.settle(step, usage)
    assert (cost.usd, cost.estimated, cost.unknown) == (pytest.approx(expected[0]), *expected[1:])
    assert ledger.costs() == [cost]


def test_a_settled_step_stays_settled(open_ledger, heard):
    """Settled twice it counts once; only what is known better takes the place of what we worked out."""
    ledger = open_ledger(TEN, prices={"m-1": PriceConfig(input=2.0, output=10.0)})
    first, second = reserve(ledger, 3.0), reserve(ledger, 3.0)
    assert ledger.settle(first, Usage(1.0)).usd == 1.0
    assert ledger.settle(first, Usage(2.0)).usd == 1.0
    assert ledger.settle(first, None).usd == 1.0
    ledger.report(first, Usage(9.0))
    assert ledger.settle(second, None).usd == 3.0
    assert ledger.settle(second, Usage()).usd == 3.0
    late = ledger.settle(second, Usage(None, "", 500_000))
    assert (late.usd, late.estimated, late.input_tokens) == (1.0, True, 500_000)
    later = ledger.settle(second, Usage(0.5))
    assert (later.usd, later.estimated) == (0.5, False)
    assert ledger.settle(second, Usage(None, "", 900_000)) == later
    assert ledger.total() == Total(usd=1.5)
    assert len(heard.of("cost")) == 4
    with pytest.raises(KeyError):
        ledger.settle(10**9, None)


def test_a_step_that_never_started_leaves_nothing(open_ledger):
    """Released, its row is away; released twice nothing happens; one that has reported a cost is settled instead."""
    ledger = open_ledger(TEN)
    unused, begun = reserve(ledger, 3.0), reserve(ledger, 3.0)
    ledger.report(begun, Usage(0.5))
    for step in (unused, unused, begun):
        ledger.release(step)
    (cost,) = ledger.costs()
    assert (cost.id, cost.status, cost.usd, cost.estimated) == (begun, "settled", 3.0, True)
    ledger.release(begun)
    assert ledger.costs() == [cost]


def test_a_step_without_room_is_not_started(open_ledger):
    """The refusal is one line with budget, spent, reserved and needed, says whether waiting helps, leaves no row."""
    ledger = open_ledger(TEN)
    first = reserve(ledger, 4.0)
    ledger.settle(first, Usage(3.5))
    reserve(ledger, 5.0)
    reserve(ledger, 1.5)  # exactly full
    with pytest.raises(BudgetError) as refused:
        reserve(ledger, 0.25, attempt=2)
    assert str(refused.value) == (
        "budget: of 10.00 USD, 3.50 USD spent and 6.50 USD reserved: no room for the 0.25 USD that builders of orders "
        "(try 2, agent) may cost, so it is not started"
    )
    assert refused.value.later
    with pytest.raises(NoRoomError) as too_much:
        reserve(ledger, 7.0)
    assert not too_much.value.later
    assert len(ledger.costs()) == 3


def test_what_is_free_is_never_refused(open_ledger):
    """A step that costs nothing starts with any budget, also where it is spent."""
    ledger = open_ledger(BudgetConfig(total=0.0))
    reserve(ledger, 0.0)
    with pytest.raises(NoRoomError):
        reserve(ledger, 0.01)
    assert ledger.exhausted()


@pytest.mark.parametrize(
    ("budget", "services", "setting"),
    [
        (BudgetConfig(total=2.0, phases=PhaseBudgets(builders=1.0)), {}, "budget.phases.builders"),
        (BudgetConfig(total=2.0, service=1.0), {}, "budget.service"),
        (BudgetConfig(service=5.0), {"orders": ServiceConfig(budget=1.0)}, "services.orders.budget"),
        (BudgetConfig(total=1.0, service=1.0), {}, "budget"),
    ],
)
def test_each_budget_holds_for_its_own_steps(open_ledger, budget, services, setting):
    """Budgets of phases and services refuse their own steps, the widest first; a service may have one of its own."""
    ledger = open_ledger(budget, services=services)
    reserve(ledger, 1.0)
    with pytest.raises(NoRoomError, match=r" USD spent and ") as refused:
        reserve(ledger, 0.5)
    assert refused.value.cap.setting == setting
    if setting == "budget":
        return
    reserve(ledger, 0.5, phase="fix", service="users")
    assert bool(refused.value.cap.service) == setting.endswith(("service", "orders.budget"))


def test_attempts_of_a_service_share_its_budget_over_phases(open_ledger):
    """A fix counts against the same budget of the service as its build, the architect's steps do not."""
    ledger = open_ledger(BudgetConfig(service=1.0))
    reserve(ledger, 5.0, phase="architect", service="")
    reserve(ledger, 0.6)
    with pytest.raises(NoRoomError):
        reserve(ledger, 0.6, phase="fix")


@pytest.mark.parametrize("worst", [None, math.nan, -1.0, math.inf, 1e30, "1", True])
@pytest.mark.parametrize(
    ("budget", "services", "starts"),
    [
        (BudgetConfig(), {}, True),
        (TEN, {}, False),
        (BudgetConfig(total=10.0, allow_unknown_cost=True), {}, True),
        (BudgetConfig(phases=PhaseBudgets(fix=1.0)), {}, False),
        (BudgetConfig(), {"users": ServiceConfig(budget=1.0)}, False),
        (BudgetConfig(total=0.0, allow_unknown_cost=True), {}, False),
    ],
)
def test_an_unknown_price_is_refused_where_there_is_a_budget(open_ledger, worst, budget, services, starts):
    """What can't be a price is none; a step without one starts only without budgets, or where that is allowed."""
    ledger = open_ledger(budget, services=services)
    if starts:
        step = reserve(ledger, worst)
        assert (ledger.costs()[0].reserved_usd, ledger.costs()[0].unknown) == (0.0, True)
        assert ledger.settle(step, Usage(2.0)).usd == 2.0
        return
    with pytest.raises(BudgetError) as refused:
        reserve(ledger, worst)
    assert isinstance(refused.value, UnknownCostError) is not budget.allow_unknown_cost
    assert "\n" not in str(refused.value)
    assert ledger.costs() == []


def test_a_builder_that_hides_its_cost_still_meets_the_budget(open_ledger):
    """A step that ends without a cost is told as unknown, and its worst case goes on counting."""
    ledger = open_ledger(TEN)
    for _ in range(2):
        ledger.settle(reserve(ledger, 4.0), Usage(math.nan))
    assert ledger.total() == Total(unknown_steps=2)
    with pytest.raises(NoRoomError, match=r"8\.00 USD spent \(2 steps of unknown cost at the worst\)"):
        reserve(ledger, 4.0)
    assert ledger.exhausted() == ""


def test_nonsense_is_told_once_a_step(open_ledger, heard):
    """A report that can't be is a warning the first time; it changes nothing."""
    ledger = open_ledger(TEN)
    step = reserve(ledger, 1.0)
    ledger.report(step, Usage(0.25))
    for usd in (math.nan, -3.0, math.inf):
        ledger.report(step, Usage(usd, input_tokens=-5))
    (message,) = heard.of("cost", "warning")
    assert message == (
        f"step {step} reports a usage that can't be (usd is nan, input_tokens is -5); that part counts as unknown"
    )
    assert ledger.costs()[0].usd == 0.25


def test_each_budget_warns_at_80_and_100_percent_once(open_ledger, heard):
    """Each mark is told when it is crossed, not before, not again; a jump over both tells the higher one."""
    ledger = open_ledger(BudgetConfig(total=10.0, service=4.0))
    for usd in (3.0, 1.0, 3.9, 0.1, 0.5, 1.5, 1.0):
        ledger.settle(reserve(ledger, 0.0, service=f"s{usd}"), Usage(usd))
    first = reserve(ledger, 0.0, service="big")
    ledger.report(first, Usage(4.5))
    ledger.settle(first, Usage(4.5))
    assert heard.of("budget", "warning") == [
        "80 % of budget.service is spent: 3.90 USD of 4.00 USD",
        "80 % of budget is spent: 8.00 USD of 10.00 USD",
        "100 % of budget is spent: 10.00 USD of 10.00 USD",
        "100 % of budget.service is spent: 4.50 USD of 4.00 USD",
    ]
    assert [event.data.get("percent") for event in heard.events if event.kind == "budget"] == [80, 80, 100, 100]


def test_budgets_hold_over_a_resume_and_a_run_that_continues(open_ledger, runs, heard):
    """What a dead session left is settled at its worst, once; a run that continues another goes on with its budget."""
    before = open_ledger(TEN)
    before.settle(reserve(before, 5.0), Usage(5.0))
    left = reserve(before, 4.0)
    after = open_ledger(TEN, run=runs[1], session="s2")
    mine = reserve(after, 0.5)
    (dead,) = after.settle_dead()
    assert (dead.id, dead.usd, dead.estimated, dead.run) == (left, 4.0, True, runs[0])
    assert after.settle_dead() == []
    assert [cost.status for cost in after.costs()] == ["settled", "settled", "reserved"]
    assert after.total() == Total(usd=9.0, reserved=0.5, estimated_usd=4.0)
    with pytest.raises(NoRoomError):
        reserve(after, 1.0)
    after.settle(mine, Usage(0.25))
    assert heard.of("budget", "warning") == ["80 % of budget is spent: 9.00 USD of 10.00 USD"]
    assert heard.of("budget", "info") == ["spent by earlier sessions: ~9.00 USD of 10.00 USD"]
    (told,) = (event.data for event in heard.events if event.kind == "budget" and event.level == "info")
    assert told == {"total_usd": 9.0, "estimated": True, "unknown": False}
    assert len(before.costs()) == 2


def test_exhausted_says_why_nothing_may_start(open_ledger):
    """Only what is spent counts, what is set aside may come back; a phase's budget counts where the phase is named."""
    ledger = open_ledger(BudgetConfig(total=10.0, phases=PhaseBudgets(builders=2.0)))
    step = reserve(ledger, 2.0)
    assert ledger.exhausted(phase="builders") == ""
    ledger.settle(step, Usage(2.0))
    assert ledger.exhausted() == ""
    assert ledger.exhausted(phase="builders") == (
        "budget.phases.builders: of 2.00 USD, 2.00 USD spent and 0.00 USD reserved: no paid step is started any more"
    )
    ledger.settle(reserve(ledger, 8.0, phase="fix"), Usage(8.5))
    assert ledger.exhausted().startswith("budget: of 10.00 USD, 10.50 USD spent and ")


def test_without_budgets_nothing_is_refused(open_ledger):
    """All is written down all the same."""
    ledger = open_ledger()
    for usd in (1e5, None, 0.0, 3.5):
        reserve(ledger, usd)
    assert ledger.exhausted() == ""
    assert ledger.total().reserved == 100003.5


def test_what_is_told_of_a_step(open_ledger, heard):
    """A settled step is one event with everything a reader needs; hostile names come masked and on one line."""
    ledger = open_ledger(TEN)
    step = reserve(ledger, 3.0, builder="agent\n# password=hunter2hunter2")
    ledger.settle(step, Usage(1.25, "m\x1b[31m\n2" + "x" * 500))
    (event,) = [event for event in heard.events if event.kind == "cost"]
    assert event.message.startswith("builders of orders (try 1, agent # password=hunt****): 1.25 USD, 1.25 USD in")
    assert (event.service, event.data["usd"], event.data["total_usd"], event.data["step"]) == (
        "orders",
        1.25,
        1.25,
        step,
    )
    assert event.data["model"].startswith("m 2xx")
    assert len(event.data["model"]) == 128


def test_a_ledger_for_what_is_free_keeps_nothing():
    """It has the methods of the real one and says that nothing was spent."""
    ledger = NoLedger()
    step = ledger.reserve(phase="builders", service="orders", builder="builtin", worst=WorstCase(0.0))
    ledger.report(step, Usage(1.0))
    assert ledger.settle(step, None).usd == 0
    ledger.release(step)
    assert (ledger.costs(), ledger.settle_dead(), ledger.total(), ledger.exhausted()) == ([], [], Total(), "")
