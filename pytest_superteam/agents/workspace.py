"""The folder that an agent works in: what it is given, and what is taken away again at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.builders.base import BuildRequest
    from pytest_superteam.models import Rule

__all__ = ["INPUT", "Left", "Workspace", "clean", "prepare"]

INPUT = ".superteam"
"""Folder of the input, in the folder that the agent works in; `pytest --system .` keeps its state there, too."""


@dataclass(frozen=True)
class Workspace:
    """What an agent was given. Paths of the mappings are relative to `directory`, POSIX style."""

    directory: Path
    task: str
    """The task as text, for a prompt."""
    task_file: Path
    """The same as a file, `.superteam/TASK.md`."""
    given: Mapping[str, str] = field(default_factory=dict)
    """sha256 of everything that it was given: its input, what belongs into the tree, templates."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Those of `given` that are to be filled in: whatever file has one of these hashes at the end was left as it was."""
    kept: Mapping[str, bytes] = field(default_factory=dict)
    """Contents of what belongs into the finished tree as it was given: `openapi.json`, `pacts/*.json`."""


@dataclass(frozen=True)
class Left:
    """What became of the input while the agent was at work. Paths relative to the folder."""

    deleted: tuple[str, ...] = ()
    """Input that the agent deleted."""
    changed: tuple[str, ...] = ()
    """Input that it changed."""
    restored: tuple[str, ...] = ()
    """What was put back of that which belongs into the tree; nothing where a fix attempt is judged by its changes."""


def prepare(request: BuildRequest, *, prd: str, codes: Sequence[Rule], self_check: tuple[str, ...]) -> Workspace:
    """Lay the scoped input of one service into the folder that its agent works in.

    Args:
        request: what to build or, with `mending`, what to mend in the tree that is there.
        prd: text of the whole requirements document, its secrets masked.
        codes: the gate's codes that the service is held to.
        self_check: argument vector by which the agent tries its work.

    Raises:
        BuildError: the folder can't be written.
    """


def clean(workspace: Workspace) -> Left:
    """Remove the input and what tools left behind, and put back what belongs into the tree."""
