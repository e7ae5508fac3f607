"""Signs of life of a session."""

from __future__ import annotations

import threading

import pytest

from pytest_superteam.pipeline.state.heartbeat import Heartbeat
from pytest_superteam.pipeline.state.store import StoreError

PATIENCE = 30
"""Seconds after which a thread that should have done something is taken for stuck."""


class Beats:
    """Stands for the store, counts, and fails as often as it is told to."""

    def __init__(self, failures=()):
        self.sessions, self.failures, self.changed = [], list(failures), threading.Condition()

    def beat(self, session):
        with self.changed:
            self.sessions.append(session)
            self.changed.notify_all()
        if self.failures:
            raise self.failures.pop(0)

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.sessions) >= count, PATIENCE)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "superteam-heartbeat"]


def test_beats_until_it_is_stopped():
    """It beats at once and again and again, calls what it was given, and leaves no thread behind."""
    store, called = Beats(), threading.Event()
    heartbeat = Heartbeat(store, "s1", seconds=0.001, also=called.set)
    heartbeat.start()
    heartbeat.start()
    assert len(threads()) == 1
    store.wait_for(3)
    assert called.wait(PATIENCE)
    heartbeat.stop()
    heartbeat.stop()
    assert set(store.sessions) == {"s1"}
    assert threads() == []


@pytest.mark.parametrize("error", [StoreError("database or disk is full"), OSError(28, "full"), RuntimeError("bug")])
def test_trouble_does_not_end_it(error):
    """What goes wrong in it is kept for whoever asks, and the next beat tries again."""
    store, passed = Beats([error, error]), threading.Event()
    heartbeat = Heartbeat(store, "s1", seconds=0.001, also=passed.set)
    heartbeat.start()
    assert passed.wait(PATIENCE)
    heartbeat.stop()
    assert heartbeat.trouble is None
    assert len(store.sessions) > 2


def test_trouble_is_kept():
    """The last error can be asked for."""
    store = Beats([StoreError("locked")])
    heartbeat = Heartbeat(store, "s1", seconds=PATIENCE)
    heartbeat.start()
    store.wait_for(1)
    heartbeat.stop()
    assert str(heartbeat.trouble) == "locked"


def test_stopped_from_within():
    """What is called with each beat may stop it."""
    store, ended = Beats(), threading.Event()

    def stop():
        heartbeat.stop()
        ended.set()

    heartbeat = Heartbeat(store, "s1", seconds=PATIENCE, also=stop)
    heartbeat.start()
    assert ended.wait(PATIENCE)
    for thread in threads():
        thread.join(PATIENCE)
    assert threads() == []


def test_started_again():
    """One that was stopped can be started again."""
    store = Beats()
    heartbeat = Heartbeat(store, "s1", seconds=PATIENCE)
    heartbeat.start()
    store.wait_for(1)
    heartbeat.stop()
    heartbeat.start()
    store.wait_for(2)
    heartbeat.stop()


def test_in_the_store(store, project):
    """Each beat is a later moment in the session's record."""
    project.run()
    project.session("s1")
    seen = threading.Event()
    heartbeat = Heartbeat(store, "s1", seconds=PATIENCE, also=seen.set)
    heartbeat.start()
    assert seen.wait(PATIENCE)
    heartbeat.stop()
    (session,) = store.sessions("r1")
    assert session.heartbeat > session.started
