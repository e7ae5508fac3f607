"""The store: what one process writes, every process of the run reads, on each kind of database."""

from __future__ import annotations

import multiprocessing
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Inspector
from sqlalchemy.exc import StatementError

from pytest_superteam.pipeline.state.store import Store


def test_state_follows_transitions(store, project):
    """A transition sets the state and is kept in order."""
    project.run("r1")
    store.record_transition("r1", "start_architect", "init", "architect_running")
    store.record_transition("r1", "architect_done", "architect_running", "architect_review", "s1")
    other = Store(store.where)
    found = other.run("r1")
    other.close()
    assert (found.state, found.previous_state) == ("architect_review", "architect_running")
    assert [row[0] for row in store.transitions("r1")] == ["start_architect", "architect_done"]


def test_rejections_and_fixes_are_counted(store, project):
    """A run counts how often its design was rejected and how often the gate sent it back."""
    project.run("r1")
    store.record_transition("r1", "reject_architecture", "architect_review", "architect_running")
    store.record_transition("r1", "quality_failed", "quality_gate", "fix_pass")
    store.record_transition("r1", "quality_failed", "quality_gate", "fix_pass")
    assert (store.run("r1").architect_retries, store.run("r1").fix_attempts) == (1, 2)


def test_unknown_run(store):
    """The state of a run that never was is a KeyError."""
    assert store.run("other") is None
    with pytest.raises(KeyError):
        store.state("other")


def test_runs_newest_first(store, project):
    """The runs of a project come newest first, with everything that was said of them."""
    project.run("r1")
    project.run("r2", kind="system", depth="thorough", continues="r1")
    store.end_run("r2", "failed")
    newest, oldest = store.runs(project.name)
    assert (newest.id, newest.kind, newest.depth, newest.continues, newest.verdict) == (
        "r2",
        "system",
        "thorough",
        "r1",
        "failed",
    )
    assert newest.ended >= newest.started
    assert (oldest.id, oldest.ended, oldest.interrupted) == ("r1", None, False)


def test_phases(store):
    """A phase has a beginning, an end and a reason where it failed or was stopped; begun again it is new."""
    store.start_phase("s1", "builders", "r1")
    assert store.phase("s1", "builders").status == "running"
    store.end_phase("s1", "builders", "no disk")
    record = store.phase("s1", "builders")
    assert (record.status, record.error) == ("failed", "no disk")
    assert record.seconds >= 0
    store.end_phase("s1", "builders", "budget", status="stopped")
    assert store.phase("s1", "builders").status == "stopped"
    store.start_phase("s1", "builders", "r1")
    record = store.phase("s1", "builders")
    assert (record.status, record.error, record.ended) == ("running", "", None)
    assert store.phase("s2", "builders") is None


def test_sessions(store, project):
    """A session is written down with its process, gives signs of life, and ends for a reason."""
    project.run("r1")
    project.session("s1", pid=7, host="there")
    store.beat("s1")
    store.end_session("s1", "done")
    (session,) = store.sessions("r1")
    assert (session.id, session.pid, session.host, session.end_reason) == ("s1", 7, "there", "done")
    assert session.started <= session.heartbeat <= session.ended


def test_long_and_strange_texts(store, project):
    """Texts that a database can't keep are kept as far as it can, and what they name is found by the same name."""
    strange = "a\0b\ud800c" + "x" * 50_000
    project.run("r1")
    store.start_phase("s1", "builders")
    store.end_phase("s1", "builders", strange)
    assert store.phase("s1", "builders").error.startswith("a\ufffdb?cxxx")
    store.start_phase("s1", "ä" * 64, "r1")
    assert store.phases("s1")[1].name.startswith("ä" * 20)
    for item in (strange, f"{strange}!"):
        store.save_result("s1", item, {"item": item[-1]})
    assert [store.result("s1", item) for item in (strange, f"{strange}!")] == [{"item": "x"}, {"item": "!"}]


def test_all_or_none(store):
    """Results that can't all be saved leave what was there before."""
    store.save_results("s1", {"a": {"n": 1}})
    with pytest.raises((StatementError, TypeError), match="not JSON"):
        store.save_results("s1", {"a": {"n": 2}, "b": {"n": object()}})
    assert store.results("s1") == {"a": {"n": 1}}


def _write(where, worker):
    store = Store(where)
    for number in range(20):
        store.save_results("r1", {f"{worker}-{number}": {"number": number}, "shared": {"number": number}})
        store.start_phase("r1", "gate")
    store.close()


def test_many_writers(store):
    """Several processes write at once, also the same rows and into a database that is new, and nothing is lost."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(store.where, worker)) for worker in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(store.results("r1")) == 61
    assert store.result("r1", "2-19") == {"number": 19}
    assert store.result("r1", "shared") == {"number": 19}


def test_tables_that_another_process_makes_meanwhile(store, project, monkeypatch):
    """What is looked at before others are kept away may be half of what they make: it is looked at again."""
    project.run("r1")
    asked = []
    has_table = Inspector.has_table

    def too_early(self, name, *words, **more):
        asked.append(name)
        return has_table(self, name, *words, **more) if len(asked) > 1 else False

    monkeypatch.setattr(Inspector, "has_table", too_early)
    other = Store(store.where)
    assert other.run("r1").state == "init"
    other.close()
    assert asked[:2] == ["meta", "meta"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


def _round_trip(store, examples):
    @settings(max_examples=examples, deadline=None)
    @given(st.dictionaries(st.text(), json_values))
    def comes_back(result):
        store.save_result("r", "i", {"old": 1})
        store.save_result("r", "i", result)
        assert store.result("r", "i") == result

    comes_back()


def test_results_round_trip(store):
    """A result comes back as it was saved, the last one of an item."""
    _round_trip(store, 40)


RUNS, SESSIONS, ITEMS = ("r1", "r2"), ("s1", "s2"), ("i1", "i2")


class Model(RuleBasedStateMachine):
    """The store beside plain dictionaries; it may be closed and opened at any moment."""

    where: Path | str | None = None
    """A database to use; None: a new file."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(self.where or Path(self.folder.name) / "state.db")
        with self.store.begin() as connection:
            for name in ("runs", "transitions", "phases", "results", "sessions"):
                connection.execute(self.store.table(name).delete())
        self.states, self.moves, self.results, self.phases = {}, {}, {}, {}

    @rule(run=st.sampled_from(RUNS))
    def start(self, run):
        if run not in self.states:
            self.store.start_run(run, prd=Path("PRD.md"), prd_sha256="0" * 64, project="p")
            self.states[run], self.moves[run] = "init", []

    @rule(run=st.sampled_from(RUNS), state=st.sampled_from(["init", "integrating", "failed"]))
    def move(self, run, state):
        if run in self.states:
            self.store.record_transition(run, "go", self.states[run], state)
            self.moves[run].append(("go", self.states[run], state))
            self.states[run] = state

    @rule(session=st.sampled_from(SESSIONS), items=st.sets(st.sampled_from(ITEMS)), number=st.integers(0, 9))
    def save(self, session, items, number):
        self.store.save_results(session, {item: {"n": number} for item in items})
        self.results |= {(session, item): {"n": number} for item in items}

    @rule(session=st.sampled_from(SESSIONS), name=st.sampled_from(ITEMS))
    def start_phase(self, session, name):
        self.store.start_phase(session, name)
        self.phases[session, name] = "running"

    @rule(session=st.sampled_from(SESSIONS), name=st.sampled_from(ITEMS), error=st.sampled_from(["", "no"]))
    def end_phase(self, session, name, error):
        self.store.end_phase(session, name, error)
        if (session, name) in self.phases:
            self.phases[session, name] = "failed" if error else "done"

    @rule()
    def reopen(self):
        self.store.close()

    @invariant()
    def is_as_expected(self):
        if not hasattr(self, "store"):
            return
        assert {run.id: run.state for run in self.store.runs("p")} == self.states
        assert {run: self.store.transitions(run) for run in self.states} == self.moves
        kept = {(s, item): value for s in SESSIONS for item, value in self.store.results(s).items()}
        assert kept == self.results
        assert {(s, p.name): p.status for s in SESSIONS for p in self.store.phases(s)} == self.phases

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


def test_store_is_as_a_model_of_it(where):
    """Whatever is written in whatever order, also with the database closed in between, is what is read."""

    class Here(Model):
        pass

    Here.where = where if isinstance(where, str) else None
    run_state_machine_as_test(Here, settings=settings(max_examples=12, stateful_step_count=15, deadline=None))
