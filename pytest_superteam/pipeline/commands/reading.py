"""Reading the memory of runs without touching it, also while a run is at work.

A database file is copied into memory and read there: nothing beside it is made, nobody waits for us, and one of an
older version is brought up to date in the copy only. A database behind a URL is read in transactions that can't write.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.state.engines import guarded, remedy_of
from pytest_superteam.pipeline.state.migrations import FORGET, migrate
from pytest_superteam.pipeline.state.store import Store, StoreError
from pytest_superteam.reports.masking import mask_url
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

__all__ = ["reading"]

MAX_BYTES = 2 << 30
"""A larger database is none that runs of ours have written."""
BUSY_TIMEOUT = 5.0
"""Seconds to wait where a writer brings its log into the database, which takes milliseconds."""
CONNECT_SECONDS = "10"
READ_ONLY = "25006"
"""What PostgreSQL answers to whoever writes in a transaction that must not (`read_only_sql_transaction`)."""
TRIES = 3
"""A run that begins or ends meanwhile makes a copy useless; the next one is good."""


@contextmanager
def reading(where: Path | str, project: str = "") -> Iterator[Store | None]:
    """Give a store to read from, None where there is none yet.

    Args:
        where: the database of a project, or the URL of one.
        project: the name that the runs of the project's own database have in the store that is given; they have the
            name of another folder where the project was moved.

    Raises:
        UsageError: it can't be read, or is none; one line that names it.
    """
    try:
        if isinstance(where, str):
            file = _file_of(where)
            with _reading_url(where) if file is None else _reading_file(file) as store:
                yield store
        else:
            with _reading_file(where, project) as store:
                yield store
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{_called(where)}: '{_shown(where)}' can't be read: {reason}. Make it readable.") from None
    except (StoreError, sqlite3.Error) as error:
        reason, remedy = one_line(str(error)).rstrip("."), _remedy(where, error)
        raise UsageError(f"{_called(where)}: '{_shown(where)}' can't be read: {reason}. {remedy}") from None


def _called(where: Path | str) -> str:
    return "--state-url" if isinstance(where, str) else where.name


def _shown(where: Path | str) -> str:
    return mask_url(where) if isinstance(where, str) else str(where)


def _remedy(where: Path | str, error: StoreError | sqlite3.Error) -> str:
    if isinstance(where, str):
        return "Check --state-url."
    return (error.remedy if isinstance(error, StoreError) else remedy_of(error)) or "Look what has become of it."


def _file_of(url: str) -> Path | None:
    """Return the file of an SQLite URL."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url)
    except ArgumentError:
        raise StoreError("it is no URL of a database") from None
    return Path(made.database or "") if made.get_backend_name() == "sqlite" else None


# ---------------------------------------------------------------- files


@contextmanager
def _reading_file(file: Path, project: str = "") -> Iterator[Store | None]:
    if not file.is_file():
        yield None
        return
    if file.stat().st_size > MAX_BYTES:
        raise StoreError(f"it is larger than {MAX_BYTES >> 30} GiB", FORGET)
    with closing(sqlite3.connect(":memory:")) as copy:
        for left in reversed(range(TRIES)):
            try:
                _copy(file, copy)
                break
            except sqlite3.Error:
                if not left:
                    raise
        if project:
            _rename(copy, project)
        store = _Copy(copy)
        try:
            with store.begin():  # what is wrong with it is said now
                pass
            yield store
        finally:
            store.close()


class _Copy(Store):
    """A store in memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use the database of a connection."""
        super().__init__("sqlite://")
        self._connection = connection

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import StaticPool, create_engine

        engine = create_engine("sqlite://", creator=lambda: self._connection, poolclass=StaticPool)
        with guarded(), engine.begin() as connection:
            migrate(connection)
        return engine


def _rename(copy: sqlite3.Connection, project: str) -> None:
    """Give all runs one project's name; those of a first-version database have none, and get none."""
    if any(column[1] == "project" for column in copy.execute("PRAGMA table_info(runs)")):
        with copy:
            copy.execute("UPDATE runs SET project = ?", (project,))


def _copy(file: Path, copy: sqlite3.Connection) -> None:
    """Copy a database; a log beside it holds what is not in it yet, or is to be taken back."""
    log, index, journal = (file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))
    if journal.exists() or (log.exists() and not index.exists()):
        _copy_aside(copy, file, log, journal)  # who opens it where it is, would write to it
    elif log.exists() or not _has_log(file):
        _backup(file, copy, "mode=ro")
    else:
        _backup(file, copy, "immutable=1")  # nobody has it open, and who opens it makes files beside it


def _has_log(file: Path) -> bool:
    """Return whether a database is of the kind that has a log beside it while it is open (write-ahead)."""
    with file.open("rb") as stream:
        return stream.read(20)[18:] == b"\2\2"


def _copy_aside(copy: sqlite3.Connection, *files: Path) -> None:
    """Copy a database by way of a folder of our own, with what lies beside it."""
    with tempfile.TemporaryDirectory(prefix="superteam-") as folder:
        for file in files:
            with suppress(FileNotFoundError):
                shutil.copyfile(file, Path(folder) / file.name)
        _backup(Path(folder) / files[0].name, copy, "mode=rw")


def _backup(file: Path, copy: sqlite3.Connection, how: str) -> None:
    address = f"file:{quote(str(file.absolute()))}?{how}"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT)) as source:
        source.backup(copy)


# ---------------------------------------------------------------- URLs


@contextmanager
def _reading_url(url: str) -> Iterator[Store | None]:
    """Give the store behind a URL, in sessions that the server holds to reading; None where it has no tables yet."""
    from sqlalchemy import make_url

    made = make_url(url)
    asked = {"connect_timeout": CONNECT_SECONDS, **made.query}
    asked["options"] = f"{asked.get('options', '')} -c default_transaction_read_only=on".strip()
    store = Store(made.set(query=asked).render_as_string(hide_password=False))
    try:
        yield store if _has_tables(store) else None
    finally:
        store.close()


def _has_tables(store: Store) -> bool:
    try:
        with store.begin():
            return True
    except StoreError as error:
        cause = getattr(error.__context__, "orig", None)
        if getattr(cause, "sqlstate", "") == READ_ONLY:  # it would have made them
            return False
        raise
