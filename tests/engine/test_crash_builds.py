"""A build or a running system that is cut off: what is done stays, what is paid is known, nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest
from engine_world import CUT_OFF, ONCE, PAID, SCRIPT, SPREAD, STARTED, TWICE, finish

pytestmark = pytest.mark.slow


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


def test_the_state_after_a_kill(world):
    """After a kill in the middle of a build the state says what is done, what it cost, and what is next."""
    world.write("script.json", json.dumps({**SCRIPT, "second-service": [{"worst": 2.0, "reports": 0.1}]}))
    world.session("SIGKILL", "build:second-service")
    status = json.loads(world.session("", "", "--prd", "PRD.md", "--status=json").output)
    services = status["run"]["builders"]["services"]
    assert status["session"]["condition"] == "dead"
    assert services["first-service"]["status"] == "succeeded"
    assert services["second-service"]["status"] == "running"
    costs = status["run"]["costs"]
    assert costs["by_service"]["first-service"] == 0.25
    assert costs["by_service"]["second-service"] + costs["reserved_usd"] == pytest.approx(2.0)
    assert [step["command"] for step in status["next"]] == ["pytest --prd PRD.md"]


def test_a_budget_holds_over_a_crash(world, uninterrupted):
    """What a killed try may have cost counts against the budget of the next session, until a higher one is given."""
    world.session("SIGKILL", "build:second-service", "--prd", "PRD.md", "--budget", "3")
    stopped = world.session("", "", "--prd", "PRD.md", "--budget", "3")
    assert stopped.code == pytest.ExitCode.INTERRUPTED, stopped.tail
    assert "no room for the 2.00 USD" in stopped.output
    assert world.begun() == ONCE
    finish(world, uninterrupted)
    assert world.begun() == TWICE
    assert world.costs() == CUT_OFF


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


# ---------------------------------------------------------------- with a system that runs


@pytest.mark.parametrize(
    ("fault", "state", "spread", "code"),
    [
        ("SIGKILL", "integrating", (), -9),
        ("SIGKILL", "quality_gate", (), -9),
        ("SIGHUP", "quality_gate", (), 2),
        ("all:SIGINT twice", "quality_gate", SPREAD, 2),
        ("owner:SIGTERM", "integrating", SPREAD, 2),
        ("SIGTERM", "report", (), 0),
        ("SIGINT", "unconfigure", (), 0),
    ],
)
def test_a_system_that_runs_is_taken_down(world, fault, state, spread, code):
    """However the session ends, no service is left, and the next session starts the system again."""
    ended = world.session(fault, state, *STARTED, spread=spread)
    assert ended.code == code, ended.tail
    assert "Traceback" not in ended.output, ended.tail
    assert world.gone() == []
    again = world.session("", "", *STARTED)
    assert again.code == 0, again.tail
    assert world.begun() == ONCE
    assert world.gone() == []
