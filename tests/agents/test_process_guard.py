"""The script that ends a command and all that it started, as whoever calls it sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pytest_superteam

GUARD = Path(pytest_superteam.__file__).parent / "checks/guard.py"


def start(*command, options=(), **settings):
    words = [sys.executable, "-I", "-S", str(GUARD), *options, str(settings.pop("parent", os.getpid())), *command]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 247), ("kill -15 $$", 241)]
)
def test_status(script, status):
    """It ends as its command does; a signal is 256 less its number."""
    child = start("/bin/sh", "-c", f"echo out; {script}")
    assert child.communicate() == ("out\n", "")
    assert child.returncode == status


def test_options_of_the_command_are_its_own():
    """What looks like an option of ours behind the process id belongs to the command."""
    child = start("/bin/echo", "--grace", "3", "--", "--report", "x")
    assert child.communicate()[0] == "--grace 3 -- --report x\n"


def test_not_our_parent():
    """A guard whose parent was gone before it began starts nothing."""
    child = start("/bin/echo", "x", parent=1)
    assert child.communicate() == ("", "")
    assert child.returncode == 1


@pytest.mark.parametrize(
    ("options", "number", "said"),
    [
        ((), signal.SIGTERM, ""),
        (("--grace", "20"), signal.SIGTERM, "bye\n"),
        (("--grace", "20"), signal.SIGINT, ""),
        (("--grace", "20"), signal.SIGHUP, ""),
    ],
)
def test_being_stopped(options, number, said):
    """It ends everything at once, or lets its command end first where it was told to and asked politely."""
    child = start(
        "/bin/sh", "-c", "trap 'echo bye; exit' TERM; echo begun; while :; do sleep 0.05; done", options=options
    )
    assert child.stdout.readline() == "begun\n"
    child.send_signal(number)
    out, err = child.communicate()
    assert (out.replace("Terminated\n", ""), err.replace("Terminated\n", "")) == (said, "")
    assert child.returncode == 1


def test_grace_has_an_end():
    """A command that does not want to end is killed after its grace, and at once when somebody is in a hurry."""
    for options, second in ((("--grace", "0.3"), None), (("--grace", "600"), signal.SIGINT)):
        child = start("/bin/sh", "-c", "trap '' TERM; echo begun; while :; do sleep 1; done", options=options)
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGTERM)
        if second:
            time.sleep(0.1)
            child.send_signal(second)
        child.communicate()
        assert child.returncode == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", {"status": 0, "left": 0}),
        ("exit 250", {"status": 250, "left": 0}),
        ("kill -6 $$", {"status": -6, "left": 0}),
        ("sleep 99 & setsid sleep 99 & sleep 0.1", {"status": 0, "left": 2}),
        ("for n in 1 2 3 4 5; do (setsid true &); done; sleep 0.3", {"status": 0, "left": 0}),
    ],
)
def test_report(script, said):
    """It tells how its command ended and how many processes that had left; those that ended themselves do not count."""
    receive, report = os.pipe()
    child = start("/bin/sh", "-c", script, options=("--report", str(report)), pass_fds=(report,))
    os.close(report)
    child.communicate()
    with os.fdopen(receive) as stream:
        assert json.loads(stream.read()) == said
