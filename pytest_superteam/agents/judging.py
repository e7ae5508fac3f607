"""How a try of an agent ended, judged by what it left: each way of failing is told apart from the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.agents.service_file import read
from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Usage
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pytest_superteam.agents.agent import Agent
    from pytest_superteam.agents.process import AgentEnd
    from pytest_superteam.agents.reading.reader import Said
    from pytest_superteam.builders.base import BuildRequest
    from pytest_superteam.models import Evidence

__all__ = ["Finished", "cut_off", "judge"]

_QUESTION = re.compile(r"(?:\?|\[y/n\]|\(y/n\)|\(yes/no\)|press (?:enter|any key))[\s:>.]{0,8}\Z", re.IGNORECASE)
"""How a line ends that waits for an answer."""
_SHOWN = 3
_WIDTH = 300
_CLAIM = 2000
"""Characters of an agent's last words that are kept."""


@dataclass(frozen=True)
class Finished:
    """All that is known of a try that came to its end."""

    agent: Agent
    request: BuildRequest
    end: AgentEnd
    said: Said
    evidence: Evidence | None
    """None where what lies there can be no service; `failure` says why."""
    failure: str
    """Why it can't be a service, or can't be started."""
    before: str = ""
    """Hash of the tree that it was given to mend; empty where it was to build one."""


def judge(finished: Finished) -> BuildOutput:
    """Return what was built, or raise what went wrong; what the agent says decides nothing.

    Unparsable code, missing operations and failing tests are for layer 1 of the gate: they are in the evidence.

    Raises:
        BuildError: it was not started, was ended by us, wrote nothing or elsewhere, or failed half done.
    """
    end, evidence, usage = finished.end, finished.evidence, finished.said.usage
    _refuse_ended(finished)
    if evidence is None:
        raise BuildError(finished.failure, usage=usage, retryable=True)
    if evidence.outside:
        places = _listed(evidence.outside)
        raise BuildError(f"it changed files outside of its folder: {places}.", usage=usage, retryable=True)
    if not evidence.files:
        untouched = _listed(evidence.untouched)
        wrote = f"left the templates as they were ({untouched})" if untouched else "wrote no file"
        raise _failed(finished, f"it {_ended(end)} and {wrote}{_words(finished)}")
    if finished.failure:
        raise BuildError(f"{finished.failure}{_claimed(finished)}", usage=usage, retryable=True)
    if end.status != 0 and evidence.tree == finished.before:  # its model refused to work, perhaps, or is asked too much
        raise _failed(finished, f"it {_ended(end)} and changed nothing{_words(finished)}")
    if end.status != 0 and not evidence.complete:
        raise _failed(finished, f"it {_ended(end)}{_words(finished)}")
    commands = read(finished.request.directory)
    claim = finished.said.claim
    claim = replace(claim, text=one_line(claim.text, _CLAIM), problem=one_line(claim.problem, _WIDTH))
    return BuildOutput(commands.start, commands.test, usage or Usage(), evidence=evidence, claim=claim)


def cut_off(last: str, usage: Usage | None) -> BuildError:
    """Return what is known of an agent that was ended while it was at work; `last` is what it said last."""
    line = one_line(last, _WIDTH)
    if _QUESTION.search(line):
        told = f"it seems to wait for an answer: '{line}'; nobody gives one, so let it run without questions"
    else:
        told = f"the last that it said: '{line}'" if line else "it said nothing"
    return BuildError(told, usage=usage)


def _refuse_ended(finished: Finished) -> None:
    """Refuse what was not started, or was ended by us."""
    agent, end, usage = finished.agent, finished.end, finished.said.usage
    if end.why == "not started":
        told = one_line(end.text, _WIDTH)
        install = f" Install it: {agent.install}" if agent.install else ""
        raise BuildError(f"{told}{install}", usage=Usage(usd=0.0), retryable=False)
    limits = {
        "memory": f"it held more than {agent.memory} MiB of memory (`agents.{agent.name}.memory`)",
        "disk": f"it wrote more than {agent.disk} MiB (`agents.{agent.name}.disk`)",
        "processes": "it had too many processes at the same time",
        "printed": f"it printed more than {agent.printed} MiB (`agents.{agent.name}.printed`)",
    }
    if end.why in limits:
        raise BuildError(f"{limits[end.why]} and was ended.", usage=usage, retryable=True)


def _ended(end: AgentEnd) -> str:
    """Return how the process ended, as a clause."""
    if end.why == "signal" or end.status is None or end.status < 0:
        return f"was killed by signal {-end.status}" if end.status else "was killed"
    return f"ended with status {end.status}"


def _words(finished: Finished) -> str:
    """Return what the agent said of it, behind a colon."""
    said = finished.said
    lines = [line for line in finished.end.text.splitlines() if line.strip()]
    told = said.problem or said.claim.problem or (lines[-1] if lines else "")
    line = one_line(told, _WIDTH)
    if _QUESTION.search(line):
        return f": it asked '{line}', and nobody answers; let it run without questions"
    return f": {line}" if line else "."


def _claimed(finished: Finished) -> str:
    return " (it says that it is done)" if finished.said.claim.status == "success" else ""


def _failed(finished: Finished, told: str) -> BuildError:
    """Return an error that says when the other side wants to be asked again, where it said so."""
    return BuildError(told, usage=finished.said.usage, retry_after=finished.said.retry_after)


def _listed(things: tuple[str, ...]) -> str:
    more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
    return f"{', '.join(things[:_SHOWN])}{more}"
