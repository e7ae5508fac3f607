"""The run's memory: one SQLite file that every process of a run reads and writes.

Safe under several workers (WAL, a busy timeout) and under kill -9 (each record is its own transaction).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import SuperteamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, MetaData, Table

__all__ = ["PhaseRecord", "Store", "StoreError"]

SCHEMA_VERSION = 1
BUSY_TIMEOUT = 30
"""Seconds that a writer waits for another one."""


class StoreError(SuperteamError):
    """The database can't be opened, or is none."""


@dataclass(frozen=True)
class PhaseRecord:
    """One phase of one run: when it ran (seconds since the epoch) and how it ended."""

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


class Store:
    """What happened, by run: its state, phases and results."""

    def __init__(self, path: Path) -> None:
        """Use the database at `path`; it is created on first use."""
        self.path = path

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import create_engine, event  # a quarter of a second, only where a run happens
        from sqlalchemy.exc import DatabaseError

        self.path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{self.path}", connect_args={"timeout": BUSY_TIMEOUT})

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
        from sqlalchemy import JSON, Column, Float, Integer, MetaData, String, Table, Text

        schema = MetaData()
        Table(
            "runs",
            schema,
            Column("id", String(32), primary_key=True),
            Column("schema_version", Integer, nullable=False),
            Column("prd", Text, nullable=False),
            Column("prd_sha256", String(64), nullable=False),
            Column("state", String(32), nullable=False),
            Column("started", Float, nullable=False),
            Column("ended", Float),
            Column("verdict", String(16)),
        )
        Table(
            "transitions",
            schema,
            Column("id", Integer, primary_key=True),
            Column("run", String(32), nullable=False, index=True),
            Column("trigger", String(32), nullable=False),
            Column("source", String(32), nullable=False),
            Column("target", String(32), nullable=False),
            Column("at", Float, nullable=False),
        )
        Table(
            "phases",
            schema,
            Column("run", String(32), primary_key=True),
            Column("name", String(64), primary_key=True),
            Column("status", String(16), nullable=False),
            Column("started", Float, nullable=False),
            Column("ended", Float),
            Column("error", Text, nullable=False, default=""),
        )
        Table(
            "results",
            schema,
            Column("run", String(32), primary_key=True),
            Column("item", String(500), primary_key=True),
            Column("result", JSON, nullable=False),
        )
        return schema

    def _table(self, name: str) -> Table:
        return self._schema.tables[name]

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def start_run(self, run: str, *, prd: Path, prd_sha256: str) -> None:
        """Write down that a run begins, in state `init`."""
        row = {
            "id": run,
            "schema_version": SCHEMA_VERSION,
            "prd": str(prd),
            "prd_sha256": prd_sha256,
            "state": "init",
            "started": time.time(),
        }
        with self._begin() as connection:
            connection.execute(self._table("runs").insert().values(**row))

    def end_run(self, run: str, verdict: str) -> None:
        """Write down how a run ended."""
        runs = self._table("runs")
        with self._begin() as connection:
            connection.execute(runs.update().where(runs.c.id == run).values(ended=time.time(), verdict=verdict))

    def state(self, run: str) -> str:
        """Return the state of a run.

        Raises:
            KeyError: there is no such run.
        """
        runs = self._table("runs")
        with self._begin() as connection:
            state = connection.execute(runs.select().with_only_columns(runs.c.state).where(runs.c.id == run)).scalar()
        if state is None:
            raise KeyError(run)
        return str(state)

    def runs_in(self, state: str) -> list[tuple[str, str]]:
        """Return (run, sha256 of its PRD) of the runs in `state`, the newest first."""
        runs = self._table("runs")
        with self._begin() as connection:
            rows = connection.execute(runs.select().where(runs.c.state == state).order_by(runs.c.started.desc())).all()
        return [(row.id, row.prd_sha256) for row in rows]

    def record_transition(self, run: str, trigger: str, source: str, target: str) -> None:
        """Write down a transition and the new state, in one transaction."""
        runs, transitions = self._table("runs"), self._table("transitions")
        with self._begin() as connection:
            connection.execute(
                transitions.insert().values(run=run, trigger=trigger, source=source, target=target, at=time.time())
            )
            connection.execute(runs.update().where(runs.c.id == run).values(state=target))

    def transitions(self, run: str) -> list[tuple[str, str, str]]:
        """Return (trigger, source, target) of a run, in order."""
        table = self._table("transitions")
        with self._begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run).order_by(table.c.id)).all()
        return [(row.trigger, row.source, row.target) for row in rows]

    def start_phase(self, run: str, name: str) -> None:
        """Write down that a phase begins."""
        table = self._table("phases")
        with self._begin() as connection:
            connection.execute(table.delete().where(table.c.run == run, table.c.name == name))
            connection.execute(
                table.insert().values(run=run, name=name, status="running", started=time.time(), error="")
            )

    def end_phase(self, run: str, name: str, error: str = "") -> None:
        """Write down that a phase is done, or failed with `error`."""
        table = self._table("phases")
        status = "failed" if error else "done"
        with self._begin() as connection:
            connection.execute(
                table.update()
                .where(table.c.run == run, table.c.name == name)
                .values(status=status, ended=time.time(), error=error)
            )

    def phases(self, run: str) -> list[PhaseRecord]:
        """Return the phases of a run in the order of their start."""
        table = self._table("phases")
        with self._begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run).order_by(table.c.started)).all()
        return [PhaseRecord(row.name, row.status, row.started, row.ended, row.error) for row in rows]

    def phase(self, run: str, name: str) -> PhaseRecord | None:
        """Return one phase of a run, if it began."""
        return next((record for record in self.phases(run) if record.name == name), None)

    def save_result(self, run: str, item: str, result: Mapping[str, Any]) -> None:
        """Keep the result of a gate item (plain data)."""
        self.save_results(run, {item: result})

    def save_results(self, run: str, results: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the results of gate items (plain data), all or none."""
        from sqlalchemy import bindparam

        table = self._table("results")
        rows = [{"run": run, "item": item, "result": dict(result)} for item, result in results.items()]
        with self._begin() as connection:
            known = table.delete().where(table.c.run == run, table.c.item == bindparam("known"))
            connection.execute(known, [{"known": item} for item in results])
            connection.execute(table.insert(), rows)

    def result(self, run: str, item: str) -> dict[str, Any] | None:
        """Return the result of a gate item, if it ran."""
        table = self._table("results")
        query = table.select().with_only_columns(table.c.result).where(table.c.run == run, table.c.item == item)
        with self._begin() as connection:
            found = connection.execute(query).scalar()
        return dict(found) if found is not None else None

    def results(self, run: str) -> dict[str, dict[str, Any]]:
        """Return all results of a run by item."""
        table = self._table("results")
        with self._begin() as connection:
            rows = connection.execute(table.select().where(table.c.run == run)).all()
        return {row.item: dict(row.result) for row in rows}
