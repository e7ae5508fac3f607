"""A coding agent with a command line as a builder: input and task in, files out, and nothing believed that it says."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.agents.one_try import OneTry
from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.errors import BuildError, ConfigError
from pytest_superteam.models import Severity, Usage, WorstCase

if TYPE_CHECKING:
    from pytest_superteam.agents.agent import Agent
    from pytest_superteam.agents.outside import Lookout
    from pytest_superteam.builders.base import BuildOutput, BuildRequest, Tier
    from pytest_superteam.config_entries import AgentConfig

__all__ = ["AgentBuilder", "Surroundings"]

NOTHING = Usage(usd=0.0)


@dataclass(frozen=True)
class Surroundings:
    """The project that agents work in."""

    project: Path
    lookout: Lookout


@dataclass
class AgentBuilder:
    """Builds services by a coding agent, one process for each try."""

    name: str
    config: AgentConfig
    test_seconds: float = 120.0
    """What the own tests of a service may take."""
    blocking: Severity = Severity.ERROR
    """The severity from which layer 3 blocks."""
    surroundings: Surroundings | None = field(default=None, repr=False)
    """Unset: the folder of the request is all that is known of a project."""
    version: str = "1"

    @cached_property
    def agent(self) -> Agent:
        """Return the command line and all that belongs to it.

        Raises:
            ConfigError: the settings don't say what to run.
        """
        from pytest_superteam.agents.agent import resolve  # reads a preset; only where the agent is used

        return resolve(self.name, self.config)

    @property
    def tier(self) -> Tier:
        """Return what it takes to use it."""
        return self.agent.tier

    @property
    def platform(self) -> str:
        """Return whose limits it shares."""
        return self.agent.platform

    @property
    def model(self) -> str:
        """Return the model that it is told to use; empty where it chooses itself."""
        return self.agent.model

    def worst_case(self, _request: BuildRequest) -> WorstCase:
        """Return the most that a try costs."""
        return WorstCase(self.agent.worst_case, self.agent.model)

    def inputs(self, _service: str) -> dict[str, str]:
        """Return what its work depends on besides the design."""
        return self.agent.inputs(self.surroundings.project if self.surroundings else Path())

    async def build(self, request: BuildRequest) -> BuildOutput:
        """Let the agent build, or mend, one service in `request.directory`.

        Raises:
            BuildError: it could not be started, was ended, or left nothing that could be a service.
        """
        why = self.agent.missing(os.environ) or self._not_installed()
        if why:
            raise BuildError(why, usage=NOTHING, retryable=False)
        private = request.private or request.directory.with_name(f"{request.directory.name}-home")
        try:
            return await OneTry(self, request, private).run()
        except ConfigError as error:  # its own configuration file, which is read anew for each try
            raise BuildError(str(error), usage=NOTHING, retryable=False) from None
        finally:
            remove_tree(private)

    def _not_installed(self) -> str:
        """Return why its program can't be started, with the line that installs it or what to write."""
        from pytest_superteam.agents.process import NotStartableError
        from pytest_superteam.agents.project_scripts import misplaced_script

        try:
            self.program()
        except NotStartableError as error:
            install = f" Install it: {self.agent.install}" if self.agent.install else ""
            return f"'{self.agent.command[0]}' can't be started: {error}.{install}"
        return misplaced_script(self.agent.command, self.surroundings.project) if self.surroundings else ""

    def program(self) -> str:
        """Return the absolute path of its program.

        Raises:
            NotStartableError: there is none.
        """
        from pytest_superteam.agents.process import find_program

        project = self.surroundings.project if self.surroundings else Path()
        return find_program(self.agent.command[0], project=project, path=os.environ.get("PATH", os.defpath))
