"""The state machine: eleven states, thirteen transitions, twelve guards."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transitions import MachineError

from pytest_superteam.pipeline.machine import GUARDS, STATES, TERMINAL, TRANSITIONS, Facts, Pipeline

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
NAMES = [item.name for item in fields(Facts)]
TRIGGERS = [row["trigger"] for row in TRANSITIONS]
GUARDED = [(row, guard) for row in TRANSITIONS for guard in row["conditions"] if guard != "is_not_terminal"]


def facts(*but):
    """Return facts that all hold but these."""
    return Facts(**{name: name not in but for name in NAMES})


def made(pipeline, triggers):
    """Fire the triggers that leave the present state; return where that led."""
    return [pipeline.state for trigger in triggers if pipeline.may(trigger) and pipeline.fire(trigger)]


def test_counts():
    """There are eleven states, thirteen transitions and twelve guards, each of them asked."""
    assert (len(STATES), len(TRANSITIONS), len(GUARDS)) == (11, 13, 12)
    assert {guard for row in TRANSITIONS for guard in row["conditions"]} == GUARDS.keys()
    assert {*NAMES, "is_not_terminal"} == GUARDS.keys()


def test_happy_path():
    """A run that goes well passes through its states in order."""
    pipeline = Pipeline("init", lambda *_: None, facts())
    assert made(pipeline, [trigger for trigger, _ in HAPPY]) == [state for _, state in HAPPY]


def test_mending():
    """What blocks is mended and looked at again, as often as may be."""
    pipeline = Pipeline("quality_gate", lambda *_: None, facts())
    assert made(pipeline, ["quality_failed", "fix_done", "quality_failed", "fix_done", "quality_passed"]) == [
        *("fix_pass", "quality_gate") * 2,
        "complete",
    ]


def test_recorded_before_the_state_changes():
    """A transition is written down while the old state still holds."""
    seen = []
    pipeline = Pipeline("init", lambda *row: seen.append((*row, pipeline.state)), facts())
    pipeline.fire("start_architect")
    assert seen == [("start_architect", "init", "architect_running", "init")]


def test_a_record_that_fails_leaves_the_state():
    """What could not be written down has not happened."""

    def full(*_):
        raise OSError(28, "No space left on device")

    pipeline = Pipeline("init", full, facts())
    with pytest.raises(OSError, match="No space"):
        pipeline.fire("start_architect")
    assert pipeline.state == "init"


@pytest.mark.parametrize(("row", "guard"), GUARDED, ids=[f"{row['trigger']}-{guard}" for row, guard in GUARDED])
def test_guards(row, guard):
    """A guard alone that says no leaves the state alone and nothing written, whatever the others say."""
    seen = []
    pipeline = Pipeline(row["source"], lambda *told: seen.append(told), facts(guard))
    assert not pipeline.fire(row["trigger"])
    assert (pipeline.state, seen) == (row["source"], [])
    setattr(pipeline.facts, guard, True)
    assert pipeline.fire(row["trigger"])
    assert (pipeline.state, seen) == (row["dest"], [(row["trigger"], row["source"], row["dest"])])


def test_nothing_holds_unsaid():
    """Of facts that nobody told, none lets anything happen."""
    for row, _ in GUARDED:
        assert not Pipeline(row["source"], lambda *_: None).fire(row["trigger"])


@pytest.mark.parametrize("state", STATES)
def test_fail_from_everywhere_but_the_ends(state):
    """Every state that is no end can fail; an end stays what it is, and nothing is written."""
    seen = []
    pipeline = Pipeline(state, lambda *row: seen.append(row))
    assert pipeline.may("fail") == pipeline.fire("fail") == (state not in TERMINAL)
    assert pipeline.state == (state if state in TERMINAL else "failed")
    assert len(seen) == (state not in TERMINAL)


@pytest.mark.parametrize("state", STATES)
def test_only_the_table_leads_anywhere(state):
    """A trigger that does not leave a state is an error of whoever fires it, but in an end, where nothing happens."""
    rows = {row["trigger"]: row["dest"] for row in TRANSITIONS if row["source"] in (state, "*")}
    for trigger in TRIGGERS:
        pipeline = Pipeline(state, lambda *_: None, facts())
        if trigger in rows and pipeline.may(trigger):
            assert pipeline.fire(trigger)
            assert pipeline.state == rows[trigger]
        elif state in TERMINAL:
            assert not pipeline.fire(trigger)
        else:
            assert not pipeline.may(trigger)
            with pytest.raises(MachineError):
                pipeline.fire(trigger)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(NAMES)), st.lists(st.sampled_from(TRIGGERS), max_size=25))
def test_what_is_recorded_is_what_happened(held, triggers):
    """Whatever is asked of it, the records are a path from `init` to the present state, each step of the table."""
    seen = []
    pipeline = Pipeline("init", lambda *row: seen.append(row), Facts(**dict.fromkeys(held, True)))
    made(pipeline, triggers)
    rows = {(row["trigger"], row["source"], row["dest"]): row["conditions"] for row in TRANSITIONS}
    at = "init"
    for trigger, source, target in seen:
        assert source == at
        conditions = rows.get((trigger, source, target)) or rows.get((trigger, "*", target), [])
        assert set(conditions) <= held | {"is_not_terminal"}
        at = target
    assert pipeline.state == at
