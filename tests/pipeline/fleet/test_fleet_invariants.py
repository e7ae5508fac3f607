"""Forty builders, eight at a time, killed and gone on with at any moment: what always holds."""

from __future__ import annotations

import copy
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from virtual import Act, MemoryAttempts, Scripted, Yard, fails, system

from pytest_superteam.builders.run import load_builds
from pytest_superteam.config_entries import BudgetConfig, RetryConfig
from pytest_superteam.models import Service, Usage
from pytest_superteam.pipeline.fleet.fleet import build_fleet
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.money.caps import Budgets, NoRoomError, held, spent
from pytest_superteam.pipeline.money.ledger import NoLedger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.money.settling import cut_off, with_usage

NAMES = [f"s{number}" for number in range(40)]
PARALLEL = 8
WORST = 1.0


class World:
    """All that outlives a process: folder and books; and what builders really did."""

    def __init__(self, folder):
        self.folder = folder
        self.attempts, self.costs = [], []
        self.scripts, self.finished, self.spent = {}, [], []

    def copy(self):
        """Return the world as it would be found if the process were killed now."""
        other = copy.copy(self)
        other.folder = Path(tempfile.mkdtemp(dir=self.folder.parent))
        shutil.copytree(self.folder, other.folder, dirs_exist_ok=True)
        other.attempts, other.costs = list(self.attempts), list(self.costs)
        other.scripts = {name: list(acts) for name, acts in self.scripts.items()}
        other.spent = list(self.spent)
        other.finished = [done for done in self.finished if self.has(*done)]  # the rest was the step in hand
        return other

    def has(self, service, key):
        """Return whether a build is written down, as finished or as in its place."""
        records = self.folder / ".superteam/builds"
        files = [records / f"{service}.landing", records / f"{service}.json"]
        return any(key in file.read_text() for file in files if file.exists())


class Books(MemoryAttempts, NoLedger):
    """Attempts and ledger in one; each entry is a moment at which the process may be killed."""

    def __init__(self, world, cap, crash_at):
        self.world, self.crash_at, self.found = world, crash_at, None
        self._rows = world.attempts
        self.budgets, self.prices = Budgets(BudgetConfig(total=cap), {}), PriceBook({})
        self.cap, self.moments = cap, 0

    def moment(self):
        self.moments += 1
        if self.moments == self.crash_at:
            self.found = self.world.copy()
        assert sum(map(spent, self.world.costs)) + sum(map(held, self.world.costs)) <= self.cap + 1e-6

    def start(self, **row):
        self.moment()
        return super().start(**row)

    def end(self, attempt, status, **more):
        self.moment()
        super().end(attempt, status, **more)

    def reserve(self, *, phase, service="", attempt=1, builder, platform="", worst, parent=0):
        self.moment()
        for cap in self.budgets.of(phase, service):
            room = cap.room(self.world.costs)
            if room.taken or not room.fits(worst.usd):
                raise NoRoomError(room, worst.usd, service)
        cost = replace(super().settle(0, None), id=len(self.world.costs) + 1, phase=phase, service=service)
        cost = replace(cost, attempt=attempt, status="reserved", reserved_usd=worst.usd, parent=parent)
        self.world.costs.append(cost)
        return cost.id

    def settle(self, step, usage):
        self.moment()
        cost = self.world.costs[step - 1]
        if cost.status == "reserved" or (usage is not None and cost.estimated):
            cost = cut_off(cost) if usage is None else with_usage(cost, usage, self.prices)
        self.world.costs[step - 1] = cost
        return cost

    def settle_dead(self):
        return [self.settle(cost.id, None) for cost in self.world.costs if cost.status == "reserved"]

    def release(self, step):
        raise AssertionError("nothing is refused after it was paid")

    def costs(self):
        return list(self.world.costs)

    def emit(self, kind, message, **more):
        """Take down what happens: between two entries there are moments too."""
        self.moment()


class Worker(Scripted):
    """A paid builder that notes in the world what it really did."""

    def __init__(self, world):
        super().__init__(tier="paid", worst=WORST)
        self.acts, self.world, self.keys = world.scripts, world, {}

    async def build(self, request):
        acts = self.acts[request.service]
        act = acts[0] if acts else Act()
        try:
            output = await super().build(request)
        except BaseException as error:
            usage = getattr(error, "usage", None)
            if usage is not None:
                self.world.spent.append((request.service, usage.usd))
            raise
        self.world.spent.append((request.service, act.usd))
        self.world.finished.append((request.service, self.keys[request.service]))
        return output


def script(chance):
    """Return what builders do at one service, in order."""
    kinds = [
        *[lambda usd: Act(seconds=chance.uniform(0, 50), usd=usd)] * 3,
        lambda usd: fails(chance.choice(["no nails", "timeout", "503"]), usage=Usage(usd=usd)),
        lambda usd: fails("invalid API key", usage=Usage(usd=usd), retryable=False),
        lambda _usd: Act(error=SystemExit(1)),
        lambda _usd: Act(seconds=10_000),
        lambda _usd: Act(seconds=10_000, deaf=2),
        lambda usd: Act(seconds=101, deaf=1, usd=usd),
    ]
    return [chance.choice(kinds)(round(chance.uniform(0, WORST), 2)) for _ in range(chance.randint(0, 3))]


class Fleet(RuleBasedStateMachine):
    """Sessions over one project: ended in order, stopped, killed; with changes and more money in between."""

    @initialize(seed=st.integers(0, 1 << 32), cap=st.sampled_from([5.0, 30.0, 1000.0]))
    def begin(self, seed, cap):
        """Begin with an empty folder; what builders do is drawn from the seed."""
        self.top = Path(tempfile.mkdtemp())
        self.chance, self.cap = random.Random(seed), cap
        self.world = World(self.top / "first")
        self.world.folder.mkdir()
        self.world.scripts = {name: script(self.chance) for name in NAMES}
        self.versions = dict.fromkeys(NAMES, 0)

    def teardown(self):
        """Remove the folder."""
        if hasattr(self, "top"):
            shutil.rmtree(self.top)

    @rule(count=st.integers(1, 10))
    def change(self, count):
        """Change what some services are to be."""
        for name in self.chance.sample(NAMES, count):
            self.versions[name] += 1

    @rule(usd=st.sampled_from([1.0, 20.0]))
    def pay(self, usd):
        """Raise the budget."""
        self.cap += usd

    @rule()
    def session(self):
        """Build until all is built, given up, or the money is gone."""
        self._session(None)

    @rule(after=st.integers(1, 150), hard=st.booleans())
    def stopped_session(self, after, hard):
        """Build until somebody wants to stop."""
        self._session(None, after=after, hard=hard)

    @rule(crash_at=st.integers(1, 500))
    def killed_session(self, crash_at):
        """Build until the process is killed."""
        self._session(crash_at)

    def _session(self, crash_at, *, after=None, hard=False):
        world, stopping, books = self.world, Stopping(), Books(self.world, self.cap, crash_at)
        yard, worker = Yard(world.folder, retry=RetryConfig(grace=20.0)), Worker(world)
        services = tuple(Service(name, description=f"version {self.versions[name]}") for name in NAMES)
        build = replace(
            yard.build_plan(worker, parallel=PARALLEL, timeout=100.0),
            architecture=replace(system(), services=services),
        )
        worker.keys = {name: build.key(name) for name in NAMES}
        easy = {name for name in NAMES if all(act.error is None and act.seconds < 100 for act in world.scripts[name])}
        tried = {row.service for row in world.attempts if row.key == worker.keys[row.service]}

        def loop():
            made = yard.clock.loop()
            if after is not None:
                made.call_later(after, stopping.hard if hard else stopping.request, "SIGTERM")
            return made

        with mock.patch("os.fsync"):
            plan = yard.plan(worker, attempts=books, ledger=books, log=books, stopping=stopping, timeout=1e9)
            results = build_fleet(replace(plan, build=build, loop_factory=loop))
        assert worker.most <= PARALLEL
        if books.found is not None:
            shutil.rmtree(world.folder)
            self.world = books.found
            rows = self.world.attempts
            rows[:] = [replace(row, status="interrupted") if row.status == "running" else row for row in rows]
            return
        assert list(results) == NAMES
        assert all(row.status != "running" for row in world.attempts)
        assert all(cost.status == "settled" for cost in world.costs)
        assert not (world.folder / ".superteam/aside/building").exists()
        self._all_is_there(build, results)
        if not stopping.requested:
            assert all(results[name].success for name in easy - tried)
            assert all(result.success or result.review for result in results.values())

    def _all_is_there(self, build, results):
        """What is told is what lies on the disk."""
        known = load_builds(build.records, build.output)
        for name, result in results.items():
            there = known.get(name)
            if result.success:
                assert there is not None
                assert (there.success, there.edited, there.key) == (True, (), result.key)
                assert (name, result.key) in self.world.finished
            else:
                assert result.error

    @invariant()
    def nothing_is_done_twice(self):
        """Each build that was finished and written down was finished once."""
        if hasattr(self, "world"):
            assert max(Counter(self.world.finished).values(), default=0) <= 1
            numbers = Counter((row.service, row.number) for row in self.world.attempts)
            assert max(numbers.values(), default=0) <= 1

    @invariant()
    def no_dollar_is_lost_or_counted_twice(self):
        """What builders said they used is in the ledger once; what nobody knows counts at its worst."""
        if hasattr(self, "world"):
            costs = [cost for cost in self.world.costs if cost.status == "settled"]
            told = Counter((cost.service, cost.usd) for cost in costs if not cost.estimated)
            assert not told - Counter(self.world.spent)
            reserved = sum(map(held, self.world.costs))
            assert sum(map(spent, self.world.costs)) + reserved >= sum(usd for _, usd in self.world.spent) - 1e-6


TestFleet = Fleet.TestCase
TestFleet.settings = settings(
    max_examples=8, stateful_step_count=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
