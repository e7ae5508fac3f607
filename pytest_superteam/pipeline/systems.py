"""What happens before a run over a system that exists: what it is, where it runs, how its services are called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.site import read_site
from pytest_superteam.architect.document.prd import Prd, read_prds
from pytest_superteam.config import SystemConfig
from pytest_superteam.config_entries import ServicePath
from pytest_superteam.errors import DeploymentError, UsageError
from pytest_superteam.pipeline.adopt import adopt
from pytest_superteam.pipeline.beginning import begin
from pytest_superteam.pipeline.claiming import claim, clear, unusable
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.interfaces import NOTHING, documented, find_interfaces, read_interfaces, write_interfaces
from pytest_superteam.pipeline.placing import place_of
from pytest_superteam.pipeline.plugged import check_codes
from pytest_superteam.pipeline.run import Run
from pytest_superteam.pipeline.state.store import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.agents.site import Site
    from pytest_superteam.config import Config
    from pytest_superteam.models import Deployment
    from pytest_superteam.pipeline.interfaces import Interfaces
    from pytest_superteam.pipeline.plugged import Plugged
    from pytest_superteam.pipeline.preparation import Preparation

__all__ = ["prepare_system"]


def prepare_system(preparation: Preparation, root: Path, plugged: Plugged) -> Run:
    """Return a run over the system in `root`: its state is that of a system whose services were built.

    Raises:
        UsageError: settings or folders are not usable, or another run is at work in this project.
    """
    site = None if preparation.asked else read_site(root)
    config = preparation.config if site is None else _of_site(preparation.config, site)
    found = adopt(root, config, urls=preparation.urls)
    found = found if site is None else replace(found, how="what its agent has written")
    document = read_prds(preparation.asked) if preparation.asked else Prd(preparation.documents[0], "", "")
    place = preparation.place or place_of(config, found)
    nothing: Any = None  # until its contracts are known
    layout = Layout(preparation.project)
    ours = (preparation.run_id, preparation.owner_pid)
    run = Run(*ours, layout, config, plugged, document, nothing, found, place=place, session=preparation.session)
    if preparation.asked:
        run.asked = plugged.architect(document)
    elif site is not None:
        run.asked, run.site = site.asked, site
    if not preparation.owner:
        return _with(run, read_interfaces(layout.interfaces) if preparation.reads_contracts else NOTHING)
    run.memory["notes"] = [*found.found.notes, *filter(None, (place.note,))]
    _ = run.starts and run.deployer  # an unknown name is said now, not after the work
    check_codes(plugged.scanners(), plugged.checks())
    if preparation.dry:
        return _with(
            run, find_interfaces(found, config, earlier=layout.interfaces) if preparation.reads_contracts else NOTHING
        )
    run.memory["command"] = preparation.command
    try:
        _begin(run, preparation)
    except StoreError as error:
        raise unusable("--system", run, error) from None
    except OSError as error:
        unwritable = error.filename or layout.state
        message = f"--system: '{unwritable}' can't be written: {error.strerror}. Make it writable, or gate a copy."
        raise UsageError(message) from None
    return run


def _of_site(config: Config, site: Site) -> Config:
    """Return the settings for the folder of an agent at work: one service, whatever else seems to be there."""
    return replace(config, system=SystemConfig(services=(ServicePath(path=".", name=site.service),)))


def _with(run: Run, interfaces: Interfaces) -> Run:
    """Return the run with what is known of how its system is called."""
    if run.adopted is not None:
        run.architecture = interfaces.architecture(run.adopted, run.config.auth)
    run.memory["notes"] = [*run.memory.get("notes", ()), *interfaces.notes]
    run.memory["addresses"], run.memory["bases"] = interfaces.addresses, interfaces.bases
    run.memory["contracts"] = interfaces.origins
    run.memory["contract_notes"], run.memory["without_contract"] = interfaces.about_contracts, interfaces.without
    return run


def _begin(run: Run, preparation: Preparation) -> None:
    """Take the project, write down what was found, and find the contracts: of some the running system has to tell."""
    from pytest_superteam.discovery.writing import write_service_map

    if run.adopted is None:
        return
    if preparation.init:
        run.memory["settings"] = _initial_settings(run)
    run.memory["hold"] = claim(run.layout, run.scope, option="--system")
    try:
        clear(run.layout)
        begin(run, "system")
        run.advance("start_architect", has_valid_prd=True, has_valid_config=True)
        write_service_map(run.adopted.found, run.layout.found)
        written = (run.layout.found / "service-map.yaml").is_file()
        run.advance("architect_done", architect_outputs_exist=written)
        run.advance("approve_architecture", review_approved=True)
        run.advance("contracts_ready", contracts_valid=True)
        run.advance("builders_done", at_least_one_builder_succeeded=True)
        _with(run, _interfaces(run, preparation))
        write_service_map(run.adopted.found, run.layout.found, contracts=run.memory["contracts"])
    except BaseException:  # whoever asked for the run never sees it, so nobody else could let go of it
        run.close()
        raise


def _interfaces(run: Run, preparation: Preparation) -> Interfaces:
    """Return how the services are called, and write it down for the workers; nothing where nothing calls them."""
    adopted, file = run.adopted, run.layout.interfaces
    if adopted is None or not preparation.reads_contracts:
        return NOTHING
    known = documented(adopted, run.config)
    found = find_interfaces(adopted, run.config, known=known, earlier=file)
    if preparation.starts_early and not run.config.until and found.incomplete(adopted):
        deployment = _running(run)
        if deployment is not None:
            found = find_interfaces(adopted, run.config, known=known, deployment=deployment, earlier=file)
    write_interfaces(found, file)
    return found


def _initial_settings(run: Run) -> Path:
    """Write the settings that say what was found.

    Raises:
        UsageError: there are settings already.
    """
    from pytest_superteam.discovery.starting import config_text, write_config

    if run.adopted is None:
        raise UsageError("--init: is about a system that is there. Add --system FOLDER.")
    return write_config(run.adopted.root, config_text(run.adopted.found))


def _running(run: Run) -> Deployment | None:
    """Return the system that this run starts, before its items are planned: some contracts are only served.

    None where nothing is started, or where it does not come up; its items say why then.
    """
    if not run.starts:
        return None
    try:
        return run.deployment()
    except DeploymentError as error:
        cause = str(error).splitlines()[0]
        run.memory["notes"].append(cause if cause.startswith("deploy: ") else f"deploy: {run.place.name}: {cause}")
        run.memory["down"] = True
        return None
