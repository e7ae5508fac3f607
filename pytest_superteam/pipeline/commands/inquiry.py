"""What is asked about: a project, found as a run of the same command line would find it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.files import Layout

if TYPE_CHECKING:
    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.state.store import RunRecord, Store

__all__ = ["Inquiry"]


@dataclass(frozen=True)
class Inquiry:
    """A project and how it was named."""

    folder: Path
    """The folder that `.superteam/` lies in."""
    config: Config
    invocation: Path
    """Where pytest was started; command lines are said for there."""
    words: tuple[str, ...] = ()
    """The words of the command line, without those that ask."""
    documents: tuple[Path, ...] = ()
    """The requirements documents that were named."""
    system: Path | None = None
    """The folder of the system that is there, where one was named."""

    @cached_property
    def layout(self) -> Layout:
        """Return where everything of the project is kept."""
        return Layout(self.folder, self.config.output)

    @property
    def where(self) -> Path | str:
        """Return where the memory of its runs is: a file, or the URL of a database."""
        return self.config.state_url or self.layout.store

    @property
    def project(self) -> str:
        """Return the name of the project in that memory."""
        return str(self.folder.resolve())

    def runs(self, store: Store) -> list[RunRecord]:
        """Return the runs of the project, of the kind that was named if one was, the newest first."""
        kind = "system" if self.system else "prd" if self.documents else ""
        return [run for run in store.runs(self.project) if not kind or run.kind == kind]

    def command(self, run: RunRecord | None, *more: str) -> str:
        """Return the command line that goes on with a run, further words at its end."""
        words = list(self.words)
        if not self.documents and self.system is None:
            if run is not None and run.kind == "system":
                words += ["--system", self._shown(self.folder)]
            else:
                for document in self.last_documents(run) or [Path("PRD.md")]:
                    words += ["--prd", self._shown(document)]
        return shlex.join(["pytest", *words, *more])

    def last_documents(self, run: RunRecord | None) -> list[Path]:
        """Return the documents that were named, else those of the last design, else the run's own."""
        from pytest_superteam.pipeline.design import last_documents

        return list(self.documents or last_documents(self.folder)) or ([Path(run.prd)] if run and run.prd else [])

    def _shown(self, path: Path) -> str:
        """Return a path as short as it can be typed where pytest was started."""
        return str(path.relative_to(self.invocation)) if path.is_relative_to(self.invocation) else str(path)
