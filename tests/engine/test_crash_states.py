"""Whatever ends a session, in whichever state of its run: the next ones finish it as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from engine_world import CUT_OFF, INTERRUPTED, ONCE, PAID, SCRIPT, STATES, TWICE, World, finish
from scripted import FULL

from pytest_superteam.pipeline import machine
from pytest_superteam.pipeline.state.store import Store

pytestmark = pytest.mark.slow

FAILING = {**SCRIPT, "second-service": [{"usd": 0.5, "secret": True}]}


def test_no_state_is_left_out():
    """The states of a run that passes, fails and is mended are all the states there are."""
    assert {*STATES, "fix_pass", "failed"} == set(machine.STATES)


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


@pytest.mark.parametrize("fault", [fault for fault in INTERRUPTED if fault != "SIGKILL"])
def test_a_signal_as_a_run_is_complete(world, uninterrupted, fault):
    """A session that is asked to end while it reports has nothing left to break off, and reports as ever."""
    ended = world.session(fault, "complete")
    assert ended.code == 0, ended.tail
    assert world.read()["verdict"] == "passed"
    assert world.read()["cost_usd"] == uninterrupted.read()["cost_usd"] == 0.75


def test_a_run_that_is_killed_as_it_is_complete(world, uninterrupted):
    """A run that is killed between its last state and its report tells verdict and costs in the next session."""
    world.session("SIGKILL", "complete")
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID
    assert world.read()["cost_usd"] == uninterrupted.read()["cost_usd"] == 0.75


@pytest.fixture(scope="module")
def failed(server, tmp_path_factory):
    """Return the project of a run whose gate fails, and that nothing happened to."""
    world = World(server, tmp_path_factory.mktemp("failed"), FAILING)
    ended = world.session()
    assert ended.code == 1, ended.tail
    return world


@pytest.mark.parametrize(
    ("fault", "at", "state"),
    [("SIGKILL", "failed", "failed"), ("SIGTERM", "layer4", "quality_gate"), ("SIGKILL", "layer4", "quality_gate")],
)
def test_a_gate_that_is_ended(world, failed, fault, at, state):
    """A gate that is ended after it found something is no verdict; the next session asks it again."""
    world.write("script.json", json.dumps(FAILING))
    ended = world.session(fault, at)
    assert ended.code == INTERRUPTED[fault], ended.tail
    assert world.state() == state
    again = world.session()
    assert again.code == 1, again.tail
    assert world.report() == failed.report()
    assert world.begun() == ONCE
    assert world.state() == "failed"
    assert world.transitions()[-1] == "failed"


def test_a_run_in_its_fix_pass_gets_on(world, uninterrupted):
    """A run that was left in the fix pass goes back to the gate and comes to its end."""
    world.session("SIGKILL", "quality_gate")
    [run] = world.rows("SELECT id FROM runs")
    store = Store(world.path / ".superteam/state.db")
    store.record_transition(run["id"], "quality_failed", "quality_gate", "fix_pass")
    store.close()
    finish(world, uninterrupted)
    assert world.transitions()[-3:] == ["fix_pass", "quality_gate", "complete"]


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
