"""The settings in effect as YAML, each with where it comes from; it can be pasted back."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pytest_superteam.config_entries.services import NONE, ServicePath
from pytest_superteam.reports.masking import mask, mask_url
from pytest_superteam.settings.meanings import meanings

if TYPE_CHECKING:
    from pytest_superteam.config import Config

__all__ = ["settings_lines"]

DEFAULT, UNSET = "default", "unset"
_WIDTH = 100  # characters of a line of a meaning


@dataclass(frozen=True)
class _Shown:
    """What is to be shown: only what somebody set, with what each setting means."""

    origins: Mapping[str, str]
    only_set: bool
    with_meanings: bool


def settings_lines(
    config: Config, origins: Mapping[str, str], *, only_set: bool = False, with_meanings: bool = False
) -> list[str]:
    """Return the lines of a superteam.yaml that says the same as `config`, secrets masked.

    What is unset by default is a comment, for it can't be written otherwise.

    Args:
        config: the settings.
        origins: dotted key -> where its value comes from; what is not there is a default.
        only_set: leave the defaults out.
        with_meanings: say above each setting what it means.
    """
    return list(_group(config, "", _Shown(origins, only_set, with_meanings)))


def _group(group: Any, prefix: str, shown: _Shown) -> Iterator[str]:
    indent = "  " * prefix.count(".")
    cls: type = type(group)
    told = meanings(cls) if shown.with_meanings else {}
    for item in fields(group):
        key, value = prefix + item.name, getattr(group, item.name)
        if is_dataclass(value):
            below = list(_group(value, f"{key}.", shown))
            counts = any(not line.lstrip().startswith("#") for line in below)
            yield from [f"{indent}{'' if counts else '#'}{item.name}:", *below] if below else []
        elif key in shown.origins or not shown.only_set:
            yield from textwrap.wrap(
                told.get(item.name, ""), _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
            )
            yield f"{indent}{_line(item, key, value, shown.origins)}"


def _line(item: Any, key: str, value: Any, origins: Mapping[str, str]) -> str:
    default = item.default if item.default is not MISSING else item.default_factory()
    if value == default and not value and not isinstance(value, (bool, int, float)):
        return f"#{item.name}:  # {origins.get(key, UNSET)}"
    data = _data(value)
    masked = _masked(data, key)
    note = f"{origins.get(key, DEFAULT)}{', masked' if masked != data else ''}"
    return f"{item.name}: {_yaml(masked)}  # {note}"


def _yaml(data: Any) -> str:
    """Return a value in one line of YAML."""
    import yaml

    text: str = yaml.safe_dump([data], default_flow_style=True, width=1 << 30, allow_unicode=True, sort_keys=False)
    return text.strip()[1:-1]


def _data(value: Any) -> Any:
    """Return a value as it is written in the file."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ServicePath):
        given = {item.name: getattr(value, item.name) for item in fields(value)}
        return {
            name: NONE if one in (0, ()) else _data(one) for name, one in given.items() if one is not None and one != ""
        }
    if is_dataclass(value):
        given = {
            item.name: getattr(value, item.name) for item in fields(value) if getattr(value, item.name) != item.default
        }
        return {name: _data(one) for name, one in given.items() if one not in ((), {})}
    if isinstance(value, Mapping):
        return {name: _data(one) for name, one in value.items()}
    if isinstance(value, str):
        return str(value)
    return [_data(one) for one in value] if isinstance(value, (tuple, list)) else value


def _masked(data: Any, name: str) -> Any:
    """Return what is written in the file with passwords, tokens and keys cut down; `name` is what it is called."""
    if isinstance(data, str):
        begin = f"{name.rpartition('.')[2]}="
        return mask(begin + mask_url(data)).removeprefix(begin)
    if isinstance(data, dict):
        return {key: _masked(one, key) for key, one in data.items()}
    return [_masked(one, name) for one in data] if isinstance(data, list) else data
