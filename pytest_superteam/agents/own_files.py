"""A configuration file that a project keeps for an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["own_file"]

_MOST_BYTES = 1 << 20


def own_file(project: Path, name: str, place: str) -> str:
    """Return the text of a file of the project; `place` is the setting that names it.

    Raises:
        ConfigError: it is not there, lies outside of the project, is too large or no text.
    """
    path = project / name
    try:
        if not path.resolve().is_relative_to(project.resolve()):
            raise ConfigError(f"{place}: '{name}' lies outside of the project. Name a file in it.")
        if not path.is_file():
            raise ConfigError(f"{place}: '{name}' is no file. Name one of the project.")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ConfigError(f"{place}: '{name}' is larger than {_MOST_BYTES >> 20} MiB. Name a smaller one.")
        return data.decode()
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"{place}: '{name}' can't be read ({error}). Name a text file.") from None
