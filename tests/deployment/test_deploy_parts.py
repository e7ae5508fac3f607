"""The parts of the process deployment that need no running system."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from pytest_superteam.deployment import supervisor
from pytest_superteam.deployment.base import Deployer
from pytest_superteam.deployment.environment import subscribers, url_variable
from pytest_superteam.deployment.logs import tail
from pytest_superteam.deployment.ports import free_ports, is_free, listens
from pytest_superteam.deployment.readiness import check_ready
from pytest_superteam.deployment.registry import builtin_deployers
from pytest_superteam.deployment.waiting import CancelledError, NotReadyError, NotYetError, Wait
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Operation


def test_the_built_in_deployers_are_found_by_their_modules():
    """The process deployment is among the deployers, each is one, and the order is by name."""
    found = builtin_deployers()
    assert "process" in [deployer.name for deployer in found]
    assert all(isinstance(deployer, Deployer) for deployer in found)
    assert [deployer.name for deployer in found] == sorted(deployer.name for deployer in found)


def test_importing_the_room_loads_no_heavy_library():
    """Importing the deployment costs the standard library and the models only."""
    code = "import sys, pytest_superteam.deployment.process; print({'psutil', 'pytest', 'rich'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert answer.stdout.strip() == "set()"


def test_waiting_returns_the_first_answer():
    """The probe is asked until it stops raising a transient error."""
    answers = iter([NotYetError("a"), OSError("b"), "there"])

    def probe():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert Wait(10, interval=0, transient=(NotYetError, OSError)).until("it", probe) == "there"


def test_a_time_out_holds_the_last_cause_and_the_log():
    """The error says what was waited for, the last cause, and the end of the log; it is a deployment error."""

    def probe():
        raise NotYetError("GET /ready answered 503")

    with pytest.raises(NotReadyError) as caught:
        Wait(0).until("shop-service", probe, lambda: ("first", "last"))
    error = caught.value
    assert isinstance(error, DeploymentError)
    assert error.cause == "not ready after 0 s: GET /ready answered 503"
    assert error.log_tail == ("first", "last")
    assert str(error).endswith("    first\n    last")
    assert str(NotReadyError("it", "gone")) == "it: gone. Its log is empty."


def test_an_error_that_is_not_transient_ends_the_waiting():
    """What the probe does not expect is not waited for."""

    def probe():
        raise ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        Wait(10).until("it", probe)


def test_waiting_can_be_given_up():
    """Setting the event ends the waiting, however long it may take."""
    stop = threading.Event()
    stop.set()

    def probe():
        raise NotYetError("no")

    with pytest.raises(CancelledError):
        Wait(3600, interval=3600, cancelled=stop).until("it", probe)


@pytest.mark.parametrize(
    ("statuses", "probe"),
    [
        ({"/ready": 200, "/health": 500}, "/ready"),
        ({"/ready": 404, "/health": 200}, "/health"),
        ({"/ready": 401, "/health": 200}, "/health"),
        ({"/ready": 307, "/health": 404}, "any HTTP answer"),
    ],
)
def test_readiness_falls_back_where_there_is_no_probe(statuses, probe):
    """A status that says nothing about health leads to the next probe."""
    assert check_ready(1, lambda _, path: statuses[path]) == probe


@pytest.mark.parametrize(
    ("statuses", "message"),
    [
        ({"/ready": 503}, "GET /ready answered 503"),
        ({"/ready": 500, "/health": 200}, "GET /ready answered 500"),
        ({"/ready": 404, "/health": 503}, "GET /health answered 503"),
    ],
)
def test_a_probe_that_says_no_is_believed(statuses, message):
    """A service that says that it is not ready is not ready, whatever another path answers."""
    with pytest.raises(NotYetError, match=message):
        check_ready(1, lambda _, path: statuses[path])


def test_free_ports_are_different_and_free():
    """As many ports as asked for, none twice, all of them bindable; one that is listened on is not free."""
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(map(is_free, ports))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert listens(os.getpid(), port) is True
    assert listens(os.getpid(), port) is False


@pytest.mark.parametrize(
    ("name", "variable"), [("catalog-service", "CATALOG_SERVICE_URL"), ("auth", "AUTH_URL"), ("a-b-c", "A_B_C_URL")]
)
def test_the_variable_of_a_provider(name, variable):
    """The address of a provider is in a variable of its name."""
    assert url_variable(name) == variable


def test_events_go_to_their_deployed_consumers(lab):
    """A publisher learns of its events, by `publisher` or by an operation, and of consumers that are deployed, once."""
    system = lab.architecture(
        "a",
        events=[("Made", "a", ["c", "b", "b", "gone"]), ("Other", "b", ["a"]), ("Told", None, ["c"])],
    )
    telling = Operation("tell", "a", "POST", "/tell", "action", publishes=("Told",))
    system = type(system)(**(vars(system) | {"operations": (telling,)}))
    urls = {name: f"http://{name}" for name in "abc"}
    assert subscribers("a", system, urls) == {"Made": ["http://b", "http://c"], "Told": ["http://c"]}
    assert subscribers("c", system, urls) == {}


def test_the_tail_of_a_log_is_short_and_printable(tmp_path):
    """Only the last lines count, empty ones left out, long ones cut, escapes blanked; no log has no lines."""
    log = tmp_path / "a.log"
    lines = [f"line {n}" for n in range(30)] + ["", "\x1b[31mred", "x" * 1000, "secret-value here"]
    log.write_bytes("\n".join(lines).encode() + b"\n\xff\n")
    found = tail(log, hide="secret-value")
    assert len(found) == 15
    assert found[-4:] == (" [31mred", "x" * 400 + "...", "secr**** here", "\ufffd")
    assert found[0] == "line 19"
    assert tail(tmp_path / "none.log") == ()


def test_a_huge_log_is_not_read_whole(tmp_path):
    """Only the end of a log of many megabytes is read."""
    log = tmp_path / "big.log"
    with log.open("wb") as stream:
        stream.seek(200 * 1024 * 1024)
        stream.write(b"\nthe end\n")
    assert tail(log)[-1] == "the end"


def test_a_process_is_known_by_its_start():
    """The same number with another start is another process; one that has ended is none, collected or not."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    token = supervisor.start_token(child.pid)
    assert supervisor.alive(child.pid, token)
    assert not supervisor.alive(child.pid, token + "0")
    assert not supervisor.alive(child.pid, "")
    assert supervisor.start_token(child.pid) == token
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
    assert not supervisor.alive(child.pid, token)
    child.wait()
    assert supervisor.start_token(child.pid) == ""


def test_a_private_file_is_private_from_the_start(tmp_path):
    """The file is the user's alone, replaces what was there, and leaves nothing beside it."""
    path = tmp_path / "record.json"
    path.write_text("old")
    path.chmod(0o644)
    supervisor.write_private(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]
