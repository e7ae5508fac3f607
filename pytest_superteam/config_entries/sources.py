"""Where settings are written: superteam.yaml, the environment, options. Each value is read with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_superteam.config_entries.converting import convert, convert_text
from pytest_superteam.config_entries.messages import meant, shown
from pytest_superteam.errors import ConfigError
from pytest_superteam.options import BY_SETTING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ENVIRONMENT_PREFIX", "MAX_CONFIG_BYTES", "Given", "from_environment", "from_file", "from_options"]

MAX_CONFIG_BYTES = 1 << 20
ENVIRONMENT_PREFIX = "SUPERTEAM_"


class Given(NamedTuple):
    """A setting that somebody has set."""

    value: Any
    origin: str
    """`superteam.yaml:3`, the name of a variable, or an option."""


def from_file(file: Path | None, keys: Mapping[str, Any]) -> dict[str, Given]:
    """Return the settings of a file by dotted key.

    Args:
        file: superteam.yaml, or None where there is none.
        keys: dotted key to type, of all settings.

    Raises:
        ConfigError: the file can't be read, or holds a wrong key or value; the message says the line.
    """
    if file is None:
        return {}
    import yaml  # only where there is a file to read

    try:
        if file.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{file}: is larger than {MAX_CONFIG_BYTES} bytes. Name a superteam.yaml.")
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigError(f"{file}: can't be read ({error.strerror}). Name a readable file.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"{file}{place}: is no YAML: {shown(problem)}. Mend that line.") from None
    found: dict[str, Given] = {}
    if root is not None and root.tag != "tag:yaml.org,2002:null":
        _walk(root, "", file, keys, found)
    return found


def _walk(node: Any, prefix: str, file: Path, keys: Mapping[str, Any], found: dict[str, Given]) -> None:
    """Collect the settings below a YAML mapping node, each checked, with its line."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        what = f"'{prefix.rstrip('.')}' " if prefix else ""
        line = node.start_mark.line + 1
        raise ConfigError(f"{file}:{line}: {what}must hold `key: value` lines. Write one, or leave it out.")
    for key_node, value_node in node.value:
        name = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
        key, line = f"{prefix}{name}", key_node.start_mark.line + 1
        place = f"{file}:{line}"
        if any(known.startswith(f"{key}.") for known in keys):
            _walk(value_node, f"{key}.", file, keys, found)
            continue
        if key not in keys:
            raise ConfigError(f"{place}: '{shown(key)}' is no setting.{meant(key, _with_groups(keys))}")
        if "." in name:
            group, _, rest = name.partition(".")
            raise ConfigError(f"{place}: '{name}' has a dot. Write `{group}:`, and below it, indented, `{rest}:`.")
        value = convert(_constructed(value_node, place), keys[key], f"{place}: {key}")
        found[key] = Given(value, f"{file.name}:{line}")


def _constructed(node: Any, place: str) -> Any:
    """Return the value of a node.

    Raises:
        ConfigError: it is none that YAML's plain types can say.
    """
    import yaml

    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"{place}: is no YAML: {shown(problem)}. Mend that line.") from None


def from_environment(environment: Mapping[str, str], keys: Mapping[str, Any]) -> dict[str, Given]:
    """Return the settings of the variables that are named `SUPERTEAM_*`, by dotted key."""
    names = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in keys}
    found = {}
    for name, text in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        if name not in names:
            raise ConfigError(f"{name}: no such environment setting.{meant(name, names)}")
        found[names[name]] = Given(convert_text(text, keys[names[name]], name), name)
    return found


def from_options(options: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Given]:
    """Return the settings that were given as options, by dotted key."""
    found = {}
    for key, value in options.items():
        name = BY_SETTING[key].flag if key in BY_SETTING else f"--{key}"
        read = convert_text if isinstance(value, str) else convert
        found[key] = Given(read(value, keys[key], name), name)
    return found


def _with_groups(keys: Mapping[str, Any]) -> list[str]:
    return [*keys, *{key.split(".")[0] for key in keys if "." in key}]
