"""What the command line and pytest's own settings say about a run: its folder, its settings file, its options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.options import BY_SETTING
from pytest_superteam.pipeline.finding import find_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__all__ = ["absolute", "options_of", "seen_from", "settings_file"]

INI_NAME = "superteam_config"


def absolute(config: pytest.Config, path: str) -> Path:
    """Return a path of the command line without `..`, so that paths compare; links are kept, for a PRD may be one."""
    return Path(os.path.abspath(Path(config.invocation_params.dir, path)))  # noqa: PTH100


def seen_from(here: Path, path: Path) -> str:
    """Return how a path is named in a folder."""
    try:
        return Path(os.path.relpath(path, here)).as_posix()
    except ValueError:  # on another drive
        return path.as_posix()


def options_of(config: pytest.Config) -> dict[str, Any]:
    """Return the settings that were given as options, by dotted key."""
    given = {key: getattr(config.option, option.dest, None) for key, option in BY_SETTING.items()}
    if given["baseline"] is not None:
        given["baseline"] = str(absolute(config, given["baseline"]))
    return {key: value for key, value in given.items() if value is not None}


def settings_file(config: pytest.Config, first: Path, *, system: bool) -> tuple[Path | None, Path]:
    """Return the settings file and the project's folder.

    The file is the one of `--superteam-config`, else of `superteam_config` in pytest's own settings, else the
    superteam.yaml beside the PRD, in rootdir, or with `system` in the system.

    Args:
        config: pytest's.
        first: the document, or the folder of the system; where none is named, the folder that pytest was started in.
        system: whether `first` is a system.

    Raises:
        ConfigError: the file that is named is none.
    """
    here = Path(config.invocation_params.dir)
    given, name = config.option.superteam_config, "--superteam-config"
    file = None if given is None else here / given
    if file is None and (twin := str(config.getini(INI_NAME))):
        file, name = absolute(config, str(config.rootpath / twin)), INI_NAME
    folders: Sequence[Path] = (first if first.is_dir() else first.parent, *(() if system else (config.rootpath,)))
    return find_config(file, name=name, folders=folders, invocation=first if system else here)
