"""The connection to the database: SQLite in the project's folder, or any database of a URL that we know."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_superteam.extras import installing
from pytest_superteam.pipeline.state.migrations import FORGET, StoreError, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

__all__ = ["guarded", "make_engine", "remedy_of", "set_durable"]

BUSY_TIMEOUT = 30
"""Seconds that a writer waits for another one."""
SQLITE: dict[str, Any] = {"timeout": BUSY_TIMEOUT}
POSTGRESQL: dict[str, Any] = {"connect_timeout": 10, "client_encoding": "utf8"}
"""Seconds to wait for a server; a server without an encoding of its own gives bytes unless it is asked for texts."""
DIALECTS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The databases that the schema is tried on, by how their URLs begin."""
_NOT_ALLOWED = "Check who may read and write it, and its folder."
REMEDIES = {
    sqlite3.SQLITE_FULL: "Free some space.",
    sqlite3.SQLITE_IOERR: "Check the disk that it is on.",
    sqlite3.SQLITE_BUSY: "Another program is at work on it; wait for its end.",
    sqlite3.SQLITE_LOCKED: "Another program is at work on it; wait for its end.",
    sqlite3.SQLITE_READONLY: _NOT_ALLOWED,
    sqlite3.SQLITE_CANTOPEN: _NOT_ALLOWED,
    sqlite3.SQLITE_PERM: _NOT_ALLOWED,
    sqlite3.SQLITE_NOTADB: FORGET,
    sqlite3.SQLITE_CORRUPT: FORGET,
    sqlite3.SQLITE_ERROR: FORGET,  # a table or a column is missing
}
"""What mends a project's own database, by the primary code of SQLite's error."""


def make_engine(where: Path | str) -> Engine:
    """Return a connection to the database, its tables up to date; a file that is not there is made.

    Raises:
        StoreError: it is no database of ours, of a newer version, or can't be reached.
        OSError: the folder of the file can't be made.
    """
    from sqlalchemy import create_engine, event  # a quarter of a second, only where a run happens

    if not isinstance(where, str):
        where.parent.mkdir(parents=True, exist_ok=True)
    with guarded():
        url = _url(where)
        sqlite = url.get_dialect().name == "sqlite"
        engine = create_engine(url, pool_pre_ping=not sqlite, connect_args=SQLITE if sqlite else POSTGRESQL)
        if sqlite:
            event.listen(engine, "connect", _set_up)
        try:
            with engine.begin() as connection:
                migrate(connection)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _url(where: Path | str) -> Any:
    from sqlalchemy import URL, make_url

    if not isinstance(where, str):
        return URL.create("sqlite", database=str(where))
    url = make_url(where)
    dialect, _, driver = url.drivername.partition("+")
    if dialect not in DIALECTS:
        allowed = ", ".join(f"{known}://" for known in ("postgresql", "sqlite"))
        raise StoreError(f"'{dialect}://' is no database that is known; allowed are {allowed}")
    return url if driver and dialect != "postgres" else url.set(drivername=DIALECTS[dialect])


def _set_up(connection: Any, record: Any) -> None:
    """Let others read while one writes, have what is written survive a power cut, and trust no schema from outside."""
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()  # nobody else knows of it yet
        raise
    record.info["durable"] = True


def set_durable(connection: Connection, *, durable: bool) -> None:
    """Say whether the transaction that begins has to be on the disk when it ends; without, a power cut may lose it."""
    info = connection.connection.info
    if connection.dialect.name == "sqlite" and info.get("durable") != durable:
        connection.connection.dbapi_connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")  # type: ignore[union-attr]  # a connection that is checked out has one
        info["durable"] = durable


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what goes wrong in a database into one line.

    What breaks a rule of the schema is a mistake of ours and keeps its traceback.
    """
    from sqlalchemy import exc

    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        raise StoreError(_line(error.orig or error), remedy_of(error.orig)) from None
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise StoreError(_line(error)) from None
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise StoreError(f"psycopg is not installed; {installing('postgresql')} installs it") from None


def remedy_of(error: BaseException | None) -> str:
    """Return what mends a database that raised `error`, as a sentence; empty where nobody can say."""
    code = getattr(error, "sqlite_errorcode", None)  # the higher bits say it in more detail
    return REMEDIES.get(code & 0xFF, "") if isinstance(code, int) else ""


def _line(error: BaseException) -> str:
    """Return the first line of an error, which may quote a URL."""
    from pytest_superteam.reports.masking import mask_url  # only where there is something to tell

    return mask_url((str(error).strip() or type(error).__name__).splitlines()[0].rstrip("."))
