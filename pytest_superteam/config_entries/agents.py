"""Settings of coding agents that build services."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # settings are read by their types
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["AgentConfig"]


@dataclass(frozen=True)
class AgentConfig:
    """A coding agent, by the name that `builder` calls it: a preset with changes, or any command line."""

    preset: str | None = None
    """The preset that it starts from; unset: the one of its own name, if there is one."""
    command: tuple[str, ...] = ()
    """Argument vector, instead of the preset's, started without a shell in the service's folder; `{prompt}`,
    `{prompt_file}`, `{workspace}`, `{model}`, `{config}`, `{output}`, `{home}` and `{project}` are replaced.
    `python` is the interpreter that runs pytest; a first word with a slash is looked for from the project's
    folder."""
    arguments: tuple[str, ...] = ()
    """What is added to the argument vector."""
    model: str = ""
    """Its model; unset: the preset's. Without one some presets are a usage error."""
    environment: tuple[str, ...] = ()
    """Names of the variables of yours that it gets to see, its keys among them; it sees no others."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that it gets besides, with their values: no keys, for this file is read by many."""
    config: str | None = None
    """A configuration file of the agent's own, relative to the project, instead of the one that the preset writes."""
    prompt: Literal["argument", "stdin", "file"] | None = None
    """How it gets its task; unset: as the preset says, else `stdin`."""
    output: Literal["text", "json", "jsonl"] | None = None
    """What it prints; unset: as the preset says, else `text`."""
    tier: Literal["free", "subscription", "paid"] | None = None
    """What it takes to use it; unset: as the preset says, else `paid`."""
    worst_case: float | None = None
    """The most that one try costs, in US dollars; a step that nobody can say this of is refused under a budget,
    unless `budget.allow_unknown_cost` is true."""
    memory: int = 4096
    """MiB that it and its children may hold."""
    disk: int = 1024
    """MiB that it may write."""
    printed: int = 64
    """MiB that it may print."""
    confine: bool = True
    """Let it write nowhere but in its own folders, where the system can hold it to that (Landlock, on Linux)."""
