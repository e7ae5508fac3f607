"""The values of the user's keys that an agent gets: known to us, so they can be found in all that it prints or leaves.

Masking by shape (`reports/masking.py`) knows the keys of large platforms; a key of a gateway of one's own may have any.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pytest_superteam.reports.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Keys"]

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|COOKIE", re.IGNORECASE)
"""What a variable is called that holds a secret; a region, a proxy or the path of a certificate is none."""
_SHORTEST = 8
"""Characters of a value that is looked for; a shorter one would be found in ordinary words."""
_MOST_BYTES = 8 << 20
"""Bytes of a file that are looked through for a key."""


class Keys:
    """Keys by the name of their variable."""

    def __init__(self, environment: Mapping[str, str], names: Iterable[str]) -> None:
        """Take the values of those of `names` that are called like secrets, and do not hold a path that is there."""
        values = {name: environment.get(name, "") for name in names if _SECRET.search(name)}
        self._values = {
            name: value
            for name, value in values.items()
            if len(value) >= _SHORTEST and not os.path.exists(value)  # noqa: PTH110  # a value may be no path at all
        }
        longest_first = sorted(set(self._values.values()), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def conceal(self, text: str) -> str:
        """Return `text` without the keys."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def found_in(self, directory: Path) -> str:
        """Return what was found of a key in the files of a service, a clause that names file and variable; or nothing.

        `directory` is made of plain files and folders only (`agents/strange_files.py`).
        """
        from pytest_superteam.builders.tree import tree_files

        wanted = {name: value.encode("utf-8", "surrogateescape") for name, value in self._values.items()}
        for path in tree_files(directory) if wanted else ():
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
            for name, value in wanted.items():
                if value in data:
                    return f"{path.relative_to(directory).as_posix()} holds the value of {name}"
        return ""
