"""A child process of a service's own tests: it does not outlive us, and its output is bounded."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pytest_superteam.checks.own_tests.kept import Kept
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Ran", "find_program", "run_guarded"]

HEAD_BYTES = 1 << 20
TAIL_BYTES = 8 << 20
"""What is kept of an output: so much of its begin and of its end. `go test -json` writes about 200 bytes a line."""
_CHUNK = 1 << 16
_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|\r(?=\n)")
_GUARD = Path(__file__).parents[1] / "guard.py"


@dataclass(frozen=True)
class Ran:
    """How a command ended. `output` is standard output and standard error, without colours."""

    status: int
    output: str
    cut: int = 0
    """Bytes of the output that were not kept."""
    late: bool = False
    """Whether it was stopped since its time was over."""


def _drain(stream: IO[bytes], kept: Kept) -> None:
    while data := os.read(stream.fileno(), _CHUNK):
        kept.add(data)


def find_program(name: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return the path of a program, seen from `folder`.

    Raises:
        CheckError: there is no such program.
    """
    program = name if "/" in name else shutil.which(name, path=environment.get("PATH"))
    if program is None or not os.access(folder / program, os.X_OK):
        raise CheckError(f"'{name}' is not on PATH.")
    return program


def run_guarded(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float) -> Ran:
    """Run a command to its end, or to the end of its time, and kill what it leaves behind (`checks.guard`).

    Args:
        command: argument vector; the program is looked up on the environment's PATH, or relative to `folder`.
        folder: working directory.
        environment: all variables that it gets.
        timeout: seconds.

    Raises:
        CheckError: there is no such program.
    """
    program = find_program(command[0], folder, environment)
    guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), program, *command[1:]]
    child = subprocess.Popen(  # noqa: S603  # an argument vector, no shell
        guarded,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    kept, late, status = Kept(HEAD_BYTES, TAIL_BYTES), False, 1
    if child.stdout is None:  # never: it was asked for
        raise CheckError(f"'{command[0]}' has no output.")
    reader = threading.Thread(target=_drain, args=(child.stdout, kept), daemon=True)
    reader.start()
    try:
        status = child.wait(timeout)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGCONT)  # whoever stopped the guard
        child.terminate()  # the guard takes all below it along
        child.wait()
        reader.join(10)  # whoever still held the pipe is gone; where there is no /proc somebody may have got away
        if not reader.is_alive():
            child.stdout.close()
    output, cut = kept.text("\n... {cut} bytes left out ...\n")
    output = _ESCAPES.sub("", output)
    return Ran(status, output, cut, late)
