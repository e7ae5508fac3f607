"""Where files of findings lie in the repository that a report is about, whatever they are told by."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Places"]


@dataclass(frozen=True)
class Places:
    """The root of a repository, the services' folders, and the document that stands for what belongs to no file."""

    base: Path
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Service to its folder."""
    anchor: Path | None = None
    is_document: bool = True
    """Whether the anchor is the requirements document, so that lines of requirements are lines of it."""

    def of(self, service: str, file: str) -> str:
        """Return the path of a service's file from the base, POSIX style; empty where it is outside, or no file."""
        return self._from_base(self.folders.get(service, self.base) / file) if file else ""

    @property
    def fallback(self) -> str:
        """Return the path from the base of what stands for what belongs to no file; empty where there is none."""
        return self._from_base(self.anchor) if self.anchor is not None else ""

    def _from_base(self, path: Path) -> str:
        try:
            full = path.resolve()
        except (OSError, ValueError):  # a name that no file can have
            return ""
        inside = full.is_relative_to(self._root) and full != self._root
        return full.relative_to(self._root).as_posix().encode("utf-8", "replace").decode() if inside else ""

    @cached_property
    def _root(self) -> Path:
        return self.base.resolve()
