"""The ledger with several processes at one database: what one reserves, no other can."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import pytest_superteam
from pytest_superteam.config_entries.running import BudgetConfig
from pytest_superteam.errors import BudgetError
from pytest_superteam.models import WorstCase

WORKER = """
import sys, time
from pathlib import Path

from pytest_superteam.config_entries.running import BudgetConfig
from pytest_superteam.errors import BudgetError
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.pipeline.watch.events import NoLog

database, run, name, go, ends = sys.argv[1:]
ledger = Ledger(Store(Path(database)), run, name, BudgetConfig(total=3.0), {}, PriceBook({}), NoLog())
ledger.costs()
print("ready", flush=True)
while not Path(go).exists():
    time.sleep(0.001)
granted = refused = 0
while refused < 3:
    try:
        step = ledger.reserve(phase="builders", service=name, builder="agent", worst=WorstCase(0.07))
    except BudgetError:
        refused += 1
        continue
    granted += 1
    if ends == "settles" and granted % 2:
        ledger.settle(step, Usage(0.02))
print(granted, flush=True)
if ends == "dies":
    sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path, store, runs):
    """Return a function that starts a worker process, and the file that lets all begin; none outlives the test."""
    go, children = tmp_path / "go", []
    environment = {**os.environ, "PYTHONPATH": str(Path(pytest_superteam.__file__).parents[1])}

    def started(name, ends):
        child = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(store.where), runs[0], name, str(go), ends],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        children.append(child)
        return child

    yield started, go
    for child in children:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("ends", ["settles", "dies"])
def test_processes_share_a_budget(start, open_ledger, ends):
    """Three processes that reserve as fast as they can get exactly what the budget has room for, also when they die."""
    started, go = start
    children = [started(f"worker-{n}", ends) for n in range(3)]
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 3
    go.touch()
    granted = [int(child.stdout.readline()) for child in children]
    for child in children:
        child.kill() if ends == "dies" else child.wait(timeout=30)
    ledger = open_ledger(BudgetConfig(total=3.0), session="after")
    costs, total = ledger.costs(), ledger.total()
    assert len(costs) == sum(granted)
    assert total.usd + total.reserved <= 3.0 + 1e-9
    assert 3.0 - (total.usd + total.reserved) < 0.07  # all the room there was has been used
    assert all(_room_at_the_time(costs, cost) for cost in costs)
    if ends == "dies":
        assert sum(granted) == 42
        assert len(ledger.settle_dead()) == 42
        assert ledger.total().usd == pytest.approx(2.94)
    with pytest.raises(BudgetError):
        ledger.reserve(phase="fix", service="late", builder="agent", worst=WorstCase(0.07))


def _room_at_the_time(costs, cost):
    """Return whether what was settled in the end by the steps before one left room for it."""
    return sum(before.usd for before in costs if before.id < cost.id) + cost.reserved_usd <= 3.0 + 1e-9


def test_a_writer_waits_for_another_one(store, open_ledger):
    """A reservation that meets another process's transaction is made when that is over, with what it left."""
    ledger = open_ledger(BudgetConfig(total=1.0))
    ledger.costs()
    entered, leave, outcome = threading.Event(), threading.Event(), []

    def other():
        with ledger._locked() as connection:
            entered.set()
            leave.wait(30)
            table = store.table("costs")
            values = {"run": ledger._run, "session": "other", "phase": "builders", "status": "settled", "usd": 0.75}
            connection.execute(table.insert().values(**values))

    def mine():
        try:
            outcome.append(ledger.reserve(phase="builders", service="a", builder="agent", worst=WorstCase(0.5)))
        except BudgetError as error:
            outcome.append(str(error))

    first = threading.Thread(target=other)
    first.start()
    assert entered.wait(30)
    second = threading.Thread(target=mine)
    second.start()
    second.join(0.05)
    assert second.is_alive()
    leave.set()
    first.join(30)
    second.join(30)
    assert "0.75 USD spent" in outcome[0]
