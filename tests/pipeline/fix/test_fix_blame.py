"""Whose builder an error is told to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.deployment.waiting import NotReadyError
from pytest_superteam.pipeline.fix.blame import Blame, blame

SERVICES = ("auth", "catalog", "order-service", "orders")
LOG = "Its last log lines:\n    boom: auth: x"


def whose(error, service="orders"):
    return [part.service for part in blame(error, service, SERVICES)]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (f"orders: not ready after 30 s: GET /ready answered 503. {LOG}", ["orders"]),
        ("catalog: could not be started: no such file. Its log is empty.", ["catalog"]),
        (f"catalog: ended. {LOG}\nauth: ended. {LOG}", ["catalog", "auth"]),
        ("deploy: compose: auth, order-service have no Dockerfile. Add one.", ["auth", "order-service"]),
        ("deploy: compose: services/catalog/Dockerfile:5: RUN pip install x: exit code 1", ["catalog"]),
        ("'catalog' was not built: the agent wrote nothing", ["catalog"]),
        ("'catalog' is not deployed, for it was not built. See layer 1.", ["catalog"]),
        ("not tried: 'orders' hangs. After a and b none of GET /x answered within 5 s.", ["orders"]),
        ("register of auth answered 500 to a valid body: {}. No token could be had", ["auth"]),
        ("The login auth /auth/login answered no token, but nothing. Answer `access_token`.", ["auth"]),
        ("`receive_event` of orders answered 500 to a valid OrderPlaced, so that ...", ["orders"]),
        ("catalog can't be reached at http://127.0.0.1:1: refused. See the service's log.", ["catalog"]),
        ("The pact of orders with catalog can't be verified: broken", ["orders"]),
        ("the service's own tests did not end within 60 s.", ["orders"]),
        ("SEC-001 can't be decided: orders/app/main.py: is no Python", ["orders"]),
        ("create_order: no row of orders could be brought there", ["orders"]),
        ("GET /catalog: there is no catalog entry", ["orders"]),
        ("order-service answered nothing with success, so no answer could be looked at", ["order-service"]),
    ],
)
def test_mendable(error, expected):
    """An error is its service's that did not come up, was not built, hangs or answered wrongly; else the item's."""
    assert whose(error) == expected


@pytest.mark.parametrize(
    "error",
    [
        "CONFORM-001 broke on 'orders': KeyError: 'x' (a.py:3)",
        "pacts.token: the variable BROKER is not set. Set it to the broker's token.",
        "auth.oauth2: http://x can't be reached: ConnectError.",
        "The contract can't be loaded: no paths. Mend the document.",
        "GET /x was not exercised: no valid request can be made from its contract.",
        "nothing of the system runs: --deploy none.",
        "orders: its supervisor is gone. Its last log lines:\n    x",
        "orders: port 4001 was taken by another program.",
        "deploy: compose: no Docker engine answers. Start it.",
        "deploy: compose: orders: its image can't be pulled: no such host.",
        "no Docker engine answers at x. Start it, or name another by DOCKER_HOST.",
        "The supervisor of the services: ended at once. Its log is empty.",
        "no service was built, so there is nothing to deploy.",
        "/p/schemathesis.toml:3: is no TOML: x. Mend the line.",
    ],
)
def test_beyond(error):
    """A bug of ours, a setting, the machine or the design is nobody's to mend."""
    assert whose(error) == [""]


def test_part_of_the_error():
    """A service that does not come up is told its own part of the error, with the end of its log."""
    told = [NotReadyError("catalog", "ended with exit code 1", ("Traceback", "  boom")), NotReadyError("auth", "late")]
    error = "\n".join(map(str, told))
    assert blame(error, "orders", SERVICES) == (
        Blame("catalog", "ended with exit code 1. Its last log lines:\nTraceback\n  boom", down=True),
        Blame("auth", "late. Its log is empty.", down=True),
    )


def test_log_that_speaks_of_another():
    """A line of a log that looks like the error of another service blames nobody."""
    error = str(NotReadyError("catalog", "ended", ("auth: ended. Its last log lines:", "orders: x. Its log is empty.")))
    assert whose(error) == ["catalog"]


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from([*SERVICES, "system"]))
def test_any_text(error, service):
    """Whatever an error says, somebody is told, and only services that there are."""
    parts = blame(error, service, SERVICES)
    assert parts
    assert {part.service for part in parts} <= {*SERVICES, ""}


def test_long_error():
    """A very long error is looked at only at its start."""
    (part,) = blame("x" * 5_000_000, "orders", SERVICES)
    assert len(part.text) == 100_000
