"""What projects can plug in: implement these in a conftest.py or a plugin.

The built-in architect, builders, deployments and scanners come by the same hooks as everybody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.checks.base import Check
    from pytest_superteam.config import Config
    from pytest_superteam.deployment.base import Deployer
    from pytest_superteam.models import Architecture, GateReport, Violation
    from pytest_superteam.scanners.base import Scanner


@pytest.hookspec(firstresult=True)
def pytest_superteam_architect(prd: Prd, config: Config) -> Architecture | None:
    """Return the architecture of a PRD; the first result wins, the built-in architect comes last.

    Contracts that are missing in the result are generated from its operations.
    """


@pytest.hookspec
def pytest_superteam_builders(config: Config) -> Sequence[Builder]:
    """Return builders; `--builder NAME` chooses one by its name.

    A builder is any object with `name`, `version` and `async build(request) -> BuildOutput`
    (`builders.base.Builder`).
    """
    return ()


@pytest.hookspec
def pytest_superteam_deployments(config: Config) -> Sequence[Deployer]:
    """Return deployments; `--deploy NAME` chooses one by its name.

    A deployment is any object with `name`, `deploy(request)` and `teardown(folder)` (`deployment.base.Deployer`). With
    `restart(request, services)` a fix attempt starts only those services again, else everything.
    """
    return ()


@pytest.hookspec
def pytest_superteam_scanners(config: Config) -> Sequence[Scanner]:
    """Return scanners; each of their codes becomes gate items, markers and rows of the report.

    A scanner is any object with `codes`, each a `Rule`, and `scan(service)`, which yields violations
    (`scanners.base.Scanner`).
    """
    return ()


@pytest.hookspec
def pytest_superteam_checks(config: Config) -> Sequence[Check]:
    """Return checks of layer 2, which run against the deployed system, an item for each service.

    A check is any object with `code`, `severity`, `help` and `run(target)`, which yields violations
    (`checks.base.Check`).
    """
    return ()


@pytest.hookspec
def pytest_superteam_violation(violation: Violation, config: Config) -> Violation | None:
    """Return the violation as it shall count: unchanged, re-graded, with `suppressed_by` set, or None to leave it.

    Implementations are asked one after the other, each with the answer of the one before.
    """


@pytest.hookspec
def pytest_superteam_phase(phase: str, state: str) -> None:
    """Watch the run, in the process in which it happens.

    Around the work of a phase (architect, contracts, builders, fix, deployment) `state` is started, done, failed or
    stopped. At each transition of the state machine, and when a run begins, `state` is the new state's name, after it
    was saved and before its work begins; `phase` is then run, architect, contracts, builders, deployment, gate or fix.
    """


@pytest.hookspec
def pytest_superteam_gate_report(report: GateReport, config: Any) -> None:
    """Publish the verdict, once, at the end of the run, in the process that owns it."""
