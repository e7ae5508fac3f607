"""What changes in a project outside of the folder that an agent works in, while it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Lookout", "Watch"]


class Lookout:
    """Watches one project for all agents at work in it; one a process, so that it knows who else was at work."""

    def __init__(self, project: Path, *, output: Path, records: Path, ignore: Collection[Path] = ()) -> None:
        """Say what is watched.

        Args:
            project: folder of the project.
            output: folder of the built services (`Layout.output`).
            records: folder of the build records (`Layout.builds`): what they say of a service may change meanwhile.
            ignore: folders and files that change by themselves, such as that of the agents' homes.
        """

    def begin(self, name: str) -> Watch:
        """Take note of what is there; `name` is the agent's service."""
        raise OSError(name)


class Watch:
    """One agent's time at work."""

    bounded: str = ""
    """Why not all files were watched; empty where they were."""

    def changes(self) -> tuple[str, ...]:
        """End the watch and return what changed, at most fifty lines, such as `conftest.py (changed)`.

        Where other agents were at work at the same time: `conftest.py (changed; by 'orders', or by 'catalog')`.
        """
        return ()
