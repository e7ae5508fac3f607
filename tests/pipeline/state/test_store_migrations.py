"""Databases of earlier versions are brought up to date with everything that is in them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing

import pytest

from pytest_superteam.pipeline.state import migrations
from pytest_superteam.pipeline.state.pruning import prune
from pytest_superteam.pipeline.state.resuming import bury, choose_run
from pytest_superteam.pipeline.state.schema import SCHEMA_VERSION
from pytest_superteam.pipeline.state.store import Store, StoreError

FIRST = """
CREATE TABLE runs (id VARCHAR(32) NOT NULL, schema_version INTEGER NOT NULL, prd TEXT NOT NULL,
    prd_sha256 VARCHAR(64) NOT NULL, state VARCHAR(32) NOT NULL, started FLOAT NOT NULL, ended FLOAT,
    verdict VARCHAR(16), PRIMARY KEY (id));
CREATE TABLE transitions (id INTEGER NOT NULL, run VARCHAR(32) NOT NULL, "trigger" VARCHAR(32) NOT NULL,
    source VARCHAR(32) NOT NULL, target VARCHAR(32) NOT NULL, at FLOAT NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_transitions_run ON transitions (run);
CREATE TABLE phases (run VARCHAR(32) NOT NULL, name VARCHAR(64) NOT NULL, status VARCHAR(16) NOT NULL,
    started FLOAT NOT NULL, ended FLOAT, error TEXT NOT NULL, PRIMARY KEY (run, name));
CREATE TABLE results (run VARCHAR(32) NOT NULL, item VARCHAR(500) NOT NULL, result JSON NOT NULL,
    PRIMARY KEY (run, item));
INSERT INTO runs VALUES
    ('done', 1, 'PRD.md', 'a', 'complete', 100.0, 150.5, 'passed'),
    ('waits', 1, 'docs/PRD.MD', 'b', 'architect_review', 200.0, NULL, NULL),
    ('killed', 1, 'PRD.md', 'a', 'builders_running', 300.0, NULL, NULL),
    ('stopped', 1, 'compose.yaml', 'c', 'quality_gate', 400.0, 420.0, 'interrupted');
INSERT INTO transitions VALUES
    (1, 'waits', 'start_architect', 'init', 'architect_running', 200.5),
    (2, 'waits', 'architect_done', 'architect_running', 'architect_review', 201.0),
    (3, 'waits', 'reject_architecture', 'architect_review', 'architect_running', 202.0),
    (4, 'waits', 'architect_done', 'architect_running', 'architect_review', 203.0),
    (7, 'killed', 'contracts_ready', 'contracts_registering', 'builders_running', 301.0);
INSERT INTO phases VALUES
    ('done', 'builders', 'done', 101.0, 120.0, ''), ('killed', 'builders', 'running', 301.0, NULL, '');
INSERT INTO results VALUES
    ('waits', 'once::review', '{"reasons": ["too many services"]}'),
    ('done', 'layer1::test_build[x]', '{"seconds": 1}');
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "shop" / ".superteam" / "state.db"
    made.parent.mkdir(parents=True)
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(FIRST)
    return made


@pytest.fixture
def first(path):
    store = Store(path)
    yield store
    store.close()


def test_nothing_is_lost(first):
    """Runs, transitions, phases and results are those of before, by the ids of before."""
    assert {run.id: (run.state, run.prd_sha256, run.verdict) for run in first.runs("")} == {
        "done": ("complete", "a", "passed"),
        "waits": ("architect_review", "b", None),
        "killed": ("builders_running", "a", None),
        "stopped": ("quality_gate", "c", "interrupted"),
    }
    assert first.transitions("waits")[2] == ("reject_architecture", "architect_review", "architect_running")
    assert [(p.name, p.status, p.seconds) for p in first.phases("done")] == [("builders", "done", 19.0)]
    assert first.results("done") == {"layer1::test_build[x]": {"seconds": 1}}
    assert first.result("waits", "once::review") == {"reasons": ["too many services"]}


@pytest.mark.parametrize(
    ("run", "facts"),
    [
        ("done", ("prd", "", 150.5, False, 0)),
        ("waits", ("prd", "architect_running", 203.0, False, 1)),
        ("killed", ("prd", "contracts_registering", 301.0, False, 0)),
        ("stopped", ("system", "", 420.0, True, 0)),
    ],
)
def test_what_is_new_of_a_run(run, facts, first):
    """What version 1 did not write down is worked out from what it did."""
    found = first.run(run)
    known = (found.kind, found.previous_state, found.updated, found.interrupted, found.architect_retries)
    assert known == facts


def test_each_run_has_a_session(first):
    """A run of version 1 was one call of pytest; how it ended is told."""
    ends = {run: first.sessions(run)[0] for run in ("done", "waits", "killed", "stopped")}
    assert {run: (session.id, session.end_reason) for run, session in ends.items()} == {
        "done": ("done", "done"),
        "waits": ("waits", "done"),
        "killed": ("killed", "crashed"),
        "stopped": ("stopped", "interrupted"),
    }
    assert ends["killed"].ended == 301.0


def test_a_run_of_version_1_goes_on(first):
    """A run that version 1 left unfinished is gone on with, and the design that waits is not pruned."""
    assert bury(first, "") == []
    prune(first, "", keep=0)
    choice = choose_run(first, project="", kind="prd", prd_sha256="a", fresh=False)
    assert choice.run == "killed"
    assert first.result("waits", "once::review") is not None
    assert first.results("done") == {}


def test_only_once(path, monkeypatch):
    """A database that is up to date is not touched again."""
    with closing(Store(path)) as store:
        store.runs("")
    monkeypatch.setattr(migrations, "_from_first", lambda *_: pytest.fail("migrated twice"))
    store = Store(path)
    assert len(store.runs("")) == 4
    store.close()


@pytest.mark.parametrize("statement", range(len(migrations._COPIES)))
def test_failing_halfway_changes_nothing(statement, path, monkeypatch):
    """A migration that fails at any of its steps leaves the old database, and works when it is tried again."""
    copies = list(migrations._COPIES)
    with monkeypatch.context() as broken:
        broken.setattr(migrations, "_COPIES", [*copies[:statement], "INSERT INTO nowhere VALUES (1)"])
        with pytest.raises(StoreError, match="nowhere"):
            Store(path).runs("")
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"runs", "transitions", "phases", "results"}
    store = Store(path)
    assert len(store.runs("")) == 4
    store.close()


def _killed(path):
    migrations._mark = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    Store(path).runs("")


def test_killed_halfway(path):
    """A process that is killed when everything is copied has changed nothing; the next one brings it up to date."""
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    store = Store(path)
    assert len(store.runs("")) == 4
    assert store.result("waits", "once::review") is not None
    store.close()


def _reads(path, barrier):
    barrier.wait()
    store = Store(path)
    assert len(store.runs("")) == 4
    store.close()


def test_several_at_once(path):
    """Processes that come to an old database at the same moment bring it up to date once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    readers = [context.Process(target=_reads, args=(path, barrier)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [reader.exitcode for reader in readers] == [0, 0, 0]


def test_a_damaged_old_database(path):
    """An old database that lacks something is refused in one line, and stays as it is."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN verdict")
        connection.commit()
    with pytest.raises(StoreError, match="verdict"):
        Store(path).runs("")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (4,)


def test_a_new_version_says_so(path):
    """The version is raised with the migration, so that an older plugin can see it."""
    with closing(Store(path)) as store:
        store.runs("")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM meta").fetchone() == (str(SCHEMA_VERSION),)
