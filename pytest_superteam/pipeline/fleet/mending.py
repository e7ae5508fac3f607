"""A builder mends what it built: it works on a copy, and what it leaves may not make the gate see less."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.builders.tree import INSTALLED, LEFTOVERS, hash_tree
from pytest_superteam.errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["REFUSED", "UNCHANGED", "keep_installed", "lay_out", "refuse"]

REFUSED = "refused: "
"""How the error of a try begins whose fix weakens the gate."""
UNCHANGED = "nothing was changed."
_SHOWN = 5
"""Weakenings that are told."""


def lay_out(service: Path, site: Path) -> None:
    """Copy a service as it stands into the folder of a try.

    Raises:
        BuildError: it can't be copied.
    """
    try:
        shutil.copytree(
            service,
            site,
            dirs_exist_ok=True,
            symlinks=True,
            ignore=lambda _folder, names: LEFTOVERS.intersection(names),
        )
    except (OSError, shutil.Error) as error:
        raise BuildError(f"'{service.name}' can't be copied to be mended: {error}.") from None


def refuse(before: Path, after: Path) -> None:
    """Refuse a fix that changes nothing, or makes the gate see less.

    Raises:
        BuildError: it is one.
    """
    from pytest_superteam.pipeline.fix.weakening import weakenings  # only where something is mended

    if _hashes(before) == hash_tree(after):
        raise BuildError(UNCHANGED, retryable=False)
    found = weakenings(before, after)
    if found:
        shown = "; ".join(map(str, found[:_SHOWN]))
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        raise BuildError(f"{REFUSED}it makes the gate see less: {shown}{more}", retryable=False)


def keep_installed(before: Path, after: Path) -> None:
    """Let what tools installed for a service be what it was: nobody compares it, so no fix may bring its own."""
    for name in sorted(LEFTOVERS):
        remove_tree(after / name)
        if name in INSTALLED and (before / name).is_dir() and not (before / name).is_symlink():
            shutil.copytree(before / name, after / name, symlinks=True)


def _hashes(before: Path) -> dict[str, str] | None:
    """Return the hash of each file of a service; None where it is no tree of files, which a fix may mend."""
    try:
        return hash_tree(before)
    except (BuildError, OSError):
        return None
