"""Databases of runs are read as they are: nothing is made, changed or held up by it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.commands.reading import MAX_BYTES, reading


def fingerprint(folder):
    """Return the files below a folder and what is in them; times of reading do not count."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if not path.name.endswith("-shm")
    }


def names(folder):
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_database_that_nobody_has_open(shop):
    """A closed database is read, and no file appears beside it."""
    shop.begin().close()
    before = fingerprint(shop.folder / ".superteam")
    with reading(shop.folder / ".superteam" / "state.db") as store:
        assert [run.id for run in store.runs(str(shop.folder))] == ["run1"]
    assert fingerprint(shop.folder / ".superteam") == before
    assert names(shop.folder / ".superteam") == ["state.db"]


def test_database_that_a_run_writes_to(shop):
    """What a run has just written is read, while it has the database open and a transaction under way."""
    writer = shop.begin()
    with writer.begin() as connection:
        connection.execute(writer.table("runs").update().values(verdict="not yet"))
        with reading(writer.where) as store:
            assert store.run("run1").verdict is None
            assert store.run("run1").state == "builders_running"
    with reading(writer.where) as store:
        assert store.run("run1").verdict == "not yet"
    writer.close()


def test_log_without_its_index(shop):
    """The log that a killed run has left is read, though its index is gone, and stays as it is."""
    writer = shop.begin()
    left = shop.folder / "left"
    left.mkdir()
    for name in ("state.db", "state.db-wal"):
        shutil.copy(shop.folder / ".superteam" / name, left / name)
    writer.close()
    before = fingerprint(left)
    with reading(left / "state.db") as store:
        assert store.state("run1") == "builders_running"
    assert fingerprint(left) == before
    assert names(left) == ["state.db", "state.db-wal"]


def test_database_without_a_log(shop):
    """A database that keeps no log, as on some network drives, is read as it was before a transaction."""
    shop.begin().close()
    folder, file = shop.folder / ".superteam", shop.store.where
    with closing(sqlite3.connect(file, isolation_level=None)) as writer, writer:
        writer.execute("PRAGMA journal_mode=DELETE")
        with reading(file) as store:
            assert store.state("run1") == "builders_running"
        assert names(folder) == ["state.db"]
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE runs SET state = 'complete'")
        assert names(folder) == ["state.db", "state.db-journal"]
        with reading(file) as store:
            assert store.state("run1") == "builders_running"
        writer.execute("COMMIT")
    writer.close()
    with reading(file) as store:
        assert store.state("run1") == "complete"
    assert names(folder) == ["state.db"]


def test_what_is_written_to_the_copy_is_lost(shop):
    """What is read is a copy: even writing to it changes nothing."""
    shop.begin().close()
    with reading(shop.store.where) as store:
        store.end_run("run1", "passed")
    with reading(shop.store.where) as store:
        assert store.run("run1").verdict is None


def test_no_database(tmp_path):
    """Where there is no database there is no store, and none is made."""
    with reading(tmp_path / ".superteam" / "state.db") as store:
        assert store is None
    assert names(tmp_path) == []


def test_empty_database(tmp_path):
    """A run that was killed before it made its tables has left an empty file, which has no run."""
    (tmp_path / "state.db").touch()
    with reading(tmp_path / "state.db") as store:
        assert store.runs("any") == []
    assert (tmp_path / "state.db").stat().st_size == 0


def test_folder_that_was_moved(shop, tmp_path):
    """The runs of a project that was moved are found under its new name, and keep the old one on disk."""
    shop.begin().close()
    moved = tmp_path / "elsewhere"
    shop.folder.rename(moved)
    with reading(moved / ".superteam" / "state.db", str(moved)) as store:
        assert [run.id for run in store.runs(str(moved))] == ["run1"]
    with reading(moved / ".superteam" / "state.db") as store:
        assert store.run("run1").project == str(shop.folder)


def first_version(file):
    """Write a database as the first version of the tables was."""
    with closing(sqlite3.connect(file)) as made, made:
        made.execute(
            "CREATE TABLE runs (id VARCHAR(32) PRIMARY KEY, prd TEXT NOT NULL, prd_sha256 VARCHAR(64) NOT NULL, state "
            "VARCHAR(32) NOT NULL, started FLOAT NOT NULL, ended FLOAT, verdict VARCHAR(16), schema_version INTEGER)"
        )
        made.execute(
            "CREATE TABLE transitions (id INTEGER PRIMARY KEY, run VARCHAR(32), trigger VARCHAR(32), "
            "source VARCHAR(32), target VARCHAR(32), at FLOAT)"
        )
        made.execute(
            "CREATE TABLE phases (run VARCHAR(32), name VARCHAR(64), status VARCHAR(16), started FLOAT, ended FLOAT, "
            "error TEXT, PRIMARY KEY (run, name))"
        )
        made.execute("CREATE TABLE results (run VARCHAR(32), item VARCHAR(500), result JSON, PRIMARY KEY (run, item))")
        made.execute("INSERT INTO runs VALUES ('old', '/shop/PRD.md', 'abc', 'complete', 1.0, 2.0, 'passed', 1)")
    made.close()


def test_database_of_an_older_version(tmp_path):
    """A database of the first version is read, and stays of the first version."""
    first_version(tmp_path / "state.db")
    before = fingerprint(tmp_path)
    with reading(tmp_path / "state.db", str(tmp_path)) as store:
        assert store.runs(str(tmp_path))[0].verdict == "passed"
    assert fingerprint(tmp_path) == before


def test_database_of_a_newer_version(shop):
    """A database of a newer version is refused in one line that names it and says what to do."""
    store = shop.begin()
    with store.begin() as connection:
        connection.execute(store.table("meta").update().values(value="9999"))
    store.close()
    told = r"state\.db' can't be read: .*newer pytest-superteam.*--clean-state"
    with pytest.raises(UsageError, match=told) as caught, reading(store.where):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4000, b"SQLite format 3\0", b"\0" * 512],
    ids=["text", "torn", "header", "zeros"],
)
def test_broken_database(tmp_path, content):
    """A file that is no database is refused in one line, and stays as it is."""
    (tmp_path / "state.db").write_bytes(content)
    told = r"state\.db' can't be read: "
    with pytest.raises(UsageError, match=told) as caught, reading(tmp_path / "state.db") as store:
        store.runs("any")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "state.db").read_bytes() == content


def test_database_that_may_not_be_looked_at(tmp_path, monkeypatch):
    """A folder without rights is told in one line."""

    def refuse(*_given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "is_file", refuse)
    with pytest.raises(UsageError) as caught, reading(tmp_path / "state.db"):
        pass
    assert str(caught.value) == f"state.db: '{tmp_path}/state.db' can't be read: Permission denied. Make it readable."


def test_database_that_does_something_when_it_is_read(tmp_path):
    """A file whose tables are views, which may compute without end, is refused."""
    with closing(sqlite3.connect(tmp_path / "state.db")) as made, made:
        made.execute(
            "CREATE VIEW runs AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id FROM n"
        )
    made.close()
    with pytest.raises(UsageError, match="not written by"), reading(tmp_path / "state.db", str(tmp_path)) as store:
        store.runs("any")


def test_values_that_we_never_wrote(shop):
    """A row with a text where a time belongs is refused in one line."""
    store = shop.begin()
    store.close()
    with closing(sqlite3.connect(store.where)) as edited, edited:
        edited.execute("UPDATE runs SET started = 'yesterday'")
    edited.close()
    with pytest.raises(UsageError, match="can't be read"), reading(store.where) as found:
        found.runs(str(shop.folder))


def test_huge_database(tmp_path):
    """A file that is larger than any of ours is refused before it is read."""
    with (tmp_path / "state.db").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UsageError, match="larger than"), reading(tmp_path / "state.db"):
        pass


def test_folder_in_the_place_of_the_database(tmp_path):
    """A folder where the database would be is no database."""
    (tmp_path / "state.db").mkdir()
    with reading(tmp_path / "state.db") as store:
        assert store is None


def test_database_behind_a_url(shop):
    """An SQLite database that is named by its URL is read as a copy too."""
    shop.begin().close()
    with reading(f"sqlite:///{shop.store.where}") as store:
        store.end_run("run1", "passed")
    assert shop.store.run("run1").verdict is None


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("no url", "no URL of a database"),
        ("oracle://scott:tiger@localhost/x", "oracle"),
        ("postgresql+psycopg://me:geheimnis@127.0.0.1:1/none", "refused"),
    ],
)
def test_url_that_leads_nowhere(url, word):
    """A URL that leads to no database is refused in one line without its password."""
    with pytest.raises(UsageError, match=word) as caught, reading(url):
        pass
    assert "\n" not in str(caught.value)
    assert "geheimnis" not in str(caught.value)
    assert "tiger" not in str(caught.value)


def test_link_and_strange_name(tmp_path, shop):
    """A database is found through a link, and in a folder whose name means something in a URL."""
    strange = tmp_path / "50% #off?mode=rwc&x=\u00fc"
    strange.mkdir()
    shop.begin().close()
    shutil.copy(shop.store.where, strange / "state.db")
    (tmp_path / "link.db").symlink_to(strange / "state.db")
    for file in (strange / "state.db", tmp_path / "link.db"):
        with reading(file) as store:
            assert store.state("run1") == "builders_running"
    assert names(strange) == ["state.db"]
