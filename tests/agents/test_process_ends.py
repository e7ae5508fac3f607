"""How a run of an agent ends, and that each end is told apart from the others."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from agent_runs import BASH, Workplace

from pytest_superteam.agents.limits import Limits
from pytest_superteam.agents.process import NotStartableError, find_program, run_agent


@pytest.fixture
def place(tmp_path):
    """Return an agent's folders, and see to it that none of its processes is left."""
    made = Workplace(tmp_path)
    yield made
    assert made.left() == []


@pytest.mark.parametrize(
    ("script", "status", "why", "text"),
    [
        ("echo done", 0, "exit", "done\n"),
        ("echo out; echo err >&2; exit 3", 3, "exit", "out\nerr\n"),
        ("kill -9 $$", -9, "signal", ""),
        ("kill -TERM $$", -15, "signal", ""),
        ("exit 137", 137, "exit", ""),  # what a shell says of a signal is no signal
    ],
)
def test_it_ends_by_itself(place, script, status, why, text):
    """The exit status is told, and a signal from it; standard error stands with standard output."""
    end = place.run(script)
    assert (end.status, end.why, end.text, end.printed, end.left_behind) == (status, why, text, len(text), 0)
    assert place.log.read_text() == text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("no-such-agent", "there is no such command"),
        ("{root}/nothing", "there is no such command"),
        ("", "there is no such command"),
        ("{root}/plain.txt", "it is not executable (chmod +x)"),
        ("{root}", "it is a folder"),
        ("./agent", "its path is relative"),
        ("site/agent", "its path is relative"),
        ("{root}/empty-interpreter", "No such file or directory"),
        ("{root}/not-a-program", "Exec format error"),
    ],
)
def test_it_is_not_started(place, program, said):
    """A command that is no program is one reason in words, and nothing runs."""
    (place.root / "plain.txt").write_text("text")
    for name, text in (("empty-interpreter", "#!/no/such/interpreter\n"), ("not-a-program", "\x7f\x00\x01")):
        (place.root / name).write_text(text)
        (place.root / name).chmod(0o755)
    end = place.run(argv=(program.format(root=place.root), "x"))
    assert (end.status, end.why, end.text) == (None, "not started", said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"argv": ("true", "x" * 3_000_000)}, "Argument list too long"),
        ({"argv": ("true", "a\0b")}, "embedded null byte"),
        ({"cwd": "/no/such/folder"}, "its folder: No such file or directory"),
    ],
)
def test_it_cannot_be_started(place, changes, said):
    """What the system refuses is told as such."""
    end = place.run(**changes)
    assert (end.why, end.text) == ("not started", said)


def test_find_program(tmp_path):
    """A name is looked up, a path is seen from the project, and `python` is the one that runs us."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/agent").write_text("#!/bin/sh\n")
    (tmp_path / "bin/agent").chmod(0o755)
    found = {
        name: find_program(name, project=tmp_path, path=str(tmp_path / "bin"))
        for name in ("python", "agent", "bin/agent", "./bin/agent", f"{tmp_path}/bin/agent")
    }
    assert found.pop("python") == sys.executable
    assert set(found.values()) == {str(tmp_path / "bin/agent")}
    with pytest.raises(NotStartableError, match="there is no such command"):
        find_program("agent", project=tmp_path, path="/usr/bin")


def test_it_asks(place):
    """An agent that asks meets the end of the file, and no terminal."""
    end = place.run("read -r answer || echo no answer; cat; : < /dev/tty || tty")
    assert end.text.splitlines()[::2] == ["no answer", "not a tty"]


def test_its_input(place):
    """What it is given it reads, and then the end of the file; who does not read it does no harm."""
    big = b"line\n" * 100_000
    assert place.run("wc -c", stdin=big).text.strip() == "500000"
    assert place.run("exit 0", stdin=big).status == 0


def test_it_is_asked_to_end(place):
    """An agent that is cancelled may say its last words, and is logged."""
    place.cancel("trap 'echo bye; exit 0' TERM; echo begun; while :; do sleep 0.05; done")
    said = place.log.read_text().splitlines()
    assert (said[0], said[-1]) == ("begun", "bye")


@pytest.mark.slow
def test_it_ignores_being_asked(place):
    """An agent that takes no notice, and has closed its output, is ended all the same, with its children."""
    place.cancel("trap '' TERM HUP INT; sleep 99 & setsid sleep 99 & echo begun; exec >&- 2>&-; wait; sleep 99")
    assert place.lines == ["begun"]


def test_cancelled_twice(place):
    """Who is in a hurry does not wait for the last words; nothing is left, and what it said is logged."""
    place.cancel("trap '' TERM; echo begun; while :; do sleep 1; done", times=2)
    assert place.log.read_text() == "begun\n"


def test_a_listener_that_fails(place):
    """What the listener raises ends the agent and is raised."""

    async def work():
        await run_agent(place.command("echo one; sleep 99"), {}.__getitem__)

    with pytest.raises(KeyError, match="one"):
        asyncio.run(work())


def test_in_a_thread_of_its_own(place):
    """Agents run in event loops of threads, several at once."""

    async def both():
        return await asyncio.gather(*(asyncio.to_thread(place.run, f"echo {n}", log=place.root / f"{n}") for n in "ab"))

    assert sorted(end.text for end in asyncio.run(both())) == ["a\n", "b\n"]


def test_the_log_is_masked(place):
    """Secrets do not reach the log; the text is as it was printed, for whoever reads numbers out of it."""
    end = place.run("echo key hunter2", redact=lambda text: text.replace("hunter2", "****"))
    assert place.log.read_text() == "key ****\n"
    assert end.text == "key hunter2\n"


def test_what_it_gets(place):
    """It starts in its folder and sees the variables that are named for it, and a mark of the run, but none of ours."""
    os.environ["SUPERTEAM_TEST_SECRET"] = "x"
    try:
        end = place.run(argv=(BASH, "-c", "pwd; env -0 | cut -z -d= -f1 | tr '\\0' ' '"), environment={"ONLY": "1"})
    finally:
        del os.environ["SUPERTEAM_TEST_SECRET"]
    folder, names = end.text.splitlines()
    assert folder == str(place.site)
    assert set(names.split()) - {"PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"} == {"ONLY", "PYTEST_SUPERTEAM_AGENT"}


def test_no_descriptor_of_ours(place):
    """It holds its three streams and no other file of ours."""
    end = place.run(python="import os; print(sorted(os.listdir('/proc/self/fd'))[:-1])")
    assert end.text.strip() == "['0', '1', '2']"


def test_signals_are_as_at_first(place, request):
    """Nothing that we ignore is ignored by it: a pipe that nobody reads ends it, however we were started."""
    quits = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    request.addfinalizer(lambda: signal.signal(signal.SIGQUIT, quits))
    end = place.run(python="import os; print(open('/proc/self/status').read())", limits=Limits(512, 64, 4))
    ignored = next(line.split()[1] for line in end.text.splitlines() if line.startswith("SigIgn"))
    # Python itself ignores SIGPIPE (13) and SIGXFSZ (25) in each of its processes; 32 and 33 are the C library's own,
    # which no program can set through it.
    assert int(ignored, 16) & ~(1 << 12 | 1 << 24 | 1 << 31 | 1 << 32) == 0
    assert place.run("yes | head -1; echo ${PIPESTATUS[0]}").text == "y\n141\n"
