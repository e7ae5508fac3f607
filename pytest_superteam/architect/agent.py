"""An architect by agent: run any command with the PRD and an output folder, and read back what it designed.

The agent gets a copy of the document, a prompt and an empty folder, and an environment of its own; it does not outlive
the run. What it leaves is taken for hostile: plain files of bounded size, checked as a hand-written design is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pytest_superteam.architect.intake import MAX_TOTAL_BYTES, read_design
from pytest_superteam.architect.prompt import prompt
from pytest_superteam.codec import from_data
from pytest_superteam.errors import ArchitectError
from pytest_superteam.models import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_superteam.models import Architecture

__all__ = ["LOG", "AgentRequest", "design_by_agent", "reported_usage"]

LOG = "agent.log"
USAGE = "usage.json"
"""Where an agent may say what it used: `{"usd": 0.4, "model": "...", "input_tokens": 1000, "output_tokens": 200}`."""
_MOST_USAGE_BYTES = 1 << 16
KEPT_OUTPUT = 512 << 10
"""Bytes of the beginning, and again of the end, of what an agent prints that are kept."""
POLL_SECONDS = 0.2
_ALWAYS = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
_GUARD = Path(__file__).parents[1] / "checks" / "guard.py"
"""A script of the standard library only; it takes the agent and all its children down with this process."""


@dataclass(frozen=True)
class AgentRequest:
    """One try: `command` is an argument vector, `folder` is emptied and holds all that the try leaves."""

    text: str
    """The document, without its secrets, lines where they were."""
    sha256: str
    command: tuple[str, ...]
    folder: Path
    project: Path
    environment: Mapping[str, str]
    """What the agent gets to see of the user's environment."""
    timeout: float
    """Seconds."""
    feedback: tuple[str, ...] = ()
    """Why earlier designs were rejected, in order."""
    redact: Callable[[str], str] = str
    """Takes the secrets out of what is logged."""

    @property
    def work(self) -> Path:
        """Return the folder that the agent starts in."""
        return self.folder / "work"

    @property
    def output(self) -> Path:
        """Return the folder that the agent writes its design to."""
        return self.folder / "output"


def design_by_agent(request: AgentRequest) -> Architecture:
    """Return the design that the agent leaves, checked; contracts that it leaves out are missing in it.

    Raises:
        ArchitectError: it could not be started, failed, did not end, or its design is not usable; one line.
    """
    _prepare(request)
    program = _program(request)
    argv = [program, *(_filled(part, request) for part in request.command[1:])]
    status, said = _run(argv, request)
    if status:
        raise ArchitectError(f"'{request.command[0]}' {_ended(status)}{_last_line(said)}")
    return replace(read_design(request.output), prd_sha256=request.sha256)


def reported_usage(folder: Path) -> Usage | None:
    """Return what the last try in `folder` said that it used; None where it said nothing that can be read."""
    file = folder / "work" / USAGE
    try:
        if file.is_symlink() or file.stat().st_size > _MOST_USAGE_BYTES:
            return None
        said = json.loads(file.read_text(encoding="utf-8"))
        known = {item.name for item in fields(Usage)}
        usage: Usage = from_data(Usage, {name: value for name, value in said.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return usage


def _program(request: AgentRequest) -> str:
    name = _filled(request.command[0], request)
    if name == "python":
        return sys.executable
    if os.sep in name:  # seen from the project, as the person who wrote the setting sees it
        name = str(request.project / name)
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath))
    if found is None:
        why = "it is not executable" if os.sep in name and Path(name).is_file() else "there is no such command"
        raise ArchitectError(f"'{request.command[0]}' can't be started: {why}.")
    return found


def _filled(part: str, request: AgentRequest) -> str:
    names = {
        "prd": request.work / "PRD.md",
        "prompt": request.work / "prompt.md",
        "output": request.output,
        "project": request.project,
    }
    for name, path in names.items():
        part = part.replace(f"{{{name}}}", str(path))
    return part


def _prepare(request: AgentRequest) -> None:
    """Lay out an empty folder with what the agent reads; a link in its place is removed, never followed."""
    for folder in (request.folder, request.work, request.output):
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists() and folder != request.folder:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
    (request.folder / LOG).unlink(missing_ok=True)  # what an earlier one printed
    (request.work / "tmp").mkdir()
    (request.work / "PRD.md").write_text(request.text, encoding="utf-8")
    (request.work / "prompt.md").write_text(prompt(request.feedback), encoding="utf-8")
    for name in ("service-map", "domain-model"):
        schema = resources.files("pytest_superteam.architect").joinpath("schemas", f"{name}.schema.json")
        (request.work / f"{name}.schema.json").write_text(schema.read_text("utf-8"), encoding="utf-8")


def _environment(request: AgentRequest) -> dict[str, str]:
    """Return all that the agent gets to see."""
    return {
        **{name: os.environ[name] for name in _ALWAYS if name in os.environ},
        "HOME": str(request.work),
        "TMPDIR": str(request.work / "tmp"),
        **request.environment,
        "ARCHITECT_PRD": str(request.work / "PRD.md"),
        "ARCHITECT_PROMPT": str(request.work / "prompt.md"),
        "ARCHITECT_OUTPUT": str(request.output),
        "ARCHITECT_USAGE": str(request.work / USAGE),
        "ARCHITECT_TRY": str(1 + len(request.feedback)),
    }


class _Said:
    """The beginning and the end of what a process prints; the middle is counted and let go."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Read `stream` to its end in a thread."""
        self.head, self.tail, self.total = bytearray(), bytearray(), 0
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        while chunk := os.read(stream.fileno(), 65536):
            self.total += len(chunk)
            room = KEPT_OUTPUT - len(self.head)
            self.head += chunk[:room]
            self.tail += chunk[max(0, room) :]
            del self.tail[: -KEPT_OUTPUT or None]

    def text(self) -> bytes:
        """Return what is kept, once the process has ended."""
        self._thread.join(5)
        left_out = self.total - len(self.head) - len(self.tail)
        middle = f"\n[... {left_out} bytes left out ...]\n".encode() if left_out > 0 else b""
        return bytes(self.head) + middle + bytes(self.tail)


def _run(argv: list[str], request: AgentRequest) -> tuple[int, str]:
    """Return exit status and output of the agent, which is logged too.

    Raises:
        ArchitectError: it took too long or wrote too much; all its processes are gone then.
    """
    guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *argv]
    environment = _environment(request)
    with (
        (request.work / "prompt.md").open("rb") as stdin,
        subprocess.Popen(  # noqa: S603  # an argument vector of the project's settings, no shell
            guarded,
            cwd=request.work,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as child,
    ):
        said = _Said(child.stdout)  # type: ignore[arg-type]  # a pipe was asked for
        try:
            status = _wait(child, request)
        finally:
            child.terminate()  # the guard takes the agent and its children with it
            child.wait()
            text = request.redact(said.text().decode("utf-8", "replace"))
            (request.folder / LOG).write_text(text, encoding="utf-8")
    return status, text


def _wait(child: subprocess.Popen[bytes], request: AgentRequest) -> int:
    deadline = time.monotonic() + request.timeout
    while True:
        try:
            return child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                raise ArchitectError(
                    f"'{request.command[0]}' did not end within {request.timeout:g} s (`timeouts.architect`)."
                ) from None
            if _written(request.output) > 4 * MAX_TOTAL_BYTES:
                raise ArchitectError(
                    f"'{request.command[0]}' wrote more than {4 * MAX_TOTAL_BYTES >> 20} MiB."
                ) from None


def _written(folder: Path) -> int:
    """Return the bytes below a folder; what comes and goes meanwhile does not matter."""
    total = 0
    for place, _, files in os.walk(folder, followlinks=False):
        for name in files:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue
    return total


def _ended(status: int) -> str:
    """Return how it ended; the guard passes a signal on as the status that is 256 less the signal's number."""
    for name in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
        if status in (-name, 256 - name):
            return f"was ended by {name.name}"
    return f"ended with status {status}"


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else "."
