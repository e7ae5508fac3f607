"""An architect by agent: run any command with the PRD and an output folder, and read back what it designed.

The agent gets a copy of the document, a prompt and an empty folder, and an environment of its own; it does not outlive
the run. What it leaves is taken for hostile: plain files of bounded size, checked as a hand-written design is.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from dataclasses import dataclass, fields, replace
from importlib import resources
from typing import TYPE_CHECKING

from pytest_superteam.agents.environment import child_environment, make_private
from pytest_superteam.agents.limits import Limits
from pytest_superteam.agents.process import AgentCommand, AgentEnd, NotStartableError, find_program, run_agent
from pytest_superteam.architect.intake import MAX_TOTAL_BYTES, read_design
from pytest_superteam.architect.prompt import prompt
from pytest_superteam.codec import from_data
from pytest_superteam.errors import ArchitectError
from pytest_superteam.models import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture

__all__ = ["LOG", "AgentRequest", "design_by_agent", "reported_usage"]

LOG = "agent.log"
USAGE = "usage.json"
"""Where an agent may say what it used: `{"usd": 0.4, "model": "...", "input_tokens": 1000, "output_tokens": 200}`."""
_MOST_USAGE_BYTES = 1 << 16
_LIMITS = Limits(memory_mib=4096, disk_mib=4 * MAX_TOTAL_BYTES >> 20, printed_mib=64, file_mib=1024)
_TOO_MUCH = {
    "memory": f"held more than {_LIMITS.memory_mib} MiB of memory",
    "disk": f"wrote more than {_LIMITS.disk_mib} MiB",
    "printed": f"printed more than {_LIMITS.printed_mib} MiB",
    "processes": f"ran more than {_LIMITS.processes} processes",
}


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
    end = _run((program, *(_filled(part, request) for part in request.command[1:])), request)
    if end.status != 0:
        raise ArchitectError(f"'{request.command[0]}' {_ended(end)}{_last_line(request.redact(end.text))}")
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
    try:
        return find_program(name, project=request.project, path=os.environ.get("PATH", os.defpath))
    except NotStartableError as error:
        raise ArchitectError(f"'{request.command[0]}' can't be started: {error}.") from None


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
    for folder in (request.folder, request.work, request.output, request.folder / "private"):
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists() and folder != request.folder:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
    (request.folder / LOG).unlink(missing_ok=True)  # what an earlier one printed
    make_private(request.folder / "private")
    (request.work / "PRD.md").write_text(request.text, encoding="utf-8")
    (request.work / "prompt.md").write_text(prompt(request.feedback), encoding="utf-8")
    for name in ("service-map", "domain-model"):
        schema = resources.files("pytest_superteam.architect").joinpath("schemas", f"{name}.schema.json")
        (request.work / f"{name}.schema.json").write_text(schema.read_text("utf-8"), encoding="utf-8")


def _environment(request: AgentRequest) -> dict[str, str]:
    """Return all that the agent gets to see."""
    told = {
        "ARCHITECT_PRD": str(request.work / "PRD.md"),
        "ARCHITECT_PROMPT": str(request.work / "prompt.md"),
        "ARCHITECT_OUTPUT": str(request.output),
        "ARCHITECT_USAGE": str(request.work / USAGE),
        "ARCHITECT_TRY": str(1 + len(request.feedback)),
    }
    return child_environment((), request.environment, request.folder / "private", told)


def _run(argv: tuple[str, ...], request: AgentRequest) -> AgentEnd:
    """Return how the agent ended; its output is logged.

    Raises:
        ArchitectError: it took too long, used too much, or could not be started; all its processes are gone then.
    """
    command = AgentCommand(
        argv=argv,
        cwd=request.work,
        environment=_environment(request),
        limits=_LIMITS,
        log=request.folder / LOG,
        counted=(request.output,),
        stdin=(request.work / "prompt.md").read_bytes(),
        confine=False,  # it is the project's own command, and nothing in the settings could say otherwise
        redact=request.redact,
    )
    name = request.command[0]
    try:
        end = asyncio.run(asyncio.wait_for(run_agent(command), request.timeout))
    except TimeoutError:
        raise ArchitectError(f"'{name}' did not end within {request.timeout:g} s (`timeouts.architect`).") from None
    if end.why == "not started":
        raise ArchitectError(f"'{name}' can't be started: {end.text}.")
    if end.why in _TOO_MUCH:
        raise ArchitectError(f"'{name}' {_TOO_MUCH[end.why]}.")
    return end


def _ended(end: AgentEnd) -> str:
    """Return how it ended, when that was not as it should."""
    if end.status is None:
        return "was ended by somebody else"
    if end.status >= 0:
        return f"ended with status {end.status}"
    known = {number.value: number.name for number in signal.Signals}
    return f"was ended by {known.get(-end.status, f'signal {-end.status}')}"


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else "."
