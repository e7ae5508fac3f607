"""One run of an agent: start it, hear it, hold it to its limits, and end it with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_superteam.agents.child import Child, Report
from pytest_superteam.agents.confine import SHARED_MEMORY
from pytest_superteam.agents.environment import search_path
from pytest_superteam.agents.hearing import Hearing
from pytest_superteam.agents.limits import MIB, Exceeded, Limits, Watch
from pytest_superteam.agents.printed import Printed
from pytest_superteam.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["AgentCommand", "AgentEnd", "NotStartableError", "find_program", "run_agent"]

LOOK_SECONDS = 0.25
"""Between two looks at what an agent uses."""
DRAIN_SECONDS = 3.0
"""How long the last of what it printed is waited for; somebody who got away may hold the pipe."""
Why = Literal["exit", "signal", "printed", "not started"] | Exceeded


class NotStartableError(ValueError):
    """There is no such program, or it is none; the message says which, as the end of a sentence."""


@dataclass(frozen=True, kw_only=True)
class AgentCommand:
    """A program to run. Nothing of it comes from the parent but what is here."""

    argv: tuple[str, ...]
    """Its first element is an absolute path (see `find_program`), or a name on the `PATH` of `environment`."""
    cwd: Path
    environment: Mapping[str, str]
    limits: Limits
    log: Path
    """What it printed goes there at its end, redacted; it should not lie below a `writable` folder."""
    writable: tuple[Path, ...] = ()
    """Folders, which are there, that it may write to where it is confined."""
    counted: tuple[Path, ...] = ()
    """Folders whose growth counts against the limit of the disk; the shared memory does so where it is confined."""
    stdin: bytes | None = None
    """What it reads; after that, or at once where there is nothing, it meets the end of the file."""
    confine: bool = True
    redact: Callable[[str], str] = str
    """Takes the secrets out of what is logged."""


@dataclass(frozen=True)
class AgentEnd:
    """How a run of an agent ended."""

    status: int | None
    """The exit status; the negative number of a signal; None where we ended it, or it never began."""
    why: Why
    """`exit` and `signal`: it ended by itself, or another did it; `not started`: `text` says why; else the limit."""
    text: str = ""
    """The beginning and the end of what it printed, as it was: mask it before it is shown."""
    printed: int = 0
    """Bytes that it printed."""
    peak_mib: int = 0
    """The most memory that it and its children were seen to hold."""
    left_behind: int = 0
    """Processes that it had left running when it ended by itself; they are ended."""
    confined: bool = False
    """Whether it could write to its own folders only."""


def find_program(name: str, *, project: Path, path: str) -> str:
    """Return the absolute path of a program.

    Args:
        name: `python` is the interpreter that runs us; with a slash it is seen from the project, as whoever wrote the
            setting sees it; anything else is looked up.
        project: the project's folder.
        path: where it is looked up after the folder of our interpreter, as in `PATH`.

    Raises:
        NotStartableError: there is none.
    """
    if name == "python":
        return sys.executable
    place = os.path.abspath(project / name) if os.sep in name else None  # noqa: PTH100  # links stay: names matter
    found = shutil.which(place or name, path=search_path(path)) if name else None
    if found is not None:
        return os.path.abspath(found)  # noqa: PTH100
    if place and Path(place).is_dir():
        raise NotStartableError("it is a folder")
    why = "it is not executable (chmod +x)" if place and Path(place).exists() else "there is no such command"
    raise NotStartableError(why)


async def run_agent(command: AgentCommand, heard: Callable[[str], None] = lambda _line: None) -> AgentEnd:
    """Run an agent to its end, to a limit, or until this is cancelled; nothing that it started is left then.

    Args:
        command: what to run.
        heard: takes each line that it prints, plain and bounded but not masked, in the thread of the event loop; what
            it raises ends the agent and is raised here.
    """
    counted = (*command.counted, Path(SHARED_MEMORY)) if command.confine else command.counted
    watch = await asyncio.to_thread(Watch, command.limits, counted)
    try:
        child = _start(command)
    except (OSError, ValueError) as error:  # such as a list of arguments that is too long
        return AgentEnd(None, "not started", getattr(error, "strerror", None) or str(error))
    printed = Printed(heard)
    hearing = Hearing(child.output, printed, command.limits.printed_mib * MIB)
    try:
        over = await _until_end(child, hearing, watch)
        await child.stop(at_once=True)
    finally:
        try:
            if child.running():  # we are cancelled, or nobody wants to hear it any more
                await child.stop()
        finally:  # though we are cancelled again
            hearing.close()
            report, text = child.close(watch.seen), printed.text()
            with contextlib.suppress(OSError):
                write_atomically(command.log, command.redact(text))
    return _end(report, over, printed=printed, text=text, watch=watch)


async def _until_end(child: Child, hearing: Hearing, watch: Watch) -> Exceeded | Literal["printed"] | None:
    """Return the limit that was passed, or None once the agent has ended and all is heard."""
    while not await child.ended(LOOK_SECONDS):
        hearing.check()
        if hearing.too_much:
            return "printed"
        if exceeded := await asyncio.to_thread(watch.exceeded, child.pid):
            return exceeded
    if not child.unguarded:
        await asyncio.wait({hearing.over}, timeout=DRAIN_SECONDS)
    hearing.check()
    if hearing.too_much:
        return "printed"
    return "disk" if await asyncio.to_thread(watch.disk_full) else None


def _end(report: Report, over: Why | None, *, printed: Printed, text: str, watch: Watch) -> AgentEnd:
    if report.failed:
        return AgentEnd(None, "not started", report.failed, confined=report.confined)
    if over is None and report.status == -signal.SIGXFSZ:
        over = "disk"  # a single file grew past the limit, outside of the folders that are counted
    why = over or ("exit" if report.status is not None and report.status >= 0 else "signal")
    return AgentEnd(
        None if over else report.status,
        why,
        text,
        printed=printed.total,
        peak_mib=watch.peak // MIB,
        left_behind=report.left,
        confined=report.confined,
    )


def _start(command: AgentCommand) -> Child:
    name = command.argv[0]
    if os.sep in name and not os.path.isabs(name):  # noqa: PTH117
        raise NotStartableError("its path is relative")
    program = find_program(name, project=Path(os.sep), path=command.environment.get("PATH", os.defpath))
    return Child(
        (program, *command.argv[1:]),
        command.cwd,
        command.environment,
        stdin=command.stdin,
        writable=command.writable if command.confine else None,
        file_bytes=command.limits.file_bytes,
    )
