"""Running systems that are not taken over: they are another, somebody else's, or do not come up again."""

import subprocess
import sys
from dataclasses import replace

import psutil
import pytest
from restarted_systems import DEAF, SLEEPER, eventually, fetch

from pytest_superteam.deployment.again import deploy_again
from pytest_superteam.deployment.base import RestartError
from pytest_superteam.deployment.process import ProcessDeployer, load_deployment
from pytest_superteam.errors import DeploymentError

pytestmark = pytest.mark.slow


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


def test_the_system_of_another_process_is_left_alone(sessions):
    """A live deployment that another process owns is refused and goes on."""
    with subprocess.Popen(SLEEPER) as other:
        deployment = sessions.deploy(owner_pid=other.pid)
        with pytest.raises(RestartError, match=f"belongs to process {other.pid} "):
            sessions.restart("one")
        assert fetch(deployment.url("one") + "/ready") == "ready"
        other.kill()
    assert eventually(lambda: not sessions.lab.running())


def test_a_service_that_does_not_come_up_again_takes_everything_down(sessions):
    """A changed service that ends at once is an error with its log, no reason to start anew, and nothing is left."""
    sessions.deploy()
    sessions.write("one", "raise SystemExit('no way')")
    with pytest.raises(DeploymentError, match=r"one: ended with exit code 1(?s:.*)no way") as caught:
        sessions.restart("one")
    assert not isinstance(caught.value, RestartError)
    assert sessions.lab.running() == []
    assert load_deployment(sessions.lab.folder) is None


def test_a_service_that_was_killed_while_it_starts_is_named(sessions):
    """SIGKILL of a restarted service before it is ready is told as such, and nothing is left."""
    sessions.deploy()
    sessions.write("one", "import signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DeploymentError, match="one: was killed by signal 9"):
        sessions.restart("one")
    assert sessions.lab.running() == []


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="adopts orphans on Linux only")
def test_a_process_of_unknown_origin_prevents_the_restart(sessions):
    """An adopted process that nothing ties to a service makes everything start anew, and is ended with it."""
    forked = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True, env={})"
    sessions.write("two", f"import subprocess; subprocess.run([sys.executable, '-c', {forked!r}, *{SLEEPER!r}])")
    sessions.deploy()
    with pytest.raises(RestartError, match=r"process \d+ was left by a service, and nothing tells by which"):
        sessions.restart("one")
    assert sessions.lab.running() == []
