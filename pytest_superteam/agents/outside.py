"""What changes in a project outside of the folder that an agent works in, while it works.

For agents that nothing keeps in their folder; those that are confined can't write anywhere else, and what changes
while they work was somebody else.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from pytest_superteam.agents.project_files import MOST_FILES, Change, Snapshot, changes_between, snapshot
from pytest_superteam.agents.telling import first_of, shown_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pytest_superteam.agents.project_files import FileState

    Records = dict[str, FileState]

__all__ = ["Lookout", "Watch"]

MOST_TOLD = 50
_DESIGN = ("architecture/", "architecture.json")
"""What of the run's own folder nothing of ours writes while agents are at work."""
_PASSING = re.compile(r"\.(?:log|out|tmp|swp|swx|pid)$|~$|/\.#[^/]*$|/\.coverage[^/]*$|/4913$")
"""Files that people and tools write at any moment: logs, what editors leave while somebody types."""
_DATA = re.compile(r"\.(?:db|db3|sqlite|sqlite3)(?:-(?:wal|shm|journal))?$")
"""Files that a service writes in its folder while it runs."""
_SLACK = 1_000_000_000
"""Nanoseconds by which clocks of processes and file systems may differ."""
_STREAMS = (1, 2)


class Lookout:
    """Watches one project for all agents at work in it; one a process, so that it knows who else was at work."""

    def __init__(self, project: Path, *, output: Path, records: Path, ignore: Collection[Path] = ()) -> None:
        """Say what is watched.

        Args:
            project: folder of the project.
            output: folder of the built services (`Layout.output`).
            records: folder of the build records (`Layout.builds`): what they say of a service may change meanwhile.
            ignore: folders and files that change by themselves, such as that of the agents' homes.
        """
        self.project, self.output, self.records = project.resolve(), output.resolve(), records.resolve()
        self._state = f"{self.records.parent}/"
        self._ignored = {str(path.resolve()) for path in ignore}
        self._lock = Lock()
        self._all: list[Watch] = []

    def begin(self, name: str) -> Watch:
        """Take note of what is there; `name` is the agent's service. Blocks for the look (`MOST_FILES`)."""
        watch = Watch(self, name, *self.look())
        with self._lock:
            # One of the same name that has not ended was a try that was broken off.
            at_work = [other for other in self._all if not other.ended and other.name != name]
            watch.others.extend(at_work)
            for other in at_work:
                other.others.append(watch)
            self._all = [*at_work, watch]
        return watch

    def look(self) -> tuple[Snapshot, Records]:
        """Return the files of the project, and the records of what was built."""
        roots = [self.project]
        if not self.output.is_relative_to(self.project):
            roots.append(self.output)
        ours = self._open_files()
        files = snapshot(roots, lambda path: path in ours or self._is_ours(path))
        if not self.output.exists():  # the first service that is built makes it
            files = replace(files, read=files.read | {f"{self.output}/"})
        return files, snapshot([self.records], lambda path: path.endswith("/")).files

    def _is_ours(self, path: str) -> bool:
        """Return whether a file is one that we, or people, may change at any moment."""
        if path.startswith(self._state) and path != self._state:
            return not path.removeprefix(self._state).startswith(_DESIGN)
        return path.rstrip("/") in self._ignored or _PASSING.search(path) is not None

    @staticmethod
    def _open_files() -> frozenset[str]:
        """Return the files that our own output goes to."""
        found = set()
        for number in _STREAMS:
            try:
                found.add(str(Path(f"/proc/self/fd/{number}").readlink()))
            except OSError:  # no such stream, or no /proc
                continue
        return frozenset(found)

    def by_others(self, found: list[Change], then: Records, now: Records) -> Iterator[Change]:
        """Yield the changes that are not ours: what we put into the place of a service is what its record says."""
        inner: dict[str, list[Change]] = {}
        for change in found:
            below = change.path.removeprefix(f"{self.output}/")
            if below == change.path:
                yield change
            elif below and not self._is_sign(change.path):
                inner.setdefault(below.partition("/")[0], []).append(change)
        for service, changes in sorted(inner.items()):
            yield from self._in_service(service, changes, then, now)

    def _in_service(self, service: str, changes: list[Change], then: Records, now: Records) -> Iterator[Change]:
        """Yield the changes in a built service that are neither a landing of ours nor its own data."""
        record, landing = f"{self.records}/{service}.json", f"{self.records}/{service}.landing"
        if landing in then or os.path.lexists(landing):
            return  # it is on its way to its place
        if then.get(record) == now.get(record):
            yield from (change for change in changes if _DATA.search(change.path) is None)
            return
        for path in self._edited(service):
            known = next((c for c in changes if _touches(c.path, path)), None)
            if known is not None:
                yield Change(path, "changed", known.when)

    def _edited(self, service: str) -> list[str]:
        """Return the files of a service that are not what its builder wrote, its data left out."""
        from pytest_superteam.builders.records import load_build

        try:
            found = load_build(self.records / f"{service}.json", self.output)
        except OSError:  # a file went away, or is not ours to read
            found = None
        if found is None:
            return [f"{self.output}/{service}/"]
        return [f"{self.output}/{service}/{path}" for path in found.edited if _DATA.search(path) is None]

    def _is_sign(self, path: str) -> bool:
        """Return whether a file is what we put beside the services, as we wrote it."""
        from pytest_superteam.builders.records import is_sign

        try:
            return is_sign(Path(path), self.output)
        except OSError:
            return False


def _touches(one: str, other: str) -> bool:
    """Return whether two paths are the same, or one is the folder (with a slash at its end) of the other."""
    return one == other or any(a.endswith("/") and b.startswith(a) for a, b in ((one, other), (other, one)))


@dataclass(eq=False)
class Watch:
    """One agent's time at work, from `Lookout.begin` to `changes`."""

    lookout: Lookout = field(repr=False)
    name: str
    before: Snapshot = field(repr=False)
    records: Records = field(repr=False)
    began: int = field(default_factory=time.time_ns)
    ended: int = 0
    others: list[Watch] = field(default_factory=list, repr=False)
    """Agents that were at work in the same time."""
    bounded: str = ""
    """Why not all files were watched; empty where they were."""
    _found: tuple[str, ...] | None = field(default=None, repr=False)

    def changes(self) -> tuple[str, ...]:
        """End the watch and return what changed, at most fifty lines, such as `conftest.py (changed)`.

        Where other agents were at work when it changed: `conftest.py (changed, by 'orders' or 'catalog')`.
        """
        if self._found is None:
            self._found = self._look()
            self.before = Snapshot()  # others keep hold of us for as long as they are at work
        return self._found

    def _look(self) -> tuple[str, ...]:
        after, records = self.lookout.look()
        self.ended = time.time_ns()
        if not (self.before.whole and after.whole):
            self.bounded = f"the project has more than {MOST_FILES:,} files and folders: not all of them were watched."
        found = sorted(self.lookout.by_others(changes_between(self.before, after), self.records, records))
        return first_of([self._told(change) for change in found], MOST_TOLD)

    def _told(self, change: Change) -> str:
        path = change.path.removeprefix(f"{self.lookout.project}/")
        names = sorted({other.name for other in self._at_work(change.when)} - {self.name})
        by = f", by {' or '.join(repr(name) for name in [self.name, *names])}" if names else ""
        return f"{shown_path(path)} ({change.kind}{by})"

    def _at_work(self, when: int) -> Iterator[Watch]:
        """Yield the other agents that may have made a change; all of them where its moment is not known."""
        for other in self.others:
            ended = other.ended or time.time_ns()
            if not when or other.began - _SLACK <= when <= ended + _SLACK:
                yield other
