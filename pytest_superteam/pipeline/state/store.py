"""The run's memory: one database that every process of a run reads and writes.

A run is what sessions work on until it is complete; a session is one call of pytest. States and costs are the run's;
phases and results of items are the session's.
Safe under several workers (WAL, a busy timeout), under kill -9 (each record is its own transaction) and, but for
results of items, which can be found again, under a power cut.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_superteam.pipeline.state.engines import guarded, make_engine, set_durable
from pytest_superteam.pipeline.state.migrations import StoreError, foreign
from pytest_superteam.pipeline.state.records import record_of
from pytest_superteam.pipeline.state.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, MetaData, Select, Table

__all__ = ["PhaseRecord", "RunRecord", "SessionRecord", "Store", "StoreError"]

T = TypeVar("T")
COUNTED = {"reject_architecture": "architect_retries", "quality_failed": "fix_attempts"}
"""Transitions that a run counts, by trigger, and where."""


@dataclass(frozen=True)
class PhaseRecord:
    """One phase of one session: when it ran (seconds since the epoch) and how it ended."""

    name: str
    status: str
    """`running`, `done` or `failed`."""
    started: float
    ended: float | None
    error: str = ""

    @property
    def seconds(self) -> float:
        """Return how long the phase took, 0 while it runs."""
        return (self.ended - self.started) if self.ended else 0.0


@dataclass(frozen=True)
class RunRecord:
    """A run as it is written down; times in seconds since the epoch."""

    id: str
    kind: str
    project: str
    prd: str
    prd_sha256: str
    depth: str
    continues: str
    """The run whose budget it goes on with; empty where it is the first."""
    state: str
    previous_state: str
    started: float
    updated: float
    ended: float | None
    verdict: str | None
    interrupted: bool
    interrupt_reason: str
    architect_retries: int
    fix_attempts: int


@dataclass(frozen=True)
class SessionRecord:
    """A session as it is written down; times in seconds since the epoch."""

    id: str
    run: str
    pid: int
    host: str
    started: float
    heartbeat: float
    ended: float | None
    end_reason: str
    command: str
    """The command line that goes on with its run; empty where that is not known."""


class Store:
    """What happened, by run and session."""

    def __init__(self, where: Path | str) -> None:
        """Use the SQLite database at a path, which is created on first use, or the database of a URL."""
        self.where = where

    @property
    def is_file(self) -> bool:
        """Return whether this is the file in a project's folder, all of whose runs are that project's."""
        return isinstance(self.where, Path)

    @property
    def exists(self) -> bool:
        """Return whether there may be anything to read."""
        return isinstance(self.where, str) or self.where.is_file()

    @cached_property
    def _engine(self) -> Engine:
        return make_engine(self.where)

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        engine: Engine | None = self.__dict__.pop("_engine", None)
        if engine is not None:
            engine.dispose()

    @cached_property
    def _schema(self) -> MetaData:
        return schema()

    def table(self, name: str) -> Table:
        """Return a table of the schema."""
        return self._schema.tables[name]

    @contextmanager
    def begin(self, *, durable: bool = True) -> Iterator[Connection]:
        """Do something in one transaction; what need not be `durable` may be lost when the power goes.

        Raises:
            StoreError: the database can't be opened, read or written to.
        """
        with guarded(), self._engine.begin() as connection:
            set_durable(connection, durable=durable)
            yield connection

    def read(self, cls: type[T], query: Select[Any], connection: Connection | None = None) -> list[T]:
        """Return the rows of a query as records, read in a transaction of its own or in that of a connection.

        Raises:
            StoreError: a value is none that we write.
        """
        with self.begin() if connection is None else nullcontext(connection) as reader:
            rows = reader.execute(query).all()
        return [record_of(cls, row._asdict()) for row in rows]

    def run_ids(self, project: str) -> Select[tuple[str]]:
        """Return the query for the ids of a project's runs, for use in others."""
        runs = self.table("runs")
        ids: Select[tuple[str]] = runs.select().with_only_columns(runs.c.id)
        return ids if self.is_file else ids.where(runs.c.project.in_((project, "")))

    def _upsert(self, table: str, rows: Sequence[Mapping[str, Any]], connection: Connection) -> None:
        """Insert rows, each in place of the one with its key; in the order of the keys: writers can't deadlock."""
        from sqlalchemy.dialects import postgresql, sqlite

        if not rows:
            return
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        target = self.table(table)
        keys = [column.name for column in target.primary_key]
        insert = dialect.insert(target)
        values = {column.name: insert.excluded[column.name] for column in target.columns if column.name not in keys}
        statement = insert.on_conflict_do_update(index_elements=keys, set_=values)
        connection.execute(statement, sorted(rows, key=lambda row: [row[key] for key in keys]))

    # ------------------------------------------------------------ runs

    def start_run(self, run: str, *, prd: Path, prd_sha256: str, **more: Any) -> None:
        """Write down that a run begins, in state `init`; `more` are other columns of the table."""
        now = time.time()
        row = {"id": run, "prd": str(prd), "prd_sha256": prd_sha256, "state": "init", "started": now, "updated": now}
        with self.begin() as connection:
            connection.execute(self.table("runs").insert().values(**row, **more))

    def update_run(self, run: str, **values: Any) -> None:
        """Write down what has changed of a run."""
        runs = self.table("runs")
        with self.begin() as connection:
            connection.execute(runs.update().where(runs.c.id == run).values(updated=time.time(), **values))

    def end_run(self, run: str, verdict: str) -> None:
        """Write down how a run ended."""
        self.update_run(run, ended=time.time(), verdict=verdict)

    def run(self, run: str) -> RunRecord | None:
        """Return a run."""
        return next(iter(self._runs(self.table("runs").c.id == run)), None)

    def runs(self, project: str) -> list[RunRecord]:
        """Return the runs of a project's folder, the newest first."""
        return self._runs(self.table("runs").c.id.in_(self.run_ids(project)))

    def _runs(self, condition: Any) -> list[RunRecord]:
        runs = self.table("runs")
        return self.read(RunRecord, runs.select().where(condition).order_by(runs.c.started.desc(), runs.c.id))

    def state(self, run: str) -> str:
        """Return the state of a run.

        Raises:
            KeyError: there is no such run.
        """
        found = self.run(run)
        if found is None:
            raise KeyError(run)
        return found.state

    def record_transition(self, run: str, trigger: str, source: str, target: str, session: str = "") -> None:
        """Write down a transition and the new state, in one transaction."""
        runs, transitions = self.table("runs"), self.table("transitions")
        row = {"run": run, "session": session, "trigger": trigger, "source": source, "target": target}
        now = time.time()
        with self.begin() as connection:
            connection.execute(transitions.insert().values(**row, at=now))
            changed: dict[str, Any] = {"state": target, "previous_state": source, "updated": now}
            if trigger in COUNTED:
                changed[COUNTED[trigger]] = runs.c[COUNTED[trigger]] + 1
            connection.execute(runs.update().where(runs.c.id == run).values(**changed))

    def transitions(self, run: str) -> list[tuple[str, str, str]]:
        """Return (trigger, source, target) of a run, in order."""
        table = self.table("transitions")
        with self.begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run).order_by(table.c.id)).all()
        return [(row.trigger, row.source, row.target) for row in rows]

    # ------------------------------------------------------------ sessions

    def start_session(self, session: str, *, run: str, pid: int, host: str, command: str = "") -> None:
        """Write down that a session begins to work on a run."""
        now = time.time()
        row = {"id": session, "run": run, "pid": pid, "host": host, "started": now, "heartbeat": now}
        with self.begin() as connection:
            connection.execute(self.table("sessions").insert().values(**row, command=command))

    def beat(self, session: str) -> None:
        """Write down that a session is alive."""
        self._update_session(session, heartbeat=time.time())

    def end_session(self, session: str, reason: str) -> None:
        """Write down that a session ended, and why: `done`, `interrupted: ...` or `crashed`."""
        self._update_session(session, ended=time.time(), end_reason=reason)

    def _update_session(self, session: str, **values: Any) -> None:
        sessions = self.table("sessions")
        with self.begin() as connection:
            connection.execute(sessions.update().where(sessions.c.id == session).values(**values))

    def sessions(self, run: str) -> list[SessionRecord]:
        """Return the sessions of a run, in order."""
        table = self.table("sessions")
        return self.read(SessionRecord, table.select().where(table.c.run == run).order_by(table.c.started, table.c.id))

    # ------------------------------------------------------------ phases

    def start_phase(self, session: str, name: str, run: str = "") -> None:
        """Write down that a phase begins."""
        row = {"session": session, "name": name, "run": run, "status": "running", "started": time.time()}
        with self.begin() as connection:
            self._upsert("phases", [{**row, "ended": None, "error": ""}], connection)

    def end_phase(self, session: str, name: str, error: str = "", *, status: str = "") -> None:
        """Write down that a phase is done, or failed with `error`; `status` says it where it is another end."""
        table = self.table("phases")
        ended = {"status": status or ("failed" if error else "done"), "ended": time.time(), "error": error}
        with self.begin() as connection:
            connection.execute(table.update().where(table.c.session == session, table.c.name == name).values(**ended))

    def phases(self, session: str) -> list[PhaseRecord]:
        """Return the phases of a session in the order of their start."""
        table = self.table("phases")
        order = table.c.started, table.c.name
        return self.read(PhaseRecord, table.select().where(table.c.session == session).order_by(*order))

    def phase(self, session: str, name: str) -> PhaseRecord | None:
        """Return one phase of a session, if it began."""
        return next((record for record in self.phases(session) if record.name == name), None)

    # ------------------------------------------------------------ results

    def save_result(self, session: str, item: str, result: Mapping[str, Any]) -> None:
        """Keep the result of a gate item (plain data)."""
        self.save_results(session, {item: result})

    def save_results(self, session: str, results: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the results of gate items (plain data), all or none."""
        rows = [{"session": session, "item": item, "result": dict(result)} for item, result in results.items()]
        with self.begin(durable=False) as connection:
            self._upsert("results", rows, connection)

    def result(self, session: str, item: str) -> dict[str, Any] | None:
        """Return the result of a gate item, if it ran."""
        table = self.table("results")
        return next(iter(self._results(table.c.session == session, table.c.item == item).values()), None)

    def results(self, session: str) -> dict[str, dict[str, Any]]:
        """Return all results of a session by item."""
        return self._results(self.table("results").c.session == session)

    def _results(self, *conditions: Any) -> dict[str, dict[str, Any]]:
        table = self.table("results")
        try:
            with self.begin() as connection:
                rows = connection.execute(table.select().where(*conditions)).all()
        except (ValueError, TypeError, RecursionError):  # what SQLite has in the column is no JSON
            raise foreign("a result is no JSON") from None
        if not all(isinstance(row.result, Mapping) for row in rows):
            raise foreign("a result is no object")
        return {row.item: dict(row.result) for row in rows}
