"""Whatever ends a session, and wherever: the next ones finish the run as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from engine_world import STARTED, Server, World
from scripted import FULL

from pytest_superteam.pipeline.state.store import Store

pytestmark = pytest.mark.slow

STATES = (
    "init",
    "architect_running",
    "architect_review",
    "contracts_registering",
    "builders_running",
    "builders_complete",
    "integrating",
    "quality_gate",
    "complete",
)
"""The states of a run that passes its gate, in order."""
SCRIPT = {"first-service": [{"usd": 0.25}], "second-service": [{"usd": 0.5, "worst": 2.0}]}
PAID = [("first-service", 0.25, False), ("second-service", 0.5, False)]
ONCE = {"first-service": 1, "second-service": 1}
INTERRUPTED = {
    "SIGKILL": -signal.SIGKILL,
    "SIGTERM": pytest.ExitCode.INTERRUPTED,
    "SIGINT": pytest.ExitCode.INTERRUPTED,
    "SIGINT twice": pytest.ExitCode.INTERRUPTED,
}
"""How a session ends that meets this fault."""
SPREAD = ("-n", "1")
"""Runs the items in another process than the run's owner, which is what matters; a second worker only takes time."""


@pytest.fixture(scope="session")
def server():
    """Return what sessions are forked from."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def uninterrupted(server, tmp_path_factory):
    """Return the project of a run that nothing happened to."""
    world = World(server, tmp_path_factory.mktemp("uninterrupted"), SCRIPT)
    ended = world.session()
    assert ended.code == 0, ended.tail
    return world


@pytest.fixture
def world(server, tmp_path):
    """Return a project; nothing of it runs when the test is over."""
    world = World(server, tmp_path / "project", SCRIPT)
    yield world
    for pid, _command in world.processes():
        os.kill(pid, signal.SIGKILL)


def finish(world, uninterrupted):
    """Go on to the end, and return the session; its report has to be the one of a run that nothing happened to."""
    ended = world.session()
    assert ended.code == 0, ended.tail
    assert world.report() == uninterrupted.report()
    assert world.state() == "complete"
    assert world.gone() == []
    return ended


@pytest.mark.parametrize("fault", list(INTERRUPTED))
def test_a_run_that_is_ended_in_every_state(world, uninterrupted, fault):
    """A run that is ended as it enters each of its states gets on from there: one run, nothing built or paid twice."""
    for state in STATES[:-1]:
        ended = world.session(fault, state)
        assert (state, ended.code) == (state, INTERRUPTED[fault]), ended.tail
        assert world.noted("state")[-1]["state"] == state or fault != "SIGKILL"
        assert world.state() == state
        assert fault == "SIGKILL" or world.gone() == []
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID
    assert [state for state in world.transitions() if state in STATES] == list(STATES[1:])
    assert len(world.rows("SELECT id FROM runs")) == 1


@pytest.mark.parametrize("fault", list(INTERRUPTED))
def test_a_run_that_is_ended_as_it_is_complete(world, uninterrupted, fault):
    """A run that is ended between its last state and its report tells verdict and costs in the next session."""
    world.session(fault, "complete")
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID
    assert read(world)["cost_usd"] == read(uninterrupted)["cost_usd"] == 0.75


# ---------------------------------------------------------------- in the middle of a build

CUT_OFF = [*PAID[:1], ("second-service", 2.0, True), *PAID[1:]]
"""What was paid where a try was cut off: nobody knows what it cost, so that its worst case counts."""
TWICE = {"first-service": 1, "second-service": 2}


@pytest.mark.parametrize(
    ("fault", "entry", "code", "begun", "paid"),
    [
        ("SIGKILL", {"hang": True}, -9, TWICE, CUT_OFF),
        ("SIGTERM", {"hang": True}, 2, TWICE, CUT_OFF),
        ("SIGINT", {"seconds": 0.2}, 2, ONCE, PAID),
        ("SIGINT twice", {"hang": True, "stubborn": 60}, 2, TWICE, CUT_OFF),
        ("all:SIGINT twice", {"hang": True}, 2, TWICE, CUT_OFF),
    ],
)
def test_a_build_that_is_ended(world, uninterrupted, fault, entry, code, begun, paid):
    """What was built is kept, what was cut off is built again and paid at its worst, and its children are gone."""
    first = {"usd": 0.5, "worst": 2.0, "fork": True, "reports": 0.1, **entry}
    world.write("script.json", json.dumps({**SCRIPT, "second-service": [first, *SCRIPT["second-service"]]}))
    ended = world.session(fault, "build:second-service")
    assert ended.code == code, ended.tail
    assert code < 0 or world.gone() == []
    assert world.state() == "builders_running"
    finish(world, uninterrupted)
    assert world.begun() == begun
    assert world.costs() == paid


def test_only_the_service_that_was_cut_off_is_left(world):
    """After a kill in the middle of a build the state tells what is done, what it cost, and what is next."""
    world.session("SIGKILL", "build:second-service")
    world.session("", "", "--prd", "PRD.md", "--status=json")
    status = json.loads(world.output)
    assert "second-service" in json.dumps(status)
    assert "0.25" in json.dumps(status)


# ---------------------------------------------------------------- with workers


def test_a_worker_that_is_killed_in_every_state(world, uninterrupted):
    """Workers that are killed as the run enters a state are replaced, and the next session is a whole one."""
    states = STATES[3:-1]
    ended = world.session("worker:SIGKILL", " ".join(states), spread=SPREAD)
    struck = [line for line in world.noted("fault") if line["how"] == "worker:SIGKILL"]
    assert len(struck) >= 4, ended.tail
    assert ended.code == pytest.ExitCode.TESTS_FAILED, ended.tail
    assert world.begun() == ONCE
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID


@pytest.mark.parametrize(
    ("fault", "entry", "code", "begun", "paid"),
    [
        ("worker:SIGKILL", {"hang": True}, 1, TWICE, CUT_OFF),
        ("owner:SIGKILL", {"hang": True}, -9, TWICE, CUT_OFF),
        ("owner:SIGTERM", {"seconds": 0.5}, 2, ONCE, PAID),
        ("all:SIGINT", {"hang": True}, 2, TWICE, CUT_OFF),
        ("all:SIGTERM", {"seconds": 0.5}, 2, ONCE, PAID),
        ("owner:SIGINT twice", {"hang": True}, 2, TWICE, CUT_OFF),
        ("all:SIGINT twice", {"hang": True}, 2, TWICE, CUT_OFF),
    ],
)
def test_a_build_in_a_worker_that_is_ended(world, uninterrupted, fault, entry, code, begun, paid):
    """A build in a worker ends as one without workers does, whoever gets the signal."""
    first = {"usd": 0.5, "worst": 2.0, "fork": True, **entry}
    world.write("script.json", json.dumps({**SCRIPT, "second-service": [first, *SCRIPT["second-service"]]}))
    ended = world.session(fault, "build:second-service", spread=SPREAD)
    assert ended.code == code, ended.tail
    assert code < 0 or world.gone() == []
    finish(world, uninterrupted)
    assert world.begun() == begun
    assert world.costs() == paid


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(server, tmp_path):
    """Return a project in a file system of its own, where this machine lets us make one."""
    place, mount = tmp_path / "project", shutil.which("mount")
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    made = mount and subprocess.run([mount, *options], check=False, capture_output=True).returncode == 0
    yield World(server, place, SCRIPT)
    if made:
        subprocess.run([shutil.which("umount"), "-l", place], check=True)


def test_a_disk_that_is_full_in_every_state(small_disk, uninterrupted):
    """A session that finds the disk full ends and says so in a few words; with room again the run gets on."""
    world = small_disk
    for number, state in enumerate([*STATES[:5], "build:second-service", *STATES[5:]], 1):
        ended = world.session(FULL, state)
        assert len(world.noted("fault")) == number, state
        assert ended.code in (1, 2, 4), f"{state}: {ended.tail}"
        assert "Traceback" not in ended.output, f"{state}: {ended.tail}"
        assert "INTERNALERROR" not in ended.output, f"{state}: {ended.tail}"
        assert world.gone() == []
        (world.path / "filler").unlink(missing_ok=True)
    finish(world, uninterrupted)
    assert world.begun() == TWICE
    assert world.costs() == CUT_OFF


# ---------------------------------------------------------------- with a system that runs


@pytest.mark.parametrize(
    ("fault", "state", "spread", "code"),
    [
        ("SIGKILL", "integrating", (), -9),
        ("SIGKILL", "quality_gate", (), -9),
        ("SIGTERM", "quality_gate", (), 2),
        ("all:SIGINT twice", "quality_gate", SPREAD, 2),
        ("owner:SIGTERM", "integrating", SPREAD, 2),
        ("SIGINT", "unconfigure", (), 0),
    ],
)
def test_a_system_that_runs_is_taken_down(world, fault, state, spread, code):
    """However the session ends, no service is left, and the next session starts the system again."""
    ended = world.session(fault, state, *STARTED, spread=spread)
    assert ended.code == code, ended.tail
    assert world.gone() == []
    again = world.session("", "", *STARTED)
    assert again.code == 0, again.tail
    assert world.begun() == ONCE
    assert world.gone() == []


# ---------------------------------------------------------------- runs that fail, and runs at the same time


def test_a_run_that_is_ended_as_it_fails(server, tmp_path):
    """A run that is killed between failing and its report asks the gate again, with nothing built again."""
    script = {**SCRIPT, "second-service": [{"usd": 0.5, "secret": True}]}
    other = World(server, tmp_path / "uninterrupted", script)
    assert other.session().code == 1
    world = World(server, tmp_path / "project", script)
    world.session("SIGKILL", "failed")
    assert world.state() == "failed"
    again = world.session()
    assert again.code == 1, again.tail
    assert world.report() == other.report()
    assert world.begun() == ONCE
    assert world.transitions()[-3:] == ["failed", "quality_gate", "failed"]


def test_a_run_in_its_fix_pass_gets_on(world, uninterrupted):
    """A run that was left in the fix pass goes back to the gate and comes to its end."""
    world.session("SIGKILL", "quality_gate")
    [run] = world.rows("SELECT id FROM runs")
    store = Store(world.path / ".superteam/state.db")
    store.record_transition(run["id"], "quality_failed", "quality_gate", "fix_pass")
    store.close()
    finish(world, uninterrupted)
    assert world.transitions()[-3:] == ["fix_pass", "quality_gate", "complete"]


def test_two_sessions_at_the_same_time(world):
    """A second session refuses while the first is at work, and says whose it is and since when."""
    world.write("script.json", json.dumps({"first-service": [{"hang": True}]}))
    first = world.start()
    try:
        wait_for(world.begun)
        second = world.session()
        assert second.code == pytest.ExitCode.USAGE_ERROR
        assert f"pid {first}" in second.output
    finally:
        os.kill(first, signal.SIGTERM)
        assert world.end(first).code == pytest.ExitCode.INTERRUPTED


def wait_for(what, seconds=30):
    """Return what there is as soon as it is there."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def read(world):
    """Return the report as it is."""
    return json.loads((world.path / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))
