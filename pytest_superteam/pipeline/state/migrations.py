"""Bringing a database up to date: an empty one gets its tables, an older one is rebuilt with everything in it.

Everything is done in one transaction that other processes wait for, so that it is done wholly or not at all, and once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.state.schema import SCHEMA_VERSION, schema

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

__all__ = ["FORGET", "StoreError", "foreign", "migrate"]

VERSION_KEY = "schema_version"
FORGET = "--clean-state deletes it; design and services stay."
"""What mends a database of which nothing can be made."""
ADVISORY_LOCK = 7_305_218_446_011
"""Any number, as long as all of us use the same one."""


class StoreError(UsageError):
    """The database can't be opened, is none, or can't be written to: a clause, without its name and a full stop."""

    def __init__(self, message: str, remedy: str = "") -> None:
        """Say what is wrong, and in a sentence what mends it where the database is a project's own file."""
        super().__init__(message)
        self.remedy = remedy


def foreign(why: str) -> StoreError:
    """Return the error about a database that we never wrote."""
    return StoreError(f"it was not written by pytest-superteam, for {why}", FORGET)


def migrate(connection: Connection) -> None:
    """Bring the database up to date, inside the transaction of `connection`; does nothing where it is already.

    Raises:
        StoreError: a newer version of us has written it, or it was not written by us.
    """
    if connection.dialect.name == "sqlite":
        _refuse_code(connection)
    if _marked(connection) == SCHEMA_VERSION:
        return  # the usual case takes no lock; all else is only looked at while nobody changes it
    _wait_for_others(connection)
    version, made = _version(connection), schema()
    if version > SCHEMA_VERSION:
        known = f"its tables are of version {version}, this one knows them up to {SCHEMA_VERSION}"
        raise StoreError(f"it was written by a newer pytest-superteam: {known}", f"Install that one, or: {FORGET}")
    if version == 1:
        _from_first(connection, made)
    else:
        made.create_all(connection)
    _mark(connection, made)


def _refuse_code(connection: Connection) -> None:
    """Refuse a file that would do something when it is written to or read."""
    found = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
    if connection.exec_driver_sql(found).first() is not None:
        raise foreign("it has triggers or views")


def _wait_for_others(connection: Connection) -> None:
    """Be the only one who changes the tables until the transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")


def _marked(connection: Connection) -> int | None:
    """Return the version that the tables are marked with, None where there is no mark."""
    from sqlalchemy import inspect, select

    inspector = inspect(connection)
    inspector.clear_cache()
    meta = schema().tables["meta"]
    if not inspector.has_table("meta"):
        return None
    value = connection.scalar(select(meta.c.value).where(meta.c.name == VERSION_KEY))
    return None if value is None else _number(value)


def _version(connection: Connection) -> int:
    """Return the version of the tables, 0 where there are none; nobody else may be changing them."""
    from sqlalchemy import inspect

    marked = _marked(connection)
    if marked is not None:
        return marked
    inspector = inspect(connection)
    if not inspector.has_table("runs"):
        return 0
    columns = {column["name"] for column in inspector.get_columns("runs")}
    if "schema_version" not in columns:
        raise foreign("its tables are other ones")
    return 1


def _number(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise foreign("the version of its tables is no number")
    return int(value)


def _mark(connection: Connection, made: MetaData) -> None:
    """Write down the version."""
    meta = made.tables["meta"]
    connection.execute(meta.delete().where(meta.c.name == VERSION_KEY))
    connection.execute(meta.insert().values(name=VERSION_KEY, value=str(SCHEMA_VERSION)))


# ---------------------------------------------------------------- from version 1

FIRST = ("runs", "transitions", "phases", "results")
"""The tables of version 1, which was SQLite only and where a run was one call of pytest."""


_COPIES = (
    """
    INSERT INTO runs (id, kind, project, prd, prd_sha256, depth, continues, state, previous_state, started, updated,
        ended, verdict, interrupted, interrupt_reason, architect_retries, fix_attempts)
    SELECT id,
        CASE WHEN lower(prd) LIKE '%.md' OR lower(prd) LIKE '%.markdown' OR lower(prd) LIKE '%.txt'
            THEN 'prd' ELSE 'system' END,
        '', prd, prd_sha256, '', '', state,
        coalesce((SELECT source FROM first_transitions t WHERE t.run = r.id ORDER BY t.id DESC LIMIT 1), ''),
        started,
        max(started, coalesce(ended, started),
            coalesce((SELECT max(at) FROM first_transitions t WHERE t.run = r.id), started)),
        ended, verdict,
        coalesce(verdict = 'interrupted', 0), CASE WHEN verdict = 'interrupted' THEN 'interrupted' ELSE '' END,
        (SELECT count(*) FROM first_transitions t WHERE t.run = r.id AND t.trigger = 'reject_architecture'), 0
    FROM first_runs r
    """,
    """
    INSERT INTO sessions (id, run, pid, host, started, heartbeat, ended, end_reason)
    SELECT id, id, 0, '', started, updated, coalesce(ended, updated),
        CASE WHEN verdict IS NULL AND state <> 'architect_review' THEN 'crashed'
            WHEN verdict = 'interrupted' THEN 'interrupted' ELSE 'done' END
    FROM runs
    """,
    """
    INSERT INTO transitions (id, run, session, trigger, source, target, at)
    SELECT id, run, run, trigger, source, target, at FROM first_transitions
    """,
    """
    INSERT INTO phases (session, name, run, status, started, ended, error)
    SELECT run, name, run, status, started, ended, error FROM first_phases
    """,
    "INSERT INTO results (session, item, result) SELECT run, item, result FROM first_results",
)
"""Whether a run was about a document or about a system that was there is told by the name of the file it came from."""


def _from_first(connection: Connection, made: MetaData) -> None:
    """Rebuild a first-version database: each of its runs is a run with one session, both with the id it had.

    What was kept under a run, such as the record of a design that waits for review, stays under its id.
    """
    execute = connection.exec_driver_sql
    for (index,) in execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (?, ?, ?, ?)", FIRST
    ).all():
        execute(f'DROP INDEX "{index.replace(chr(34), chr(34) * 2)}"')  # a name is free only once its index is gone
    for table in FIRST:
        execute(f"ALTER TABLE {table} RENAME TO first_{table}")
    made.create_all(connection)
    for statement in _COPIES:
        execute(statement)
    for table in FIRST:
        execute(f"DROP TABLE first_{table}")
