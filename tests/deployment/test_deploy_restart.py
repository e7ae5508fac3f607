"""Taking over a running system and starting some of its services again, with real processes."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pytest_superteam.deployment import plan, restarting
from pytest_superteam.deployment.again import deploy_again
from pytest_superteam.deployment.base import Restarter, RestartError
from pytest_superteam.deployment.orders import fingerprint, take_order
from pytest_superteam.deployment.process import ProcessDeployer, load_deployment
from pytest_superteam.deployment.records import read_record
from pytest_superteam.deployment.supervisor import ORDER
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Deployment

ROOT = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def fetch(url):
    """Return the JSON that `url` answers."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
        return json.load(answer)


def eventually(condition, seconds=15.0):
    """Poll `condition` until it holds; return whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


class Sessions:
    """A system of two services, `one` and `two`, and later sessions of its owner."""

    def __init__(self, lab, making, monkeypatch):
        self.lab, self.making, self.monkeypatch = lab, making, monkeypatch
        self.builds = {name: lab.build(name) for name in ("one", "two")}
        self.said = []

    def write(self, name, extra):
        """Replace the source of a service; `extra` runs before it listens."""
        (self.builds[name].directory / "main.py").write_text(self.lab.server(extra), encoding="utf-8")

    def deploy(self, **changes):
        """Deploy both as the first session does."""
        return self.lab.deploy(*self.builds.values(), **changes)

    def request(self, **changes):
        """Return the request of a second session."""
        made = self.making.request(self.lab.root, *self.builds.values(), run_id="run-2", say=self.said.append)
        return replace(made, **changes)

    def restart(self, *services, **changes):
        """Restart as a second session does."""
        return ProcessDeployer().restart(self.request(**changes), services)

    def meanwhile(self, action):
        """Run `action` in a thread once the supervisor has taken the next order."""
        given = threading.Event()
        write = restarting.write_private

        def told(path, text):
            write(path, text)
            given.set()

        def run():
            given.wait(15)
            eventually(lambda: not (self.lab.folder / ORDER).exists())
            action()

        self.monkeypatch.setattr(restarting, "write_private", told)
        thread = threading.Thread(target=run)
        thread.start()
        return thread


@pytest.fixture
def sessions(lab, making, monkeypatch):
    """Return two services that can be deployed and restarted; a deaf one is killed after a moment."""
    monkeypatch.setattr(plan, "GRACE_SECONDS", 1.0)
    return Sessions(lab, making, monkeypatch)


def data(sessions, name):
    """Return a file in the data folder of a service."""
    return sessions.lab.folder / "data" / name / "service.db"


def test_only_the_named_service_starts_again(sessions):
    """A changed service runs its new source with no data at its old address; the other one is not touched."""
    first = sessions.deploy()
    for name in sessions.builds:
        data(sessions, name).write_text("rows")
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
    assert not data(sessions, "one").exists()
    assert data(sessions, "two").read_text() == "rows"
    assert one_again.log.read_text().count("listening on") == 1
    assert sessions.said == ["starting again: one; going on as before: two"]


def test_a_system_in_which_nothing_changed_is_taken_over_as_it_is(sessions):
    """A session without changes gets the running system under its own id, and may do so again."""
    first = sessions.deploy()
    assert sessions.restart().services == first.services
    assert sessions.restart(run_id="run-3").run_id == "run-3"
    assert psutil.pid_exists(first.services[0].pid)


@pytest.mark.slow
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


@pytest.mark.slow
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
    folder = data(sessions, "one").parent
    folder.rmdir()
    folder.symlink_to(precious)
    sessions.restart("one")
    assert (precious / "file").read_text() == "keep"
    assert folder.is_dir()
    assert not folder.is_symlink()


# ---------------------------------------------------------------- not possible


def other_services(sessions):
    """One service more than runs."""
    sessions.builds["three"] = sessions.lab.build("three")
    return {}


def other_command(sessions):
    """An unchanged service with another command."""
    sessions.builds["two"] = replace(sessions.builds["two"], start=("python", "main.py", "{port}", "--other"))
    return {}


def other_environment(_sessions):
    """Variables that nobody was started with."""
    return {"environment": {"EXTRA": "new"}}


def no_address(sessions):
    """The file with the addresses and the secret is gone."""
    (sessions.lab.folder / "deployment.json").unlink()
    return {}


def no_success(sessions):
    """One service is not built any more."""
    sessions.builds["two"] = replace(sessions.builds["two"], success=False)
    return {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "names", "message"),
    [
        (other_services, ["one"], "what runs is made of one, two"),
        (no_success, ["one"], "what runs is made of one, two"),
        (other_command, ["one"], "two is started in another way"),
        (other_environment, ["one"], "the environment of .* is another than it was started with"),
        (no_address, ["one"], "how to reach what runs is not known"),
        (lambda _: {}, ["one", "four"], "'four' is no part of what runs"),
    ],
)
def test_another_system_is_not_taken_over(sessions, change, names, message):
    """Where what runs is not what is asked for, the error says why, and what ran is stopped."""
    sessions.deploy()
    changes = change(sessions)
    with pytest.raises(RestartError, match=message):
        sessions.restart(*names, **changes)
    assert sessions.lab.running() == []
    assert not list(sessions.lab.folder.glob("*.json"))


def test_where_nothing_runs_nothing_is_taken_over(sessions):
    """Without a deployment, and after one was torn down, there is nothing to take over."""
    with pytest.raises(RestartError, match="nothing of an earlier session runs any more"):
        sessions.restart("one")
    sessions.deploy()
    ProcessDeployer().teardown(sessions.lab.folder)
    with pytest.raises(RestartError, match="nothing of an earlier session runs any more"):
        sessions.restart("one")


@pytest.mark.slow
def test_the_system_of_another_process_is_left_alone(sessions):
    """A live deployment that another process owns is refused and goes on."""
    with subprocess.Popen(SLEEPER) as other:
        deployment = sessions.deploy(owner_pid=other.pid)
        with pytest.raises(RestartError, match=f"belongs to process {other.pid} "):
            sessions.restart("one")
        assert fetch(deployment.url("one") + "/ready") == "ready"
        other.kill()
    assert eventually(lambda: not sessions.lab.running())


# ---------------------------------------------------------------- what goes wrong


def test_a_service_that_does_not_come_up_again_takes_everything_down(sessions):
    """A changed service that ends at once is an error with its log, no reason to start anew, and nothing is left."""
    sessions.deploy()
    sessions.write("one", "raise SystemExit('no way')")
    with pytest.raises(DeploymentError, match=r"one: ended with exit code 1(?s:.*)no way") as caught:
        sessions.restart("one")
    assert not isinstance(caught.value, RestartError)
    assert sessions.lab.running() == []
    assert load_deployment(sessions.lab.folder) is None


@pytest.mark.slow
def test_a_service_that_was_killed_while_it_starts_is_named(sessions):
    """SIGKILL of a restarted service before it is ready is told as such, and nothing is left."""
    sessions.deploy()
    sessions.write("one", "import signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DeploymentError, match="one: was killed by signal 9"):
        sessions.restart("one")
    assert sessions.lab.running() == []


@pytest.mark.slow
def test_a_port_that_was_taken_in_between_leads_to_new_ports(sessions):
    """A service whose port another program got is started anew with all others, on other ports."""
    first = sessions.deploy()
    once = sessions.builds["one"].directory / "once"
    once.touch()
    sessions.write("one", "p = 'once'\nif os.path.exists(p): os.remove(p); sys.exit('address already in use')")
    second = deploy_again(ProcessDeployer(), sessions.request(), ["one"])
    assert not once.exists()
    assert first.jwt_secret != second.jwt_secret
    assert fetch(second.url("one") + "/ready") == "ready"
    assert "everything is started anew: one: port" in sessions.said[-1]
    assert len(sessions.lab.running()) == 4  # two services, the collector and the supervisor


@pytest.mark.slow
def test_all_processes_of_the_service_end_and_none_of_another(sessions):
    """Children, those with a session and an empty environment of their own, and adopted ones end with their service."""
    source = f"""
    import subprocess
    sleeper = {SLEEPER!r}
    def spawn(**how): return subprocess.Popen(sleeper, **how).pid
    pids = [spawn(), spawn(start_new_session=True, env={{}})]
    forked = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], stdout=2, start_new_session=True).pid)"
    pids.append(int(subprocess.run([sys.executable, "-c", forked, *sleeper], stdout=-1).stdout))
    def answer(path): return 200, pids
    """
    for name in sessions.builds:
        sessions.write(name, source)
    deployment = sessions.deploy()
    of_one, of_two = (fetch(deployment.url(name) + "/ready") for name in ("one", "two"))
    sessions.write("one", DEAF)
    deployment = sessions.restart("one")
    assert [pid for pid in of_one if psutil.pid_exists(pid)] == []
    assert [pid for pid in of_two if psutil.pid_exists(pid)] == of_two
    before = deployment.services[0].pid
    assert sessions.restart("one").services[0].pid != before  # a deaf one is killed
    assert not psutil.pid_exists(before)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="adopts orphans on Linux only")
def test_a_process_of_unknown_origin_prevents_the_restart(sessions):
    """An adopted process that nothing ties to a service makes everything start anew, and is ended with it."""
    forked = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True, env={})"
    sessions.write("two", f"import subprocess; subprocess.run([sys.executable, '-c', {forked!r}, *{SLEEPER!r}])")
    sessions.deploy()
    with pytest.raises(RestartError, match=r"process \d+ was left by a service, and nothing tells by which"):
        sessions.restart("one")
    assert sessions.lab.running() == []


# ---------------------------------------------------------------- killed in the middle


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_killed_owner_takes_a_restarted_system_along(sessions):
    """After a restart the system still lives no longer than its owner."""
    with subprocess.Popen(SLEEPER) as owner:
        sessions.deploy(owner_pid=owner.pid)
        sessions.restart("one", owner_pid=owner.pid)
        owner.kill()
    assert eventually(lambda: not sessions.lab.running()), sessions.lab.running()
    assert eventually(lambda: not list(sessions.lab.folder.glob("*.json")))


# ---------------------------------------------------------------- orders


def private(path, text):
    """Write a file as orders are written."""
    path.write_text(text)
    path.chmod(0o600)


def linked(path):
    """Put a link to an order at `path`."""
    private(path.with_name("target"), '{"marker": "m"}')
    path.symlink_to(path.with_name("target"))


def open_to_others(path):
    """Put an order there that everybody can write."""
    path.write_text('{"marker": "m"}')
    path.chmod(0o666)


@pytest.mark.parametrize(
    ("put", "taken"),
    [
        (lambda path: private(path, '{"marker": "m"}'), {"marker": "m"}),
        (lambda path: private(path, "[1]"), {}),
        (lambda path: private(path, "{"), {}),
        (lambda path: private(path, "[" * 100_000), {}),
        (lambda path: private(path, '"' + "x" * (4 * 1024 * 1024) + '"'), {}),
        (lambda path: path.write_bytes(b"\xff"), {}),
        (lambda path: None, {}),
        (os.mkfifo, {}),
        (lambda path: path.symlink_to(path), {}),
        (linked, {}),
        (open_to_others, {}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_order_is_a_small_private_file_of_the_user(tmp_path, put, taken):
    """Links, pipes, files of everybody, large ones and those that are no JSON object are removed and not obeyed."""
    path = tmp_path / ORDER
    put(path)
    assert take_order(path) == taken
    assert not os.path.lexists(path)


def test_a_folder_in_place_of_an_order_is_none(tmp_path):
    """A folder by the name of the order is not obeyed."""
    (tmp_path / ORDER).mkdir()
    assert take_order(tmp_path / ORDER) == {}


MALFORMED = (
    {},
    {"services": 1, "restart": []},
    {"services": {}, "restart": ["one"]},
    {"services": {"one": {}, "two": {}, "(collector)": {}}, "restart": [["one"]]},
    {"services": {"one": 1, "two": 2, "(collector)": 3}, "restart": ["one"]},
)


@pytest.mark.slow
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


def test_a_fingerprint_tells_environments_apart_whatever_their_order():
    """The same variables have the same fingerprint; another value or name has another."""
    known = fingerprint({"A": "1", "B": "2"})
    assert fingerprint({"B": "2", "A": "1"}) == known
    assert (
        len({known, fingerprint({"A": "1"}), fingerprint({"A": "2", "B": "1"}), fingerprint({"A": "1B", "": "2"})}) == 4
    )


# ---------------------------------------------------------------- whichever deployer


class Plain:
    """A deployer that can't restart; writes down what it is asked."""

    name = "plain"

    def __init__(self):
        self.calls = []

    def deploy(self, request):
        """Deploy nothing."""
        self.calls.append("deploy")
        return Deployment(self.name, request.run_id, ())

    def teardown(self, folder):
        """Tear nothing down."""
        self.calls.append("teardown")


class Again(Plain):
    """One that can, or fails at it with `error`."""

    def __init__(self, error=None):
        super().__init__()
        self.error = error

    def restart(self, request, services):
        """Restart nothing."""
        self.calls.append(("restart", *services))
        if self.error:
            raise self.error
        return Deployment(self.name, request.run_id, ())


@pytest.mark.parametrize(
    ("deployer", "calls"),
    [
        (Plain(), ["teardown", "deploy"]),
        (Again(), [("restart", "one")]),
        (Again(RestartError("gone.")), [("restart", "one"), "deploy"]),
    ],
)
def test_a_deployer_that_cannot_restart_deploys_anew(sessions, deployer, calls):
    """Only what changed is started again where the deployer can do that; otherwise everything is."""
    assert deploy_again(deployer, sessions.request(), ["one"]).run_id == "run-2"
    assert deployer.calls == calls
    assert isinstance(deployer, Restarter) == (type(deployer) is Again)


def test_a_service_that_fails_again_is_not_tried_a_second_time(sessions):
    """An error of a service goes to the caller, who decides about retries."""
    deployer = Again(DeploymentError("one: ended."))
    with pytest.raises(DeploymentError, match="one: ended"):
        deploy_again(deployer, sessions.request(), ["one"])
    assert deployer.calls == [("restart", "one")]
