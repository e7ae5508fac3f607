"""What a project says of an agent, laid over its preset: each setting by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pytest_superteam.agents.placeholders import PLACEHOLDERS, named_in, unknown_in
from pytest_superteam.agents.preset import ARGUMENTS, Preset, preset_named, preset_names
from pytest_superteam.config_entries.converting import meant
from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from pytest_superteam.agents.reading.spec import OutputSpec
    from pytest_superteam.config_entries.agents import AgentConfig

__all__ = ["GENERIC", "check_placeholders", "config_place", "output_of", "preset_for", "prompt_of", "whole_command"]

GENERIC = "command"
"""The preset without a program: what it reads is what an agent of a project's own may print."""


def preset_for(name: str, config: AgentConfig) -> Preset:
    """Return the preset that an agent starts from."""
    if config.preset:
        if config.preset not in preset_names():
            near = meant(config.preset, preset_names())
            raise ConfigError(f"agents.{name}.preset: '{config.preset}' is unknown.{near}")
        return preset_named(config.preset)
    if name in preset_names():
        return preset_named(name)
    if not config.command:
        near = meant(name, preset_names())
        raise ConfigError(f"agents.{name}: has neither `command` nor `preset`, and is no preset itself.{near}")
    return preset_named(GENERIC)


def check_placeholders(name: str, config: AgentConfig) -> None:
    """Refuse placeholders that are none, and those that nothing is set for."""
    for key, texts in (("command", config.command), ("arguments", config.arguments)):
        for text in texts:
            if unknown := unknown_in(text):
                near = meant(unknown[0], PLACEHOLDERS)
                raise ConfigError(f"agents.{name}.{key}: '{{{unknown[0]}}}' is no placeholder.{near}")
            if "model" in named_in(text) and not config.model:
                raise ConfigError(f"agents.{name}.model: is missing, for `{key}` names it. Write `model: <its name>`.")
            if "config" in named_in(text) and not config.config and config.command:
                raise ConfigError(f"agents.{name}.config: is missing, for `{key}` names it. Write the file's path.")


def prompt_of(command: tuple[str, ...]) -> Literal["argument", "stdin", "file"]:
    """Return how a command line of one's own takes its task."""
    named = named_in(" ".join(command))
    return "argument" if "prompt" in named else "file" if "prompt_file" in named else "stdin"


def whole_command(
    command: tuple[str, ...], extra: tuple[str, ...], prompt: Literal["argument", "stdin", "file"]
) -> tuple[str, ...]:
    """Return a command line with what is added to it, and with its task where that is an argument."""
    spliced = command if ARGUMENTS in command else (*command, ARGUMENTS)
    at = spliced.index(ARGUMENTS)
    whole = (*spliced[:at], ARGUMENTS, *extra, *spliced[at + 1 :])
    wanted = {"argument": "prompt", "file": "prompt_file"}.get(prompt, "")
    return whole if not wanted or wanted in named_in(" ".join(whole)) else (*whole, f"{{{wanted}}}")


def output_of(preset: Preset, config: AgentConfig) -> OutputSpec:
    """Return how its output is read; another format than the preset's is read as that of any program."""
    if config.output in {None, preset.output.format}:
        return preset.output
    return replace(preset_named(GENERIC).output, format=config.output or "text")


def config_place(name: str, config: AgentConfig, preset: Preset) -> str:
    """Return where its configuration file lies in its home; empty where it has none."""
    if preset.config or not config.config:
        return preset.config
    if "config" not in named_in(" ".join((*config.command, *config.arguments, *config.variables.values()))):
        raise ConfigError(f"agents.{name}.config: nothing reads it. Name it in `arguments` as `{{config}}`.")
    return f"config/{config.config.replace(chr(92), '/').rsplit('/', 1)[-1]}"
