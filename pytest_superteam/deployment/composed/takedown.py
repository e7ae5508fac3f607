"""Taking a composed system down: from any process, with or without its compose files, in bounded time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.deployment import cleanup
from pytest_superteam.deployment.composed.commands import CommandTimeoutError, client_environment
from pytest_superteam.deployment.composed.record import (
    forget_compose,
    read_compose_record,
    save_compose_record,
)
from pytest_superteam.deployment.composed.removal import end_command, remove_project
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.deployment.composed.plan import ComposePlan

__all__ = ["end_supervision", "release", "take_down"]

DOWN_SECONDS = 60.0


def take_down(folder: Path, environment: Mapping[str, str] | None = None) -> bool:
    """Remove everything that was composed for `folder` and its record; return whether nothing of it is left.

    Idempotent. Where the engine does not answer, the record stays, and the next start tries again.
    """
    record = read_compose_record(folder)
    if record is None or not record.here:
        end_supervision(folder)
        return record is None
    client = client_environment() if environment is None else environment
    end_command(record.command)
    _down(record.plan, client)
    try:
        left = remove_project(record.plan.project, client)
    except (CommandTimeoutError, OSError) as error:
        left = (str(error),)
    if left:
        _note(record.plan, f"could not be removed: {', '.join(left)}")
    else:
        forget_compose(folder)  # before the supervisor ends, whose last command has nothing to do then
    end_supervision(folder)
    return not left


def release(folder: Path) -> None:
    """End the run's hold on what was composed for `folder`: take it down, or leave it where it is meant to stay."""
    record = read_compose_record(folder)
    if record is None or not record.kept:
        take_down(folder)
        return
    save_compose_record(replace(record, owner=replace(record.owner, pid=0, start="")))
    end_supervision(folder)


def end_supervision(folder: Path) -> None:
    """End the supervisor of `folder` and what it started; containers that are kept go on."""
    cleanup.teardown(folder)


def _down(plan: ComposePlan, environment: Mapping[str, str]) -> None:
    """Let Compose end the containers in order and gently, where its files are still there."""
    if not all(file.is_file() for file in (*plan.files, *([plan.env_file] if plan.env_file else []))):
        return
    with suppress(DeploymentError, OSError):  # what it can't do, the labels can
        from pytest_superteam.deployment.composed.project import project_of

        project = project_of(plan, environment)
        project.timeout = DOWN_SECONDS
        project.stop()


def _note(plan: ComposePlan, text: str) -> None:
    with suppress(OSError), (plan.folder / "ending.log").open("a", encoding="utf-8") as log:
        log.write(f"{plan.project}: {text}\n")
