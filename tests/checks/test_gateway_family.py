"""GATEWAY-001: what the engine publishes beside the gateway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_superteam.checks.base import CheckItem, Planning, RunningSystem
from pytest_superteam.checks.families.gateway import FAMILY
from pytest_superteam.config import Config
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, Deployment, RunningService, Service

ARCHITECTURE = Architecture(title="Shop", prd_sha256="", services=(Service("orders"), Service("users")))
QUIET = {"orders": (), "users": (), "postgres": (), "gateway": ("127.0.0.1:32768",)}


def system(published, gateway="http://127.0.0.1:32768"):
    """Return a composed system of which the engine publishes this."""
    services = tuple(RunningService(s.name, f"{gateway}/api/{s.name}", Path("x.log")) for s in ARCHITECTURE.services)
    deployment = Deployment("compose", "r", services, gateway=gateway, published=published)
    return RunningSystem(ARCHITECTURE, Config(), deployment, Path())


def found(published, service="orders"):
    """Return the messages for a service."""
    result = FAMILY.check(system(published), CheckItem(service, service, "GATEWAY-001"))
    return [violation.message for violation in result.violations]


@pytest.mark.parametrize(
    ("published", "text"),
    [
        ({"orders": ("127.0.0.1:32770",)}, "'orders' answers at 127.0.0.1:32770, around the gateway."),
        ({"orders": ("0.0.0.0:8000", "[::]:8000")}, "'orders' answers at 0.0.0.0:8000"),
        ({"postgres": ("127.0.0.1:5432",)}, "'postgres' answers at 127.0.0.1:5432"),
        ({"gateway": ("0.0.0.0:32768",)}, "the gateway answers at 0.0.0.0:32768, on more than loopback."),
        ({"gateway": ("[::]:32768",)}, "the gateway answers at [::]:32768"),
        ({"helper": ("0.0.0.0:*",)}, "'helper' has the network of the engine's machine, around the gateway."),
        ({"gateway": ("127.0.0.1:32768", "127.0.0.1:2019")}, "'gateway' answers at 127.0.0.1:2019"),
    ],
)
def test_found(published, text):
    """Each port around the gateway is a finding that names container and address."""
    assert text in found(QUIET | published)[0]


@pytest.mark.parametrize("address", ["127.0.0.1:32768", "[::1]:32768", "localhost:32768"])
def test_gateway_on_loopback(address):
    """The gateway on loopback alone is what is wanted."""
    assert found(QUIET | {"gateway": (address,)}) == []


@pytest.mark.parametrize(
    ("published", "messages"),
    [
        ({"gateway": ("0.0.0.0:32768", "[::]:32768")}, []),
        ({"gateway": ("0.0.0.0:32768",), "orders": ("0.0.0.0:1",)}, ["'orders' answers at 0.0.0.0:1, around"]),
    ],
)
def test_engine_elsewhere(published, messages):
    """The gateway of an engine elsewhere has to be reachable from here; what is around it is found there too."""
    there = system(QUIET | published, gateway="http://build-host:32768")
    there = replace(there, deployment=replace(there.deployment, engine_host="build-host"))
    told = FAMILY.check(there, CheckItem("orders", "orders", "GATEWAY-001")).violations
    assert [violation.message[: len(text)] for violation, text in zip(told, messages, strict=True)] == messages


def test_other_service():
    """What is published of another service is found by that one's item."""
    published = QUIET | {"users": ("127.0.0.1:1",)}
    assert found(published) == []
    assert len(found(published, "users")) == 1


@pytest.mark.parametrize(
    ("deployed", "text"),
    [
        (system({}), "the engine knows no container of 'orders'."),
        (system(QUIET, gateway=""), "no gateway stands in front of the services"),
    ],
)
def test_could_not_look(deployed, text):
    """Where nothing can be said the item is an error."""
    with pytest.raises(CheckError, match=text):
        FAMILY.check(deployed, CheckItem("orders", "orders", "GATEWAY-001"))


def test_planned_with_a_gateway_only():
    """An item for each service, and none where no gateway stands in front of them."""
    planning = Planning(ARCHITECTURE, Config(), Path())
    assert list(FAMILY.plan(planning)) == []
    assert [item.param for item in FAMILY.plan(replace(planning, gateway=True))] == ["orders", "users"]
