"""A pytest session with a run in it: set up before collection, torn down at the very end."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.checks.base import Planning
from pytest_superteam.config import Config
from pytest_superteam.config_entries import running_services
from pytest_superteam.errors import UsageError
from pytest_superteam.gate.commandline import resume_command
from pytest_superteam.gate.ending import SIGNALS, Signals
from pytest_superteam.gate.fixing import place_in_loop
from pytest_superteam.gate.offers import plugged_of
from pytest_superteam.gate.settings import absolute, options_of, seen_from, settings_file
from pytest_superteam.gate.systems import may_call, may_start_early
from pytest_superteam.gate.watching import Watching, watch
from pytest_superteam.pipeline.adopt import anchor
from pytest_superteam.pipeline.baseline import BASELINE_NAME, Baseline
from pytest_superteam.pipeline.design import last_documents
from pytest_superteam.pipeline.documents import SUFFIXES, documents
from pytest_superteam.pipeline.evaluation import Evaluation
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.items import SYSTEM, GateItem, plan_items
from pytest_superteam.pipeline.placing import COMPOSE, Place
from pytest_superteam.pipeline.preparation import Preparation
from pytest_superteam.pipeline.prepare import prepare
from pytest_superteam.pipeline.review import Decision
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.pipeline.traceability import Link, Linker
from pytest_superteam.reports.masking import secret_lines

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from pytest_superteam.config_entries import ServicePath
    from pytest_superteam.pipeline.run import Run

__all__ = ["GATE", "SETTINGS", "SIGNALS", "GateSession", "gate_of", "implied_prd", "implied_system"]
__all__ += ["names_calibration", "options_of", "place_of"]


@dataclass
class GateSession:
    """What our hooks share in one process of a session."""

    documents: tuple[Path, ...]
    run: Run
    update_baseline: bool = False
    calibrates: bool = False
    """Whether faults are tried instead of the gate's own items."""
    items: dict[str, GateItem] = field(init=False)
    """Gate items by the end of their node id."""
    evaluation: Evaluation = field(init=False)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Attach the evaluation and plan the items."""
        self.evaluation = Evaluation(self.run, baseline=self.baseline, accept=self.update_baseline)
        run, plugged = self.run, self.run.plugged
        found = run.adopted is not None
        gateway = run.place.name == COMPOSE and not found and run.config.deployment.gateway != "none"
        planning = Planning(run.architecture, run.config, run.layout.project, found=found, gateway=gateway)
        items = plan_items(planning, plugged.scanners(), plugged.checks(), run.adopted, run.asked)
        self.items = {item.key: item for item in items}
        run.memory["items"] = tuple(items)
        if len(self.items) < len(items):
            raise UsageError("services: the names of two join to one id of the gate. Rename one of them.")

    @property
    def prd(self) -> Path:
        """Return the document that the items are collected from: the first one, for it stands for all."""
        return self.documents[0]

    @cached_property
    def baseline(self) -> Baseline | None:
        """Return the accepted findings, None where there is no baseline.

        Raises:
            UsageError: the file can't be read.
        """
        name = self.run.config.baseline or (BASELINE_NAME if self.update_baseline else None)
        if name is None:
            return None
        return Baseline.read(self.run.layout.project / name, missing_ok=self.update_baseline)

    def folders(self) -> dict[str, Path]:
        """Return where files of findings are told from: the folder of each service, and of the system."""
        run, found = self.run, self.run.adopted
        root = run.layout.output if found is None else found.root
        names = [service.name for service in run.architecture.services]
        places = {name: root / name for name in names} if found is None else {**found.services, found.rest: root}
        places |= {name: build.directory for name, build in run.memory.get("builds", {}).items()}
        return {name: folder for name, folder in places.items() if name} | {SYSTEM: root}

    def folder_seen(self, here: Path, service: str) -> str:
        """Return how the folder of a service's files is named in `here`, empty where it is not known."""
        folder = self.folders().get(service)
        return seen_from(here, folder) if folder is not None else ""

    @cached_property
    def secrets(self) -> tuple[int, ...]:
        """Return the lines of the document that hold a secret."""
        return secret_lines(self.run.prd.text)

    @cached_property
    def links(self) -> dict[str, Link]:
        """Return what each requirement rests on, by its id."""
        system = self.run.architecture
        linker = Linker(self.items.values(), (entity.name for entity in system.entities))
        return {requirement.id: linker.link(requirement) for requirement in system.requirements}

    def item_of(self, nodeid: str) -> GateItem | None:
        """Return the gate item behind a node id, None for every other test."""
        return self.items.get(nodeid.partition("::")[2])


GATE = pytest.StashKey[GateSession]()
SETTINGS = pytest.StashKey[Config]()
WATCHING = pytest.StashKey[Watching]()


def gate_of(config: pytest.Config) -> GateSession:
    """Return the session's gate."""
    return config.stash[GATE]


def implied_prd(arguments: list[str]) -> str | None:
    """Return the document that a pasted gate id (`PRD.md::layer3::...`) belongs to."""
    for argument in arguments:
        path, _, rest = argument.partition("::")
        ours = (rest[:5] == "layer" and rest[5:6] in {"1", "2", "3", "4"}) or names_calibration(argument)
        if ours and path.lower().endswith(SUFFIXES):
            return path
    return None


def names_calibration(argument: str) -> bool:
    """Return whether an argument is an id of a calibration (`PRD.md::calibration::...`)."""
    path, _, rest = argument.partition("::")
    return rest.partition("::")[0] == "calibration" and path.lower().endswith(SUFFIXES)


def implied_system(arguments: list[str]) -> str | None:
    """Return the folder of the system that a pasted gate id (`compose.yaml::layer3::...`) belongs to."""
    for argument in arguments:
        path, _, rest = argument.partition("::")
        if rest[:5] == "layer" and rest[5:6] in {"1", "2", "3", "4"} and not path.lower().endswith(SUFFIXES):
            return str(Path(path).parent)
    return None


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the settings and the PRD and design the system, before anything is collected."""
    config = session.config
    signals = config.stash[SIGNALS] = Signals()
    if not config.option.collectonly:
        signals.install()
    try:
        gate = config.stash[GATE] = _open(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    signals.run = gate.run
    if is_worker(config) and not config.option.collectonly:
        gate.run.join()


def _open(config: pytest.Config) -> GateSession:
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    system = config.getoption("superteam_system")
    asked = [absolute(config, path) for path in config.getoption("superteam_prd") or ()]
    paths = [absolute(config, system)] if system else asked
    file, project = settings_file(config, paths[0], system=bool(system))
    preparation = Preparation(
        documents=(),
        project=project,
        config_file=file,
        options=options_of(config) | _calibration_options(config),
        run_id=worker["superteam_run"] if worker else secrets.token_hex(6),
        session=worker["superteam_session"] if worker else secrets.token_hex(6),
        owner_pid=worker["superteam_owner"] if worker else os.getpid(),
        keeper_pid=place_in_loop(config).driver,
        goes_on=place_in_loop(config).goes_on,
        owner=worker is None,
        dry=bool(config.option.collectonly),
        decision=Decision(bool(config.getoption("superteam_approve")), config.getoption("superteam_reject")),
        until=worker["superteam_until"] if worker else None,
        place=Place(*worker["superteam_place"]) if worker else None,
        system=paths[0] if system else None,
        urls=_urls(config),
        calls=may_call(config),
        starts_early=may_start_early(config),
        command=resume_command(config),
        init=bool(config.getoption("superteam_init")),
    )
    settings = config.stash[SETTINGS] = preparation.config
    if preparation.system is not None:
        preparation.documents = (anchor(preparation.system, file),)
        preparation.asked = documents(asked, output=project / settings.output) if asked else ()
    else:
        preparation.documents = documents(_meant(config, paths, project), output=project / settings.output)
    if preparation.owner and not preparation.dry:  # an architect may be at work for minutes
        events = Layout(project, settings.output).events
        watching = watch(config, settings, events, preparation.session, found=preparation.system is not None)
        config.stash[WATCHING] = watching
        watching.start()
    run = prepare(preparation, plugged_of(config, settings))
    if preparation.owner and not preparation.dry and config.getoption("cacheclear", default=False):
        shutil.rmtree(run.layout.cache, ignore_errors=True)
    try:
        return GateSession(
            preparation.documents,
            run,
            update_baseline=bool(config.getoption("superteam_update_baseline")),
            calibrates=_calibrates(config, run, preparation),
        )
    except BaseException:  # such as a baseline that can't be read: nobody else knows of the run
        if preparation.owner and not preparation.dry:
            run.close()
        else:
            run.store.close()
        raise


def _urls(config: pytest.Config) -> Mapping[str, ServicePath]:
    """Return where services answer already, by name.

    Raises:
        ConfigError: an entry is no `NAME=URL`.
    """
    return running_services(config.getoption("superteam_url") or (), "--url")


def _calibration_options(config: pytest.Config) -> dict[str, Any]:
    """Return what trying faults sets: whatever is found in a layer, those above are asked too."""
    return {"gate.promotion": "all"} if config.getoption("superteam_calibrate") else {}


def _calibrates(config: pytest.Config, run: Run, preparation: Preparation) -> bool:
    """Return whether faults are to be tried; the process that owns the run clears what a killed one has left."""
    wanted = bool(config.getoption("superteam_calibrate"))
    if wanted and preparation.owner and not preparation.dry:
        from pytest_superteam.calibration.copies import sweep_copies

        sweep_copies(run.layout)
    return wanted


def _meant(config: pytest.Config, paths: list[Path], project: Path) -> list[Path]:
    """Return the documents that the command line means: an id alone stands for all that its design was made of."""
    if getattr(config.option, "superteam_implied", None):
        last = last_documents(project)
        if last and last[0] == paths[0]:
            return list(last)
    return paths


def _end(config: pytest.Config, gate: GateSession, signals: Signals) -> None:
    """Let go of the store; in the process that owns the run, take the system down as well.

    A signal breaks off the waiting for the system: whoever supervises it takes it down when this process is gone.
    """
    if is_worker(config) or config.option.collectonly:
        gate.run.store.close()
    else:
        gate.run.end_session()
        if gate.run.goes_on:
            place_in_loop(config).tell()
        signals.quiet = False
        with contextlib.suppress(KeyboardInterrupt):
            gate.run.close()
        signals.quiet = True
        if gate.calibrates:  # a worker that was killed could not clear its copy
            from pytest_superteam.calibration.copies import sweep_copies

            sweep_copies(gate.run.layout)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Bring what this process found into the store, before the process that owns the run reports.

    From here on signals are only counted: pytest has no place left where it could take note of an interruption.
    """
    gate = session.config.stash.get(GATE, None)
    if gate is not None and not session.config.option.collectonly:
        signals = session.config.stash[SIGNALS]
        signals.quiet = True
        if not is_worker(session.config):
            signals.await_workers()
        if WATCHING in session.config.stash:
            session.config.stash[WATCHING].stop()
        with contextlib.suppress(StoreError):  # a full disk; what was not saved is found again
            gate.evaluation.save()
    yield


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the system down, in the process that owns the run, however the session ended."""
    if WATCHING in config.stash:
        config.stash[WATCHING].stop()
    gate, signals = config.stash.get(GATE, None), config.stash.get(SIGNALS, Signals())
    try:
        if gate is not None:
            _end(config, gate, signals)
    finally:
        signals.restore()


def place_of(gate: GateSession, line: int) -> str:
    """Return what to call a line of the document, or of which of several."""
    return f"line {line}" if len(gate.documents) == 1 else gate.run.prd.place(line)
