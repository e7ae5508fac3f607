"""Orders to a supervisor as files, and whom a caller asks to start services again."""

import os

import pytest
from restarted_systems import private

from pytest_superteam.deployment.again import deploy_again
from pytest_superteam.deployment.base import Restarter, RestartError
from pytest_superteam.deployment.orders import fingerprint, take_order
from pytest_superteam.deployment.supervisor import ORDER
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Deployment


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


def test_a_fingerprint_tells_environments_apart_whatever_their_order():
    """The same variables have the same fingerprint; another value or name has another."""
    known = fingerprint({"A": "1", "B": "2"})
    assert fingerprint({"B": "2", "A": "1"}) == known
    assert (
        len({known, fingerprint({"A": "1"}), fingerprint({"A": "2", "B": "1"}), fingerprint({"A": "1B", "": "2"})}) == 4
    )


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
