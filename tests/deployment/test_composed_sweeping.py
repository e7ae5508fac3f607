"""Whose containers they are, the record of them, and what is swept: with a made-up `docker`."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.base import DeployRequest
from pytest_superteam.deployment.composed import owner as owners
from pytest_superteam.deployment.composed.owner import Owner, labels_for
from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
from pytest_superteam.deployment.composed.record import (
    ComposeRecord,
    forget_compose,
    read_compose_record,
    save_compose_record,
)
from pytest_superteam.deployment.composed.supervision import ComposeSupervision, log_name, log_names
from pytest_superteam.deployment.composed.sweeping import sweep_composed, sweep_dead
from pytest_superteam.deployment.composed.takedown import release, take_down
from pytest_superteam.deployment.launch import start_supervisor
from pytest_superteam.deployment.records import read_record
from pytest_superteam.deployment.supervisor import alive
from pytest_superteam.models import Architecture

NAMES = ("com.docker.compose.project", *owners.LABELS)


@pytest.fixture
def dead():
    """Return an owner that is gone."""
    with subprocess.Popen(
        [sys.executable, "-IS", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as process:
        made = Owner.of(process.pid)
        assert made.state == "alive"
    return made


def record_of(folder, owner, **changes):
    """Return a record for `folder`."""
    plan = ComposePlan(
        run_id="run-1",
        project="superteam-run-1",
        folder=folder,
        directory=folder,
        files=(folder / "docker-compose.yml",),
        services=(PlannedContainer("order-service", "orders", 8000, "/api/orders", "/health"),),
        env_file=folder / ".env",
        gateway="gateway",
        gateway_port=8080,
        inputs="abc",
        jwt_secret="s" * 64,
        secrets=("password-1",),
        labels={"superteam.run": "run-1"},
    )
    return ComposeRecord("run-1", owner, "marker-1", plan, **changes)


def labelled(name, by, **changes):
    """Return a line as the engine lists it."""
    labels = {
        "com.docker.compose.project": name,
        owners.RUN: "run-9",
        owners.OWNER: by.label,
        owners.MACHINE: by.machine,
        owners.PROJECT: "/elsewhere",
        owners.INPUTS: "abc",
        owners.KEEP: "no",
    } | {owners.LABEL_PREFIX + key: value for key, value in changes.items()}
    return "\t".join(labels[key] for key in NAMES) + "\n"


# ---------------------------------------------------------------- owners


def test_labels_name_the_owner_and_bring_it_back(tmp_path):
    """What is written on a container is enough to find its owner again, in another process."""
    request = DeployRequest("run-1", Architecture("Shop", "", ()), (), tmp_path, os.getpid())
    labels = labels_for(request, "abc")
    assert Owner.from_labels(labels) == Owner.of(os.getpid())
    assert labels[owners.PROJECT] == str(tmp_path.resolve())
    assert (labels[owners.RUN], labels[owners.INPUTS], labels[owners.KEEP]) == ("run-1", "abc", "no")
    kept = replace(request, settings=DeploymentConfig(keep_up=True))
    assert labels_for(kept, "abc")[owners.KEEP] == "yes"


@pytest.mark.parametrize("label", ["", "x", "1", "1|2", "x|2|3", "1.5|2|3"])
def test_broken_labels_name_nobody(label):
    """A label that others wrote is no owner, and nothing is concluded from it."""
    assert Owner.from_labels({owners.OWNER: label}) is None


def test_the_state_of_an_owner(dead, monkeypatch):
    """Alive, dead, dead since the last boot, or out of sight: on another machine or among other process numbers."""
    living = Owner.of(os.getpid())
    monkeypatch.setattr(owners, "machine_token", lambda: "boot-1/pid:[1]")
    here = {"boot": "boot-1/pid:[1]"}
    assert replace(living, **here).state == "alive"
    assert replace(dead, **here).state == "dead"
    assert replace(living, start="0", **here).state == "dead"
    assert replace(living, boot="boot-0/pid:[1]").state == "dead"
    assert replace(dead, boot="boot-1/pid:[2]").state == "unknown"
    assert replace(dead, machine="other", **here).state == "unknown"


# ---------------------------------------------------------------- the record


def test_a_record_is_read_back_as_it_was_written(tmp_path):
    """Everything that a later process needs is in it; only the user can read it."""
    record = record_of(tmp_path, Owner.of(os.getpid()), kept=True, command=(12, "34"), containers=("a", "b"))
    save_compose_record(record)
    assert read_compose_record(tmp_path) == record
    assert (tmp_path / "compose.json").stat().st_mode & 0o777 == 0o600
    assert record.live
    forget_compose(tmp_path)
    assert read_compose_record(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"version": 2}', '{"version": 1, "owner": []}', "\xff"])
def test_a_damaged_record_is_none(tmp_path, text):
    """What is no record of ours is none."""
    (tmp_path / "compose.json").write_text(text, encoding="latin-1")
    assert read_compose_record(tmp_path) is None


# ---------------------------------------------------------------- sweeping


def test_a_folder_that_composed_nothing_asks_no_engine(tmp_path, fake_docker):
    """Without a record not even the client is called."""
    assert sweep_composed(tmp_path) == []
    assert fake_docker.calls == []


def test_a_machine_without_docker_is_no_error(tmp_path, dead, monkeypatch):
    """A record that came with a copied folder does no harm where there is no client."""
    save_compose_record(record_of(tmp_path, dead))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sweep_composed(tmp_path) == []


def test_the_dead_run_of_the_folder_is_swept_with_those_of_others(tmp_path, dead, fake_docker):
    """Containers, networks, volumes and images go, by labels where the compose files are gone; and the record."""
    save_compose_record(record_of(tmp_path, dead))
    project = "label=com.docker.compose.project=superteam-run-1"
    fake_docker.answer("ps", "--quiet", project, out="c1\nc2\n", times=1)
    fake_docker.answer("network", "ls", "--quiet", project, out="n1\n", times=1)
    fake_docker.answer("volume", "ls", "--quiet", project, out="v1\n", times=1)
    fake_docker.answer("image", "ls", "--quiet", project, out="i1\ni1\n", times=1)
    fake_docker.answer("network", "ls", "--format", out=labelled("superteam-other", dead))
    assert sweep_composed(tmp_path) == ["superteam-other", "superteam-run-1"]
    assert read_compose_record(tmp_path) is None
    for words in (["rm", "--force", "--volumes", "c1", "c2"], ["network", "rm", "n1"]):
        assert words in fake_docker.calls
    for words in (["volume", "rm", "--force", "v1"], ["image", "rm", "--force", "i1"]):
        assert words in fake_docker.calls
    assert not any(call[:1] == ["compose"] for call in fake_docker.calls)


def test_who_lives_who_is_kept_and_who_is_elsewhere_is_left_alone(tmp_path, dead, fake_docker):
    """Only what is known to be left by a dead run of this machine is removed."""
    lines = [
        labelled("superteam-living", Owner.of(os.getpid())),
        labelled("superteam-kept", dead, keep="yes"),
        labelled("superteam-elsewhere", replace(dead, machine="0123")),
        labelled("superteam-unknown", dead, owner="nobody"),
        labelled("", dead),
        "garbage\n",
        labelled("by-hand", dead),
        labelled("superteam-left", dead),
    ]
    fake_docker.answer("ps", "--format", out="".join(lines))
    assert sweep_dead({"PATH": os.environ["PATH"]}) == ["superteam-left"]
    asked = {word for call in fake_docker.calls for word in call if word.startswith("label=com.docker")}
    assert asked == {"label=com.docker.compose.project=superteam-left"}


@pytest.mark.parametrize(("kept", "swept"), [(True, []), (False, ["superteam-run-1"])])
def test_what_was_to_be_kept_but_never_came_up_is_swept(tmp_path, dead, fake_docker, kept, swept):
    """The label says what was meant, the record of its folder whether it came to that."""
    save_compose_record(record_of(tmp_path, dead, kept=kept))
    fake_docker.answer("ps", "--format", out=labelled("superteam-run-1", dead, keep="yes", project=str(tmp_path)))
    assert sweep_dead({"PATH": os.environ["PATH"]}) == swept


@pytest.mark.parametrize("rule", [{"status": 1}, {"out": "no table"}])
def test_an_engine_that_is_gone_leaves_the_record(tmp_path, dead, fake_docker, rule):
    """What can't be removed now is tried again at the next start; nobody is bothered with it."""
    save_compose_record(record_of(tmp_path, dead))
    fake_docker.answer("ps", **rule)
    assert sweep_composed(tmp_path) == []
    assert read_compose_record(tmp_path) is not None


def test_the_record_of_a_living_run_is_left_alone(tmp_path, fake_docker):
    """A run that goes on is nobody's to sweep."""
    save_compose_record(record_of(tmp_path, Owner.of(os.getpid())))
    assert sweep_composed(tmp_path) == []
    assert read_compose_record(tmp_path) is not None


# ---------------------------------------------------------------- taking down


def test_take_down_lets_compose_end_the_containers_first(tmp_path, dead, fake_docker):
    """Where the compose files are still there, containers are stopped in order; and again is no error."""
    save_compose_record(record_of(tmp_path, dead))
    (tmp_path / "docker-compose.yml").write_text("services: {}\n")
    (tmp_path / ".env").write_text("")
    assert take_down(tmp_path)
    down = next(call for call in fake_docker.calls if "down" in call)
    assert down[down.index("down") :] == ["down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "3"]
    assert down[down.index("-p") + 1] == "superteam-run-1"
    assert take_down(tmp_path)
    assert read_compose_record(tmp_path) is None


def test_a_command_that_is_still_at_work_is_ended(tmp_path, dead, fake_docker):
    """A build that a killed run has left goes before the containers do."""
    process = subprocess.Popen(
        [sys.executable, "-IS", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        start = Owner.of(process.pid).start
        save_compose_record(record_of(tmp_path, dead, command=(process.pid, start)))
        assert take_down(tmp_path)
        assert process.wait(10) != 0
    finally:
        process.kill()
        process.communicate()


def test_what_is_left_is_noted(tmp_path, dead, fake_docker):
    """Containers that can't be removed stay in the record, and a note says which."""
    save_compose_record(record_of(tmp_path, dead))
    fake_docker.answer("ps", "--quiet", out="c1\n")
    assert not take_down(tmp_path)
    assert read_compose_record(tmp_path) is not None
    assert (tmp_path / "ending.log").read_text() == "superteam-run-1: could not be removed: c1\n"


def test_releasing_what_is_kept_leaves_it_running(tmp_path, fake_docker):
    """The end of a run touches no container that is meant to stay; the record belongs to nobody then."""
    save_compose_record(record_of(tmp_path, Owner.of(os.getpid()), kept=True))
    release(tmp_path)
    assert fake_docker.calls == []
    record = read_compose_record(tmp_path)
    assert record.kept
    assert not record.live


def test_the_last_command_of_the_supervisor(tmp_path, dead, fake_docker):
    """It takes down what the record names; another deployment's, or what is kept, it leaves alone."""
    from pytest_superteam.deployment.composed import ending

    def run(marker):
        command = [sys.executable, "-I", "-S", ending.__file__, str(tmp_path), marker]
        answer = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
        assert (answer.returncode, answer.stderr) == (0, "")

    run("marker-1")  # there is no record
    save_compose_record(record_of(tmp_path, dead))
    run("other-marker")
    save_compose_record(record_of(tmp_path, dead, kept=True))
    run("marker-1")
    assert fake_docker.calls == []
    save_compose_record(record_of(tmp_path, dead))
    fake_docker.answer("ps", "--quiet", out="c1\n", times=1)
    run("marker-1")
    assert ["rm", "--force", "--volumes", "c1"] in fake_docker.calls
    assert json.dumps(["image", "ls"])[1:-1] in json.dumps(fake_docker.calls)
    assert read_compose_record(tmp_path) is None


def test_the_supervisor_runs_it_when_the_owner_is_gone(tmp_path, fake_docker):
    """The end of the owner alone takes the system down, and every process of ours ends."""
    fake_docker.answer("ps", "--quiet", out="c1\n", times=1)
    with subprocess.Popen(
        [sys.executable, "-IS", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as owner:
        record = record_of(tmp_path, Owner.of(owner.pid))
        (tmp_path / "logs").mkdir()
        save_compose_record(record)
        start_supervisor(ComposeSupervision(record, {"PATH": os.environ["PATH"]}))
        supervisor = read_record(tmp_path).supervisor
        assert alive(*supervisor)
        owner.kill()
    end = time.monotonic() + 60
    while alive(*supervisor) and time.monotonic() < end:
        time.sleep(0.02)
    assert ["rm", "--force", "--volumes", "c1"] in fake_docker.calls
    assert read_compose_record(tmp_path) is None
    assert read_record(tmp_path) is None


def test_logs_of_odd_names_stay_in_their_folder(tmp_path, dead):
    """A found service may be called like a path; its log is a file of the folder all the same."""
    record = record_of(tmp_path, dead)
    odd = replace(record.plan, services=(PlannedContainer("../../x", "x", 1), PlannedContainer("a", "a", 1)))
    assert log_names(replace(record, plan=odd)) == {"x": ".._.._x"}
    assert log_name("../../x") == ".._.._x.log"
