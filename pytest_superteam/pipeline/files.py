"""Where a run keeps what: the folders below `.superteam/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """The files of one project; `project` is the folder that `.superteam/` and the services live in."""

    project: Path
    output_name: str = "services"

    @property
    def state(self) -> Path:
        """Return `.superteam/`."""
        return self.project / ".superteam"

    @property
    def output(self) -> Path:
        """Return the folder of the built services."""
        return self.project / self.output_name

    @property
    def architecture(self) -> Path:
        """Return the folder of service map, domain model and contracts."""
        return self.state / "architecture"

    @property
    def design_record(self) -> Path:
        """Return the record of the design: what it was made of, and the hash of each of its files."""
        return self.state / "architecture.json"

    @property
    def found(self) -> Path:
        """Return the folder of a found system's service map, which is another one where a PRD's design lies."""
        return self.state / "system" if self.design_record.is_file() else self.architecture

    @property
    def agent(self) -> Path:
        """Return the folder of the architect by agent: what it read, what it wrote, what it said."""
        return self.state / "architect"

    @property
    def pacts(self) -> Path:
        """Return the folder of the registered consumer expectations."""
        return self.architecture / "pacts"

    @property
    def contract_tests(self) -> Path:
        """Return the folder of the tests made from the contracts, for people to take and run."""
        return self.architecture / "contract-tests"

    @property
    def builds(self) -> Path:
        """Return the folder of the build records."""
        return self.state / "builds"

    @property
    def aside(self) -> Path:
        """Return the folder for unfinished builds and for what had to make way."""
        return self.state / "aside"

    @property
    def deployment(self) -> Path:
        """Return the folder of the running system: configuration, data, logs."""
        return self.state / "deployment"

    @property
    def own_tests(self) -> Path:
        """Return the folder of the copies in which the own tests of found services run."""
        return self.state / "own-tests"

    @property
    def interfaces(self) -> Path:
        """Return the record of how a found system is called: its contracts and addresses."""
        return self.state / "interfaces.json"

    @property
    def attempts(self) -> Path:
        """Return the folder of the fix attempts: what was asked, what changed, what the gate said."""
        return self.state / "attempts"

    @property
    def agents(self) -> Path:
        """Return the folder of the agents that build: their homes while they work, and what they printed."""
        return self.state / "agents"

    @property
    def reports(self) -> Path:
        """Return the folder of the gate reports."""
        return self.state / "reports"

    @property
    def locks(self) -> Path:
        """Return the folder of the lock files."""
        return self.state / "locks"

    @property
    def cache(self) -> Path:
        """Return the folder of what can be worked out again."""
        return self.state / "cache"

    @property
    def snapshot(self) -> Path:
        """Return the readable state of the run."""
        return self.state / "PIPELINE_STATE.json"

    @property
    def events(self) -> Path:
        """Return what happened, an event a line, as JSON."""
        return self.state / "events.jsonl"

    @property
    def run_log(self) -> Path:
        """Return what happened, for people."""
        return self.state / "run-log.md"

    @property
    def store(self) -> Path:
        """Return the database of the runs."""
        return self.state / "state.db"
