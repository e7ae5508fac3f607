"""The lines of Dockerfiles and compose files whose secrets are DOCKER-002's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.compose import is_compose

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["docker_lines"]

_VARIABLES = re.compile(r"\s*(?:ENV|ARG)\s", re.IGNORECASE)
_SECTION = re.compile(r"(?P<indent>\s*)(?:-\s+)?[\"']?(?:environment|args)[\"']?\s*:")


def docker_lines(file: SourceFile) -> frozenset[int]:
    """Return the lines of ENV and ARG instructions, and of `environment` and `args` sections."""
    if file.language == "docker":
        return frozenset(_instructions(file.lines))
    return frozenset(_sections(file.lines)) if is_compose(file) else frozenset()


def _instructions(lines: list[str]) -> list[int]:
    found: list[int] = []
    inside = False
    for number, line in enumerate(lines, 1):
        inside = inside or _VARIABLES.match(line) is not None
        if inside:
            found.append(number)
            inside = line.rstrip().endswith(("\\", "`")) or line.lstrip().startswith("#")
    return found


def _sections(lines: list[str]) -> list[int]:
    found: list[int] = []
    indent = -1
    for number, line in enumerate(lines, 1):
        text = line.strip()
        depth = len(line) - len(line.lstrip())
        if (
            indent >= 0
            and text
            and not text.startswith("#")
            and (depth < indent or (depth == indent and not text.startswith("- ")))
        ):
            indent = -1
        match = _SECTION.match(line)
        if indent < 0 and match:
            indent = len(match["indent"])
            found.append(number)
        elif indent >= 0:
            found.append(number)
    return found
