"""A pytest session with a run in it: set up before collection, torn down at the very end."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.gate.offers import plugged_of
from pytest_superteam.pipeline.evaluation import Evaluation
from pytest_superteam.pipeline.items import GateItem, plan_items
from pytest_superteam.pipeline.prepare import Preparation, find_config, prepare

if TYPE_CHECKING:
    from pytest_superteam.pipeline.run import Run

__all__ = ["GATE", "GateSession", "gate_of", "implied_prd"]

PRD_SUFFIXES = (".md", ".markdown", ".txt")


@dataclass
class GateSession:
    """What our hooks share in one process of a session."""

    prd: Path
    run: Run
    items: dict[str, GateItem] = field(init=False)
    """Gate items by the end of their node id."""
    evaluation: Evaluation = field(init=False)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Attach the evaluation and plan the items."""
        self.evaluation = Evaluation(self.run)
        plugged = self.run.plugged
        items = plan_items(self.run.architecture, plugged.scanners(), plugged.checks(), self.run.config)
        self.items = {item.key: item for item in items}
        if len(self.items) < len(items):
            raise UsageError("two gate items have one id, since names of services join to the same. Rename a service.")

    def item_of(self, nodeid: str) -> GateItem | None:
        """Return the gate item behind a node id, None for every other test."""
        return self.items.get(nodeid.partition("::")[2])


GATE = pytest.StashKey[GateSession]()
OLD_HANDLER = pytest.StashKey[Any]()


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


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the settings and the PRD and design the system, before anything is collected."""
    config = session.config
    try:
        config.stash[GATE] = _open(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    main = threading.current_thread() is threading.main_thread()  # only there can signals be handled
    if main and not is_worker(config) and not config.option.collectonly:
        config.stash[OLD_HANDLER] = signal.signal(signal.SIGTERM, _interrupt)


def _open(config: pytest.Config) -> GateSession:
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    # Without `..`, so that paths compare; links are kept, for a PRD may be one.
    path = Path(os.path.abspath(Path(config.invocation_params.dir, config.getoption("superteam_prd"))))  # noqa: PTH100
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
    return GateSession(path, prepare(preparation, plugged_of(config, preparation.config)))


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
    if OLD_HANDLER in config.stash:
        signal.signal(signal.SIGTERM, config.stash[OLD_HANDLER])
    _end(config, gate)
