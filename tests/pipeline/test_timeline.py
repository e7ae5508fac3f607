"""The times of a run, out of its store: sessions, phases, gates and attempts, also of sessions that did not end."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.resuming import bury
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.pipeline.timeline import LIMIT, timeline_of


@dataclass
class Sessions:
    """A run as far as its times go, and a clock that is moved by hand."""

    store: Store
    clock: Any
    id: str = "r1"
    scope: str = ""
    adopted: object = None
    memory: dict[str, Any] = field(default_factory=dict)

    def begin(self, session, at):
        """Begin a session."""
        self.clock(at)
        self.scope = session
        self.store.start_session(session, run=self.id, pid=1, host="here")

    def move(self, *states, at):
        """Bring the run through states."""
        self.clock(at)
        for state in states:
            self.store.record_transition(self.id, state, self.store.state(self.id), state, self.scope)

    def phase(self, name, start, end, **how):
        """Do a phase; without an end it is broken off."""
        self.clock(start)
        self.store.start_phase(self.scope, name, self.id)
        if end is not None:
            self.clock(end)
            self.store.end_phase(self.scope, name, **how)

    def attempt(self, service, number, start, end, status="succeeded", phase="builders"):
        """Try to build a service."""
        self.clock(start)
        attempts = Attempts(self.store, self.id, self.scope)
        one = attempts.start(phase=phase, service=service, number=number, builder="agent")
        if end is not None:
            self.clock(end)
            attempts.end(one, status)

    def end(self, at, reason="done"):
        """End the session."""
        self.clock(at)
        self.store.end_session(self.scope, reason)

    def spans(self, at):
        """Return the timeline as (kind, name, started, ended, outcome, session, number)."""
        self.clock(at)
        return [(s.kind, s.name, s.started, s.ended, s.outcome, s.session, s.number) for s in timeline_of(self)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a run in a store of its own."""
    store = Store(tmp_path / "state.db")

    def clock(at):
        monkeypatch.setattr("time.time", lambda: float(at))

    clock(100)
    store.start_run("r1", prd=Path("PRD.md"), prd_sha256="a" * 64)
    yield Sessions(store, clock)
    store.close()


def test_one_session(run):
    """A session has the architect from his state to the next, its phases, its builds, and the gate up to now."""
    run.begin("s1", 100)
    run.move("architect_running", at=101)
    run.move("architect_review", "contracts_registering", at=103)
    run.phase("contracts", 103, 104)
    run.phase("builders", 104, 110)
    run.attempt("orders", 1, 104, 107)
    run.attempt("mail", 1, 105, 109, "failed")
    run.move("quality_gate", at=110)
    assert run.spans(120) == [
        ("session", "1", 100.0, 120.0, "done", 1, 1),
        ("phase", "architect", 101.0, 103.0, "done", 1, 1),
        ("phase", "contracts", 103.0, 104.0, "done", 1, 1),
        ("phase", "builders", 104.0, 110.0, "done", 1, 1),
        ("build", "orders", 104.0, 107.0, "succeeded", 1, 1),
        ("build", "mail", 105.0, 109.0, "failed", 1, 1),
        ("phase", "gate", 110.0, 120.0, "done", 1, 1),
    ]


def test_builders_are_named(run):
    """A build says who built."""
    run.begin("s1", 100)
    run.attempt("orders", 1, 104, 107)
    run.clock(108)
    assert [span.builder for span in timeline_of(run)] == ["", "agent"]


def test_crashed_session_and_its_successor(run):
    """A crashed session ends with its last sign of life, not before anything that it did; the next one goes on."""
    run.begin("s1", 100)
    run.phase("contracts", 101, 103)
    run.phase("builders", 103, None)
    run.attempt("orders", 1, 104, None)
    run.clock(199)
    bury(run.store, "")
    run.begin("s2", 200)
    run.phase("builders", 200, 205)
    run.attempt("orders", 2, 201, 204)
    run.move("quality_gate", at=206)
    run.phase("deployment", 206, 208)
    assert run.spans(210) == [
        ("session", "1", 100.0, 103.0, "crashed", 1, 1),
        ("phase", "contracts", 101.0, 103.0, "done", 1, 1),
        ("phase", "builders", 103.0, 103.0, "failed", 1, 1),
        ("build", "orders", 104.0, 104.0, "interrupted", 1, 1),
        ("session", "2", 200.0, 210.0, "done", 2, 1),
        ("phase", "builders", 200.0, 205.0, "done", 2, 1),
        ("build", "orders", 201.0, 204.0, "succeeded", 2, 2),
        ("phase", "deployment", 206.0, 208.0, "done", 2, 1),
        ("phase", "gate", 208.0, 210.0, "done", 2, 1),
    ]


def test_session_elsewhere(run):
    """What is under way in a session that has no end has none either."""
    run.begin("s1", 100)
    run.move("quality_gate", at=101)
    run.attempt("orders", 1, 102, None)
    run.begin("s2", 103)
    assert run.spans(104)[:3] == [
        ("session", "1", 100.0, None, "running", 1, 1),
        ("phase", "gate", 101.0, None, "running", 1, 1),
        ("build", "orders", 102.0, None, "running", 1, 1),
    ]


def test_interrupted_sessions(run):
    """A session that ended early says why; so does the present one, and the gates of both."""
    run.begin("s1", 100)
    run.move("quality_gate", at=101)
    run.end(105, "interrupted: SIGINT")
    run.begin("s2", 200)
    run.memory["interrupted"] = "budget"
    assert run.spans(203) == [
        ("session", "1", 100.0, 105.0, "interrupted: SIGINT", 1, 1),
        ("phase", "gate", 101.0, 105.0, "interrupted: SIGINT", 1, 1),
        ("session", "2", 200.0, 203.0, "interrupted: budget", 2, 1),
        ("phase", "gate", 200.0, 203.0, "interrupted: budget", 2, 1),
    ]


def test_no_gate_before_its_state(run):
    """A session that came no further than its builders has no gate."""
    run.begin("s1", 100)
    run.move("builders_running", at=101)
    run.end(105, "interrupted: SIGINT")
    run.begin("s2", 200)
    run.phase("builders", 200, 201, error="no room")
    assert [(name, outcome) for kind, name, _, _, outcome, _, _ in run.spans(203) if kind == "phase"] == [
        ("builders", "failed")
    ]


def test_fix_attempts(run):
    """What mends is told from what builds, and a gate follows it again."""
    run.begin("s1", 100)
    run.move("quality_gate", at=101)
    run.move("fix_pass", at=110)
    run.end(111)
    run.begin("s2", 112)
    run.phase("fix", 112, 118)
    run.attempt("orders", 2, 113, 117, phase="fix")
    run.move("quality_gate", at=119)
    assert run.spans(125)[2:] == [
        ("session", "2", 112.0, 125.0, "done", 2, 1),
        ("phase", "fix", 112.0, 118.0, "done", 2, 1),
        ("fix", "orders", 113.0, 117.0, "succeeded", 2, 2),
        ("phase", "gate", 119.0, 125.0, "done", 2, 1),
    ]


def test_found_system_has_no_architect(run):
    """The states that a found system passes through at once are no phases."""
    run.adopted = object()
    run.begin("s1", 100)
    run.move("architect_running", "architect_review", "quality_gate", at=101)
    assert [name for _, name, *_ in run.spans(104)] == ["1", "gate"]


def test_other_runs_do_not_count(run):
    """Times of another run in the same store are not this one's."""
    run.store.start_run("r0", prd=Path("PRD.md"), prd_sha256="a" * 64)
    other = Sessions(run.store, run.clock, id="r0")
    other.begin("s0", 50)
    other.phase("builders", 51, 52)
    other.attempt("orders", 1, 51, 52)
    run.begin("s1", 100)
    assert run.spans(104) == [("session", "1", 100.0, 104.0, "done", 1, 1)]


def test_bounded(run):
    """Of too many spans the sessions and phases are kept, and the newest attempts."""
    run.begin("s1", 100)
    run.phase("builders", 101, 102)
    table = run.store.table("attempts")
    row = {
        "run": "r1",
        "session": "s1",
        "phase": "builders",
        "service": "orders",
        "builder": "agent",
        "status": "failed",
    }
    rows = [{**row, "number": number, "started": 200.0 + number, "ended": 201.0 + number} for number in range(1, 2501)]
    with run.store.begin() as connection:
        connection.execute(table.insert(), rows)
    spans = run.spans(9000)
    assert len(spans) == LIMIT
    assert [kind for kind, *_ in spans[:3]] == ["session", "phase", "build"]
    assert (spans[2][6], spans[-1][6]) == (2500 - (LIMIT - 2) + 1, 2500)
