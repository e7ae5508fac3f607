"""Money and limits of platforms: what is set aside, what does not fit, who waits, who goes where."""

from __future__ import annotations

import asyncio
import threading

import pytest
from virtual import Act, Heard, Scripted, Yard, fails

from pytest_superteam.builders.base import Progress
from pytest_superteam.builders.run import load_builds
from pytest_superteam.config import Config
from pytest_superteam.config_entries import BudgetConfig, PlatformConfig, RetryConfig, ServiceConfig
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.fleet import payment
from pytest_superteam.pipeline.fleet.lanes import ThreadLane
from pytest_superteam.pipeline.fleet.quota import Quotas
from pytest_superteam.pipeline.fleet.reviews import Reviews
from pytest_superteam.pipeline.fleet.routing import Router
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.store import Store


class Books:
    """The real books of one run over a folder."""

    def __init__(self, yard, session="s1"):
        self.yard, self.session, self.heard, self.stopping = yard, session, Heard(), Stopping()
        self.store = Store(yard.folder / "state.db")
        if self.store.run("r") is None:
            self.store.start_run("r", prd=yard.folder / "PRD.md", prd_sha256="0" * 64)
        self.store.start_session(session, run="r", pid=1, host="here")

    def plan(self, *builders, budget=None, services=None, platforms=None, **more):
        config = Config(builders=tuple(b.name for b in builders), services=services or {}, platforms=platforms or {})
        quotas = Quotas(self.store, config.platforms, "r", clock=self.yard.clock.epoch)
        budget = budget or BudgetConfig()
        self.ledger = Ledger(self.store, "r", self.session, budget, config.services, PriceBook({}), self.heard)
        return {
            "router": Router(builders, config, quotas),
            "quotas": quotas,
            "ledger": self.ledger,
            "attempts": Attempts(self.store, "r", self.session),
            "reviews": Reviews(self.store, "r", self.session),
            "log": self.heard,
            "platforms": config.platforms,
            "stopping": self.stopping,
            "session": self.session,
            **more,
        }

    @property
    def reviews(self):
        return {review.service: review for review in Reviews(self.store, "r", self.session).open()}

    @property
    def rows(self):
        return [(cost.service, cost.attempt, cost.usd, cost.estimated) for cost in self.ledger.costs()]


@pytest.fixture
def yard(tmp_path):
    """Return an empty folder and a clock at zero."""
    return Yard(tmp_path)


@pytest.fixture
def books(yard):
    """Return the books of a run."""
    made = Books(yard)
    yield made
    made.store.close()


def paid(acts=None, **more):
    """Return a builder that costs at most a dollar a try."""
    return Scripted(acts, **{"tier": "paid", "worst": 1.0, **more})


def test_each_try_is_a_step(yard, books):
    """What each try cost stands in the ledger, one that failed too, each after the one that it follows from."""
    builder = paid({"one": [fails("503", usage=Usage(usd=0.25)), Act(usd=0.5)], "two": [Act(error=KeyError("x"))]})
    yard.run(builder, "one", "two", retry=RetryConfig(attempts=2), **books.plan(builder, parent=0))
    assert sorted(books.rows) == [
        ("one", 1, 0.25, False),
        ("one", 2, 0.5, False),
        ("two", 1, 1.0, True),
        ("two", 2, 0.0, False),
    ]
    steps = {(cost.service, cost.attempt): cost for cost in books.ledger.costs()}
    assert steps["one", 2].parent == steps["one", 1].id
    assert [request.spend_usd for request in builder.requests] == [1.0] * 4


def test_a_total_without_room_stops_the_run(yard, books):
    """What does not fit is not started; what fits and what is free is built, and then the run is to stop."""
    builder, free = paid({"one": [Act(usd=0.9)], "two": [Act(usd=0.9)]}), Scripted(name="free")
    more = books.plan(builder, free, budget=BudgetConfig(total=1.5), services={"three": ServiceConfig(builder="free")})
    more["router"] = Routed(more["router"], {"three": free}, builder)
    results = yard.run(builder, "one", "two", "three", build={"parallel": 1}, **more)
    assert [result.success for result in results.values()] == [True, False, True]
    assert "budget" in results["two"].error
    assert books.stopping.reason == results["two"].error.removeprefix("not built: ")
    assert set(load_builds(yard.folder / ".superteam/builds", yard.folder / "services")) == {"one", "three"}
    assert sum(usd for _, _, usd, _ in books.rows) == 0.9


class Routed:
    """Sends some services elsewhere."""

    def __init__(self, router, elsewhere, first):
        self.router, self.elsewhere, self.first = router, elsewhere, first

    def choose(self, service):
        return type(self.router.choose(service))(self.elsewhere.get(service, self.first), "as told")

    def candidates(self, service):
        return (self.elsewhere.get(service, self.first),)

    def __getattr__(self, name):
        return getattr(self.router, name)


def test_what_may_fit_later_waits(yard, books):
    """Where steps at work may turn out cheaper than what is set aside for them, the next one waits for their end."""
    builder = paid({name: [Act(seconds=10, usd=0.1)] for name in ("one", "two", "three")})
    more = books.plan(builder, budget=BudgetConfig(total=1.5))
    results = yard.run(builder, "one", "two", "three", build={"parallel": 3}, **more)
    assert all(result.success for result in results.values())
    assert builder.times == [0, 10, 20]
    assert not books.stopping.requested


def test_a_service_without_room_is_a_matter_for_a_person(yard, books):
    """The budget of one service keeps none of the others from being built."""
    builder = paid({"one": [fails("503", usage=Usage(usd=0.9))]})
    results = yard.run(builder, "one", "two", **books.plan(builder, budget=BudgetConfig(service=1.2)))
    assert [result.success for result in results.values()] == [False, True]
    assert books.reviews["one"].kind == "budget"
    assert not books.stopping.requested


def test_an_unknown_price_is_not_started(yard, books):
    """Under a budget a builder that can't say what it costs is not started, unless the settings say its worst case."""
    silent = Scripted(tier="paid")
    more = books.plan(silent, budget=BudgetConfig(total=5.0))
    assert "one" not in silent.begun
    assert not yard.run(silent, "one", **more)["one"].success
    assert silent.begun == []
    platforms = {"scripted": PlatformConfig(worst_case=0.5)}
    more = books.plan(silent, budget=BudgetConfig(total=5.0), platforms=platforms, again=True)
    assert yard.run(silent, "one", **more)["one"].success
    assert books.reviews == {}


def test_a_builder_that_can_not_say_its_price_does_not_hang(yard, books, monkeypatch):
    """A builder that never answers what it may cost has an unknown price."""
    monkeypatch.setattr(payment, "ASK_SECONDS", 0.05)
    never = threading.Event()
    builder = Scripted(tier="paid")
    builder.worst_case = lambda _request: never.wait(60) and WorstCase(0.0)
    more = {**books.plan(builder), "lane": ThreadLane(), "loop_factory": None}
    assert yard.run(builder, "one", **more)["one"].success
    assert any("could not say" in event["message"] for event in books.heard.of("cost"))
    never.set()


@pytest.mark.parametrize("usage", [None, "much", Usage(usd=float("nan")), Usage(usd=-5.0), Usage(usd="1")])
def test_hostile_usage_counts_at_its_worst(yard, books, usage):
    """What a builder can't have used counts as unknown, and the build is taken all the same."""

    class Liar(Scripted):
        async def build(self, request):
            output = await super().build(request)
            object.__setattr__(output, "usage", usage)
            return output

    builder = Liar(tier="paid", worst=1.0)
    result = yard.run(builder, "one", **books.plan(builder, budget=BudgetConfig(total=5.0)))["one"]
    assert result.success
    assert books.ledger.exhausted() == ""
    total = books.ledger.total()
    assert total.usd == 1.0 or total.unknown_steps == 1


def test_a_free_builder_that_says_what_it_used_is_written_down(yard, books):
    """A free try is no step, unless it tells of something."""

    class Tells(Scripted):
        async def build(self, request):
            request.report(Progress(usage=Usage(usd=0.0, input_tokens=10, output_tokens=5, model="m")))
            await asyncio.sleep(1)
            return await super().build(request)

    quiet, talks = Scripted(name="quiet"), Tells({"two": [Act(usd=None)]}, name="talks")
    more = books.plan(quiet, talks)
    more["router"] = Routed(more["router"], {"two": talks}, quiet)
    quiet.acts["one"].append(Act(usd=None))
    yard.run(quiet, "one", "two", **more)
    assert [(cost.service, cost.input_tokens, cost.usd) for cost in books.ledger.costs()] == [("two", 10, 0.0)]


def test_what_was_cut_off_is_settled(yard, books):
    """A try that is cut off costs what it had reported, or its worst case, and nothing stays set aside."""
    builder = paid({"one": [Act(seconds=1e4)]})

    class Later(Heard):
        def emit(self, kind, message, **more):
            if kind == "attempt":
                asyncio.get_running_loop().call_later(5, books.stopping.hard, "SIGTERM")

    yard.run(builder, "one", **{**books.plan(builder), "log": Later()})
    assert books.rows == [("one", 1, 1.0, True)]
    assert books.ledger.total().reserved == 0
    assert [row.status for row in Attempts(books.store, "r", "s1").of_run()] == ["interrupted"]


def test_the_cheapest_with_room_builds(yard, books):
    """Free tries go first, as many as their platform allows, and the rest goes to who is paid; it is told."""
    free, dear = Scripted(name="free", platform="f"), paid(name="dear")
    more = books.plan(dear, free, platforms={"f": PlatformConfig(limit=2)})
    results = yard.run(dear, "one", "two", "three", build={"others": (free,), "parallel": 1}, **more)
    assert [result.builder for result in results.values()] == ["free", "free", "dear"]
    assert len(books.heard.of("routing")) == 3
    assert any("limit" in event["message"] for event in books.heard.of("quota"))


def test_a_platform_without_room_is_waited_for(yard, books):
    """Where all platforms are used up the next window is waited for, with nobody kept from working by it."""
    builder = Scripted(platform="f")
    more = books.plan(builder, platforms={"f": PlatformConfig(limit=1, window=60)})
    results = yard.run(builder, "one", "two", **more)
    assert all(result.success for result in results.values())
    assert builder.times[1] >= 59


def test_a_platform_that_is_long_without_room_is_left(yard, books):
    """Where the next window is far away the service is left, with the time when it makes sense again."""
    builder = Scripted(platform="f")
    platforms = {"f": PlatformConfig(limit=1, window=86_400)}
    results = yard.run(builder, "one", "two", **books.plan(builder, platforms=platforms))
    assert [result.success for result in results.values()] == [True, False]
    review = books.reviews["two"]
    assert review.kind == "quota"
    assert review.details["retry_at"] == pytest.approx(yard.clock.epoch() + 86_400, abs=60)


def test_a_limit_halves_what_is_tried_at_once(yard, books):
    """No more than half of what a platform has left is tried at the same time."""
    builder = Scripted(platform="f")
    names = [f"s{number}" for number in range(4)]
    more = books.plan(builder, platforms={"f": PlatformConfig(limit=6, window=1e6)})
    results = yard.run(builder, *names, build={"parallel": 4}, **more)
    assert all(result.success for result in results.values())
    assert builder.most <= 3


def test_another_session_goes_on_with_the_books(yard, books):
    """After a kill the next session has the tries and the money that the dead one has left it."""
    builder = paid({"one": [fails("503", usage=Usage(usd=0.25))] * 3, "two": [Act(usd=0.5)]})
    more = books.plan(builder)
    dead = more["attempts"]
    for number in (1, 2):
        key = yard.build_plan(builder, "one").key("one")
        row = dead.start(phase="builders", service="one", number=number, builder="scripted", key=key)
        dead.end(row, "failed", error="503", signature="503", retryable=True)
    books.ledger.reserve(phase="builders", service="two", builder="scripted", worst=WorstCase(1.0))
    after = Books(yard, "s2")
    results = yard.run(builder, "one", "two", **after.plan(builder, budget=BudgetConfig(total=5.0)))
    assert [result.success for result in results.values()] == [False, True]
    assert builder.begun.count("one") == 1
    assert sorted(after.rows) == [("one", 3, 0.25, False), ("two", 1, 0.5, False), ("two", 1, 1.0, True)]
    after.store.close()


def test_what_was_said_on_the_way_counts_where_the_end_is_silent(yard, books):
    """A builder that told what it used while it was at work, and nothing in the end, has used that."""

    class Tells(Scripted):
        async def build(self, request):
            output = await super().build(request)
            request.report(Progress(usage=Usage(usd=0.75)))
            return output

    builder = Tells({"one": [Act(usd=None)]}, tier="paid", worst=1.0)
    yard.run(builder, "one", **books.plan(builder))
    assert [row[:3] for row in books.rows] == [("one", 1, 0.75)]
