"""Scripts of the project that a command line names as if the agent worked in the project's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["misplaced_script"]

_INTERPRETERS = ("python", "node", "bash", "sh", "ruby", "perl", "deno", "bun")
_NO_SCRIPT = ("-m", "-c", "-e")
"""What follows is the name of a module, or source."""


def misplaced_script(command: Sequence[str], project: Path) -> str:
    """Return why a command such as `[python, tools/agent.py]` finds no script, and what to write; empty if it may.

    An agent works in a folder of its own; the script that its interpreter runs lies in the project.
    """
    program = Path(command[0]).name.rstrip("0123456789.")
    script = next((word for word in command[1:] if not word.startswith("-") or word in _NO_SCRIPT), "")
    if program not in _INTERPRETERS or not script or "{" in script or Path(script).is_absolute():
        return ""
    try:
        here = (project / script).is_file()
    except (OSError, ValueError):  # no name of a file: then it is no script of the project
        return ""
    if not here:
        return ""
    return f"'{script}' lies in the project, and an agent works in a folder of its own: write '{{project}}/{script}'."
