"""Whatever ends a session, and wherever: the next ones finish the run as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess

import pytest
from engine_world import World
from scripted import FULL

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
def uninterrupted(tmp_path_factory):
    """Return the project of a run that nothing happened to."""
    world = World(tmp_path_factory.mktemp("uninterrupted"), SCRIPT)
    ended = world.session()
    assert ended.code == 0, ended.output
    return world


@pytest.fixture
def world(tmp_path):
    """Return a project; nothing of it runs when the test is over."""
    world = World(tmp_path / "project", SCRIPT)
    yield world
    for pid, _command in world.processes():
        os.kill(pid, signal.SIGKILL)


def finish(world, uninterrupted):
    """Go on to the end, and return the session; its report has to be the one of a run that nothing happened to."""
    ended = world.session()
    assert ended.code == 0, ended.output
    assert world.report() == uninterrupted.report()
    assert world.snapshot()["state"] == uninterrupted.snapshot()["state"] == "complete"
    assert world.gone() == []
    return ended


@pytest.mark.parametrize("fault", list(INTERRUPTED))
def test_a_run_that_is_ended_in_every_state(world, uninterrupted, fault):
    """A run that is ended as it enters each of its states gets on from there: one run, nothing built or paid twice."""
    for state in STATES[:-1]:
        ended = world.session(fault, state)
        assert (state, ended.code) == (state, INTERRUPTED[fault]), ended.output
        assert world.noted("state")[-1]["state"] == state or fault != "SIGKILL"
        assert world.snapshot()["state"] == state
        assert fault == "SIGKILL" or world.gone() == []
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID
    assert [state for state in world.transitions() if state in STATES] == list(STATES[1:])
    assert len(world.rows("SELECT id FROM runs")) == 1


@pytest.mark.parametrize("fault", list(INTERRUPTED))
def test_a_run_that_is_ended_as_it_is_complete(world, uninterrupted, fault):
    """A run that is ended between its last state and its report tells its verdict, and its costs, in the next session."""
    world.session(fault, "complete")
    finish(world, uninterrupted)
    assert world.begun() == ONCE
    assert world.costs() == PAID
    assert read(world)["cost"]["usd"] == read(uninterrupted)["cost"]["usd"]


def read(world):
    """Return the report as it is."""
    return json.loads((world.path / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))
