"""The ledger of paid steps holds its budgets on every database that a run may be kept in."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_superteam.config_entries.running import BudgetConfig
from pytest_superteam.errors import BudgetError
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.ledger import Ledger, Total
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.pipeline.watch.events import NoLog


@pytest.fixture
def opened(where):
    """Return a function that opens a ledger with a connection of its own."""
    stores = []

    def made(run, session, total=1.0):
        stores.append(Store(where))
        return Ledger(stores[-1], run, session, BudgetConfig(total=total), {}, PriceBook({}), NoLog())

    yield made
    for store in stores:
        store.close()


def test_no_two_take_the_same_room(opened, project):
    """Several that spend at once, each with its own connection, get exactly what the run before them has left."""
    project.run("r1")
    project.run("r2", continues="r1")
    before = opened("r1", "s0")
    before.settle(before.reserve(phase="architect", builder="agent", worst=WorstCase(0.2)), Usage(0.16))
    ledgers = [opened("r2", f"s{n}") for n in range(4)]

    def spend(ledger):
        granted = 0
        for _ in range(10):
            try:
                step = ledger.reserve(phase="builders", service="a", builder="agent", worst=WorstCase(0.07))
            except BudgetError:
                continue
            granted += 1
            if granted % 2:
                ledger.settle(step, Usage(0.07))
        return granted

    with ThreadPoolExecutor(len(ledgers)) as pool:
        granted = sum(pool.map(spend, ledgers))
    seen = opened("r2", "after")
    total = seen.total()
    assert granted == len(seen.costs()) - 1 == 12
    assert total.usd + total.reserved == pytest.approx(1.0)


def test_hostile_words_and_figures_are_kept(opened, project):
    """Whatever a builder says of itself fits into the table; what was cut off is settled by the next session."""
    project.run("r1")
    ledger = opened("r1", "s1", total=100.0)
    words = "a\x00\n\x1b[31m\udcff" + "x" * 500
    first, second = (
        ledger.reserve(phase="fix", service="a", builder=words, platform=words, worst=WorstCase(2.0, words))
        for _ in range(2)
    )
    cost = ledger.settle(first, Usage(1.5, words, 2**31 - 1, 2**31 - 1, 2**31 - 1))
    later = opened("r1", "s2", total=100.0)
    assert [dead.id for dead in later.settle_dead()] == [second]
    assert later.costs()[0] == cost
    assert later.total() == Total(usd=3.5, estimated_usd=2.0)
    ledger.release(second)
    assert len(later.costs()) == 2
