"""A ledger in a database of its own, and a log that keeps what it is told."""

import itertools
from types import SimpleNamespace

import pytest

from pytest_superteam.config_entries.running import BudgetConfig
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.store import Store


class Heard:
    """Keeps events as (kind, level, message, data)."""

    def __init__(self):
        self.events = []

    def emit(self, kind, message, *, level="info", service="", **data):
        """Keep an event."""
        self.events.append(SimpleNamespace(kind=kind, message=message, level=level, service=service, data=data))

    def of(self, kind, level=None):
        """Return the messages of a kind (and a level)."""
        return [event.message for event in self.events if event.kind == kind and level in {None, event.level}]


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Return a database; each test has runs of its own in it."""
    made = Store(tmp_path_factory.mktemp("money") / "state.db")
    yield made
    made.close()


_NUMBERS = itertools.count()


@pytest.fixture
def runs(store):
    """Return the names of two runs; the second continues the first."""
    first, second = (f"run-{next(_NUMBERS)}" for _ in range(2))
    store.start_run(first, prd="PRD.md", prd_sha256="0")
    store.start_run(second, prd="PRD.md", prd_sha256="1", continues=first)
    return first, second


@pytest.fixture
def heard():
    """Return a log."""
    return Heard()


@pytest.fixture
def open_ledger(store, runs, heard):
    """Return a function that opens a ledger of the first run, or of another, for a session."""

    def opened(budget=None, *, run=runs[0], session="s1", services=None, prices=None):
        return Ledger(store, run, session, budget or BudgetConfig(), services or {}, PriceBook(prices or {}), heard)

    return opened
