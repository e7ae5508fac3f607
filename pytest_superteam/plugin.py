"""The pytest plugin: hooks only. Without `--prd` and `--system` it registers options and markers and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_superteam.options import ANYWHERE, INI, OPTIONS

if TYPE_CHECKING:
    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.config import Config
    from pytest_superteam.models import Architecture

MARKERS = (
    "layer1: gate layer 1, per service: builds, own tests, convergence",
    "layer2: gate layer 2, contracts on the running system",
    "layer3: gate layer 3, security, CORS, logging, tracing, secrets, Docker and health in the source",
    "layer4: gate layer 4, adversarial review, advisory",
    "blocking: a finding fails the run",
    "advisory: a finding is reported and fails nothing",
    "severity(name): severity of the item's code: critical, high, error, warning or info",
    "code(id): code of the item, such as SEC-001",
    "requirement(id): requirement of the PRD that a test of your own proves, such as FR-012",
    "service(name): service that the item is about; on a test of your own, the service of its `client`",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in one group, and their twins in pytest's own settings."""
    group = parser.getgroup("superteam", "superteam: from a requirements document to a gate report")
    for option in OPTIONS:
        group.addoption(option.flag, **option.arguments)
    for option in INI:
        parser.addini(option.ini, f"As {option.flag}, relative to rootdir: {option.help}", type="string", default="")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that projects can implement."""
    from pytest_superteam import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Load the conftest.py beside the PRD early enough for its hooks, wherever pytest was started."""
    known = early_config.known_args_namespace
    if any(option.flag in ANYWHERE and getattr(known, option.dest) is not None for option in OPTIONS):
        args[:] = map(str, early_config.invocation_params.args)  # nothing that a project adds can be in the way
        known.noconftest = True
        return
    if known.superteam_prd or known.superteam_system:
        from pytest_superteam.gate.arguments import conftest_anchors, forget_foreign_settings
        from pytest_superteam.gate.extras import check_extras

        check_extras(args)
        if known.superteam_system:
            forget_foreign_settings(early_config, known, args)
        known.file_or_dir = conftest_anchors(early_config, known)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer what is asked about us or the runs of a project, instead of running anything."""
    if any(option.answers and getattr(config.option, option.dest) is not None for option in OPTIONS):
        from pytest_superteam.gate.commands import answer

        return answer(config)
    if not _asked_for(config):
        return None
    from pytest_superteam.gate.fixing import drive

    return drive(config)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the gate where a run was asked for."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if not _asked_for(config):
        return
    from pytest_superteam.gate.arguments import activate

    if activate(config):
        from pytest_superteam import fixtures

        config.pluginmanager.register(fixtures, "superteam_fixtures")


def _asked_for(config: pytest.Config) -> bool:
    """Return whether an option of ours, or an id of the gate, is on the command line."""
    ours = (value for name, value in vars(config.option).items() if name.startswith("superteam_"))
    return any(value is not None for value in ours) or any(
        "::layer" in argument or "::calibration" in argument for argument in config.args
    )


def pytest_superteam_builders(config: Config) -> tuple[object, ...]:
    """Offer the built-in builder and the agents."""
    from pytest_superteam.agents.offers import agent_builders
    from pytest_superteam.builders.builtin import BuiltinBuilder

    return (BuiltinBuilder(), *agent_builders(config))


def pytest_superteam_deployments() -> tuple[object, ...]:
    """Offer the built-in deployments."""
    from pytest_superteam.deployment.registry import builtin_deployers

    return tuple(builtin_deployers())


def pytest_superteam_scanners() -> tuple[object, ...]:
    """Offer the built-in scanners."""
    from pytest_superteam.scanners.registry import builtin_scanners

    return tuple(builtin_scanners())


@pytest.hookimpl(trylast=True)
def pytest_superteam_architect(prd: Prd) -> Architecture:
    """Design with the built-in architect where no project has its own."""
    from pytest_superteam.architect.builtin import design

    return design(prd)
