"""Opening the database: files of others, damaged ones, several processes at once, URLs, a disk that is full."""

from __future__ import annotations

import itertools
import multiprocessing
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pytest_superteam.pipeline.state.schema import SCHEMA_VERSION
from pytest_superteam.pipeline.state.store import Store, StoreError


def sql(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def ours(path):
    """Make a database of ours with one run in it."""
    store = Store(path)
    store.start_run("r1", prd=Path("PRD.md"), prd_sha256="0" * 64)
    store.save_result("r1", "i", {"n": 1})
    with store.begin() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def test_version_is_written_down(store):
    """A new database says of which version its tables are."""
    with store.begin() as connection:
        assert connection.execute(store.table("meta").select()).all() == [("schema_version", str(SCHEMA_VERSION))]


def content(path):
    """Return what a database holds, or the bytes of what is none."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())
    except sqlite3.Error:
        return path.read_bytes() if path.is_file() else None


def text_file(path):
    path.write_text("state: init\n" * 400)


def truncated(path):
    ours(path)
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(path):
    ours(path)
    data = bytearray(path.read_bytes())
    data[100:4096] = b"\xff" * 3996
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (text_file, "not a database"),
        (truncated, "malformed"),
        (overwritten, "malformed"),
        (Path.mkdir, "unable to open"),
        (lambda path: sql(path, "CREATE TABLE runs (id INTEGER, distance FLOAT)"), "its tables are other ones"),
        (lambda path: (ours(path), sql(path, "UPDATE meta SET value = '3000'")), "a newer pytest-superteam"),
        (lambda path: (ours(path), sql(path, "UPDATE meta SET value = '²'")), "is no number"),
        (lambda path: (ours(path), sql(path, "UPDATE meta SET value = '-1'")), "is no number"),
        (lambda path: (ours(path), sql(path, f"UPDATE meta SET value = '{'9' * 50}'")), "is no number"),
        (
            lambda path: (
                ours(path),
                sql(path, "CREATE TRIGGER t AFTER INSERT ON costs BEGIN DELETE FROM costs; END"),
            ),
            "triggers or views",
        ),
        (lambda path: sql(path, "CREATE VIEW runs AS SELECT 1 AS id"), "triggers or views"),
    ],
)
def test_no_database_of_ours(damage, told, tmp_path):
    """What is no database of ours is refused in one line, and left as it is."""
    path = tmp_path / "state.db"
    damage(path)
    before = content(path)
    store = Store(path)
    with pytest.raises(StoreError) as caught:
        store.runs("p")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert content(path) == before


def newer(path):
    ours(path)
    sql(path, "UPDATE meta SET value = '3000'")


def without_a_table(path):
    ours(path)
    sql(path, "DROP TABLE runs")


@pytest.mark.parametrize(
    ("damage", "remedy"),
    [
        (text_file, "--clean-state deletes it; design and services stay."),
        (overwritten, "--clean-state deletes it; design and services stay."),
        (without_a_table, "--clean-state deletes it; design and services stay."),
        (newer, "Install that one, or: --clean-state deletes it; design and services stay."),
        (Path.mkdir, "Check who may read and write it, and its folder."),
    ],
)
def test_what_mends_it(damage, remedy, tmp_path):
    """A database is only to be deleted where nothing else makes it usable."""
    path = tmp_path / "state.db"
    damage(path)
    store = Store(path)
    with pytest.raises(StoreError) as caught:
        store.runs("p")
    store.close()
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE runs SET started = 'soon'", lambda store: store.runs("p")),
        ("UPDATE runs SET state = x'00'", lambda store: store.state("r1")),
        ("UPDATE results SET result = '{'", lambda store: store.result("r1", "i")),
        ("UPDATE results SET result = '[1]'", lambda store: store.results("r1")),
        (f"UPDATE results SET result = '{'[' * 200_000}'", lambda store: store.results("r1")),
        ("UPDATE results SET result = 7", lambda store: store.results("r1")),
    ],
)
def test_values_that_we_do_not_write(statement, read, tmp_path):
    """SQLite takes any value in any column; one that is none of ours is refused, not believed."""
    path = tmp_path / "state.db"
    ours(path)
    sql(path, statement)
    store = Store(path)
    with pytest.raises(StoreError, match="was not written by pytest-superteam"):
        read(store)
    store.close()


def _open(path, barrier):
    barrier.wait()
    store = Store(path)
    store.save_result("s", str(multiprocessing.current_process().name), {})
    store.close()


def test_opened_by_several_at_once(where):
    """Processes that come to a new database at the same moment make its tables once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4)
    openers = [context.Process(target=_open, args=(where, barrier)) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    store = Store(where)
    assert [opener.exitcode for opener in openers] == [0] * 4
    assert len(store.results("s")) == 4
    store.close()


def test_full_disk(tmp_path):
    """Where nothing more can be written it is said in one line, and what was saved stays."""
    store = Store(tmp_path / "state.db")
    store.save_result("s", "before", {"n": 1})
    with store.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"^database or disk is full$") as caught:
        store.save_result("s", "large", {"text": "x" * 100_000})
    assert caught.value.remedy == "Free some space."
    assert store.results("s") == {"before": {"n": 1}}
    store.close()


def test_what_has_to_survive_a_power_cut(tmp_path):
    """What is written down is on the disk when it is done; only results, which can be found again, may come later."""
    store = Store(tmp_path / "state.db")
    found = []
    for durable in (True, False, True):
        with store.begin(durable=durable) as connection:
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    assert (found, mode) == ([2, 1, 2], "wal")
    store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://somebody:hidden@db/x", "'mysql://' is no database that is known; allowed are postgresql://, sqlite"),
        ("no url", "Could not parse"),
        ("postgresql+nothing://somebody:hidden@db/x", "plugin"),
        ("postgresql://somebody:hidden@127.0.0.1:1/x", "refused"),
        ("postgres://somebody:hidden@127.0.0.1:1/x", "refused"),
    ],
)
def test_urls(url, told):
    """A URL that leads nowhere is said in one line, without its password."""
    with pytest.raises(StoreError) as caught:
        Store(url).runs("p")
    assert told in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_driver(monkeypatch):
    """Where the driver of PostgreSQL is missing, the line names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'pytest-superteam\[postgresql\]' installs it$"):
        Store("postgresql://somebody@127.0.0.1:1/x").runs("p")


@pytest.mark.docker
def test_wrong_password(postgresql_url):
    """A server that lets nobody in is said in one line, without the password."""
    head, _, tail = postgresql_url.partition("://postgres:")
    url = f"{head}://postgres:hidden-word@{tail.partition('@')[2]}"
    with pytest.raises(StoreError) as caught:
        Store(url).runs("p")
    assert "authentication failed" in str(caught.value)
    assert "hidden-word" not in str(caught.value)


def test_projects_share_a_database(tmp_path):
    """Behind a URL each project sees its own runs; the file in a project's folder moves with it."""
    path = tmp_path / "state.db"
    shared, own = Store(f"sqlite:///{path}"), Store(path)
    for name in ("a", "b"):
        shared.start_run(f"run-{name}", prd=Path("PRD.md"), prd_sha256="", project=f"/home/{name}")
    assert [run.id for run in shared.runs("/home/a")] == ["run-a"]
    assert {run.id for run in own.runs("/moved/a")} == {"run-a", "run-b"}
    for store in (shared, own):
        store.close()


def _moves(where, moved):
    store = Store(where)
    states = itertools.cycle(["integrating", "quality_gate"])
    for source, target in itertools.pairwise(states):
        store.record_transition("r1", "go", source, target)
        moved.release()


def test_killed_while_writing(where):
    """A process that is killed in the middle of writing leaves whole records: the state is that of the last one."""
    store = Store(where)
    store.start_run("r1", prd=Path("PRD.md"), prd_sha256="")
    context = multiprocessing.get_context("spawn")
    moved = context.Semaphore(0)
    process = context.Process(target=_moves, args=(where, moved))
    process.start()
    for _ in range(10):
        assert moved.acquire(timeout=60)
    process.kill()
    process.join()
    moves = store.transitions("r1")
    assert len(moves) >= 10
    assert (store.run("r1").previous_state, store.state("r1")) == moves[-1][1:]
    store.record_transition("r1", "go", "x", "y")
    assert store.state("r1") == "y"
    store.close()


@pytest.mark.docker
def test_server_that_was_away(postgresql_url):
    """A connection that the server has closed meanwhile is made again."""
    store, other = Store(postgresql_url), Store(postgresql_url)
    store.start_run("r1", prd=Path("PRD.md"), prd_sha256="")
    with other.begin() as connection:
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        connection.exec_driver_sql(f"{ours} current_database()")
    assert store.state("r1") == "init"
    for each in (store, other):
        each.close()
