"""How many fix attempts a run may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.config import Config

__all__ = ["BY_AGENTS", "fix_limit"]

BY_AGENTS = 3
"""Attempts where an agent builds and nobody says how many; the source documents' limit of fix passes."""


def fix_limit(config: Config) -> int:
    """Return how often builders may mend what the gate found: as set, else three where an agent builds."""
    if config.fix is not None:
        return config.fix
    return BY_AGENTS if any(_is_agent(name, config) for name in _named(config)) else 0


def _named(config: Config) -> set[str]:
    own = {setting.builder for setting in config.services.values() if setting.builder}
    return {*(config.builders or (config.builder,)), *own}


def _is_agent(name: str, config: Config) -> bool:
    if name in config.agents:
        return True
    if name == "builtin":
        return False
    from pytest_superteam.agents.offers import agent_names  # only where another builder is named

    return name in agent_names(config)
