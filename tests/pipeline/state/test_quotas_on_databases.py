"""The limits of platforms hold on every database that a run may be kept in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pytest_superteam.config import PlatformConfig
from pytest_superteam.pipeline.fleet.quota import Quotas
from pytest_superteam.pipeline.state.store import Store

LIMIT = {"agent": PlatformConfig(limit=7, window=60)}


def test_no_race(where):
    """Many that take at the same time, each with its own connection, get exactly what there is."""
    stores = [Store(where) for _ in range(4)]
    assert Quotas(stores[0], LIMIT, "run").room("agent") == 7

    def take_five(store):
        held = Quotas(store, LIMIT, "run")
        return [held.take("agent") for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        taken = [got for part in pool.map(take_five, stores) for got in part]
    assert taken.count(True) == 7
    assert Quotas(stores[0], LIMIT, "run").used("agent") == 7
    for store in stores:
        store.close()


def test_window(store):
    """Room comes back when the first attempt lies a window back."""
    now = [1_800_000_000.25]
    held = Quotas(store, LIMIT, "run", clock=lambda: now[0])
    for _ in range(7):
        held.use("agent")
    assert held.free_at("agent") == now[0] + 60
    now[0] = held.free_at("agent")
    assert held.room("agent") == 7


def test_no_limit(store):
    """A platform of which nothing is set is counted, and has room."""
    held = Quotas(store, LIMIT, "run")
    assert held.take("other")
    assert held.used("other") == 1
    assert held.room("other") is None
