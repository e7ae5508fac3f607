"""The run's memory: one database that every process of a run reads and writes.

A run is what sessions work on until it is complete; a session is one call of pytest. States and costs are the run's;
phases and results of items are the session's.
Safe under several workers (WAL, a busy timeout) and under kill -9 (each record is its own transaction).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import SuperteamError
from pytest_superteam.pipeline.state.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, MetaData, Table

__all__ = ["PhaseRecord", "RunRecord", "SessionRecord", "Store", "StoreError"]

BUSY_TIMEOUT = 30
"""Seconds that a writer waits for another one."""


class StoreError(SuperteamError):
    """The database can't be opened, or is none."""


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


class Store:
    """What happened, by run and session."""

    def __init__(self, where: Path | str) -> None:
        """Use the SQLite database at a path, which is created on first use, or the database of a URL."""
        self.where = where

    @property
    def exists(self) -> bool:
        """Return whether there may be anything to read."""
        return isinstance(self.where, str) or self.where.is_file()

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import create_engine, event  # a quarter of a second, only where a run happens
        from sqlalchemy.exc import DatabaseError

        if isinstance(self.where, str):
            engine = create_engine(self.where, pool_pre_ping=True)
        else:
            self.where.parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(f"sqlite:///{self.where}", connect_args={"timeout": BUSY_TIMEOUT})

            @event.listens_for(engine, "connect")
            def _pragmas(connection: Any, _record: Any) -> None:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")

        try:
            self._schema.create_all(engine)
        except DatabaseError as error:
            engine.dispose()
            raise StoreError(str(error.orig)) from None
        return engine

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
    def begin(self) -> Iterator[Connection]:
        """Do something in one transaction."""
        with self._engine.begin() as connection:
            yield connection

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
        runs = self.table("runs")
        return next(iter(self._runs(runs.c.id == run)), None)

    def runs(self, project: str) -> list[RunRecord]:
        """Return the runs of a project's folder, the newest first."""
        return self._runs(self.table("runs").c.project == project)

    def _runs(self, condition: Any) -> list[RunRecord]:
        runs = self.table("runs")
        with self.begin() as connection:
            rows = connection.execute(runs.select().where(condition).order_by(runs.c.started.desc())).all()
        return [RunRecord(**row._mapping) for row in rows]  # noqa: SLF001  # the documented way to a row by name

    def state(self, run: str) -> str:
        """Return the state of a run.

        Raises:
            KeyError: there is no such run.
        """
        found = self.run(run)
        if found is None:
            raise KeyError(run)
        return found.state

    def runs_in(self, state: str) -> list[tuple[str, str]]:
        """Return (run, sha256 of its PRD) of the runs in `state`, the newest first."""
        return [(found.id, found.prd_sha256) for found in self._runs(self.table("runs").c.state == state)]

    def record_transition(self, run: str, trigger: str, source: str, target: str, session: str = "") -> None:
        """Write down a transition and the new state, in one transaction."""
        runs, transitions = self.table("runs"), self.table("transitions")
        row = {"run": run, "session": session, "trigger": trigger, "source": source, "target": target}
        now = time.time()
        with self.begin() as connection:
            connection.execute(transitions.insert().values(**row, at=now))
            changed = {"state": target, "previous_state": source, "updated": now}
            connection.execute(runs.update().where(runs.c.id == run).values(**changed))

    def transitions(self, run: str) -> list[tuple[str, str, str]]:
        """Return (trigger, source, target) of a run, in order."""
        table = self.table("transitions")
        with self.begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run).order_by(table.c.id)).all()
        return [(row.trigger, row.source, row.target) for row in rows]

    # ------------------------------------------------------------ sessions

    def start_session(self, session: str, *, run: str, pid: int, host: str) -> None:
        """Write down that a session begins to work on a run."""
        now = time.time()
        row = {"id": session, "run": run, "pid": pid, "host": host, "started": now, "heartbeat": now}
        with self.begin() as connection:
            connection.execute(self.table("sessions").insert().values(**row))

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
        with self.begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run).order_by(table.c.started)).all()
        return [SessionRecord(**row._mapping) for row in rows]  # noqa: SLF001  # the documented way to a row by name

    # ------------------------------------------------------------ phases

    def start_phase(self, session: str, name: str, run: str = "") -> None:
        """Write down that a phase begins."""
        table = self.table("phases")
        row = {"session": session, "name": name, "run": run, "status": "running", "started": time.time()}
        with self.begin() as connection:
            connection.execute(table.delete().where(table.c.session == session, table.c.name == name))
            connection.execute(table.insert().values(**row))

    def end_phase(self, session: str, name: str, error: str = "") -> None:
        """Write down that a phase is done, or failed with `error`."""
        table = self.table("phases")
        status = "failed" if error else "done"
        with self.begin() as connection:
            connection.execute(
                table.update()
                .where(table.c.session == session, table.c.name == name)
                .values(status=status, ended=time.time(), error=error)
            )

    def phases(self, session: str) -> list[PhaseRecord]:
        """Return the phases of a session in the order of their start."""
        table = self.table("phases")
        with self.begin() as connection:
            rows = connection.execute(table.select().where(table.c.session == session).order_by(table.c.started)).all()
        return [PhaseRecord(row.name, row.status, row.started, row.ended, row.error) for row in rows]

    def phase(self, session: str, name: str) -> PhaseRecord | None:
        """Return one phase of a session, if it began."""
        return next((record for record in self.phases(session) if record.name == name), None)

    # ------------------------------------------------------------ results

    def save_result(self, session: str, item: str, result: Mapping[str, Any]) -> None:
        """Keep the result of a gate item (plain data)."""
        self.save_results(session, {item: result})

    def save_results(self, session: str, results: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the results of gate items (plain data), all or none."""
        from sqlalchemy import bindparam

        table = self.table("results")
        rows = [{"session": session, "item": item, "result": dict(result)} for item, result in results.items()]
        with self.begin() as connection:
            known = table.delete().where(table.c.session == session, table.c.item == bindparam("known"))
            connection.execute(known, [{"known": item} for item in results])
            connection.execute(table.insert(), rows)

    def result(self, session: str, item: str) -> dict[str, Any] | None:
        """Return the result of a gate item, if it ran."""
        table = self.table("results")
        query = table.select().with_only_columns(table.c.result).where(table.c.session == session, table.c.item == item)
        with self.begin() as connection:
            found = connection.execute(query).scalar()
        return dict(found) if found is not None else None

    def results(self, session: str) -> dict[str, dict[str, Any]]:
        """Return all results of a session by item."""
        table = self.table("results")
        with self.begin() as connection:
            rows = connection.execute(table.select().where(table.c.session == session)).all()
        return {row.item: dict(row.result) for row in rows}
