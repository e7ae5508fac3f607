"""The agents that a project can name as builders: the presets, and those of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.config_entries import AgentConfig

if TYPE_CHECKING:
    from pytest_superteam.agents.builder import AgentBuilder
    from pytest_superteam.config import Config

__all__ = ["agent_builders", "agent_names"]


def agent_names(config: Config) -> tuple[str, ...]:
    """Return what `builder` may say for an agent: the presets (`command` among them), and the entries of `agents`."""
    from pytest_superteam.agents.preset import preset_names

    return tuple(dict.fromkeys((*preset_names(), *config.agents)))


def agent_builders(config: Config) -> tuple[AgentBuilder, ...]:
    """Return a builder for each of them; none reads its preset before it is used."""
    from pytest_superteam.agents.builder import AgentBuilder

    return tuple(
        AgentBuilder(name, config.agents.get(name, AgentConfig()), config.timeouts.tests, config.gate.blocking_severity)
        for name in agent_names(config)
    )
