"""A run's place in the store: its states, its phases, what it costs, and who hears of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import GateError, StoppedError
from pytest_superteam.pipeline.fleet.stopfile import StopFile
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.machine import Facts, Pipeline
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.snapshot import SnapshotFile
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.pipeline.watch.log import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_superteam.config import Config
    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.plugged import Plugged

__all__ = ["PHASE_OF", "Tracked"]

PHASE_OF = {
    "init": "run",
    "architect_running": "architect",
    "architect_review": "architect",
    "contracts_registering": "contracts",
    "builders_running": "builders",
    "builders_complete": "builders",
    "integrating": "deployment",
    "quality_gate": "gate",
    "fix_pass": "fix",
    "complete": "run",
    "failed": "run",
}
"""The phase that hears of a new state (`pytest_superteam_phase`)."""


_WORKER = "worker-"


@dataclass
class Tracked:
    """What a run is to the store. A run goes on over several sessions; `session` is this call of pytest."""

    id: str
    owner_pid: int
    """The process that tears everything down at the end of the session."""
    layout: Layout
    config: Config
    plugged: Plugged
    session: str = field(default="", kw_only=True)
    """Empty stands for a run of one session only."""
    keeper_pid: int = field(default=0, kw_only=True)
    """The process that keeps the system running from session to session of a fix loop; 0: nobody does."""
    stopping: Stopping = field(default_factory=Stopping, repr=False, kw_only=True)
    """How the builders hear that the session is to end."""
    memory: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)
    """What this process already knows of the run."""

    @cached_property
    def store(self) -> Store:
        """Return the run's memory."""
        return Store(self.config.state_url or self.layout.store)

    @property
    def project(self) -> str:
        """Return what the project is called in the database: nothing in one of its own, which may be moved with it."""
        return str(self.layout.project.resolve()) if self.config.state_url else ""

    @property
    def scope(self) -> str:
        """Return what phases and results are kept under: what an earlier session found is not taken for this one's."""
        return self.session or self.id

    @cached_property
    def log(self) -> RunLog:
        """Return who takes down what happens."""
        return RunLog(self.layout, self.id, self.scope)

    @property
    def stop_file(self) -> StopFile:
        """Return how the owner of this session tells its other processes to stop."""
        return StopFile(self.layout.locks / self.scope / "stop")

    def join(self) -> None:
        """Say that this process works for the session's owner, which may have to end it."""
        folder = self.layout.locks / self.scope
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{_WORKER}{os.getpid()}").touch()

    def workers(self) -> list[int]:
        """Return the process ids of those that joined."""
        folder = self.layout.locks / self.scope
        return [int(path.name.removeprefix(_WORKER)) for path in folder.glob(f"{_WORKER}*")]

    def refuse_stopped(self) -> None:
        """Go no further where somebody wants this session to end.

        Raises:
            StoppedError: somebody does.
        """
        reason = self.stopping.reason or self.stop_file.read()[0]
        if reason:
            raise StoppedError(reason)

    @cached_property
    def ledger(self) -> Ledger:
        """Return the ledger of paid steps."""
        config = self.config
        prices = PriceBook(config.prices)
        return Ledger(self.store, self.id, self.scope, config.budget, config.services, prices, self.log)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this session against its other processes; a process that dies lets go of it."""
        from filelock import FileLock  # not needed to collect

        with FileLock(self._lock_file(name)):
            yield

    def _lock_file(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()[:20]
        folder = self.layout.locks / self.scope
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{digest}.lock"

    # ------------------------------------------------------------ states

    def advance(self, trigger: str, **facts: Any) -> None:
        """Fire a transition of the state machine where it leaves the run's present state.

        The new state is saved, and told, before its work begins.
        """
        made: list[tuple[str, str]] = []

        def record(name: str, source: str, target: str) -> None:
            self.store.record_transition(self.id, name, source, target, self.scope)
            made.append((source, target))

        with self.lock("state"):
            pipeline = Pipeline(self.store.state(self.id), record, Facts(**facts))
            if pipeline.may(trigger):
                pipeline.fire(trigger)
        for source, target in made:
            self.log.emit("transition", f"{source} -> {target}", source=source, target=target, trigger=trigger)
            self.save_snapshot()
            self.plugged.phase(PHASE_OF[target], target)

    @cached_property
    def _snapshot(self) -> SnapshotFile:
        return SnapshotFile(self.store, self.id, self.layout.snapshot)

    def save_snapshot(self, *, at_once: bool = True) -> None:
        """Write the readable state beside the database; where that is not possible, the database still has it."""
        with contextlib.suppress(OSError):
            self._snapshot.write(at_once=at_once)

    def phase(self, name: str, work: Callable[[], Any]) -> None:
        """Do the work of a phase once in this session, whichever process comes first.

        Raises:
            GateError: the phase failed, here or in the process that did it.
        """
        with self.lock(_phase_lock(name)):
            known = self.store.phase(self.scope, name)
            if known and known.status == "failed":
                raise GateError(known.error)
            if known and known.status == "stopped":
                raise StoppedError(known.error)
            if known and known.status == "done":
                return
            self.refuse_stopped()
            self.store.start_phase(self.scope, name, self.id)
            self.tell_phase(name, "started")
            try:
                work()
            except BaseException as error:
                stopped = not isinstance(error, Exception) or isinstance(error, StoppedError)
                why = str(error) or type(error).__name__
                self.store.end_phase(self.scope, name, why, status="stopped" if stopped else "failed")
                if isinstance(error, StoppedError):
                    self.store.update_run(self.id, interrupted=True, interrupt_reason=why)
                self.tell_phase(name, "stopped" if stopped else "failed")
                raise
            self.store.end_phase(self.scope, name)
            self.tell_phase(name, "done")

    def is_free(self, phase: str) -> bool:
        """Return whether no process of this session is at work on a phase."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_file(_phase_lock(phase)))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        lock.release()
        return True

    def tell_phase(self, name: str, state: str) -> None:
        """Tell everybody who watches how far a phase is: started, done, failed or stopped."""
        level: Any = {"done": "success", "failed": "error", "stopped": "warning"}.get(state, "info")
        self.log.emit("phase", f"{name} {state}", level=level, phase=name, state=state)
        self.plugged.phase(name, state)

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """Return plain data that is worked out once in this session, by the first process that needs it."""
        if name not in self.memory:
            key = f"once::{name}"
            with self.lock(key):
                known = self.store.result(self.scope, key)
                if known is None:
                    known = {"value": work()}
                    self.store.save_result(self.scope, key, known)
            self.memory[name] = known["value"]
        return self.memory[name]

    def phase_seconds(self) -> dict[str, float]:
        """Return how long each phase of this session took, in seconds."""
        done = {record.name: round(record.seconds, 3) for record in self.store.phases(self.scope)}
        return {"architect": round(self.memory.get("architect_seconds", 0.0), 3), **done}

    # ------------------------------------------------------------ money

    def costs(self) -> tuple[Cost, ...]:
        """Return the paid steps of this run, over all its sessions, and of those that it goes on from."""
        return tuple(self.ledger.costs())


def _phase_lock(name: str) -> str:
    return f"phase-{name}"
