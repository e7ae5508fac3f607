"""Taking over a running system and starting some of its services again, with real processes."""

import os
import signal
import stat
from dataclasses import replace

import psutil
import pytest
from restarted_systems import eventually, fetch

from pytest_superteam.deployment import restarting
from pytest_superteam.deployment.process import load_deployment
from pytest_superteam.deployment.records import read_record
from pytest_superteam.deployment.supervisor import ORDER

pytestmark = pytest.mark.slow


def test_only_the_named_service_starts_again(sessions):
    """A changed service runs its new source with no data at its old address; the other one is not touched."""
    first = sessions.deploy()
    for name in sessions.builds:
        sessions.data(name).write_text("rows")
    sessions.write("one", "def answer(path): return 200, 'mended'")
    second = sessions.restart("one")
    assert fetch(second.url("one") + "/anything") == "mended"
    assert fetch(second.url("two") + "/ready") == "ready"
    (one, two), (one_again, two_again) = first.services, second.services
    assert (one_again.url, one_again.log) == (one.url, one.log)
    assert one_again.pid != one.pid
    assert two_again == two
    assert (second.jwt_secret, second.run_id) == (first.jwt_secret, "run-2")
    assert load_deployment(sessions.lab.folder) == second
    assert read_record(sessions.lab.folder).run_id == "run-2"
    assert not sessions.data("one").exists()
    assert sessions.data("two").read_text() == "rows"
    assert one_again.log.read_text().count("listening on") == 1
    assert sessions.said == ["starting again: one; going on as before: two"]


def test_a_system_in_which_nothing_changed_is_taken_over_as_it_is(sessions):
    """A session without changes gets the running system under its own id, and may do so again."""
    first = sessions.deploy()
    assert sessions.restart().services == first.services
    assert sessions.restart(run_id="run-3").run_id == "run-3"
    assert psutil.pid_exists(first.services[0].pid)


def test_a_changed_start_command_and_folder_are_used(sessions):
    """A service that was built again elsewhere, with another command, is started from there and by that."""
    sessions.deploy()
    moved = sessions.lab.root / "elsewhere"
    moved.mkdir()
    (moved / "serve.py").write_text(sessions.lab.server("def answer(path): return 200, os.getcwd()"))
    sessions.builds["one"] = replace(sessions.builds["one"], directory=moved, start=("python", "serve.py", "{port}"))
    deployment = sessions.restart("one")
    assert fetch(deployment.url("one") + "/") == str(moved)


def test_the_environment_stays_and_the_secret_is_nowhere_new(sessions):
    """A restarted service sees what it saw; the secret is in no file but the one that always had it."""
    first = sessions.deploy(environment={"EXTRA": "x"})
    before = fetch(first.url("one") + "/environment")
    after = fetch(sessions.restart("one", environment={"EXTRA": "x"}).url("one") + "/environment")
    assert after == before
    files = [p for p in sessions.lab.folder.rglob("*") if p.is_file()]
    assert [p.name for p in files if first.jwt_secret in p.read_text("latin-1")] == ["deployment.json"]
    assert ORDER not in {p.name for p in files}
    assert stat.S_IMODE((sessions.lab.folder / "processes.json").stat().st_mode) == 0o600


def test_a_service_that_has_ended_by_itself_is_started_again(sessions):
    """What crashed since the deployment comes up with the named services."""
    first = sessions.deploy()
    os.kill(first.services[1].pid, signal.SIGKILL)
    assert eventually(lambda: read_record(sessions.lab.folder).services["two"].exit is not None)
    second = sessions.restart("one")
    assert fetch(second.url("two") + "/ready") == "ready"


def test_a_recorder_that_is_nearly_full_begins_anew(sessions, monkeypatch):
    """Telemetry of earlier sessions is thrown away before it could use up the room for a later one."""
    deployment = sessions.deploy()
    spans = deployment.telemetry / "spans.jsonl"
    spans.write_text('{"old": true}\n')
    sessions.restart()
    assert spans.read_text()
    monkeypatch.setattr(restarting, "MOST_BYTES", 10)
    sessions.restart()
    assert spans.read_text() == ""


def test_a_link_in_place_of_the_data_is_removed_and_not_followed(sessions):
    """A service that put a link where its data belongs has nothing deleted elsewhere."""
    sessions.deploy()
    precious = sessions.lab.root / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep")
    folder = sessions.data("one").parent
    folder.rmdir()
    folder.symlink_to(precious)
    sessions.restart("one")
    assert (precious / "file").read_text() == "keep"
    assert folder.is_dir()
    assert not folder.is_symlink()
