"""Tries of builders as they are written down."""

from __future__ import annotations

import pytest

from pytest_superteam.pipeline.state.attempts import ENDED_AS, Attempts


@pytest.fixture
def attempts(store, project):
    project.run()
    return Attempts(store, "r1", "s1")


def test_from_beginning_to_end(attempts):
    """An attempt is there while it runs, and has everything that was said of it when it has ended."""
    one = attempts.start(
        phase="fix", service="orders", number=2, builder="agent", model="large", key="k", hint="use less"
    )
    (running,) = attempts.of_run()
    assert (running.id, running.status, running.ended, running.retryable, running.seconds) == (
        one,
        "running",
        None,
        None,
        0.0,
    )
    attempts.end(one, "failed", error="no\0 room", signature="no room", retryable=True)
    (ended,) = attempts.of_run()
    assert (ended.run, ended.session, ended.phase, ended.service, ended.number) == ("r1", "s1", "fix", "orders", 2)
    assert (ended.builder, ended.model, ended.key, ended.hint) == ("agent", "large", "k", "use less")
    assert (ended.status, ended.error, ended.signature, ended.retryable) == ("failed", "no\ufffd room", "no room", True)
    assert ended.seconds == ended.ended - ended.started >= 0


def test_first_end_counts(attempts):
    """An attempt ends once: what comes too late changes nothing."""
    one = attempts.start(phase="builders", service="orders", number=1, builder="agent")
    attempts.end(one, "timed out", error="too slow")
    attempts.end(one, "succeeded")
    assert [(a.status, a.error) for a in attempts.of_run()] == [("timed out", "too slow")]


def test_success_after_an_interruption(attempts):
    """Work that was finished when its session crashed counts as soon as the next one has found it."""
    one = attempts.start(phase="builders", service="orders", number=1, builder="agent")
    attempts.end(one, "interrupted", error="crashed")
    attempts.end(one, "failed", error="too late")
    assert [(a.status, a.error) for a in attempts.of_run()] == [("interrupted", "crashed")]
    attempts.end(one, "succeeded")
    assert [(a.status, a.error) for a in attempts.of_run()] == [("succeeded", "")]


def test_of_one_service(attempts):
    """The attempts of one service can be asked for."""
    for service in ("orders", "users", "orders"):
        attempts.start(phase="builders", service=service, number=1, builder="agent")
    assert [attempt.service for attempt in attempts.of_run(service="orders")] == ["orders", "orders"]
    assert attempts.of_run(service="") == []


@pytest.mark.parametrize("status", ["running", "done", ""])
def test_no_such_end(status, attempts):
    """A status that is no end is a mistake of the caller, and changes nothing."""
    one = attempts.start(phase="builders", service="orders", number=1, builder="agent")
    with pytest.raises(ValueError, match="is no end of an attempt"):
        attempts.end(one, status)
    assert attempts.of_run()[0].status == "running"


def test_over_all_sessions(attempts, store, project):
    """The attempts of a run are those of all its sessions, in order, and of no other run."""
    project.run("r2")
    numbers = [
        Attempts(store, run, session).start(phase="builders", service=status, number=1, builder="agent")
        for (run, session), status in zip([("r1", "s1"), ("r2", "s2"), ("r1", "s3")], ENDED_AS, strict=False)
    ]
    assert [attempt.id for attempt in attempts.of_run()] == [numbers[0], numbers[2]]
    assert [attempt.session for attempt in attempts.of_run()] == ["s1", "s3"]
