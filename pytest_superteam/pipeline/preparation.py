"""How a run was asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.config import Config, load_config
from pytest_superteam.pipeline import review

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.config_entries import ServicePath
    from pytest_superteam.pipeline.placing import Place

__all__ = ["Preparation"]


@dataclass
class Preparation:
    """How a run was asked for. `owner` is false in the workers of a run, `dry` where nothing may be written."""

    documents: tuple[Path, ...]
    project: Path
    config_file: Path | None
    options: Mapping[str, Any]
    run_id: str
    """Of the run that begins, where none goes on."""
    session: str
    owner_pid: int
    owner: bool
    dry: bool
    keeper_pid: int = 0
    """The process that keeps the system running from session to session; 0: nobody does."""
    goes_on: bool = False
    """Whether it goes on with what an earlier session of a fix loop began: nothing is begun anew then."""
    decision: review.Decision = field(default_factory=review.Decision)
    system: Path | None = None
    """The folder of the system to gate as it is, instead of building one."""
    until: str | None = None
    """Where the owner of the run stops; what its workers are told."""
    place: Place | None = None
    """Where the system runs, as the owner of the run found out; what its workers are told."""
    asked: tuple[Path, ...] = ()
    """Documents whose system the one that is there is compared with."""
    urls: Mapping[str, ServicePath] = field(default_factory=dict)
    """Where services of the system answer already, as the command line says."""
    calls: bool = True
    """Whether items that call the system may be selected."""
    starts_early: bool = True
    """Whether the system may be started before its items are planned."""
    command: str = ""
    """The command line that goes on with the run."""
    init: bool = False
    """Whether the settings of the system are to be written."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def reads_contracts(self) -> bool:
        """Return whether anything of this session needs the contracts of a system that is there."""
        return self.calls or bool(self.asked) or bool(self.config.until)

    @property
    def config(self) -> Config:
        """Return the effective settings."""
        config = load_config(self.config_file, environment=self.environment, options=self.options)
        return replace(config, fresh=False, start=None) if self.goes_on else config
