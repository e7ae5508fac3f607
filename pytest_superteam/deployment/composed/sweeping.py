"""Sweeping away what killed runs have left on the engine: containers, networks, volumes and images."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.commands import (
    CommandTimeoutError,
    Finished,
    client_environment,
    run_command,
)
from pytest_superteam.deployment.composed.owner import KEEP, LABELS, PROJECT, RUN, Owner
from pytest_superteam.deployment.composed.record import COMPOSE_RECORD, read_compose_record
from pytest_superteam.deployment.composed.removal import PROJECT_LABEL, remove_project
from pytest_superteam.deployment.composed.takedown import take_down

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["sweep_composed", "sweep_dead"]

OURS = "superteam-"
"""How the names of our projects begin; one of another name was started by hand from our file."""
_SECONDS = 10.0
"""How long the engine has to say what there is."""
_LISTINGS = (("ps", "--all", "--no-trunc"), ("network", "ls", "--no-trunc"), ("volume", "ls"))


def sweep_composed(folder: Path) -> list[str]:
    """Take down what dead runs of this machine composed and return the names of the projects, sorted.

    Nothing is asked of an engine, and nothing swept, where this folder never composed anything or properly ended what
    it did: its record is what tells. Else dead runs of other folders are swept as well. Never raises.
    """
    if not (folder / COMPOSE_RECORD).is_file():
        return []
    environment = client_environment()
    if not shutil.which("docker", path=environment.get("PATH")):
        return []
    record = read_compose_record(folder)
    swept = []
    if record and record.owner.state == "dead" and not record.kept and take_down(folder, environment):
        swept = [record.plan.project]
    return sorted({*swept, *sweep_dead(environment)})


def sweep_dead(environment: Mapping[str, str]) -> list[str]:
    """Remove the projects whose owner was a process of this machine and is gone; return their names, sorted.

    Those of live runs, of other machines, and what somebody wanted to keep are left alone. Never raises.
    """
    swept = []
    with suppress(CommandTimeoutError, OSError):
        for project, labels in _labelled(environment).items():
            if _left_by_the_dead(project, labels) and not remove_project(project, environment):
                swept.append(project)
    return sorted(swept)


def _left_by_the_dead(project: str, labels: Mapping[str, str]) -> bool:
    owner = Owner.from_labels(labels)
    if owner is None or owner.state != "dead" or not project.startswith(OURS):
        return False
    if labels.get(KEEP) != "yes":
        return True
    record = read_compose_record(Path(labels[PROJECT])) if labels.get(PROJECT) else None
    return record is not None and record.plan.project == project and not record.kept and not record.live


def _labelled(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the labels of ours by compose project, from containers, networks and volumes."""
    names = (PROJECT_LABEL, *LABELS)
    template = "\t".join(f'{{{{.Label "{name}"}}}}' for name in names)
    found: dict[str, dict[str, str]] = {}

    def listed(listing: tuple[str, ...]) -> Finished:
        words = ("docker", *listing, "--filter", f"label={RUN}", "--format", template)
        return run_command(words, cwd=Path("/"), environment=environment, timeout=_SECONDS, data=True)

    with ThreadPoolExecutor(len(_LISTINGS)) as pool:
        answers = list(pool.map(listed, _LISTINGS))
    for answer in answers:
        for line in answer.data.decode("utf-8", "replace").splitlines():
            values = line.split("\t")
            if len(values) == len(names) and values[0]:
                found.setdefault(values[0], dict(zip(names, values, strict=True)))
    return found
