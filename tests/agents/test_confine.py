"""What a confined program can't do, and that the tools of agents work all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from agent_runs import Workplace

from pytest_superteam.agents import confine
from pytest_superteam.agents.confine import available, launcher, version

pytestmark = pytest.mark.skipif(not available(), reason="this kernel has no Landlock")


@pytest.fixture
def place(tmp_path):
    """Return an agent's folders, beside them a folder with a file that is nothing of its business."""
    made = Workplace(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    (outside / "folder").mkdir()
    return made


FORBIDDEN = [
    "echo x > ../outside/new",
    "echo x > ../outside/file",
    "echo x >> ../outside/file",
    ": > ../outside/file",
    "truncate -s 1 ../outside/file",
    "rm ../outside/file",
    "mv ../outside/file taken",
    "mkdir m; mv m ../outside/",
    "ln ../outside/file hard && echo x > hard",
    "ln -s ../outside/file soft; echo x > soft",
    "ln -s ../outside dir; echo x > dir/new",
    "mkdir ../outside/new",
    "rmdir ../outside/folder",
    "ln -s x ../outside/new",
    "mkfifo ../outside/new",
    "echo x > /tmp/superteam-outside",
    "cd ..; echo x > new",
    "cd /; rm -rf {root}/site; rmdir {root}/site",
    "setsid bash -c 'echo x > ../outside/new'",
    "exec bash -c 'exec bash -c \"echo x > ../outside/new\"'",
    'python -c \'open("../outside/new", "w")\'',
    "python -c 'import os; os.truncate(\"../outside/file\", 0)'",
    "python -c 'import os; os.open(\"../outside/file\", os.O_RDONLY | os.O_TRUNC)'",
    "python -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"../outside/new\")'",
    "python -c 'import os; os.mknod(\"device\", 0o60600, os.makedev(7, 0))'",
    "echo 1 > /proc/sys/vm/drop_caches",
]


def test_it_writes_nowhere_else(place):
    """No way of writing leads out of the folders, in the agent or in what it starts; each is refused by itself."""
    script = "".join(
        f"({line.format(root=place.root)}) && echo 'DONE {number}'\n" for number, line in enumerate(FORBIDDEN)
    )
    end = place.run(script)
    assert end.confined
    assert [FORBIDDEN[int(line.split()[1])] for line in place.lines if line.startswith("DONE")] == []
    assert sorted(path.name for path in place.root.iterdir()) == ["agent.log", "outside", "private", "site"]
    assert sorted(path.name for path in (place.root / "outside").iterdir()) == ["file", "folder"]
    assert (place.root / "outside/file").read_text() == "mine"


def test_without_it_each_would_work(place):
    """The refusals come from being confined: without that the same lines do what they say."""
    kept = [line for line in FORBIDDEN if not any(word in line for word in ("/tmp/", "mknod", "/proc", "{root}"))]
    reset = "rm -rf ../outside ../new * ; mkdir -p ../outside/folder; echo -n mine > ../outside/file\n"
    end = place.run(
        "".join(f"{reset}({line}) && echo 'DONE {number}'\n" for number, line in enumerate(kept)), confine=False
    )
    assert not end.confined
    assert [kept[int(line.split()[1])] for line in place.lines if line.startswith("DONE")] == kept


WORKING = {
    "its folders": "mkdir -p a/b && echo x > a/b/c && mv a/b/c a/ && ln a/c h && ln -s a/c s && rm -r a && mkfifo p",
    "its home": "mkdir -p $HOME/.config && echo x > $HOME/.config/y && touch $TMPDIR/z && mktemp",
    "devices": "echo x > /dev/null && head -c 9 /dev/zero > n && echo x > /dev/stderr && echo x > /dev/fd/1",
    "bash": "cat <<< here && diff <(echo a) <(echo a) && coproc cat; x=$(echo sub | tee copy)",
    "reading": "head -1 /etc/passwd && ls ../outside && cat ../outside/file && cat /proc/self/status > status; echo",
    "running": 'ls / && env true && python -c \'import sqlite3 as s; s.connect("x.db").execute("create table t (x)")\'',
    "terminals": 'python -c \'import os, pty; os.write(os.openpty()[1], b"x"); assert pty.spawn(["true"]) == 0\'',
    "workers": "python -c 'import multiprocessing as m; p = m.Pool(2); assert p.map(abs, [-1, -2]) == [1, 2]'",
    "signals": "sleep 9 & kill $!; wait; setsid sleep 9 & sleep 0.1; kill $!",
}


def test_what_agents_do_works(place):
    """Whatever agents do within their folders works as ever: files, tools, terminals, processes and their signals."""
    end = place.run("set -e\n" + "\n".join(f"( {line}\n) && echo 'OK {name}'" for name, line in WORKING.items()))
    assert end.confined
    assert [line[3:] for line in place.lines if line.startswith("OK ")] == list(WORKING), end.text


GIT = """
git init -q . && git config user.email a@b && git config user.name a && echo x > f && git add f &&
git commit -q -m one && echo y > f && git stash -q && git stash pop -q && git gc -q && git log --oneline
"""
NODE = """
cat > run.mjs <<'END'
import fs from "fs"; import os from "os"; import { execSync } from "child_process";
import { Worker } from "worker_threads";
fs.mkdtempSync(os.tmpdir() + "/x"); fs.writeFileSync("f", "x"); fs.renameSync("f", "g"); execSync("echo x > h");
new Worker("1", { eval: true });
END
node run.mjs
"""
PYTHON = "python -m venv --without-pip v && v/bin/python -m compileall -q v/bin && v/bin/python -c 'print(1)'"


@pytest.mark.parametrize(("tool", "script"), [("git", GIT), ("node", NODE), ("python", PYTHON)])
def test_tools(place, tool, script):
    """The tools that agents are made of, and those that they call, work while they are confined."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    end = place.run(script)
    assert (end.status, end.confined) == (0, True), end.text


@pytest.mark.skipif(version() < 6, reason="this version of Landlock does not hold signals")
def test_other_processes_are_out_of_reach(place, monkeypatch):
    """It can't signal us, its guard or what others run, nor read their environment with its keys."""
    monkeypatch.setenv("SUPERTEAM_TEST_SECRET", "s3cr3t")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        end = place.run(
            f"for p in {os.getpid()} {child.pid} $PPID; do kill -0 $p && echo reached; kill -9 $p && echo reached; "
            f"cat /proc/$p/environ && echo reached; done; cat /proc/self/environ | tr '\\0' '\\n' | grep HOME"
        )
        assert child.poll() is None
    finally:
        child.communicate(b"\n")
    assert "reached" not in end.text
    assert "s3cr3t" not in end.text
    assert f"HOME={place.private}/home" in end.text


def test_a_folder_that_is_a_link(place):
    """A folder that has become a link, or is not there, is not opened for writing."""
    (place.root / "link").symlink_to(place.root / "outside")
    writable = (place.site, place.root / "link", place.root / "nothing")
    end = place.run("echo x > ../link/new; echo x > ../outside/new; mkdir ../nothing; echo x > y", writable=writable)
    assert (end.status, end.confined) == (0, True)
    assert not (place.root / "outside/new").exists()
    assert not (place.root / "nothing").exists()


@pytest.mark.parametrize("offered", [0, 1])
def test_a_kernel_without_it(place, monkeypatch, offered):
    """Where the system can't hold it to its folders, the program runs all the same, and that is told."""
    code = (
        "import sys, runpy, ctypes; names = runpy.run_path(sys.argv[1]); f = names['confine'].__globals__; "
        f"f['version'] = lambda: {offered}; r, w = __import__('os').pipe(); print(names['confine'](['/tmp']))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code, confine.__file__], capture_output=True, check=True)
    assert run.stdout == b"False\n"
    monkeypatch.setattr(confine, "version", lambda: offered)
    assert not available()


@pytest.mark.parametrize("offered", [2, 3, 4, 5, 6, 7])
def test_older_versions(tmp_path, offered):
    """Each version of Landlock is asked only for what it knows, and keeps writing where it belongs."""
    if offered > version():
        pytest.skip(f"this kernel has version {version()}")
    (tmp_path / "own").mkdir()
    code = (
        "import sys, runpy; f = runpy.run_path(sys.argv[1])['confine'].__globals__; "
        f"f['version'] = lambda: {offered}; assert f['confine']([sys.argv[2] + '/own']); "
        "open(sys.argv[2] + '/own/x', 'w').close(); open(sys.argv[2] + '/y', 'w')"
    )
    command = [sys.executable, "-I", "-S", "-c", code, confine.__file__, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "PermissionError" in run.stderr
    assert (tmp_path / "own/x").exists()


def test_no_core_is_dumped(place):
    """What crashes leaves no image of its memory, and no file may be larger than was said."""
    assert place.run("ulimit -c; ulimit -f", disk=3).text == "0\n3072\n"


def test_the_launcher_needs_nothing_of_ours(tmp_path):
    """The launcher is a script by itself: it starts without our package, and says what it could not start."""
    receive, report = os.pipe()
    command = launcher(("/no/such",), folder=tmp_path, writable=None, file_bytes=1 << 20, report=report)
    run = subprocess.run(command, pass_fds=(report,), cwd="/", env={}, capture_output=True, check=False)
    os.close(report)
    assert run.returncode == 127
    assert run.stderr == b""
    assert os.read(receive, 999) == b'{"confined": false}\n{"failed": "No such file or directory"}\n'
    os.close(receive)
