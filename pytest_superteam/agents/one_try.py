"""One try of an agent: what it is given, how it is run and heard, and what is looked at when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.agents.concealing import Keys
from pytest_superteam.agents.judging import Finished, cut_off, judge
from pytest_superteam.agents.telling import first_of
from pytest_superteam.builders.base import Progress
from pytest_superteam.builders.placing import agent_log
from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.errors import BuildError
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.agents.builder import AgentBuilder
    from pytest_superteam.agents.outside import Watch
    from pytest_superteam.agents.process import AgentCommand, AgentEnd
    from pytest_superteam.agents.reading.reader import Reader, Said
    from pytest_superteam.agents.workspace import Left, Workspace
    from pytest_superteam.builders.base import BuildOutput, BuildRequest
    from pytest_superteam.models import Evidence

__all__ = ["OneTry"]

_NOTES = 20
"""Notes that are kept."""
SELF_CHECK = ("pytest", "--system", ".", "-m", "layer1 or layer3")
"""How an agent tries what it built, in its folder."""


class OneTry:
    """One try of an agent to build, or mend, one service."""

    def __init__(self, builder: AgentBuilder, request: BuildRequest, private: Path) -> None:
        """Take `private` for its home, its temporary files and, beside it, its log."""
        self._builder, self._agent, self._request = builder, builder.agent, request
        self._private, self._home = private, private / "home"
        self._keys = Keys(os.environ, builder.agent.environment)
        self._last = ""
        """What it said last."""
        self._before = ""
        """Hash of the tree that it was given to mend."""

    async def run(self) -> BuildOutput:
        """Run the agent to its end, and return what it built.

        Raises:
            BuildError: it was ended, or left nothing that could be a service.
        """
        from pytest_superteam.agents.process import run_agent
        from pytest_superteam.agents.reading.reader import Reader
        from pytest_superteam.agents.workspace import clean

        request, workspace = self._request, await asyncio.to_thread(self._prepare)
        values = self._values(workspace)
        reader = Reader(self._agent.output, values, self._agent.model)
        command = await asyncio.to_thread(self._command, values)
        watch = await self._watch()
        try:
            end = await run_agent(command, lambda line: self._hear(reader, self._keys.conceal(line)))
        except asyncio.CancelledError:
            raise cut_off(self._last, reader.end(None, "").usage) from None
        end = replace(end, text=self._keys.conceal(end.text))
        said = self._concealed(reader.end(end.status, end.text))
        try:
            left = clean(workspace)
        except BuildError as error:
            raise BuildError(str(error), usage=said.usage) from None
        self._remove_leaves()
        request.report(Progress("what it left is looked at"))  # our own tests of it are no silence of the agent
        evidence, failure = await asyncio.to_thread(self._evidence, workspace, end, watch)
        if evidence is not None:
            evidence = replace(evidence, notes=_notes(end, left, watch))
        return judge(Finished(self._agent, request, end, said, evidence, failure, self._before))

    # ------------------------------------------------------------ before

    def _prepare(self) -> Workspace:
        from pytest_superteam.agents.workspace import prepare
        from pytest_superteam.builders.tree import hash_tree
        from pytest_superteam.checks.unchanged import tree_digest

        request, blocking = self._request, self._builder.blocking
        if request.mending:
            with contextlib.suppress(BuildError):  # no tree of files, which it may mend
                self._before = tree_digest(hash_tree(request.directory))
        return prepare(request, prd=request.prd, codes=request.rules, self_check=SELF_CHECK, blocking=blocking)

    def _values(self, workspace: Workspace) -> Mapping[str, str]:
        request = self._request
        return self._agent.values(
            prompt=workspace.task,
            prompt_file=workspace.task_file,
            workspace=request.directory,
            home=self._home,
            project=request.project or request.directory,
            budget=request.spend_usd,
        )

    def _command(self, values: Mapping[str, str]) -> AgentCommand:
        """Lay out the agent's own folders and return what to run."""
        from pytest_superteam.agents.environment import child_environment, make_private
        from pytest_superteam.agents.limits import Limits
        from pytest_superteam.agents.process import AgentCommand

        agent, request = self._agent, self._request
        make_private(self._private)
        for name, text in agent.files(values, request.project or request.directory).items():
            file = self._home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return AgentCommand(
            argv=(self._builder.program(), *agent.argv(values)[1:]),
            cwd=request.directory,
            environment=child_environment(agent.environment, agent.variables(values), self._private),
            stdin=agent.stdin(values),
            limits=Limits(agent.memory, agent.disk, agent.printed),
            writable=(request.directory, self._private),
            counted=(request.directory, self._private),
            log=self._log,
            confine=agent.confine,
            redact=lambda text: mask(self._keys.conceal(text)),
        )

    @property
    def _log(self) -> Path:
        """Return where what it prints is kept, when its folders are gone."""
        return agent_log(self._private.parent, self._request.service, self._request.attempt)

    async def _watch(self) -> Watch | None:
        around = self._builder.surroundings
        if around is None:
            return None
        return await asyncio.to_thread(around.lookout.begin, self._request.service)

    def _hear(self, reader: Reader, line: str) -> None:
        self._last = line.strip() or self._last
        progress = reader.hear(line)
        if progress is not None:
            self._request.report(progress)

    # ------------------------------------------------------------ after

    def _concealed(self, said: Said) -> Said:
        """Return what it said without keys: it may have left it in a file."""
        conceal = self._keys.conceal
        claim = replace(said.claim, text=conceal(said.claim.text), problem=conceal(said.claim.problem))
        return replace(said, claim=claim, problem=conceal(said.problem))

    def _remove_leaves(self) -> None:
        """Remove what the agent's own program leaves in the folder that it works in."""
        root = self._request.directory
        for pattern in self._agent.leaves:
            for path in sorted(root.glob(pattern)):
                if path.is_symlink() or path.is_file():
                    with contextlib.suppress(OSError):
                        path.unlink()
                else:
                    remove_tree(path)

    def _evidence(self, workspace: Workspace, end: AgentEnd, watch: Watch | None) -> tuple[Evidence | None, str]:
        """Return what is there, or why it can be no service."""
        from pytest_superteam.agents.evidence import collect
        from pytest_superteam.agents.service_file import read

        request, test, problem = self._request, tuple[str, ...](), ""
        try:
            test = read(request.directory).test
        except BuildError as error:
            problem = str(error)
        try:
            found = collect(
                request.directory,
                request.architecture,
                request.service,
                test=test,
                timeout=self._builder.test_seconds,
                given={} if request.mending else workspace.given,
                templates=workspace.templates,
            )
            if key := self._keys.found_in(request.directory):
                return None, f"{key}, which belongs into no source: read it from the environment, if at all."
        except BuildError as error:
            return None, str(error)
        finally:
            outside = watch.changes() if watch is not None else ()
        return replace(found, outside=() if end.confined else outside), problem


def _notes(end: AgentEnd, left: Left, watch: Watch | None) -> tuple[str, ...]:
    """Return what was seen of an agent at work that does not spoil what it built."""
    told = [f"it deleted its input {name}" for name in left.deleted]
    told += [f"it changed its input {name}" for name in left.changed]
    if end.left_behind:
        told.append(f"it left {plural(end.left_behind, 'process')} running, which we ended")
    if watch is not None and watch.bounded:
        told.append(f"not all of the project was watched: {watch.bounded}")
    return first_of(told, _NOTES)
