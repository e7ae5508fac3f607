"""YAML with the tags by which a compose file takes the place of what earlier ones say: `!override` and `!reset`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.yaml_text import escaped, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OLDEST_COMPOSE", "RESET", "Tagged", "yaml_lines"]

OLDEST_COMPOSE = (2, 24, 4)
"""Since then Compose knows `!override`; `!reset` is a little older."""


@dataclass(frozen=True)
class Tagged:
    """A value with a tag in front."""

    tag: str
    value: Any = None


RESET = Tagged("!reset")
"""Takes away what earlier files say."""


def yaml_lines(value: Mapping[str, Any], indent: int = 0) -> list[str]:
    """Return the lines of a mapping: mappings in blocks, lists on one line, every `$` escaped."""
    lines: list[str] = []
    for key, item in value.items():
        head = f"{' ' * indent}{_text(key)}:"
        tag, content = (f" {item.tag}", item.value) if isinstance(item, Tagged) else ("", item)
        if isinstance(content, dict) and content:
            lines += [head + tag, *yaml_lines(content, indent + 2)]
        else:
            lines.append(f"{head}{tag} {_flow(content)}")
    return lines


def _flow(value: Any) -> str:
    """Return a value on one line."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_flow(item)}' for key, item in value.items())}}}"
    return _text(value) if isinstance(value, str) else scalar(value)


def _text(value: Any) -> str:
    """Return a text; within a flow collection a plain one could be read as more than it is."""
    return scalar(escaped(str(value)))
