"""The own tests of what an agent built write no more than the agent itself could: below folders of theirs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from pytest_superteam.builders.tree import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["confined", "within_its_copy"]

_BECOME = """\
import json, os, runpy, signal, sys
runpy.run_path(sys.argv[1])["confine"](json.loads(sys.argv[2]))
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Takes the limits upon itself and becomes the command; Python ignores broken pipes, and that would be inherited."""


def within_its_copy(directory: Path) -> Callable[[list[str], Path, Path], list[str]]:
    """Return what confines the tests of the service in `directory` to the copy that they run in (`built_tests`)."""
    own = [directory / name for name in INSTALLED]  # some tools keep caches beside the packages

    def within(command: list[str], folder: Path, around: Path) -> list[str]:
        return confined(command, folder, [around, *own])

    return within


def confined(command: Sequence[str], folder: Path, writable: Sequence[Path]) -> list[str]:
    """Return the argument vector that starts `command` without rights to write elsewhere.

    Where the kernel has no way of confining (`agents.confine.available`) it is the command as it is.

    Args:
        command: argument vector, its program a path, absolute or seen from `folder`.
        folder: where it starts.
        writable: folders that it may write to.
    """
    from pytest_superteam.agents import confine

    if not confine.available():
        return list(command)
    places = json.dumps([str(path) for path in writable])
    program = str(folder / command[0])
    return [sys.executable, "-I", "-S", "-c", _BECOME, confine.__file__, places, program, *command[1:]]
