"""The gate under pytest-xdist: one run for all workers, a service's items together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.gate.fixing import place_in_loop
from pytest_superteam.gate.session import gate_of

if TYPE_CHECKING:
    from xdist.scheduler.protocol import Scheduling

__all__: list[str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it belongs to and who owns it."""
    node.workerinput["superteam_run"] = gate_of(node.config).run.id
    node.workerinput["superteam_session"] = gate_of(node.config).run.scope
    node.workerinput["superteam_owner"] = os.getpid()
    place = place_in_loop(node.config)
    node.workerinput["superteam_loop"] = [place.driver, place.number]
    node.workerinput["superteam_until"] = gate_of(node.config).run.config.until
    node.workerinput["superteam_place"] = list(gate_of(node.config).run.place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Keep a service's items on one worker and spread the services, unless the user chose a `--dist`."""
    chosen = any(argument == "--dist" or argument.startswith("--dist=") for argument in config.invocation_params.args)
    if chosen or config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling  # there only where xdist is at work

    gate = gate_of(config)

    class ServiceScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types
        """Scopes are services; a test of the user's is a scope of its own."""

        def _split_scope(self, nodeid: str) -> str:
            item = gate.item_of(nodeid)
            return f"service {item.service}" if item else nodeid

    return ServiceScheduling(config, log)
