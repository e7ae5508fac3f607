"""Taking over: dead sessions are ended, and the run to go on with is chosen."""

from __future__ import annotations

import platform
import time

import pytest

from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.resuming import Choice, bury, choose_run, lineage
from pytest_superteam.pipeline.state.store import Store


def since(store, session, seconds):
    """Put the signs of life of a session into the past."""
    table = store.table("sessions")
    past = time.time() - seconds
    with store.begin() as connection:
        connection.execute(table.update().where(table.c.id == session).values(started=past - 5, heartbeat=past))


def test_bury(store, project):
    """A session without an end has crashed at its last sign of life, and so has what it had under way."""
    project.run()
    project.go("r1", "architect_running", "builders_running")
    project.session("ended")
    store.end_session("ended", "done")
    project.session("dead", pid=4711, host=platform.node())
    store.start_phase("dead", "contracts", "r1")
    store.end_phase("dead", "contracts")
    store.start_phase("dead", "builders", "r1")
    attempts = Attempts(store, "r1", "dead")
    for number, service in enumerate(("orders", "users"), 1):
        attempts.start(phase="builders", service=service, number=number, builder="agent")
    attempts.end(attempts.of_run()[0].id, "succeeded")
    since(store, "dead", 1000)
    (buried,) = bury(store, project.name)
    assert (buried.id, buried.ended, buried.end_reason) == ("dead", None, "")
    ended = {session.id: session for session in store.sessions("r1")}
    assert (ended["dead"].end_reason, ended["dead"].ended) == ("crashed", buried.heartbeat)
    assert ended["ended"].end_reason == "done"
    assert [(p.name, p.status) for p in store.phases("dead")] == [("contracts", "done"), ("builders", "failed")]
    assert [(a.status, a.ended is not None) for a in attempts.of_run()] == [("succeeded", True), ("interrupted", True)]
    assert attempts.of_run()[1].ended == buried.heartbeat
    run = store.run("r1")
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(buried.heartbeat))
    assert run.interrupted
    assert run.interrupt_reason == f"crashed: process 4711 gave its last sign of life at {moment}"
    assert bury(store, project.name) == []


def test_attempts_of_ended_sessions(store, project):
    """An attempt that a session left at work when it ended in order is interrupted as well."""
    project.run()
    project.session("s1")
    attempts = Attempts(store, "r1", "s1")
    attempts.start(phase="builders", service="orders", number=1, builder="agent")
    store.end_session("s1", "interrupted: SIGTERM")
    assert bury(store, project.name) == []
    assert attempts.of_run()[0].status == "interrupted"
    assert store.run("r1").interrupted is False


@pytest.mark.parametrize("state", ["complete", "failed"])
def test_killed_at_the_very_end(state, store, project):
    """A run that was over when its session was killed is not interrupted."""
    project.run()
    project.go("r1", "quality_gate", state)
    project.session("s1")
    assert [session.id for session in bury(store, project.name)] == ["s1"]
    assert store.run("r1").interrupted is False


@pytest.mark.parametrize(
    ("host", "silent", "dead"),
    [(platform.node(), 0, True), ("elsewhere", 0, False), ("elsewhere", 299, False), ("elsewhere", 301, True)],
)
def test_other_machines(host, silent, dead, tmp_path):
    """Behind a URL a session on another machine may be alive: it is let be, and so is its run."""
    store = Store(f"sqlite:///{tmp_path / 'shared.db'}")
    store.start_run("r1", prd=tmp_path, prd_sha256="a", kind="prd", project="p")
    store.start_session("s1", run="r1", pid=1, host=host)
    Attempts(store, "r1", "s1").start(phase="builders", service="orders", number=1, builder="agent")
    since(store, "s1", silent)
    assert bool(bury(store, "p")) is dead
    assert Attempts(store, "r1", "s1").of_run()[0].status == ("interrupted" if dead else "running")
    choice = choose_run(store, project="p", kind="prd", prd_sha256="a", fresh=False)
    assert choice.run == ("r1" if dead else None)
    assert choice.continues == ""
    store.close()


def test_other_projects(tmp_path):
    """Behind a URL the sessions of other projects are not ours to end."""
    store = Store(f"sqlite:///{tmp_path / 'shared.db'}")
    store.start_run("r1", prd=tmp_path, prd_sha256="a", kind="prd", project="theirs")
    store.start_session("s1", run="r1", pid=1, host=platform.node())
    assert bury(store, "ours") == []
    assert choose_run(store, project="ours", kind="prd", prd_sha256="a", fresh=False).run is None
    store.close()


def chosen(run, continues, why):
    return Choice(run, retry=why.endswith("tried again"), continues=continues, why=why)


NEW = chosen(None, "", "")
SAID = "said"
"""No state: the verdict of the run is written down."""


@pytest.mark.parametrize(
    ("states", "asked", "choice"),
    [
        ([], {}, chosen("r1", "", "which has got to init")),
        (["architect_running"], {}, chosen("r1", "", "which has got to architect_running")),
        (["quality_gate"], {}, chosen("r1", "", "which has got to quality_gate")),
        (["quality_gate", "failed"], {}, chosen("r1", "", "which failed at its gate; the gate is tried again")),
        (["fix_pass", "failed"], {}, chosen("r1", "", "which failed at its gate; the gate is tried again")),
        (["integrating", "failed"], {}, chosen(None, "r1", "after run r1: it failed in integrating")),
        (["quality_gate", "complete"], {}, chosen("r1", "", "which was complete and had not said so")),
        (["quality_gate", "complete", SAID], {}, chosen(None, "", "after run r1: it is complete")),
        (["builders_running"], {"sha": "b"}, chosen(None, "r1", "after run r1: the requirements changed")),
        (["quality_gate", "failed"], {"sha": "b"}, chosen(None, "r1", "after run r1: the requirements changed")),
        (["quality_gate", "complete"], {"sha": "b"}, chosen(None, "", "after run r1: the requirements changed")),
        (["builders_running"], {"fresh": True}, chosen(None, "", "--fresh starts anew, without run r1")),
        (["builders_running"], {"kind": "system"}, NEW),
    ],
)
def test_choice(states, asked, choice, store, project):
    """The newest run goes on unless it is over or about other requirements; a new one goes on with its budget."""
    project.run()
    project.go("r1", *(state for state in states if state != SAID))
    if SAID in states:
        store.end_run("r1", "passed")
    wanted = {"kind": "prd", "sha": "a", "fresh": False} | asked
    wanted["prd_sha256"] = wanted.pop("sha") * 64
    assert choose_run(store, project=project.name, **wanted) == choice


def test_nothing_before(store):
    """The first session of a project starts a run."""
    assert choose_run(store, project="p", kind="prd", prd_sha256="a", fresh=False) == NEW


def test_interruption_is_told(store, project):
    """Why a run goes on says where and how it was interrupted."""
    project.run()
    project.go("r1", "builders_running")
    store.update_run("r1", interrupted=True, interrupt_reason="SIGTERM")
    choice = choose_run(store, project=project.name, kind="prd", prd_sha256="a" * 64, fresh=False)
    assert choice.why == "which was interrupted in builders_running (SIGTERM)"


def test_only_the_newest_counts(store, project):
    """An older run that was left unfinished is not taken up again."""
    project.run("r1")
    project.go("r1", "builders_running")
    project.run("r2")
    project.go("r2", "quality_gate", "complete")
    store.end_run("r2", "passed")
    assert choose_run(store, project=project.name, kind="prd", prd_sha256="a" * 64, fresh=False).run is None


def test_lineage(store, project):
    """A run and those that it continues, the eldest last; damage that leads in circles ends."""
    project.run("r1")
    project.run("r2", continues="r1")
    project.run("r3", continues="r2")
    project.run("lost", continues="gone")
    assert lineage(store, "r3") == ["r3", "r2", "r1"]
    assert lineage(store, "lost") == ["lost"]
    assert lineage(store, "never") == []
    store.update_run("r1", continues="r3")
    assert lineage(store, "r3") == ["r3", "r2", "r1"]
