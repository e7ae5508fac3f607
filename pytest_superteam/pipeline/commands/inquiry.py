"""What is asked about: a project, found as a run of the same command line would find it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.files import Layout
from pytest_superteam.reports.text import one_line

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

    def command(self, run: RunRecord | None, *more: str, typed: str = "") -> str:
        """Return the command line that goes on with a run, further words at its end, fit to be shown.

        That is what its last session was started with (`typed`), where that is known; else what is typed now.
        """
        words = [*(_split(typed) or self._named(run)), *more]
        return one_line(shlex.join(["pytest", *words]), 2000)

    def _named(self, run: RunRecord | None) -> list[str]:
        """Return the words that were typed now, with the name of what they are about where they have none."""
        words = list(self.words)
        if self.documents or self.system is not None:
            return words
        if run is not None and run.kind == "system":
            return [*words, "--system", self._shown(self.folder)]
        documents = self.last_documents(run) or [Path("PRD.md")]
        return [*words, *(word for document in documents for word in ("--prd", self._shown(document)))]

    def last_documents(self, run: RunRecord | None) -> list[Path]:
        """Return the documents that were named, else those of the last design, else the run's own."""
        from pytest_superteam.pipeline.design import last_documents

        return list(self.documents or last_documents(self.folder)) or ([Path(run.prd)] if run and run.prd else [])

    def _shown(self, path: Path) -> str:
        """Return a path as short as it can be typed where pytest was started."""
        return str(path.relative_to(self.invocation)) if path.is_relative_to(self.invocation) else str(path)


def _split(typed: str) -> list[str]:
    """Return the words of a command line without its program, and without what would only stop the run again."""
    try:
        return [word for word in shlex.split(typed)[1:] if word != "--review"]
    except ValueError:  # such as a quote that is never closed; the database may be anybody's
        return []
