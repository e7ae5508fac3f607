"""Running made-up agents: shell lines and Python scripts, each with a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from pytest_superteam.agents.environment import child_environment, make_private
from pytest_superteam.agents.limits import Limits
from pytest_superteam.agents.process import AgentCommand, AgentEnd, run_agent

if TYPE_CHECKING:
    from pathlib import Path

BASH = "/bin/bash"


@dataclass
class Workplace:
    """The folders of one agent."""

    root: Path
    lines: list = field(default_factory=list)

    def __post_init__(self):
        self.site.mkdir(parents=True, exist_ok=True)
        make_private(self.private)

    @property
    def site(self):
        return self.root / "site"

    @property
    def private(self):
        return self.root / "private"

    @property
    def log(self):
        return self.root / "agent.log"

    def command(self, script="", *, python="", argv=(), memory=512, disk=64, printed=4, processes=200, **changes):
        """Return a command that runs a line of shell, or a Python script."""
        given = argv or (("python", "-c", textwrap.dedent(python)) if python else (BASH, "-c", script))
        settings = {
            "argv": tuple(given),
            "cwd": self.site,
            "environment": child_environment((), {}, self.private),
            "limits": Limits(memory, disk, printed, processes),
            "log": self.log,
            "writable": (self.site, self.private),
            "counted": (self.site, self.private),
        }
        return AgentCommand(**settings | changes)

    def run(self, script="", **changes) -> AgentEnd:
        """Run it to its end."""
        return asyncio.run(run_agent(self.command(script, **changes), self.lines.append))

    def cancel(self, script="", *, times=1, **changes):
        """Run it and cancel that when it says `begun`, several times if need be."""

        async def work():
            begun = asyncio.Event()

            def hear(line):
                self.lines.append(line)
                if line == "begun":
                    begun.set()

            task = asyncio.create_task(run_agent(self.command(script, **changes), hear))
            await begun.wait()
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0.2)
            with contextlib.suppress(asyncio.CancelledError):
                raise AssertionError(await task)

        asyncio.run(work())

    def left(self):
        """Return what still runs of its agents, known by their environment or folder."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("HOME") == str(self.private / "home")
                if process.pid != os.getpid() and mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.cmdline())
            except (psutil.Error, OSError):
                continue
        return found
