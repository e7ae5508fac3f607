"""The pytest plugin: hooks only. Without `--prd` and `--system` it registers options and markers and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
    """Add the options, in one group."""
    group = parser.getgroup("superteam", "superteam: from a requirements document to a gate report")
    add = group.addoption
    add(
        "--prd",
        dest="superteam_prd",
        metavar="PATH",
        action="append",
        help="Build and gate the system that this document asks for (.md, .markdown, .txt, or a folder of them); "
        "repeat it for several.",
    )
    add(
        "--system",
        dest="superteam_system",
        metavar="FOLDER",
        help="Gate the system whose source is in this folder; nothing is designed, built or changed.",
    )
    add(
        "--superteam-config",
        metavar="FILE",
        help="Settings to use instead of the superteam.yaml beside the PRD or rootdir.",
    )
    add(
        "--depth",
        dest="superteam_depth",
        metavar="DEPTH",
        help="quick, standard, thorough or exhaustive: examples, timeouts and retries of the gate (default: standard).",
    )
    add(
        "--until",
        dest="superteam_until",
        metavar="PHASE",
        help="Stop after architect, builders or deployment, with its output on disk.",
    )
    add(
        "--review",
        dest="superteam_review",
        action="store_true",
        default=None,
        help="Stop after the architecture, with exit code 2, until it is approved or rejected.",
    )
    add(
        "--approve",
        dest="superteam_approve",
        action="store_true",
        default=None,
        help="Go on with the architecture that waits for review, hand edits included.",
    )
    add(
        "--reject",
        dest="superteam_reject",
        metavar="REASON",
        help="Reject the architecture that waits for review; an architect by agent tries again, at most twice.",
    )
    add("--superteam-output", metavar="FOLDER", help="Folder of the built services (default: services).")
    add("--builder", dest="superteam_builder", metavar="NAME", help="What builds the services (default: builtin).")
    add(
        "--deploy",
        dest="superteam_deploy",
        metavar="NAME",
        help="Where the services run: process, compose, auto (compose where an engine answers) or none (default: "
        "process; with --system auto, by its own compose file).",
    )
    add(
        "--keep-up",
        dest="superteam_keep_up",
        action="store_true",
        default=None,
        help="Leave a composed system running at the end; the next run with the same inputs takes it over.",
    )
    add(
        "--url",
        dest="superteam_url",
        metavar="NAME=URL",
        action="append",
        help="Call the service of this name where it runs already, such as api=http://127.0.0.1:8000; with --system.",
    )
    add(
        "--init",
        dest="superteam_init",
        action="store_true",
        default=None,
        help="Write a superteam.yaml with what is found in the folder of --system, commented, and stop.",
    )
    add(
        "--fresh",
        dest="superteam_fresh",
        action="store_true",
        default=None,
        help="Design and build again what is already there; edits of the design by hand are moved aside.",
    )
    add(
        "--from",
        dest="superteam_from",
        metavar="PHASE",
        help="Do again what is done already, from architect or builders on; what was edited by hand is moved aside.",
    )
    add(
        "--fix",
        dest="superteam_fix",
        metavar="N",
        type=int,
        help="Let the builders mend what blocks, up to N times (default: 3 where an agent builds, else 0).",
    )
    add(
        "--budget",
        dest="superteam_budget",
        metavar="USD",
        help="What the run may spend, over all its sessions; a step whose worst case has no room is not started.",
    )
    add(
        "--state-url",
        dest="superteam_state_url",
        metavar="URL",
        help="Database of the runs, such as postgresql+psycopg://user@host/name (default: .superteam/state.db).",
    )
    add(
        "--status",
        dest="superteam_status",
        metavar="FORMAT",
        nargs="?",
        const="text",
        help="Show how far the run is, what it has cost and what is next, and exit; =json for programs.",
    )
    add(
        "--costs",
        dest="superteam_costs",
        action="store_true",
        default=None,
        help="Show what the run has cost by phase, service, attempt, model and chain, and exit.",
    )
    add(
        "--review-queue",
        dest="superteam_review_queue",
        action="store_true",
        default=None,
        help="Show the services that a person has to look at, with all that is known of each, and exit.",
    )
    add(
        "--clean-state",
        dest="superteam_clean_state",
        action="store_true",
        default=None,
        help="Forget the runs of this project: states, costs, results, logs; design and services stay. Then exit.",
    )
    add(
        "--blocking-severity",
        dest="superteam_blocking_severity",
        metavar="SEVERITY",
        help="Layer 3 blocks from this severity up: info, warning, error, high or critical (default: error).",
    )
    add(
        "--promotion",
        dest="superteam_promotion",
        metavar="RULE",
        help="strict: a service that fails layer 1 or 2 is held back from those above; all: run all (default: strict).",
    )

    add(
        "--require-traced",
        dest="superteam_require_traced",
        action="store_true",
        default=None,
        help="A requirement of the highest priority (Must, P0) that no executed check proves blocks.",
    )
    add(
        "--calibrate",
        dest="superteam_calibrate",
        action="store_true",
        default=None,
        help="Try the gate on itself: put one fault at a time into a copy of the services and see what catches it.",
    )
    add("--sarif", dest="superteam_sarif", metavar="FILE", help="Write what was found as SARIF 2.1.0 to this file.")
    add(
        "--baseline",
        dest="superteam_baseline",
        metavar="FILE",
        help="Findings in this file are known and accepted: they are counted and listed, and fail nothing.",
    )
    add(
        "--update-baseline",
        dest="superteam_update_baseline",
        action="store_true",
        default=None,
        help="Accept what this session finds: write it to the baseline, and drop what is no longer found.",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that projects can implement."""
    from pytest_superteam import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Load the conftest.py beside the PRD early enough for its hooks, wherever pytest was started."""
    known = early_config.known_args_namespace
    if known.superteam_prd or known.superteam_system:
        from pytest_superteam.gate.arguments import conftest_anchors, forget_foreign_settings

        if known.superteam_system:
            forget_foreign_settings(early_config, known, args)
        known.file_or_dir = conftest_anchors(early_config, known)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer what asks about the runs of a project, instead of running anything."""
    asking = ("status", "costs", "review_queue", "clean_state")
    if any(getattr(config.option, f"superteam_{name}") is not None for name in asking):
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
