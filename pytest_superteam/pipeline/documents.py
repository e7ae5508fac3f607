"""Which documents a run is about: files and folders on the command line become files, in one order."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.errors import PrdError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAX_FILES", "SUFFIXES", "documents"]

SUFFIXES = (".md", ".markdown", ".txt")
"""What a requirements document is called."""
MAX_FILES = 200
"""Most documents of a folder; whoever has more has named the wrong folder."""

_NO_DOCUMENT = re.compile(
    r"(?:requirements|constraints)[\w.-]{0,40}\.txt|(?:licen[cs]e|changelog|contributing|code_of_conduct)[\w.-]{0,20}",
    re.IGNORECASE,
)
"""Files of a folder that stand beside requirements and hold none; named on the command line they are read."""
_NO_FOLDER = frozenset({"node_modules", "venv", "build", "dist", "__pycache__"})


def documents(paths: Sequence[Path], *, output: Path | None = None) -> tuple[Path, ...]:
    """Return the documents that `paths` name: files as they stand, folders as their documents sorted by path.

    Args:
        paths: absolute files and folders.
        output: folder of the built services, which are no requirements wherever they lie.

    Raises:
        PrdError: a folder without a document or with too many, or a file that is neither Markdown nor text; one line.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for file in _below(path, output) if path.is_dir() else (path,):
            found[file] = None
    for file in found:
        _check_suffix(file)
    return tuple(found)


def _check_suffix(file: Path) -> None:
    if file.exists() and file.suffix.lower() not in SUFFIXES:
        named = f"'{_shown(file)}' is a '{file.suffix}' file" if file.suffix else f"'{_shown(file)}' has no suffix"
        raise PrdError(f"--prd: {named}. Allowed are {', '.join(sorted(SUFFIXES))}. Export it as Markdown in UTF-8.")


def _below(folder: Path, output: Path | None) -> list[Path]:
    found = list(islice(_walk(folder, output), MAX_FILES + 1))
    if not found:
        raise PrdError(
            f"--prd: the folder '{_shown(folder)}' has no {', '.join(sorted(SUFFIXES))} file. Name a document."
        )
    if len(found) > MAX_FILES:
        raise PrdError(
            f"--prd: the folder '{_shown(folder)}' has more than {MAX_FILES} documents. Allowed are {MAX_FILES}. "
            "Name a smaller folder, or the files."
        )
    return sorted(found, key=lambda file: file.relative_to(folder).parts)


def _walk(folder: Path, output: Path | None) -> Iterator[Path]:
    root = folder.resolve()
    for place, folders, files in os.walk(folder, followlinks=False):
        here = Path(place)
        folders[:] = [n for n in folders if not n.startswith(".") and n not in _NO_FOLDER and here / n != output]
        for name in files:
            if Path(name).suffix.lower() not in SUFFIXES or name[0] == "." or _NO_DOCUMENT.fullmatch(name):
                continue
            file = here / name
            # A link may lead to any file of the machine.
            if file.is_file() and (not file.is_symlink() or file.resolve().is_relative_to(root)):
                yield file


def _shown(path: Path) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(path))[:300]
