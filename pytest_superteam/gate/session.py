"""A pytest session with a run in it: set up before collection, torn down at the very end."""

from __future__ import annotations

import os
import secrets
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.evaluation import Evaluation
from pytest_superteam.pipeline.items import GateItem, plan_items
from pytest_superteam.pipeline.plugged import Plugged, check_codes
from pytest_superteam.pipeline.prepare import Preparation, find_config, prepare

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Violation
    from pytest_superteam.pipeline.run import Run

__all__ = ["GATE", "GateSession", "gate_of", "implied_prd"]

PRD_SUFFIXES = (".md", ".markdown", ".txt")


@dataclass
class GateSession:
    """What our hooks share in one process of a session."""

    prd: Path
    run: Run
    items: dict[str, GateItem] = field(default_factory=dict)
    """Gate items by the end of their node id."""
    evaluation: Evaluation = field(init=False)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Attach the evaluation and plan the items."""
        self.evaluation = Evaluation(self.run)

    def plan(self) -> None:
        """Work out the gate items, once the project's scanners and checks are known."""
        plugged, config = self.run.plugged, self.run.config
        scanners, checks = plugged.scanners(), plugged.checks()
        check_codes(scanners, checks)
        items = plan_items(self.run.architecture, scanners, checks, config)
        self.items = {item.key: item for item in items}

    def item_of(self, nodeid: str) -> GateItem | None:
        """Return the gate item behind a node id, None for every other test."""
        return self.items.get(nodeid.partition("::")[2])


GATE = pytest.StashKey[GateSession]()
OPENED = pytest.StashKey[Preparation]()


def gate_of(config: pytest.Config) -> GateSession:
    """Return the session's gate."""
    return config.stash[GATE]


def implied_prd(arguments: list[str]) -> str | None:
    """Return the document that a pasted gate id (`PRD.md::layer3::...`) belongs to."""
    for argument in arguments:
        path, _, rest = argument.partition("::")
        if rest[:5] == "layer" and rest[5:6] in {"1", "2", "3", "4"} and path.lower().endswith(PRD_SUFFIXES):
            return path
    return None


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def options_of(config: pytest.Config) -> dict[str, Any]:
    """Return the settings that were given as options, by dotted key."""
    names = {
        "depth": "superteam_depth",
        "until": "superteam_until",
        "output": "superteam_output",
        "builder": "superteam_builder",
        "deploy": "superteam_deploy",
        "fresh": "superteam_fresh",
        "gate.blocking_severity": "superteam_blocking_severity",
        "gate.promotion": "superteam_promotion",
    }
    given = {key: config.getoption(name) for key, name in names.items()}
    return {key: value for key, value in given.items() if value is not None}


def plugged_of(config: pytest.Config) -> Plugged:
    """Return the project's hooks as plain callables, each asked once."""
    hook, memory = config.hook, dict[str, list[Any]]()
    settings = config.stash[OPENED].config

    def gathered(name: str) -> list[Any]:
        if name not in memory:
            answers = getattr(hook, name)(config=settings)
            memory[name] = [item for answer in reversed(answers) for item in answer or ()]
        return memory[name]

    def triage(violation: Violation) -> Violation | None:
        kept: Violation | None = violation
        for implementation in hook.pytest_superteam_violation.get_hookimpls():
            if kept is not None:
                known = {"violation": kept, "config": settings}
                answer: Any = implementation.function(**{name: known[name] for name in implementation.argnames})
                kept = answer
        return kept

    return Plugged(
        architect=lambda prd: hook.pytest_superteam_architect(prd=prd, config=settings),
        builders=lambda: gathered("pytest_superteam_builders"),
        deployers=lambda: gathered("pytest_superteam_deployments"),
        scanners=lambda: gathered("pytest_superteam_scanners"),
        checks=lambda: gathered("pytest_superteam_checks"),
        triage=triage,
        phase=lambda phase, state: hook.pytest_superteam_phase(phase=phase, state=state),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the settings and the PRD and design the system, before anything is collected."""
    config = session.config
    try:
        config.stash[GATE] = _open(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    if not is_worker(config) and not config.option.collectonly:
        signal.signal(signal.SIGTERM, _interrupt)


def _open(config: pytest.Config) -> GateSession:
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    path = Path(config.invocation_params.dir, config.getoption("superteam_prd"))
    given = config.getoption("superteam_config")
    file, project = find_config(
        Path(config.invocation_params.dir, given) if given else None,
        folders=(path.parent, config.rootpath),
        invocation=Path(config.invocation_params.dir),
    )
    preparation = Preparation(
        prd=path,
        project=project,
        config_file=file,
        options=options_of(config),
        run_id=worker["superteam_run"] if worker else secrets.token_hex(6),
        owner_pid=worker["superteam_owner"] if worker else os.getpid(),
        owner=worker is None,
        dry=bool(config.option.collectonly),
    )
    config.stash[OPENED] = preparation
    gate = GateSession(path, prepare(preparation, plugged_of(config)))
    try:
        gate.plan()
    except UsageError:
        _end(config, gate)
        raise
    return gate


def _end(config: pytest.Config, gate: GateSession) -> None:
    """Let go of the store; in the process that owns the run, take the system down as well."""
    if is_worker(config) or config.option.collectonly:
        gate.run.store.close()
    else:
        gate.run.close()


def _interrupt(_signal: int, _frame: Any) -> None:
    """Treat SIGTERM like Ctrl-C, so that the session ends in order."""
    raise KeyboardInterrupt


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the system down, in the process that owns the run, however the session ended."""
    gate = config.stash.get(GATE, None)
    if gate is None:
        return
    _end(config, gate)


def architecture_of(config: pytest.Config) -> Architecture:
    """Return the architecture of the session's run."""
    return gate_of(config).run.architecture
