"""A `pytest` command that starts at once: a process that has imported all of it, and forks for each call.

A hundred commands of the documentation would else spend two minutes on imports. `serve` is the process; the program
that `install` writes passes its arguments, folder, environment and standard streams on to it, and ends with the code
of the session.
"""

from __future__ import annotations

import atexit
import importlib
import importlib.metadata
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest_superteam

LATE = (
    "anyio._backends._asyncio",
    "detect_secrets.core.scan",
    "openapi_spec_validator",
    "requests",
    "rich.table",
    "sqlalchemy.dialects.sqlite",
    "yaml",
)
_SHIM = """\
#!{python} -ISs
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
told = json.dumps({{"words": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}).encode()
socket.send_fds(line, [len(told).to_bytes(4, "big")], [0, 1, 2])
line.sendall(told)
answer = line.recv(1)
sys.exit(answer[0] if answer else "the session died")
"""


def install(folder: Path, address: Path) -> None:
    """Write the program that people call `pytest`."""
    program = folder / "pytest"
    program.write_text(_SHIM.format(python=sys.executable, address=str(address)), encoding="utf-8")
    program.chmod(0o755)


def start(address: Path) -> subprocess.Popen[bytes]:
    """Start the process that forks, and wait until it listens."""
    process = subprocess.Popen([sys.executable, __file__, str(address)], stdin=subprocess.DEVNULL)
    while not address.exists():
        assert process.poll() is None, "the process that forks sessions has ended"
        time.sleep(0.05)
    return process


def _imports() -> None:
    """Import what sessions import: the plugins that are installed, all of our rooms, and what rooms import late."""
    for plugin in importlib.metadata.entry_points(group="pytest11"):
        plugin.load()
    for module in pkgutil.walk_packages(pytest_superteam.__path__, "pytest_superteam."):
        if not module.name.startswith("pytest_superteam.gate.test_"):  # pytest imports them in a way of its own
            importlib.import_module(module.name)
    for late in LATE:
        importlib.import_module(late)


def serve(address: Path) -> None:
    """Fork for each caller, until killed."""
    import pytest
    from _pytest.assertion.rewrite import AssertionRewritingHook

    _imports()
    # Of modules that are here already it would warn in each session that it can't rewrite their assertions.
    assert AssertionRewritingHook._warn_already_imported
    AssertionRewritingHook._warn_already_imported = lambda *_: None
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot be forked safely"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address) + ".new")
    listener.listen()
    Path(str(address) + ".new").rename(address)
    while True:
        line, _ = listener.accept()
        head, streams, _, _ = socket.recv_fds(line, 4, 3)
        told = b""
        while len(told) < int.from_bytes(head, "big"):
            told += line.recv(65536)
        if os.fork() == 0:
            listener.close()
            _session(pytest.main, json.loads(told), streams, line)
        for stream in streams:
            os.close(stream)
        line.close()


def _session(main, told, streams, line) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv = ["pytest", *told["words"]]
    sys.path[0] = str(Path(sys.executable).parent)
    try:
        code = int(main())
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    line.sendall(bytes([code]))
    os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
