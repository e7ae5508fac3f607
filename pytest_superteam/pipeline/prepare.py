"""What happens before a run: settings, PRD, leftovers of dead runs, the architecture."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.prd import Prd, read_prd
from pytest_superteam.config import CONFIG_NAME, Config, load_config
from pytest_superteam.errors import ConfigError, UsageError
from pytest_superteam.pipeline.files import Layout, write_atomically
from pytest_superteam.pipeline.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
    """Return a run that is ready for its gate items.

    Raises:
        UsageError: settings, PRD or output folder are not usable, or another run is at work in this project.
    """
    config = preparation.config
    layout = Layout(preparation.project, _output_name(config, preparation.project))
    prd = read_prd(preparation.prd)

    def design() -> Architecture:
        return plugged.architect(prd)

    def make(system: Architecture) -> Run:
        return Run(preparation.run_id, preparation.owner_pid, layout, config, prd, system, plugged)

    if not preparation.owner:
        return make(_read(layout))
    if preparation.dry:
        return make(_kept(layout, prd) or design())  # items need no contracts
    hold = _claim(layout, preparation)
    try:
        run = make(_designed(layout, prd, design, fresh=config.fresh))
        run.memory["hold"] = hold
        _ = run.builder, run.deployer  # an unknown name is said now, not after the work
        if config.until != "architect":
            run.check_output()
        _begin(run)
    except BaseException:
        hold.release()
        raise
    return run


def _output_name(config: Config, project: Path) -> str:
    """Refuse an output folder outside the project."""
    output = (project / config.output).resolve()
    if output == project.resolve() or not output.is_relative_to(project.resolve()):
        raise ConfigError(f"--superteam-output: '{config.output}' is not below '{project}'. Name a folder in it.")
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


def _key(prd: Prd) -> str:
    return hashlib.sha256(f"{ARCHITECT_VERSION}\n{prd.sha256}".encode()).hexdigest()


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


def _kept(layout: Layout, prd: Prd) -> Architecture | None:
    """Return the design of the last run where it is of the same text, with what people changed in it since."""
    if _record(layout).get("key") != _key(prd) or not (layout.architecture / "service-map.yaml").is_file():
        return None
    return _read(layout)


def _designed(layout: Layout, prd: Prd, design: Callable[[], Architecture], *, fresh: bool) -> Architecture:
    """Return the kept design, or make one and write it down; a design that somebody edited is not overwritten."""
    from pytest_superteam.architect.files import write_architecture

    kept = None if fresh else _kept(layout, prd)
    if kept is not None:
        return kept
    known = _record(layout).get("files", {})
    now = _digests(layout)
    edited = sorted(name for name in now if now[name] != known.get(name))
    if edited and not fresh:
        raise UsageError(
            f"--prd: '{layout.architecture / edited[0]}' was changed by hand, and the PRD has changed since. Nothing "
            "was overwritten. Move the folder away, or let --fresh design anew."
        )
    system = _with_contracts(design())
    write_architecture(system, layout.architecture)
    write_atomically(layout.state / "PRD.md", prd.text)
    record = {"key": _key(prd), "files": _digests(layout)}
    write_atomically(layout.state / "architecture.json", json.dumps(record, indent=1) + "\n")
    return system


def _begin(run: Run) -> None:
    """Write down that the run begins and what it has done so far."""
    from pytest_superteam.deployment.cleanup import sweep

    sweep(run.layout.deployment)
    run.store.start_run(run.id, prd=run.prd.path, prd_sha256=run.prd.sha256)
    run.advance("start_architect", has_valid_prd=True)
    run.advance("architect_done", has_design=True)
    run.advance("approve_architecture")
