"""Where a project is: its settings file and its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.config import CONFIG_NAME
from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["find_config"]


def find_config(
    given: Path | None, *, folders: Sequence[Path], invocation: Path, name: str = "--superteam-config"
) -> tuple[Path | None, Path]:
    """Return superteam.yaml (the one given, else the first one in `folders`) and the project's folder.

    The project is the folder of the settings; without any, the one that pytest was started in. `name` is what the file
    was given by.

    Raises:
        ConfigError: the given file does not exist.
    """
    if given is not None:
        if not given.is_file():
            raise ConfigError(f"{name}: '{given}' is no file. Name an existing superteam.yaml.")
        return given, given.parent
    for folder in folders:
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME, folder
    return None, invocation
