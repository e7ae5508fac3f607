"""Who is at work is told from sessions and processes, without taking any lock."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from pytest_superteam.pipeline.commands.work import work_on

HERE = "this-machine"


def work(shop, *, after=0.0, born=None, **begun):
    """Return who works on the run `after` seconds from its last sign of life."""
    store = shop.begin(**{"host": HERE, "pid": 4711, **begun})
    session = store.sessions(shop.run)[0]
    found = work_on(store, store.run(shop.run), now=session.heartbeat + after, here=HERE, born=lambda _pid: born)
    store.close()
    return found


@pytest.mark.parametrize(
    ("after", "born", "host", "condition"),
    [
        (3, 1.0, HERE, "at work"),
        (59, 1.0, HERE, "at work"),
        (61, 1.0, HERE, "silent"),  # such as a machine that slept
        (3, None, HERE, "dead"),  # its process is gone, however short ago it beat
        (3600, None, HERE, "dead"),
        (3600, 9e9, HERE, "dead"),  # another process has its number by now
        (3, None, "elsewhere", "at work"),  # processes of other machines can't be seen
        (3600, 1.0, "elsewhere", "silent"),
    ],
)
def test_conditions(shop, after, born, host, condition):
    """A session is at work, silent or dead, by its process and its last sign of life."""
    found = work(shop, after=after, born=born, host=host)
    assert found.condition == condition
    assert found.silent_for == pytest.approx(after)


def test_ended_session(shop):
    """A session that said that it ended is nobody's work."""
    store = shop.begin()
    store.end_session(shop.session, "done")
    assert work_on(store, store.run(shop.run)) is None
    store.close()


def test_newest_of_several(shop):
    """Of several sessions without an end, which crashes leave, the newest is told."""
    store = shop.begin(pid=1, host=HERE)
    store.start_session("later", run=shop.run, pid=2, host=HERE)
    assert work_on(store, store.run(shop.run), here=HERE, born=lambda _pid: 1.0).session.id == "later"
    store.close()


def test_real_process(shop):
    """This very process is at work; one that has ended is dead, though nobody has asked for its exit code yet."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    for number, pid, condition in (("one", os.getpid(), "at work"), ("two", ended.pid, "dead")):
        shop.run, shop.session = number, number
        store = shop.begin(pid=pid, host=platform.node())
        assert work_on(store, store.run(number)).condition == condition
        store.close()
    ended.wait()


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 1])
def test_numbers_of_no_process(shop, pid):
    """A number that no process of ours can have is nobody's."""
    store = shop.begin(pid=pid)
    found = work_on(store, store.run(shop.run))
    store.close()
    assert found.condition == "dead"
