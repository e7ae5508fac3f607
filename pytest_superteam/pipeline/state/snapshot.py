"""The readable state of a run, for people and for CI: `PIPELINE_STATE.json`.

It is made of the database and of what is on disk; nothing is read back from it. `schemas/pipeline-state.schema.json`
documents it.
"""

from __future__ import annotations

import json
import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.pipeline.machine import TERMINAL
from pytest_superteam.pipeline.state import built, traces
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.costs import costs_of
from pytest_superteam.pipeline.state.figures import masked, number
from pytest_superteam.pipeline.state.resuming import lineage
from pytest_superteam.pipeline.state.schema import SCHEMA_VERSION
from pytest_superteam.reports.times import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_superteam.pipeline.state.store import PhaseRecord, RunRecord, SessionRecord, Store

__all__ = ["SCHEMA", "SNAPSHOT_VERSION", "SnapshotFile", "snapshot", "write_snapshot"]

SNAPSHOT_VERSION = 1
"""Changes when a reader of this version could misread the document."""
SCHEMA = Path(__file__).parent / "schemas" / "pipeline-state.schema.json"
STATE_FOLDER = ".superteam"


def snapshot(store: Store, run: str, *, folder: Path | None = None) -> dict[str, Any]:
    """Return the state of a run as plain data; moments are ISO 8601 in UTC, sums US dollars, durations seconds.

    Args:
        store: the memory of the runs.
        run: id of the run.
        folder: `.superteam/` of its project; where the database lies if it is not given.

    Raises:
        KeyError: there is no such run.
        StoreError: the database can't be read.
    """
    known = store.run(run)
    if known is None:
        raise KeyError(run)
    place = folder or _folder(store, known)
    sessions, family = store.sessions(run), lineage(store, run)
    attempts, costs = Attempts(store, run, "").of_run(), costs_of(store, family)
    return {
        "schema_version": SNAPSHOT_VERSION,
        "store_version": SCHEMA_VERSION,
        "run": _identity(known, family, place),
        "state": _state(store, known),
        "interruption": {"interrupted": known.interrupted, "reason": masked(known.interrupt_reason)},
        "timing": _timing(known, sessions),
        "sessions": [_session(session) for session in sessions],
        "phases": [_phase(record, session) for record, session in _phases(store, sessions)],
        "artifacts": traces.artifacts(place),
        "architect": {"retries": known.architect_retries},
        "builders": built.builders(traces.build_records(place), attempts, costs, built.waiting(store, run)),
        "attempts": [built.attempt_data(attempt) for attempt in attempts],
        "costs": built.sums(costs),
        "deployment": {"services": traces.deployed(place, frozenset({run, *(session.id for session in sessions)}))},
        "quality": _quality(store, known, sessions, place),
    }


def write_snapshot(store: Store, run: str, path: Path) -> None:
    """Write the state of a run to `path`, which lies in `.superteam/`; readers see the old file or the new one.

    Raises:
        KeyError: there is no such run.
        StoreError: the database can't be read.
        OSError: the file can't be written.
    """
    data = snapshot(store, run, folder=path.parent)
    write_atomically(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


class SnapshotFile:
    """The readable state of a run in its file, written no more often than anybody could read it."""

    def __init__(
        self, store: Store, run: str, path: Path, *, seconds: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Write the state of `run` to `path`, at most every `seconds` where it is not asked for at once."""
        self._store, self._run, self._path, self._seconds, self._clock = store, run, path, seconds, clock
        self._written: float | None = None
        self._lock = threading.Lock()

    def write(self, *, at_once: bool = True) -> bool:
        """Write it, and return whether it was; threads wait for each other, so that an older state never comes last.

        Raises:
            KeyError: there is no such run.
            StoreError: the database can't be read.
            OSError: the file can't be written.
        """
        with self._lock:
            now = self._clock()
            if not at_once and self._written is not None and now - self._written < self._seconds:
                return False
            write_snapshot(self._store, self._run, self._path)
            self._written = now
            return True


def _folder(store: Store, run: RunRecord) -> Path:
    return store.where.parent if isinstance(store.where, Path) else Path(run.project) / STATE_FOLDER


# ---------------------------------------------------------------- the run


def _identity(run: RunRecord, family: list[str], place: Path) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind,
        "project": run.project or str(place.absolute().parent),
        "prd": run.prd,
        "prd_sha256": run.prd_sha256,
        "depth": run.depth,
        "continues": family[1:],
    }


def _state(store: Store, run: RunRecord) -> dict[str, Any]:
    table = store.table("transitions")
    with store.begin() as connection:
        rows = connection.execute(table.select().where(table.c.run == run.id).order_by(table.c.id)).all()
    return {
        "current": run.state,
        "previous": run.previous_state,
        "terminal": run.state in TERMINAL,
        "transitions": [
            {
                "trigger": row.trigger,
                "source": row.source,
                "target": row.target,
                "session": row.session,
                "at": iso(row.at),
            }
            for row in rows
        ],
    }


def _timing(run: RunRecord, sessions: list[SessionRecord]) -> dict[str, Any]:
    """Return when it was worked on; the time between sessions is nobody's."""
    worked = math.fsum((session.ended or session.heartbeat) - session.started for session in sessions)
    return {
        "started": iso(run.started),
        "updated": iso(run.updated),
        "ended": iso(run.ended),
        "worked_seconds": number(max(0.0, worked)),
    }


def _session(session: SessionRecord) -> dict[str, Any]:
    return {
        "id": session.id,
        "pid": session.pid,
        "host": session.host,
        "started": iso(session.started),
        "heartbeat": iso(session.heartbeat),
        "ended": iso(session.ended),
        "end_reason": masked(session.end_reason),
        "command": session.command,
    }


def _phases(store: Store, sessions: Iterable[SessionRecord]) -> list[tuple[PhaseRecord, str]]:
    """Return each phase as the last session had it that came to it, in the order of their beginning."""
    last = {record.name: (record, session.id) for session in sessions for record in store.phases(session.id)}
    return sorted(last.values(), key=lambda each: (each[0].started, each[0].name))


def _phase(record: PhaseRecord, session: str) -> dict[str, Any]:
    return {
        "name": record.name,
        "session": session,
        "status": record.status,
        "started": iso(record.started),
        "ended": iso(record.ended),
        "seconds": number(max(0.0, record.seconds)),
        "error": masked(record.error),
    }


def _quality(store: Store, run: RunRecord, sessions: list[SessionRecord], place: Path) -> dict[str, Any]:
    scope = sessions[-1].id if sessions else run.id
    gate = traces.gate_of(place, run.id) if run.verdict else None
    return {
        "fix_attempts": run.fix_attempts,
        "verdict": run.verdict,
        "answered": _answered(store, scope),
        "layers": {f"layer{layer.number}": layer.verdict for layer in gate.layers} if gate else {},
    }


def _answered(store: Store, scope: str) -> dict[str, int]:
    """Return how many items of each layer have a result in the last session."""
    from sqlalchemy import func, select

    results = store.table("results")
    layer = func.substr(results.c.item, 1, len("layerN")).label("layer")
    query = select(layer, func.count()).where(results.c.session == scope, results.c.item.like("layer_::%"))
    with store.begin() as connection:
        return {str(name): int(count) for name, count in connection.execute(query.group_by(layer).order_by(layer))}
