"""An agent, ready to be run: a preset with a project's changes, or a command line of the project's own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_superteam.agents.confine import available
from pytest_superteam.agents.laid_over import (
    GENERIC,
    check_placeholders,
    config_place,
    output_of,
    preset_for,
    prompt_of,
    whole_command,
)
from pytest_superteam.agents.own_files import own_file
from pytest_superteam.agents.placeholders import fill, fill_quoted
from pytest_superteam.agents.possible import check_possible
from pytest_superteam.agents.preset import ARGUMENTS, Need
from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.agents.reading.spec import OutputSpec
    from pytest_superteam.config_entries.agents import AgentConfig

__all__ = ["GENERIC", "Agent", "resolve"]

LONGEST_ARGUMENT = 100 << 10
"""Bytes; Linux takes up to 128 KiB in one argument."""
OUTPUT = "output.json"


@dataclass(frozen=True)
class Agent:
    """Everything decided about one agent. `values` gives what all else here takes to fill its placeholders."""

    name: str
    title: str
    preset: str
    """Name of the preset that it starts from; `command` where it starts from none."""
    command: tuple[str, ...]
    prompt: Literal["argument", "stdin", "file"]
    output: OutputSpec
    tier: Literal["free", "subscription", "paid"]
    platform: str
    model: str = ""
    worst_case: float | None = None
    environment: tuple[str, ...] = ()
    """Names of the user's variables that it gets to see."""
    install: str = ""
    leaves: tuple[str, ...] = ()
    memory: int = 4096
    disk: int = 1024
    printed: int = 64
    confine: bool = True
    needs: tuple[Need, ...] = ()
    budget_arguments: tuple[str, ...] = ()
    confined_arguments: tuple[str, ...] = ()
    unconfined_arguments: tuple[str, ...] = ()
    config_file: str = ""
    """Path of its configuration file in its home; empty where it has none."""
    own_config: str = ""
    """The project's own file that is copied there, relative to the project."""
    digest: str = ""
    fixed_variables: Mapping[str, str] = field(default_factory=dict)
    fixed_files: Mapping[str, str] = field(default_factory=dict)

    def values(
        self, *, prompt: str, prompt_file: Path, workspace: Path, home: Path, project: Path, budget: float | None = None
    ) -> Mapping[str, str]:
        """Return what the placeholders stand for in one try; `budget` is what it may cost, in US dollars."""
        return {
            "prompt": prompt,
            "prompt_file": str(prompt_file),
            "workspace": str(workspace),
            "model": self.model,
            "config": str(home / self.config_file) if self.config_file else "",
            "output": str(home / OUTPUT),
            "home": str(home),
            "project": str(project),
            "budget": "" if budget is None else f"{budget:.4f}",
        }

    def argv(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the argument vector. A task that is too long for one argument is told by its file."""
        text = values["prompt"].replace("\0", "")
        if len(text.encode("utf-8", "replace")) > LONGEST_ARGUMENT:
            text = f"Read the file {values['prompt_file']} as a whole, and do what it says."
        if text.startswith("-"):
            text = f" {text}"  # a task, and no option
        extra = self.confined_arguments if self.confine and available() else self.unconfined_arguments
        extra += self.budget_arguments if values.get("budget") else ()
        command = [part for item in self.command for part in (extra if item == ARGUMENTS else (item,))]
        return tuple(fill(part, {**values, "prompt": text}) for part in command)

    def stdin(self, values: Mapping[str, str]) -> bytes | None:
        """Return what is written to it, None where that is nothing."""
        return values["prompt"].encode("utf-8", "replace") if self.prompt == "stdin" else None

    def variables(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that it gets besides the ones of `environment`."""
        return {name: fill(value, values) for name, value in self.fixed_variables.items()}

    def files(self, values: Mapping[str, str], project: Path) -> dict[str, str]:
        """Return what has to be in its home before it starts, by path.

        Raises:
            ConfigError: the project's own configuration file can't be read.
        """
        texts = {path: fill_quoted(text, values) for path, text in self.fixed_files.items()}
        if self.own_config:
            texts[self.config_file] = own_file(project, self.own_config, f"agents.{self.name}.config")
        return texts

    def missing(self, environ: Mapping[str, str]) -> str:
        """Return the line that says which variable to name or to set; empty where none is missing."""
        for need in self.needs:
            if not self.model.startswith(need.model) or any(name in self.fixed_variables for name in need.names):
                continue
            named = [name for name in need.names if name in self.environment]
            if any(environ.get(name) for name in named):
                continue
            if named:
                return f"{named[0]}, which agents.{self.name}.environment names, is not set. Set it and start again."
            others = f" ({', '.join(need.names[1:])} would do as well)" if need.names[1:] else ""
            return (
                f"{self.title} has no key: write `agents: {{{self.name}: {{environment: [{need.names[0]}]}}}}`"
                f" into superteam.yaml{others}."
            )
        return ""

    def inputs(self, project: Path) -> dict[str, str]:
        """Return what a build by this agent depends on, by name, for the key of the build; no secrets."""
        own = own_file(project, self.own_config, f"agents.{self.name}.config") if self.own_config else ""
        found = {
            "preset": f"{self.preset} {self.digest}",
            "command": json.dumps(self.command),
            "model": self.model,
            "prompt": self.prompt,
            "variables": json.dumps(sorted(self.fixed_variables.items())),
            "config": own,
        }
        return {f"agent {name}": _hash(text) for name, text in found.items() if text}


def resolve(name: str, config: AgentConfig) -> Agent:
    """Return the agent that `builder: <name>` means, with what `agents.<name>` says.

    Raises:
        ConfigError: it has no command, its preset is unknown, or a setting of it can't be; one line.
    """
    check_possible(name, config)
    preset = preset_for(name, config)
    command = config.command or preset.command
    if not command:
        raise ConfigError(f"agents.{name}.command: is missing. Write its argument vector, such as `[my-agent, --yes]`.")
    check_placeholders(name, config)
    model = config.model or preset.default_model
    if not model and preset.model_example and not config.command:
        raise ConfigError(f"agents.{name}.model: is missing. Write one, such as `model: {preset.model_example}`.")
    prompt = config.prompt or (prompt_of(config.command) if config.command else preset.prompt)
    extra = (*(preset.model_arguments if model and not config.command else ()), *config.arguments)
    config_file = config_place(name, config, preset)
    return Agent(
        name=name,
        title=preset.title if preset.name != GENERIC else name,
        preset=preset.name,
        command=whole_command(command, extra, prompt),
        prompt=prompt,
        output=output_of(preset, config),
        tier=config.tier or preset.tier,
        platform=preset.platform or name,
        model=model,
        worst_case=config.worst_case,
        environment=config.environment,
        install=preset.install if not config.command else "",
        leaves=preset.leaves,
        memory=config.memory,
        disk=config.disk,
        printed=config.printed,
        confine=config.confine,
        needs=() if config.command or config.config else preset.needs,
        budget_arguments=() if config.command else preset.budget_arguments,
        confined_arguments=() if config.command else preset.confined_arguments,
        unconfined_arguments=() if config.command else preset.unconfined_arguments,
        config_file=config_file,
        own_config=config.config or "",
        digest=preset.digest,
        fixed_variables={**preset.variables, **config.variables},
        fixed_files=preset.files,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
