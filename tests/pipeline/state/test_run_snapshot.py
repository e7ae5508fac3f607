"""The readable state of a run: complete, valid by its schema, never half written, and it gives no secret away."""

from __future__ import annotations

import json
import os
import threading

import jsonschema
import pytest
from memory_project import Project

from pytest_superteam.pipeline.machine import STATES
from pytest_superteam.pipeline.state.attempts import ENDED_AS, Attempts
from pytest_superteam.pipeline.state.figures import masked, number
from pytest_superteam.pipeline.state.schema import SCHEMA_VERSION
from pytest_superteam.pipeline.state.snapshot import SCHEMA, SnapshotFile, snapshot, write_snapshot
from pytest_superteam.pipeline.state.store import Store

SECRET = "ghp_" + "a1B2" * 9


def validate(data):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(data)


def cost(store, **values):
    row = {"run": "r1", "session": "s1", "phase": "builders", "status": "settled", "at": 1.0} | values
    with store.begin() as connection:
        connection.execute(store.table("costs").insert().values(**row))


def write(folder, path, data):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")


@pytest.fixture
def where(tmp_path):
    """Return where these tests keep their memory; `test_of_a_server` says that it makes no difference."""
    return tmp_path / "project" / ".superteam" / "state.db"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "project" / ".superteam"
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def at_work(store, folder):
    """Return the state of a run in the middle of its life."""
    return middle_of_life(store, folder)


def middle_of_life(store, folder):
    """Return the state of a run that is in its second session and continues another run."""
    project = Project(store)
    project.run("r0")
    project.run("r1", continues="r0", depth="thorough")
    project.session("s1", pid=41)
    project.go("r1", "architect_running", "architect_review", "contracts_registering", session="s1")
    store.start_phase("s1", "contracts", "r1")
    store.end_phase("s1", "contracts")
    store.start_phase("s1", "builders", "r1")
    store.end_phase("s1", "builders", f"token={SECRET}", status="stopped")
    store.end_session("s1", "interrupted: SIGTERM")
    store.start_session("s2", run="r1", pid=42, host="here", command="pytest --prd PRD.md")
    project.go("r1", "builders_running", session="s2")
    store.start_phase("s2", "builders", "r1")
    store.update_run("r1", interrupted=True, interrupt_reason="SIGTERM")
    attempts = Attempts(store, "r1", "s2")
    for service, status in {"orders": "succeeded", "users": "failed", "cart": "stalled"}.items():
        one = attempts.start(phase="builders", service=service, number=1, builder="agent", model="large")
        attempts.end(one, status, error="" if status == "succeeded" else f"password: {SECRET}")
    attempts.start(phase="builders", service="users", number=2, builder="agent", hint="again")
    with store.begin() as connection:
        reviews = store.table("reviews")
        connection.execute(reviews.insert().values(run="r1", service="cart", reason="it stalls", details={}, at=1.0))
    cost(store, run="r0", phase="architect", usd=0.5)
    cost(store, service="orders", usd=1.25, reserved_usd=3.0, estimated=True)
    cost(store, service="users", usd=0.25, reserved_usd=2.0, status="reserved")
    cost(store, service="cart", unknown=True)
    store.save_result("s2", "layer1::test_build[orders]", {"seconds": 1})
    store.save_result("s2", "layer3::test_scan[orders-SEC-001]", {"seconds": 1})
    store.save_result("s2", "once::notes", {"value": []})
    for name, record in {
        "orders": {"success": True, "key": "k"},
        "users": {"success": True, "key": "k"},
        "kept": {"success": True, "key": "k", "builder": "builtin"},
        "stale": {"success": True, "builder": "builtin"},
        "broken": {"success": False, "key": "k", "error": "no room"},
    }.items():
        write(folder, f"builds/{name}.json", record)
    write(folder, "builds/damaged.json", '{"success": tru')
    write(folder, "architecture/service-map.yaml", "services: []")
    write(folder, "architecture/contracts/orders.openapi.yaml", "openapi: 3.1.0")
    write(
        folder, "deployment/deployment.json", {"run_id": "s2", "services": [{"name": "orders"}], "jwt_secret": SECRET}
    )
    return snapshot(store, "r1", folder=folder)


def test_documented(at_work):
    """What is written is what the schema documents."""
    validate(at_work)
    assert at_work["store_version"] == SCHEMA_VERSION


def without_moments(data):
    """Return a state without what differs from run to run."""
    if isinstance(data, dict):
        moments = {"at", "started", "ended", "updated", "heartbeat", "seconds", "worked_seconds"}
        return {name: without_moments(value) for name, value in data.items() if name not in moments}
    return [without_moments(each) for each in data] if isinstance(data, list) else data


@pytest.mark.docker
def test_of_a_server(at_work, postgresql_url, folder):
    """A server's memory tells the same as a file's."""
    server = Store(postgresql_url)
    told = middle_of_life(server, folder)
    server.close()
    validate(told)
    assert without_moments(told) == without_moments(at_work)


def test_identity_and_state(at_work):
    """It says which run it is, what it continues, where it is and how it got there."""
    assert (at_work["run"]["id"], at_work["run"]["continues"], at_work["run"]["depth"]) == ("r1", ["r0"], "thorough")
    assert at_work["run"]["project"] == "/home/somebody/shop"
    state = at_work["state"]
    assert (state["current"], state["previous"], state["terminal"]) == (
        "builders_running",
        "contracts_registering",
        False,
    )
    assert [(row["source"], row["session"]) for row in state["transitions"]][-2:] == [
        ("architect_review", "s1"),
        ("contracts_registering", "s2"),
    ]
    assert at_work["interruption"] == {"interrupted": True, "reason": "SIGTERM"}


def test_sessions_and_phases(at_work):
    """Each phase is as the last session had it that came to it."""
    phases = {phase["name"]: (phase["session"], phase["status"]) for phase in at_work["phases"]}
    assert phases == {"contracts": ("s1", "done"), "builders": ("s2", "running")}
    ends = [(session["pid"], session["end_reason"], session["command"]) for session in at_work["sessions"]]
    assert ends == [(41, "interrupted: SIGTERM", ""), (42, "", "pytest --prd PRD.md")]
    assert at_work["sessions"][1]["ended"] is None


def test_builders(at_work):
    """Each service is as its last try, its record and the review queue say."""
    found = {name: service["status"] for name, service in at_work["builders"]["services"].items()}
    assert found == {
        "broken": "failed",
        "cart": "needs review",
        "kept": "succeeded",
        "orders": "succeeded",
        "stale": "waiting",
        "users": "running",
    }
    assert (at_work["builders"]["total"], at_work["builders"]["succeeded"]) == (6, 2)
    users = at_work["builders"]["services"]["users"]
    assert (users["attempts"], users["builder"], users["cost_usd"]) == (2, "agent", 0.25)
    assert at_work["builders"]["services"]["cart"]["review"] == "it stalls"
    assert [(each["service"], each["number"], each["status"]) for each in at_work["attempts"]] == [
        ("orders", 1, "succeeded"),
        ("users", 1, "failed"),
        ("cart", 1, "stalled"),
        ("users", 2, "running"),
    ]


def test_costs(at_work):
    """Costs are those of the run and of those that it continues, with what is set aside, estimated and unknown."""
    assert at_work["costs"] == {
        "total_usd": 2.0,
        "reserved_usd": 1.75,
        "estimated_usd": 1.25,
        "unknown_steps": 1,
        "by_phase": {"architect": 0.5, "builders": 1.5},
        "by_service": {"cart": 0.0, "orders": 1.25, "users": 0.25},
    }


def test_what_is_on_disk(at_work):
    """Files are told by the phase that made them; only what this run has started counts as deployed."""
    assert at_work["artifacts"]["architect"] == [
        ".superteam/architecture/service-map.yaml",
        ".superteam/architecture/contracts/orders.openapi.yaml",
    ]
    assert ".superteam/builds/orders.json" in at_work["artifacts"]["builders"]
    assert "contracts" not in at_work["artifacts"]
    assert at_work["deployment"] == {"services": ["orders"]}
    assert at_work["quality"] == {
        "fix_attempts": 0,
        "verdict": None,
        "answered": {"layer1": 1, "layer3": 1},
        "layers": {},
    }


def test_no_secrets(at_work):
    """Secrets in errors are masked, and those of the deployment are not told."""
    assert SECRET not in json.dumps(at_work)
    assert "****" in at_work["attempts"][1]["error"]


@pytest.mark.parametrize(
    ("report", "layers"),
    [
        ({"run_id": "r1", "verdict": "failed", "layers": [{"layer": 1, "verdict": "passed"}]}, {"layer1": "passed"}),
        ({"run_id": "other", "verdict": "failed", "layers": [{"layer": 1, "verdict": "passed"}]}, {}),
        ({"run_id": "r1", "verdict": "failed", "layers": "passed"}, {}),
        ({"run_id": "r1", "verdict": "failed", "layers": [1, {"layer": 2}]}, {}),
        ("[" * 100_000, {}),
        ("[]", {}),
    ],
)
def test_verdicts_of_the_layers(report, layers, store, project, folder):
    """The verdict of each layer is that of the last report, where it is this run's and is one."""
    project.run()
    store.end_run("r1", "failed")
    write(folder, "reports/gate-report.json", report)
    found = snapshot(store, "r1", folder=folder)
    validate(found)
    assert (found["quality"]["verdict"], found["quality"]["layers"]) == ("failed", layers)


@pytest.mark.parametrize("state", STATES)
def test_each_state(state, store, project, folder):
    """A run in any state can be told, also one that has nothing but a state."""
    project.run()
    project.go("r1", state)
    validate(snapshot(store, "r1", folder=folder))


def test_schema_knows_what_there_is():
    """States and ends of attempts in the schema are those of the program."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema["$defs"]["state"]["enum"] == list(STATES)
    assert schema["properties"]["attempts"]["items"]["properties"]["status"]["enum"] == ["running", *ENDED_AS]


def test_project_of_a_file(store, project, folder):
    """A database in the project's folder names no project: it is where the file is."""
    project.name = ""
    project.run()
    assert snapshot(store, "r1")["run"]["project"] == str(folder.parent)


def test_unknown_run(store):
    """There is no state of a run that never was."""
    with pytest.raises(KeyError):
        snapshot(store, "never")


def test_written_wholly_or_not_at_all(store, project, folder, monkeypatch):
    """A write that fails leaves the file of before, and nothing beside it."""
    project.run()
    path = folder / "PIPELINE_STATE.json"
    write_snapshot(store, "r1", path)
    before = path.read_bytes()
    validate(json.loads(before))
    project.go("r1", "architect_running")

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_snapshot(store, "r1", path)
    assert path.read_bytes() == before
    assert [file for file in folder.iterdir() if file.name.startswith(".PIPELINE")] == []
    write_snapshot(store, "r1", path)
    assert json.loads(path.read_text(encoding="utf-8"))["state"]["current"] == "architect_running"


def test_written_no_more_often_than_needed(store, project, folder):
    """What is not asked for at once waits for the next second."""
    project.run()
    path, now = folder / "PIPELINE_STATE.json", [100.0]
    file = SnapshotFile(store, "r1", path, seconds=1.0, clock=lambda: now[0])
    assert file.write(at_once=False)
    project.go("r1", "architect_running")
    now[0] += 0.9
    assert not file.write(at_once=False)
    assert json.loads(path.read_text(encoding="utf-8"))["state"]["current"] == "init"
    assert file.write()
    assert json.loads(path.read_text(encoding="utf-8"))["state"]["current"] == "architect_running"
    now[0] += 1.0
    assert file.write(at_once=False)


def test_the_newest_state_comes_last(store, project, folder):
    """Of threads that write at the same time, the last to come is the last to write."""
    project.run()
    file = SnapshotFile(store, "r1", folder / "PIPELINE_STATE.json")
    threads = [threading.Thread(target=file.write) for _ in range(4)]
    for state, thread in zip(STATES[1:], threads, strict=False):
        project.go("r1", state)
        thread.start()
    for thread in threads:
        thread.join()
    written = json.loads((folder / "PIPELINE_STATE.json").read_text(encoding="utf-8"))
    assert written["state"]["current"] == store.state("r1")


@pytest.mark.parametrize(("value", "told"), [(1.23456, 1.235), (float("nan"), None), (float("-inf"), None)])
def test_numbers(value, told):
    """A figure that JSON has no number for is null."""
    assert number(value) == told


def test_long_texts_are_cut():
    """An error of any length takes little room, and its secrets are masked before it is cut."""
    text = "x" * 1990 + f" token={SECRET} " + "y" * 100_000
    assert len(masked(text)) <= 2000
    assert "a1B2a1B2" not in masked(text)
