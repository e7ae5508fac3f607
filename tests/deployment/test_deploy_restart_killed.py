"""Restarts in the middle of which somebody is killed, or disturbs them; with real processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from restarted_systems import DEAF, SLEEPER, eventually, fetch, private

import pytest_superteam
from pytest_superteam.deployment.base import RestartError
from pytest_superteam.deployment.records import read_record
from pytest_superteam.deployment.supervisor import ORDER
from pytest_superteam.errors import DeploymentError

ROOT = Path(pytest_superteam.__file__).parents[1]

pytestmark = pytest.mark.slow


def test_a_supervisor_that_is_killed_in_the_middle_is_told(sessions):
    """SIGKILL of the supervisor while it stops a deaf service: an error, and nothing is left."""
    sessions.write("one", DEAF)
    sessions.deploy()
    supervisor = read_record(sessions.lab.folder).supervisor[0]
    thread = sessions.meanwhile(lambda: os.kill(supervisor, signal.SIGKILL))
    with pytest.raises(RestartError, match="its supervisor is gone"):
        sessions.restart("one")
    thread.join()
    assert eventually(lambda: not sessions.lab.running()), sessions.lab.running()
    assert not list(sessions.lab.folder.glob("*.json"))


def test_an_owner_that_is_killed_in_the_middle_ends_everything(sessions):
    """SIGKILL of the owner while a deaf service is stopped ends the restart and the system."""
    sessions.write("one", DEAF)
    with subprocess.Popen(SLEEPER) as owner:
        sessions.deploy(owner_pid=owner.pid)

        def end():
            owner.kill()
            owner.wait()

        thread = sessions.meanwhile(end)
        with pytest.raises(DeploymentError):
            sessions.restart("one", owner_pid=owner.pid)
        thread.join()
    assert eventually(lambda: not sessions.lab.running()), sessions.lab.running()


SESSION = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from conftest import request_for
from pytest_superteam.deployment.process import ProcessDeployer
from pytest_superteam.models import BuildResult
folder = Path({folder!r})
builds = [BuildResult(n, "test", folder / "services" / n, True, start=("python", "main.py", "{{port}}"))
          for n in ("one", "two")]
ProcessDeployer().restart(request_for(folder, *builds, run_id="run-2", owner_pid={owner}), ["one"])
"""


def test_a_session_that_is_killed_in_the_middle_can_be_followed_by_another(sessions):
    """SIGKILL of the process that restarts leaves the system to its owner; the next session takes it over."""
    deployment = sessions.deploy()
    sessions.write("one", "import time; time.sleep(1)")
    tests = str(Path(__file__).parent)
    script = SESSION.format(tests=tests, root=str(ROOT), folder=str(sessions.lab.root), owner=os.getpid())
    with subprocess.Popen([sys.executable, "-c", script]) as session:
        assert eventually(lambda: read_record(sessions.lab.folder).run_id == "run-2")
        session.kill()
    again = sessions.restart(run_id="run-3")
    assert fetch(again.url("one") + "/ready") == "ready"
    assert again.services[0].pid != deployment.services[0].pid
    assert again.services[1] == deployment.services[1]


def test_a_killed_owner_takes_a_restarted_system_along(sessions):
    """After a restart the system still lives no longer than its owner."""
    with subprocess.Popen(SLEEPER) as owner:
        sessions.deploy(owner_pid=owner.pid)
        sessions.restart("one", owner_pid=owner.pid)
        owner.kill()
    assert eventually(lambda: not sessions.lab.running()), sessions.lab.running()
    assert eventually(lambda: not list(sessions.lab.folder.glob("*.json")))


MALFORMED = (
    {},
    {"services": 1, "restart": []},
    {"services": {}, "restart": ["one"]},
    {"services": {"one": {}, "two": {}, "(collector)": {}}, "restart": [["one"]]},
    {"services": {"one": 1, "two": 2, "(collector)": 3}, "restart": ["one"]},
)


def test_an_order_of_another_shape_is_answered_and_changes_nothing(sessions):
    """A supervisor survives orders that are no orders: it says what is wrong, and every service goes on."""
    deployment = sessions.deploy()
    order = sessions.lab.folder / ORDER
    marker = read_record(sessions.lab.folder).marker
    private(order, json.dumps({"marker": "another", "id": "none"}))
    assert eventually(lambda: not order.exists())
    for number, shape in enumerate(MALFORMED):
        private(order, json.dumps({"marker": marker, "id": str(number)} | shape))
        assert eventually(lambda n=number: read_record(sessions.lab.folder).answer[0] == str(n))
        assert read_record(sessions.lab.folder).answer[1]
    assert [fetch(s.url + "/ready") for s in deployment.services] == ["ready", "ready"]
