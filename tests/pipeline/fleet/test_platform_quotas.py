"""Platforms allow so many attempts in a window: counted over all runs, warned of before a batch, never passed."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.config import PlatformConfig
from pytest_superteam.pipeline.fleet.quota import Quotas
from pytest_superteam.pipeline.state.store import Store

NOW = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "state.db")
    yield store
    store.close()


def quotas(store, clock, run="run", **platforms):
    return Quotas(store, platforms, run, clock=clock)


def test_no_limit(store, clock):
    """A platform without a limit, or of which nothing is set, always has room."""
    held = quotas(store, clock, open=PlatformConfig())
    for platform in ("open", "unheard-of"):
        for _ in range(3):
            assert held.take(platform)
        assert held.room(platform) is None
        assert held.used(platform) == 3
        assert held.free_at(platform) == NOW
        assert held.parallel(platform, 8) == 8
        assert held.warnings({platform: 1000}) == []


def test_room(store, clock):
    """Each attempt takes room until nothing is left; others are refused and not counted."""
    held = quotas(store, clock, agent=PlatformConfig(limit=2, window=60))
    assert [held.room("agent"), held.take("agent"), held.take("agent"), held.take("agent")] == [2, True, True, False]
    assert held.room("agent") == 0
    assert held.used("agent") == 2


def test_use_counts_always(store, clock):
    """An attempt that happened counts, whether there was room or not; room is never negative."""
    held = quotas(store, clock, agent=PlatformConfig(limit=1))
    held.use("agent")
    held.use("agent")
    assert held.used("agent") == 2
    assert held.room("agent") == 0


def test_window(store, clock):
    """What lies a window back counts no more; that is the moment when there is room again."""
    held = quotas(store, clock, agent=PlatformConfig(limit=2, window=60))
    held.use("agent")
    clock.now += 10
    held.use("agent")
    assert held.free_at("agent") == NOW + 60
    clock.now = NOW + 59.9
    assert held.room("agent") == 0
    clock.now = held.free_at("agent")
    assert held.room("agent") == 1
    assert held.free_at("agent") == clock.now
    assert held.take("agent")
    assert held.free_at("agent") == NOW + 70


def test_overrun_is_waited_out(store, clock):
    """After more attempts than allowed, enough of them have to lie a window back."""
    held = quotas(store, clock, agent=PlatformConfig(limit=1, window=60))
    for _ in range(3):
        held.use("agent")
        clock.now += 5
    assert held.free_at("agent") == NOW + 70


def test_limit_of_none(store, clock):
    """A limit of 0 never has room."""
    held = quotas(store, clock, agent=PlatformConfig(limit=0))
    assert not held.take("agent")
    assert held.free_at("agent") == math.inf


def test_clock_that_was_wrong(store, clock):
    """A time far ahead holds a platform for one window, not for years."""
    clock.now += 1e8
    held = quotas(store, clock, agent=PlatformConfig(limit=1, window=60))
    held.use("agent")
    clock.now = NOW
    assert held.room("agent") == 0
    assert held.free_at("agent") == NOW + 60


def test_all_runs_and_sessions_count(store, clock):
    """The limit is the platform's: other runs and a store that is opened again count together; platforms do not."""
    limits = {"agent": PlatformConfig(limit=3), "other": PlatformConfig(limit=3)}
    quotas(store, clock, run="one", **limits).use("agent")
    quotas(store, clock, run="two", **limits).use("agent")
    store.close()
    held = quotas(store, clock, run="three", **limits)
    assert held.room("agent") == 1
    assert held.room("other") == 3
    assert [held.take("agent"), held.take("agent")] == [True, False]
    assert [held.take("other") for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("used", "planned", "expected"),
    [
        (0, 8, []),
        (0, 9, ["agent: 0 of 10 attempts in 1 h are used and 9 are planned, 90% of the limit."]),
        (8, 1, ["agent: 8 of 10 attempts in 1 h are used and 1 are planned, 90% of the limit."]),
        (5, 5, ["agent: 5 of 10 attempts in 1 h are used and 5 are planned, 100% of the limit."]),
        (8, 5, ["agent: 8 of 10 attempts in 1 h are used and 5 are planned, 3 more than the limit allows."]),
        (10, 0, []),
    ],
)
def test_warnings(store, clock, used, planned, expected):
    """From 90 % of the limit on a batch is warned of before it begins."""
    held = quotas(store, clock, agent=PlatformConfig(limit=10, window=3600))
    for _ in range(used):
        held.use("agent")
    assert held.warnings({"agent": planned}) == expected


@pytest.mark.parametrize(
    ("window", "words"),
    [(86_400, "1 d"), (18_000, "5 h"), (60, "1 min"), (5400, "90 min"), (90, "90 s"), (0.5, "0.5 s")],
)
def test_window_in_words(store, clock, window, words):
    """A window is told in its largest whole unit."""
    assert f"in {words} are" in quotas(store, clock, a=PlatformConfig(limit=1, window=window)).warnings({"a": 1})[0]


@pytest.mark.parametrize(
    ("limit", "base", "expected"), [(100, 8, 8), (16, 8, 8), (15, 8, 7), (5, 8, 2), (1, 8, 1), (0, 8, 1), (100, 1, 1)]
)
def test_parallel(store, clock, limit, base, expected):
    """At most half of what has room is at work at the same time, and one at least."""
    assert quotas(store, clock, agent=PlatformConfig(limit=limit)).parallel("agent", base) == expected


STEPS = st.lists(st.tuples(st.sampled_from(["take", "use"]), st.floats(0, 40)), max_size=8)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 4))
def test_like_a_list(store, steps, limit):
    """Room, refusals and the next free moment are those of a plain list of times."""
    clock, window, times = Clock(), 60.0, []
    with store.begin() as connection:
        connection.execute(store.table("uses").delete())
    held = quotas(store, clock, agent=PlatformConfig(limit=limit, window=window))
    for what, later in steps:
        clock.now += later
        inside = [at for at in times if at > clock.now - window]
        if what == "use":
            held.use("agent")
            times.append(clock.now)
        else:
            assert held.take("agent") is (len(inside) < limit)
            times += [clock.now] * (len(inside) < limit)
        inside = sorted(at for at in times if at > clock.now - window)
        assert held.room("agent") == max(0, limit - len(inside))
        free = held.free_at("agent")
        assert sum(1 for at in inside if at > free - window) < limit or free == clock.now
