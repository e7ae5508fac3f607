"""Sessions with workers of pytest-xdist: whichever process is hit, the run gets on as one without workers does."""

from __future__ import annotations

import json

import pytest
from engine_world import CUT_OFF, ONCE, PAID, SCRIPT, SPREAD, STATES, TWICE, finish

pytestmark = pytest.mark.slow


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
