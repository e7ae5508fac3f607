"""What happens before a run: settings, PRD, leftovers of dead runs, the architecture and its review."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.document.prd import read_prds
from pytest_superteam.errors import ConfigError, UsageError
from pytest_superteam.pipeline.claiming import unusable
from pytest_superteam.pipeline.designing import designed_run
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.placing import place_of
from pytest_superteam.pipeline.plugged import check_codes
from pytest_superteam.pipeline.run import Run
from pytest_superteam.pipeline.state.store import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.plugged import Plugged
    from pytest_superteam.pipeline.preparation import Preparation

__all__ = ["prepare"]


def prepare(preparation: Preparation, plugged: Plugged) -> Run:
    """Return a run that is ready for its gate items. Nothing is written before everything has been looked at.

    Raises:
        UsageError: settings, PRD or output folder are not usable, there is nothing to approve or reject, or another run
            is at work in this project.
    """
    if preparation.system is not None:
        from pytest_superteam.pipeline.systems import prepare_system

        return prepare_system(preparation, preparation.system, plugged)
    config = preparation.config
    layout = Layout(preparation.project, _output_name(config, preparation.project))
    prd = read_prds(preparation.documents)
    if not preparation.owner:
        from pytest_superteam.architect.files import read_architecture

        config = replace(config, until=preparation.until)  # type: ignore[arg-type]  # what the owner had validated
        system = read_architecture(layout.architecture)
        place = preparation.place or place_of(config, None)
        return Run(
            preparation.run_id,
            preparation.owner_pid,
            layout,
            config,
            plugged,
            prd,
            system,
            place=place,
            session=preparation.session,
            keeper_pid=preparation.keeper_pid,
        )
    _refuse_links(layout)
    check_codes(plugged.scanners(), plugged.checks())
    nothing: Any = None  # until it is designed
    place = place_of(config, None)
    ours = (preparation.run_id, preparation.owner_pid)
    about: dict[str, Any] = {"session": preparation.session, "keeper_pid": preparation.keeper_pid}
    run = Run(*ours, layout, config, plugged, prd, nothing, place=place, **about)
    _ = run.builders, run.starts and run.deployer  # an unknown name is said now, not after the work
    run.memory["command"] = preparation.command
    try:
        return designed_run(run, preparation)
    except StoreError as error:
        raise unusable("--prd", run, error) from None
    except OSError as error:
        raise UsageError(
            f"--prd: '{error.filename or layout.state}' can't be written: {error.strerror}. Make it writable."
        ) from None


def _refuse_links(layout: Layout) -> None:
    """Refuse to write a design through a link that leads out of the project."""
    for folder in (layout.state, layout.architecture, layout.architecture / "contracts"):
        if not folder.resolve().is_relative_to(layout.project.resolve()):
            raise UsageError(f"--prd: '{folder}' leads out of '{layout.project}'. Make it a folder of the project.")


def _output_name(config: Config, project: Path) -> str:
    """Refuse an output folder outside the project."""
    output = (project / config.output).resolve()
    if output == project.resolve() or not output.is_relative_to(project.resolve()):
        raise ConfigError(f"output: '{config.output}' is not below '{project}'. Name a folder in it.")
    return config.output
