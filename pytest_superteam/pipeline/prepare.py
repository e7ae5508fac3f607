"""What happens before a run: settings, PRD, leftovers of dead runs, the architecture."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.prd import Prd, read_prd
from pytest_superteam.atomic import write_atomically
from pytest_superteam.config import CONFIG_NAME, Config, load_config
from pytest_superteam.errors import ConfigError, UsageError
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.plugged import check_codes
from pytest_superteam.pipeline.run import Run
from pytest_superteam.pipeline.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.models import Architecture
    from pytest_superteam.pipeline.plugged import Plugged

__all__ = ["Preparation", "find_config", "prepare"]

ARCHITECT_VERSION = "1"
"""Raised when the built-in architect reads the same text differently, so that a kept design is made anew."""


@dataclass
class Preparation:
    """How a run was asked for. `owner` is false in the workers of a run, `dry` where nothing may be written."""

    prd: Path
    project: Path
    config_file: Path | None
    options: Mapping[str, Any]
    run_id: str
    owner_pid: int
    owner: bool
    dry: bool
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def config(self) -> Config:
        """Return the effective settings."""
        return load_config(self.config_file, environment=self.environment, options=self.options)


def find_config(given: Path | None, *, folders: Sequence[Path], invocation: Path) -> tuple[Path | None, Path]:
    """Return superteam.yaml (the one given, else the first one in `folders`) and the project's folder.

    The project is the folder of the settings; without any, the one that pytest was started in.

    Raises:
        ConfigError: the given file does not exist.
    """
    if given is not None:
        if not given.is_file():
            raise ConfigError(f"--superteam-config: '{given}' is no file. Name an existing superteam.yaml.")
        return given, given.parent
    for folder in folders:
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME, folder
    return None, invocation


def prepare(preparation: Preparation, plugged: Plugged) -> Run:
    """Return a run that is ready for its gate items. Nothing is written before everything has been looked at.

    Raises:
        UsageError: settings, PRD or output folder are not usable, or another run is at work in this project.
    """
    config = preparation.config
    layout = Layout(preparation.project, _output_name(config, preparation.project))
    prd = read_prd(preparation.prd)
    began = time.monotonic()
    if preparation.owner:
        kept = None if config.fresh else _kept(layout, _key(prd, plugged.architects))
        system = kept or plugged.architect(prd)
        if not kept and not preparation.dry:  # items need no contracts
            system = _with_contracts(system)
    else:
        kept = system = _read(layout)
    run = Run(preparation.run_id, preparation.owner_pid, layout, config, prd, system, plugged)
    if not preparation.owner:
        return run
    run.memory["architect_seconds"] = time.monotonic() - began
    check_codes(plugged.scanners(), plugged.checks())
    _ = run.builder, run.deployer  # an unknown name is said now, not after the work
    if kept is None:
        _refuse_edited(layout, fresh=config.fresh)
    if preparation.dry:
        return run
    if config.until != "architect":
        run.check_output()
    _start(run, preparation, designed=kept is None)
    return run


def _start(run: Run, preparation: Preparation, *, designed: bool) -> None:
    """Take the project, write down a new design and that the run begins."""
    try:
        hold = _claim(run.layout, preparation)
        try:
            if designed:
                _write_design(run)
            _begin(run)
        except BaseException:
            hold.release()
            raise
    except StoreError as error:
        raise UsageError(f"--prd: '{run.layout.store}' can't be used: {error}. Delete it.") from None
    except OSError as error:
        raise UsageError(f"--prd: '{error.filename or run.layout.state}' can't be written: {error.strerror}.") from None
    run.memory["hold"] = hold


def _output_name(config: Config, project: Path) -> str:
    """Refuse an output folder outside the project."""
    output = (project / config.output).resolve()
    if output == project.resolve() or not output.is_relative_to(project.resolve()):
        raise ConfigError(f"output: '{config.output}' is not below '{project}'. Name a folder in it.")
    return config.output


def _claim(layout: Layout, preparation: Preparation) -> Any:
    """Take the project for this run and clear what dead runs left; the lock goes with the process."""
    from filelock import FileLock, Timeout  # not needed to collect

    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o700)  # it holds the secrets of the running system
    layout.locks.mkdir(exist_ok=True)
    note = layout.state / "run.json"
    hold = FileLock(layout.locks / "run.lock")
    try:
        hold.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"--prd: {_other(note)} is at work in '{layout.project}'. Wait for its end, or stop it."
        ) from None
    began = time.strftime("%Y-%m-%d %H:%M:%S")
    write_atomically(note, json.dumps({"run": preparation.run_id, "pid": os.getpid(), "since": began}) + "\n")
    gitignore = layout.state / ".gitignore"
    if not gitignore.exists():
        write_atomically(gitignore, "*\n")
    return hold


def _other(note: Path) -> str:
    try:
        data = json.loads(note.read_text(encoding="utf-8"))
        return f"another run (pid {data['pid']}, since {data['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


def _with_contracts(system: Architecture) -> Architecture:
    """Fill in the contracts that the architect left to us."""
    from pytest_superteam.architect.asyncapi import document
    from pytest_superteam.architect.openapi import contracts

    made = contracts(system)
    return replace(
        system,
        contracts={
            service.name: system.contracts.get(service.name) or made[service.name] for service in system.services
        },
        asyncapi=system.asyncapi or document(system),
    )


def _key(prd: Prd, architects: str) -> str:
    return hashlib.sha256(f"{ARCHITECT_VERSION}\n{architects}\n{prd.sha256}".encode()).hexdigest()


def _read(layout: Layout) -> Architecture:
    from pytest_superteam.architect.files import read_architecture

    return read_architecture(layout.architecture)


def _record(layout: Layout) -> dict[str, Any]:
    try:
        found = json.loads((layout.state / "architecture.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digests(layout: Layout) -> dict[str, str]:
    """Return relative path -> sha256 of the architecture's files."""
    files = sorted(path for path in layout.architecture.rglob("*.yaml") if path.is_file())
    return {
        path.relative_to(layout.architecture).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _kept(layout: Layout, key: str) -> Architecture | None:
    """Return the design of the last run where it is of the same text, with what people changed in it since."""
    if _record(layout).get("key") != key or not (layout.architecture / "service-map.yaml").is_file():
        return None
    system = _read(layout)
    if _digests(layout) != _record(layout).get("files"):
        _check_contracts(system, layout)
    return system


def _check_contracts(system: Architecture, layout: Layout) -> None:
    """Refuse contracts that were changed into something that is no OpenAPI.

    Raises:
        UsageError: one line that names the file and the place.
    """
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for service in system.services:
        file = layout.architecture / "contracts" / f"{service.name}.openapi.yaml"
        if service.name not in system.contracts:
            raise UsageError(f"--prd: '{file}' is gone. Put it back, or let --fresh design anew.")
        for problem in OpenAPIV31SpecValidator(dict(system.contracts[service.name])).iter_errors():
            place = "/".join(map(str, problem.absolute_path)) or "the document"
            said = " ".join(problem.message.split())[:200]
            raise UsageError(
                f"--prd: '{file}' is no valid OpenAPI 3.1: {place}: {said}. Mend it, or let --fresh design anew."
            )


def _refuse_edited(layout: Layout, *, fresh: bool) -> None:
    """Refuse to design over files that are not as the last design left them."""
    known = _record(layout).get("files", {})
    now = _digests(layout)
    edited = sorted(name for name in now if now[name] != known.get(name))
    if edited and not fresh:
        raise UsageError(
            f"--prd: '{layout.architecture / edited[0]}' is not as a design left it, and this PRD needs a new one. "
            "Nothing was overwritten. Move the folder away, or let --fresh design anew."
        )


def _write_design(run: Run) -> None:
    """Write the architecture, and what it was made of."""
    from pytest_superteam.architect.files import write_architecture

    layout = run.layout
    write_architecture(run.architecture, layout.architecture)
    write_atomically(layout.state / "PRD.md", run.prd.text)
    record = {"key": _key(run.prd, run.plugged.architects), "files": _digests(layout)}
    write_atomically(layout.state / "architecture.json", json.dumps(record, indent=1) + "\n")


def _begin(run: Run) -> None:
    """Write down that the run begins and what it has done so far."""
    from pytest_superteam.deployment.cleanup import sweep

    sweep(run.layout.deployment)
    for left in run.layout.reports.glob("gate-report.*"):
        left.unlink()  # a verdict of another run must not be taken for this one's
    for staging in run.layout.aside.glob("*"):
        if "-replaced-" not in staging.name:  # what a killed build left
            shutil.rmtree(staging, ignore_errors=True)
    run.store.start_run(run.id, prd=run.prd.path, prd_sha256=run.prd.sha256)
    run.advance("start_architect", has_valid_prd=True)
    run.advance("architect_done", has_design=True)
    run.advance("approve_architecture")
