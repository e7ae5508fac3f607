"""The store: what one process writes, every process of the run reads."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.pipeline.state.store import Store


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "deep" / "state.db")
    made.start_run("r1", prd=Path("PRD.md"), prd_sha256="0" * 64)
    yield made
    made.close()


def test_state_follows_transitions(store):
    """A transition sets the state and is kept in order."""
    store.record_transition("r1", "start_architect", "init", "architect_running")
    store.record_transition("r1", "architect_done", "architect_running", "architect_review")
    other = Store(store.where)
    assert other.state("r1") == "architect_review"
    other.close()
    assert [row[0] for row in store.transitions("r1")] == ["start_architect", "architect_done"]


def test_unknown_run(store):
    """The state of a run that never was is a KeyError."""
    with pytest.raises(KeyError):
        store.state("other")


def test_phases(store):
    """A phase has a beginning, an end and a reason where it failed."""
    store.start_phase("r1", "builders")
    assert store.phase("r1", "builders").status == "running"
    store.end_phase("r1", "builders", "no disk")
    record = store.phase("r1", "builders")
    assert (record.status, record.error) == ("failed", "no disk")
    assert record.seconds >= 0
    assert store.phase("r2", "builders") is None


def _write(path, worker):
    store = Store(path)
    for number in range(20):
        store.save_result("r1", f"{worker}-{number}", {"worker": worker, "number": number})
    store.close()


def test_many_writers(store):
    """Several processes write at once and nothing is lost."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(store.where, worker)) for worker in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(store.results("r1")) == 60
    assert store.result("r1", "2-19") == {"worker": 2, "number": 19}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(), json_values))
def test_results_round_trip(tmp_path_factory, result):
    """A result comes back as it was saved, the last one of an item."""
    store = Store(tmp_path_factory.mktemp("store") / "state.db")
    store.save_result("r", "i", {"old": 1})
    store.save_result("r", "i", result)
    kept = store.result("r", "i")
    store.close()
    assert kept == result
