"""Samples as files: what the scanners find in them, by code and line."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Violation

MARK = re.compile(r"(?:#|//)!\s*([A-Z][A-Z0-9, -]*\d)\s*$")
"""What a sample line that is a finding ends with: `#! SEC-001`, in JavaScript `//! SEC-001`."""


class Samples:
    """Writes samples below a folder and scans them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def target(self, files: Mapping[str, str | bytes], **options: Any) -> ScanTarget:
        """Write `files` and return them as a target."""
        for path, content in files.items():
            full = self.root / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
        return ScanTarget(options.pop("name", "api"), self.root, **options)

    def violations(self, files: Mapping[str, str | bytes], *codes: str, **options: Any) -> list[Violation]:
        """Return the findings of `codes` in `files`, in order of code, file and line."""
        found = scan_target(self.target(files, **options), builtin_scanners(), codes or None)
        return [violation for items in found.values() for violation in items]

    def lines(self, text: str, *codes: str, path: str = "app.py", **options: Any) -> list[tuple[str, int]]:
        """Return (code, line) of the findings of `codes` in one file."""
        return sorted((v.code, v.line) for v in self.violations({path: text}, *codes, **options))

    def check(self, text: str, *codes: str, path: str = "app.py", **options: Any) -> None:
        """Compare the findings in one file with the marks `#! CODE` at the ends of its lines."""
        text = dedent(text)
        wanted = [
            (code.strip(), number)
            for number, line in enumerate(text.split("\n"), 1)
            if (match := MARK.search(line))
            for code in match[1].split(",")
        ]
        assert self.lines(text, *codes, path=path, **options) == sorted(wanted)


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    """Return a writer of samples in a folder of its own."""
    return Samples(tmp_path)


@pytest.fixture
def member(tmp_path: Path) -> Callable[..., ScanTarget]:
    """Return a function that writes one service of a system below the common root."""

    def make(name: str, files: Mapping[str, str | bytes]) -> ScanTarget:
        return Samples(tmp_path / name).target(files, name=name)

    return make
