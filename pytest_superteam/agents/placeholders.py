"""What stands for something in command lines, variables and configuration files of agents, such as `{prompt}`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["PLACEHOLDERS", "fill", "fill_quoted", "named_in", "unknown_in"]

PLACEHOLDERS = {
    "prompt": "the task",
    "prompt_file": "path of the file that holds the task",
    "workspace": "the folder that the service is built in",
    "model": "the model that is set",
    "config": "path of the agent's own configuration file",
    "output": "path of a file, outside of the workspace, that it may leave its result in",
    "home": "its private home",
    "project": "the project's folder; the agent works elsewhere, so a script of yours is `{project}/tools/agent.py`",
    "budget": "US dollars that this try may cost",
}
_ONE = re.compile(r"\{([a-z_]{1,30})\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders replaced; what a value itself holds is left as it is."""
    return _ONE.sub(lambda found: values.get(found[1], found[0]), template)


def fill_quoted(template: str, values: Mapping[str, str]) -> str:
    """Return a template whose placeholders stand between double quotes of JSON, TOML or YAML."""
    quoted = {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
    return fill(template, quoted)


def named_in(template: str) -> set[str]:
    """Return the names of the placeholders in a template."""
    return {name for name in _ONE.findall(template) if name in PLACEHOLDERS}


def unknown_in(template: str, also: Collection[str] = ()) -> list[str]:
    """Return what looks like a placeholder and is none."""
    return [name for name in _ONE.findall(template) if name not in PLACEHOLDERS and name not in also]
