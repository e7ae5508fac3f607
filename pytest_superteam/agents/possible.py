"""What settings of an agent can't be, whatever its preset: found before anything is started or paid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.config_entries.agents import AgentConfig

__all__ = ["check_possible"]

BUILTIN = "builtin"
"""The built-in builder, which `on_failure` lets stand in."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
"""A name that every shell and system takes for a variable's (POSIX, XBD 8.1, with small letters)."""


def check_possible(name: str, config: AgentConfig) -> None:
    """Refuse settings with which no program can be started or come to an end.

    Raises:
        ConfigError: one line on the first of them; what may be a secret is not in it.
    """
    for problem in _problems(name, config):
        raise problem


def _problems(name: str, config: AgentConfig) -> Iterator[ConfigError]:
    """Yield an error about each thing that is wrong."""
    place = f"agents.{name}"
    if name == BUILTIN:
        yield ConfigError(f"{place}: is the name of the built-in builder. Choose another.")
    if config.command and not config.command[0].strip():
        yield ConfigError(f"{place}.command: names no program. Write an argument vector, such as `[my-agent, --yes]`.")
    for key, texts in (("command", config.command), ("arguments", config.arguments)):
        if any("\0" in text for text in texts):
            yield ConfigError(f"{place}.{key}: holds a null character, which no argument can. Leave it out.")
    if not all(_VARIABLE.fullmatch(each) for each in config.environment):
        yield ConfigError(
            f"{place}.environment: lists what is no name. Write names of your variables, such as "
            "`[ANTHROPIC_API_KEY]`, and no values."
        )
    for each, value in config.variables.items():
        if not _VARIABLE.fullmatch(each) or "\0" in value:
            yield ConfigError(
                f"{place}.variables: maps what is no name or no text. Write names of variables and texts without null "
                "characters, such as `{LOG_LEVEL: info}`."
            )
    for key in ("memory", "disk", "printed"):
        if not getattr(config, key):
            yield ConfigError(f"{place}.{key}: '0' lets it do nothing. Write MiB from 1, or leave it out.")
