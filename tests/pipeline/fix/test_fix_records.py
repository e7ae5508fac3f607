"""What is written down of fix attempts, and read back."""

import itertools
import json
from dataclasses import replace

import pytest
from gated import blocked, item, played, situation, violation
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.codec import to_data
from pytest_superteam.models import FileChange, FixAttempt, FixedService, Outcome
from pytest_superteam.pipeline.fix.decision import decide
from pytest_superteam.pipeline.fix.records import FixRecords
from pytest_superteam.pipeline.state.store import Store

RUNS = itertools.count()
PLAN = decide(situation(blocked("catalog", "orders"), unable={"auth": "x"})).plan
MADE = FixAttempt(
    1,
    3,
    (
        FixedService("catalog", "agent", ("SEC-001: open.",), "refused", "a test was removed", usd=0.25),
        FixedService("orders", "agent", (), "changed", changes=(FileChange("app.py", 3, 1),), tries=2, seconds=4.5),
    ),
    PLAN.before,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return one database for the runs of all tests."""
    store = Store(tmp_path_factory.mktemp("fix") / "state.db")
    yield store
    store.close()


@pytest.fixture
def records(store, tmp_path):
    """Return the records of a run of its own."""
    return FixRecords(store, f"r{next(RUNS)}", tmp_path / "attempts")


def text(records, *parts):
    return records.folders.folder.joinpath(*parts).read_text(encoding="utf-8")


def test_round_trip(records):
    """A plan and its attempt come back as they were, and other runs have none of it."""
    records.save_plan(PLAN)
    records.save_attempt(MADE)
    assert records.plans() == (PLAN,)
    assert records.attempts() == (MADE,)
    other = FixRecords(records.store, "other", records.folders.folder)
    assert (other.plans(), other.attempts(), other.pending()) == ((), (), None)


def test_where_a_session_goes_on(records):
    """A plan is pending until the gate has looked after its attempt; then they are a round."""
    assert records.pending() is None
    records.save_plan(PLAN)
    assert records.pending() == PLAN
    records.save_attempt(MADE)
    assert records.pending() == PLAN
    assert records.rounds() == ()
    records.save_attempt(replace(MADE, after=()))
    assert records.pending() is None
    assert [(each.plan, each.attempt.after) for each in records.rounds()] == [(PLAN, ())]
    second = replace(PLAN, number=2)
    records.save_plan(second)
    assert records.pending() == second


def test_in_order(records):
    """Attempts come in the order of their numbers, ten after nine."""
    for each in reversed(played(*((blocked(f"orders:{n}"), {}) for n in "abcdefghijk"), limit=11)):
        records.save_plan(each.plan)
        records.save_attempt(each.attempt)
    assert [each.plan.number for each in records.rounds()] == list(range(1, 12))


def test_plan_made_again(records):
    """A plan that takes the place of one of its number has no attempt yet."""
    records.save_plan(PLAN)
    records.save_attempt(replace(MADE, after=()))
    records.save_plan(PLAN)
    assert records.attempts() == ()
    assert records.pending() == PLAN


@pytest.mark.parametrize(
    "data",
    [{}, {"number": 1}, {"number": "1"}, {**to_data(PLAN), "x": 1}, {**to_data(PLAN), "number": 7}, {"a": [[]] * 9}],
)
def test_what_is_no_record(data, records):
    """What is in the store in a record's place and is none counts as none."""
    records.store.save_result(records.run, "fix::plan::1", data)
    records.store.save_result(records.run, "fix::attempt::1", data)
    records.store.save_result(records.run, "fix::standing", data)
    assert (records.plans(), records.attempts(), records.pending()) == ((), (), None)
    assert records.standing.end == ""


@pytest.mark.parametrize("key", ["x", "", "²", "-1", "1" * 5000])
def test_keys_that_are_no_numbers(key, records):
    """A key without a number is no record of an attempt."""
    records.store.save_result(records.run, f"fix::plan::{key}", to_data(PLAN))
    assert records.plans() == ()


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
ANY = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["service", "x"]), SCALARS)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from([*to_data(PLAN), *to_data(MADE), "x"]), ANY))
def test_any_record(data):
    """Whatever lies in the store in a record's place, reading it does not fail."""

    class Memory:
        def results(self, _session):
            return {"fix::plan::1": data, "fix::attempt::1": data}

    known = FixRecords(Memory(), "r1", None)
    assert all(plan.number == 1 for plan in known.plans())
    assert all(attempt.number == 1 for attempt in known.attempts())


def test_files(records):
    """People find what was asked, what changed and what became of it in the folder of the attempt."""
    records.save_plan(replace(PLAN, services=(replace(PLAN.services[0], refused="Attempt 0 failed"), PLAN.services[1])))
    records.save_changes(1, "orders", "--- a/app.py\n+++ b/app.py\n+key = 'api_key=a8b7c6d5e4f3g2h1'\n")
    records.save_attempt(MADE)
    assert text(records, "1", "catalog", "asked.md").startswith("> Attempt 0 failed\n\nThe gate looked at `catalog`")
    assert text(records, "1", "orders", "asked.md").startswith("The gate looked at `orders`")
    assert "a8b7c6d5" not in text(records, "1", "orders", "changes.diff")
    told = json.loads(text(records, "1", "attempt.json"))
    assert told["run"] == records.run
    assert told["attempt"]["services"][0]["reason"] == "a test was removed"
    assert told["plan"]["services"][0]["text"] == ""


def test_gate_file(records):
    """What the gate said is told by service, also of those that were not asked, with what is new."""
    old = item("orders", "SEC-001", violation("orders", evidence="password='hunter2hunter2'"))
    new = item("auth", "SEC-002", violation("auth"))
    shared = item("system", "SEC-009", violation("auth"), violation("orders"), violation("mail", suppressed_by="noqa"))
    records.save_gate(MADE, [old, new, shared, item("mail"), item("mail", outcome=Outcome.SKIPPED, reason="held back")])
    told = {name: json.loads(text(records, "1", name, "gate.json")) for name in ("auth", "catalog", "orders")}
    assert told["catalog"]["items"] == []
    assert told["orders"]["still"] == ["layer3::test_scan[orders-SEC-001]"]
    assert told["auth"]["new"] == ["layer3::test_scan[auth-SEC-002]", "layer3::test_scan[system-SEC-009]"]
    assert "hunter2" not in json.dumps(told)
    assert sorted(path.name for path in (records.folders.folder / "1").iterdir()) == ["auth", "catalog", "orders"]


def test_start_and_end(records):
    """A command that goes on after a break has the attempts that are left; after an end it has all of them again."""
    assert records.start() == 1
    records.save_plan(PLAN)
    assert records.start() == 1, "broken off"
    records.save_end("limit", "all 3 attempts were made, token=a8b7c6d5e4f3g2h1")
    assert (records.standing.kind, records.standing.end) == ("limit", "all 3 attempts were made, token=a8b7****")
    assert records.start() == 2
    assert records.standing.end == ""
    assert records.start() == 2
    records.save_end("same", "x")
    assert records.standing.first == 2


def test_masked_attempt(records):
    """Secrets in a reason are masked in the store and in the files."""
    leaked = replace(MADE, services=(replace(MADE.services[0], reason="token=a8b7c6d5e4f3g2h1"),))
    records.save_attempt(leaked)
    assert "a8b7c6d5" not in json.dumps(records.store.results(records.run))
    assert "a8b7c6d5" not in text(records, "1", "attempt.json")
