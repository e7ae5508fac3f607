"""The state machine: eleven states and thirteen transitions."""

from __future__ import annotations

import pytest

from pytest_superteam.pipeline.machine import STATES, TERMINAL, TRANSITIONS, Facts, Pipeline

HAPPY = [
    ("start_architect", "architect_running"),
    ("architect_done", "architect_review"),
    ("approve_architecture", "contracts_registering"),
    ("contracts_ready", "builders_running"),
    ("builders_done", "builders_complete"),
    ("start_integration", "integrating"),
    ("integration_done", "quality_gate"),
    ("quality_passed", "complete"),
]
ALL_TRUE = Facts(
    has_valid_prd=True,
    has_design=True,
    contracts_valid=True,
    a_builder_succeeded=True,
    gate_passed=True,
    retry_requested=True,
    fix_attempts_left=1,
)


def test_counts():
    """There are eleven states and thirteen transitions."""
    assert len(STATES) == 11
    assert len(TRANSITIONS) == 13


def test_happy_path():
    """A run that goes well passes through its states in order."""
    pipeline = Pipeline("init", lambda *_: None, ALL_TRUE)
    for trigger, state in HAPPY:
        assert pipeline.fire(trigger)
        assert pipeline.state == state


def test_recorded_before_the_state_changes():
    """A transition is written down while the old state still holds."""
    seen = []
    pipeline = Pipeline("init", lambda *row: seen.append((*row, pipeline.state)), ALL_TRUE)
    pipeline.fire("start_architect")
    assert seen == [("start_architect", "init", "architect_running", "init")]


@pytest.mark.parametrize(
    ("state", "trigger", "fact"),
    [
        ("init", "start_architect", "has_valid_prd"),
        ("architect_running", "architect_done", "has_design"),
        ("contracts_registering", "contracts_ready", "contracts_valid"),
        ("builders_running", "builders_done", "a_builder_succeeded"),
        ("quality_gate", "quality_passed", "gate_passed"),
        ("quality_gate", "quality_failed", "fix_attempts_left"),
        ("failed", "retry_quality", "retry_requested"),
    ],
)
def test_guards(state, trigger, fact):
    """A guard that says no leaves the state alone and nothing written."""
    seen = []
    pipeline = Pipeline(state, lambda *row: seen.append(row), Facts(architect_retries_left=0))
    assert not pipeline.fire(trigger)
    assert pipeline.state == state
    assert not seen
    setattr(pipeline.facts, fact, True)
    assert pipeline.fire(trigger)
    assert pipeline.state != state


@pytest.mark.parametrize("state", STATES)
def test_fail_from_everywhere_but_the_ends(state):
    """Every state that is no end can fail."""
    assert Pipeline(state, lambda *_: None).may("fail") == (state not in TERMINAL)
