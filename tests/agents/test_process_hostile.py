"""Agents that take more than they may, or leave something behind: ended, counted, and told apart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from agent_runs import Workplace

import pytest_superteam

LINUX = sys.platform.startswith("linux")
RUNNER = """
import os, time
end = time.time() + 20
if os.fork():
    time.sleep(0.5)
    os._exit(0)
while time.time() < end:
    os.setsid()
    if os.fork():
        os._exit(0)
"""
"""Forks and ends, again and again, each time in a session of its own."""


@pytest.fixture
def place(tmp_path):
    """Return an agent's folders, and see to it that none of its processes is left."""
    made = Workplace(tmp_path)
    yield made
    assert made.left() == []


slow = pytest.mark.slow


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("sleep 99 &", 1),
        ("(setsid sh -c 'sleep 99 & sleep 99 & wait' &) ; sleep 0.2", 3),
        pytest.param("setsid sleep 99 & sleep 0.1", 1, marks=slow),
        pytest.param("trap '' TERM HUP; (cd /; exec -a '' setsid sleep 99 >/dev/null 2>&1) & sleep 0.1", 1, marks=slow),
        pytest.param("setsid sh -c 'kill -STOP $$' & sleep 0.1", 1, marks=slow),
    ],
)
def test_what_stays_behind(place, script, count):
    """Processes that outlive their agent are ended and counted, whatever session, folder or state they are in."""
    end = place.run(script)
    assert (end.status, end.why, end.left_behind) == (0, "exit", count)


@pytest.mark.skipif(not LINUX, reason="elsewhere only the process group is known")
def test_one_that_runs_away(place):
    """One that is never the same process for long is caught, as one left behind or as one that forks too often."""
    end = place.run(python=RUNNER)
    assert (end.why == "exit" and end.left_behind >= 1) or (end.why, end.status) == ("processes", None)
    assert place.left() == []


def test_many_processes(place):
    """Whoever starts more processes than it may is ended with all of them."""
    end = place.run(python="import os, time\nfor _ in range(7): os.fork()\ntime.sleep(20)", processes=50)
    assert (end.why, end.status, end.left_behind) == ("processes", None, 0)


@slow
def test_memory(place):
    """Memory is counted over all processes, and pages that they share are counted once."""
    shared = "import os, time\nheld = b'x' * (60 << 20)\nfor _ in range(3): os.fork()\ntime.sleep(0.8)"
    end = place.run(python=shared, memory=200)
    assert end.why == "exit"
    assert 60 <= end.peak_mib < 200
    greedy = "import os, time\nos.fork()\nos.fork()\nheld = b'x' * (60 << 20)\ntime.sleep(20)"
    end = place.run(python=greedy, memory=200)
    assert (end.why, end.status) == ("memory", None)
    assert end.peak_mib > 200


@pytest.mark.parametrize(
    "script",
    [
        "for n in 1 2 3 4; do head -c 9M /dev/zero > $n; done; sleep 20",
        pytest.param("for n in 1 2 3 4; do head -c 9M /dev/zero > $TMPDIR/$n; done", marks=slow),  # ends before we look
        pytest.param("cat /dev/zero > huge; sleep 20", marks=slow),
        pytest.param("truncate -s 1T huge || truncate -s 32M huge; sleep 20", marks=slow),  # holes cost who copies them
        pytest.param("exec 5> a 6> b; rm a b; head -c 20M /dev/zero | tee /dev/fd/5 > /dev/fd/6; sleep 20", marks=slow),
    ],
)
def test_disk(place, script):
    """Whoever writes more than it may is ended, in one file or many, in its folder or with its temporary files."""
    (place.site / "given").write_bytes(b"x" * (20 << 20))
    end = place.run(script, disk=32)
    assert (end.why, end.status) == ("disk", None)


@slow
def test_what_was_there_does_not_count(place):
    """What lay in the folder before is not what the agent wrote."""
    (place.site / "given").write_bytes(b"x" * (30 << 20))
    assert place.run("head -c 20M /dev/zero > new", disk=32).why == "exit"


def test_a_huge_file_elsewhere(place):
    """A file that grows past the limit outside of what is counted ends its writer, and that is told."""
    end = place.run("exec head -c 99M /dev/zero > ../elsewhere", disk=32, confine=False)
    assert (end.why, end.status) == ("disk", None)
    assert (place.root / "elsewhere").stat().st_size == 32 << 20


def test_printing(place):
    """Whoever prints more than it may is ended; the beginning and the end are kept, the listener is not drowned."""
    end = place.run("echo begin; yes", printed=16)
    assert (end.why, end.status) == ("printed", None)
    assert end.printed > 16 << 20
    assert end.text.startswith("begin\n")
    assert "bytes left out" in end.text
    assert len(end.text) < 1_100_000
    assert len(place.lines) < 150_000
    assert place.log.stat().st_size == len(end.text)


@slow
def test_printing_a_lot(place):
    """100 MB in a single line are let go by, and what comes after is heard."""
    end = place.run("head -c 100M /dev/zero | tr '\\0' x; echo; echo end", printed=200)
    assert (end.why, end.printed) == ("exit", (100 << 20) + 5)
    assert [len(line) for line in place.lines] == [1 << 20, 3]
    assert end.text.endswith("x\nend\n")


def test_it_removes_its_folder(place):
    """An agent that removes its own folder and all that is in it ends as any other does."""
    assert place.run("rm -rf ../site ../private; echo gone", confine=False).text == "gone\n"
    assert not place.site.exists()


@slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGSTOP])
def test_it_turns_on_its_guard(place, number):
    """An agent that is not confined may kill or stop whoever guards it, and is ended all the same."""
    script = f"setsid sleep 99 & sleep 0.1; kill -{number.name[3:]} $(ps -o ppid= -p $$); echo begun; sleep 99"
    if number == signal.SIGSTOP:
        place.cancel(script, confine=False)
        return
    end = place.run(script, confine=False)
    assert (end.status, end.why) == (None if number == signal.SIGKILL else -9, "signal")


def test_we_are_killed(place):
    """Where whoever runs the agent is killed, the agent and its children are gone within moments."""
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\nfrom agent_runs import Workplace\n"
        "Workplace(Path(sys.argv[1])).run('setsid sleep 99 & sleep 99 & touch begun; sleep 99')\n"
    )
    folders = [str(Path(__file__).parent), str(Path(pytest_superteam.__file__).parents[1])]
    child = subprocess.Popen([sys.executable, "-c", code, str(place.root), *folders])
    while not (place.site / "begun").exists():
        assert child.poll() is None
        time.sleep(0.05)
    assert len(place.left()) >= 3
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 30
    while place.left() and time.monotonic() < deadline:
        time.sleep(0.05)
