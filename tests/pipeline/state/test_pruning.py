"""What the memory lets go of, and what it is told to forget."""

from __future__ import annotations

import time

import pytest

from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.clean import forget
from pytest_superteam.pipeline.state.pruning import prune
from pytest_superteam.pipeline.state.store import Store


def fill(project, run, *sessions):
    """Make a run with sessions, each with a phase and a result, and something that is kept under the run itself."""
    store = project.store
    project.run(run)
    store.save_result(run, "once::review", {"reasons": []})
    for session in sessions:
        project.session(session, run)
        store.start_phase(session, "gate", run)
        store.save_result(session, "layer1::test_build[x]", {"seconds": 1})
        attempt = Attempts(store, run, session)
        attempt.start(phase="builders", service="orders", number=1, builder="agent")


def kept(store, *scopes):
    return {scope for scope in scopes if store.results(scope)}


def test_prune_keeps_the_newest(store, project):
    """Phases and results of older sessions go, everything else of them stays."""
    fill(project, "r1", "s1", "s2")
    fill(project, "r2", "s3", "s4", "s5")
    prune(store, project.name, keep=2)
    assert kept(store, "r1", "s1", "s2", "r2", "s3", "s4", "s5") == {"r2", "s4", "s5"}
    assert [len(store.phases(f"s{number}")) for number in range(1, 6)] == [0, 0, 0, 1, 1]
    assert [session.id for session in store.sessions("r1")] == ["s1", "s2"]
    assert len(Attempts(store, "r1", "").of_run()) == 2


def test_prune_spares_what_waits(store, project):
    """A design that waits for review is kept however old it is, with its sessions."""
    fill(project, "r1", "s1")
    project.go("r1", "architect_running", "architect_review")
    fill(project, "r2", "s2")
    prune(store, project.name, keep=0)
    assert kept(store, "r1", "s1", "r2", "s2") == {"r1", "s1"}


def test_prune_a_few(store, project):
    """Fewer sessions than are kept: nothing goes."""
    fill(project, "r1", "s1", "s2")
    prune(store, project.name)
    assert kept(store, "r1", "s1", "s2") == {"r1", "s1", "s2"}


def test_prune_many(store, project):
    """More sessions than one statement can name are no difficulty."""
    project.run()
    rows = [
        {"id": f"s{number}", "run": "r1", "pid": 1, "host": "", "started": float(number), "heartbeat": 0.0}
        for number in range(1200)
    ]
    with store.begin() as connection:
        connection.execute(store.table("sessions").insert(), rows)
        results = [{"session": row["id"], "item": "i", "result": {"n": 1}} for row in rows]
        connection.execute(store.table("results").insert(), results)
    prune(store, project.name, keep=3)
    with store.begin() as connection:
        left = connection.execute(store.table("results").select()).all()
    assert sorted(row.session for row in left) == ["s1197", "s1198", "s1199"]


def rows(store):
    """Return how many rows each table has."""
    with store.begin() as connection:
        return {name: len(connection.execute(table.select()).all()) for name, table in store._schema.tables.items()}


def everything(store, run):
    """Put a row about a run into the tables that others write to."""
    with store.begin() as connection:
        connection.execute(store.table("costs").insert().values(run=run, phase="builders", status="settled", at=1.0))
        uses = [{"platform": "agent", "run": run, "at": at} for at in (1.0, time.time())]
        connection.execute(store.table("uses").insert(), uses)
        connection.execute(store.table("reviews").insert().values(run=run, service="orders", details={}, at=1.0))


def test_forget(store, project):
    """Of a project nothing stays but what platforms will remember, and it can begin anew."""
    fill(project, "r1", "s1")
    everything(store, "r1")
    project.go("r1", "architect_running")
    assert 0 not in rows(store).values()
    forget(store, project.name)
    assert {name: count for name, count in rows(store).items() if count} == {"meta": 1, "uses": 1}
    project.run("r1")


@pytest.mark.docker
def test_forget_one_of_two(postgresql_url):
    """Of a database that projects share, only the rows of one go."""
    store = Store(postgresql_url)
    for run in ("ours", "theirs"):
        store.start_run(run, prd="PRD.md", prd_sha256="", project=run)
        store.start_session(f"s-{run}", run=run, pid=1, host="")
        store.save_result(f"s-{run}", "i", {"n": 1})
        store.save_result(run, "once::review", {"n": 1})
        store.start_phase(f"s-{run}", "gate", run)
        everything(store, run)
    before = rows(store)
    forget(store, "ours")
    assert rows(store) == {name: count // 2 for name, count in before.items()} | {"meta": 1, "uses": 3}
    assert kept(store, "theirs", "s-theirs") == {"theirs", "s-theirs"}
    store.close()
