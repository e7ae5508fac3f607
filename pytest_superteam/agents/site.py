"""The folder of an agent at work, seen by the `pytest --system .` that it starts there: one service, and what is asked.

The gate looks at it as at a service that was built: the same checks of layer 1, with the same verdicts as later.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import BuildError, UsageError
from pytest_superteam.models import Architecture, BuildResult, Evidence

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ASKED", "INPUT", "TEMPLATE_FOLDER", "Site", "asked_text", "read_site"]

INPUT = ".superteam"
"""Folder of the input, in the folder that an agent works in; `pytest --system .` keeps its state there, too."""
ASKED = "asked.json"
"""What is asked of the service: the architecture, cut down to its operations and requirements."""
TEMPLATE_FOLDER = "templates"
_MOST_BYTES = 16 << 20
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


def asked_text(architecture: Architecture, service: str) -> str:
    """Return as JSON what the source of one service can be held to, and no more: agents read it with the rest."""
    asked = Architecture(
        title=architecture.title,
        prd_sha256=architecture.prd_sha256,
        services=(architecture.service_named(service),),
        operations=architecture.operations_of(service),
        requirements=tuple(
            r for r in architecture.requirements if any(name.startswith(f"{service}:") for name in r.operations)
        ),
    )
    return json.dumps(to_data(asked), ensure_ascii=True) + "\n"


@dataclass(frozen=True)
class Site:
    """The folder of an agent at work, and what is asked of the one service in it."""

    directory: Path
    asked: Architecture

    @property
    def service(self) -> str:
        """Return the name of the service."""
        return self.asked.services[0].name

    def build(self) -> BuildResult:
        """Return what is there as the result of a build, which failed where nothing says how it is started."""
        from pytest_superteam.agents.service_file import read

        files, lines = self._files()
        untouched = tuple(path for path, sha256 in files.items() if sha256 in self._templates())
        found = Evidence(len(files), lines, untouched=untouched)
        built = BuildResult(self.service, "agent", self.directory, success=False, files=files, evidence=found)
        try:
            commands = read(self.directory)
        except BuildError as error:
            return replace(built, error=str(error))
        return replace(built, success=True, start=commands.start, test=commands.test)

    def _files(self) -> tuple[dict[str, str], int]:
        """Return the hash of each file, the input's left out, and how many lines they have together."""
        from pytest_superteam.agents.evidence import filled_lines
        from pytest_superteam.builders.tree import MAX_FILES, tree_files

        found: dict[str, str] = {}
        lines = 0
        for path in tree_files(self.directory):
            relative = path.relative_to(self.directory)
            if relative.parts[0] == INPUT or path.is_symlink() or not path.is_file():
                continue
            if len(found) >= MAX_FILES:
                break
            found[relative.as_posix()] = _sha256(path)
            lines += filled_lines(path)
        return found, lines

    def _templates(self) -> frozenset[str]:
        """Return the hashes of the templates that are to be filled in, as far as they are there still."""
        paths = sorted((self.directory / INPUT / TEMPLATE_FOLDER).glob("*"))
        return frozenset(_sha256(path) for path in paths[:20] if path.is_file() and not path.is_symlink())


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_site(root: Path) -> Site | None:
    """Return the folder as that of an agent at work; None where it is none.

    Raises:
        UsageError: it is one, and what it was given is not readable any more; one line.
    """
    file = root / INPUT / ASKED
    if not file.is_file() or file.is_symlink():
        return None
    try:
        return Site(root, _asked(file))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UsageError(
            f"--system: '{file}' was changed and says no more what is asked ({reason}). Bring it back."
        ) from None


def _asked(file: Path) -> Architecture:
    if file.stat().st_size > _MOST_BYTES:
        raise ValueError("it is too large")
    asked: Architecture = from_data(Architecture, json.loads(file.read_text(encoding="utf-8")))
    if [bool(_NAME.fullmatch(service.name)) for service in asked.services] != [True]:
        raise ValueError("it does not have one service")
    return asked
