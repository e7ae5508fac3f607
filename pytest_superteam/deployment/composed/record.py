"""`compose.json`: what is composed for a folder, by whom, and how to take it down when everything else is gone."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pytest_superteam.deployment.composed.owner import Owner
from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
from pytest_superteam.deployment.supervisor import write_private

__all__ = ["COMPOSE_RECORD", "ComposeRecord", "forget_compose", "read_compose_record", "save_compose_record"]

COMPOSE_RECORD = "compose.json"
_VERSION = 1


@dataclass(frozen=True)
class ComposeRecord:
    """What `compose.json` says. It holds the secrets of the system, so only the user can read it."""

    run_id: str
    owner: Owner
    marker: str
    plan: ComposePlan
    kept: bool = False
    """Whether it was brought up to be left running, by a run that succeeded in that."""
    command: tuple[int, str] = (0, "")
    """Process number and start token of the client's last command, which may still be at work."""
    containers: tuple[str, ...] = field(default=())
    """The services that ran when the deployment was complete."""

    @property
    def here(self) -> bool:
        """Return whether it is this machine that knows of the owner."""
        return self.owner.state != "unknown"

    @property
    def live(self) -> bool:
        """Return whether the run that made it, or took it over, still goes on."""
        return self.owner.state == "alive"


def save_compose_record(record: ComposeRecord) -> None:
    """Write the record into the folder of its plan, in one step."""
    plan = record.plan
    plan.folder.mkdir(parents=True, exist_ok=True)
    data = asdict(replace(record, plan=replace(plan, labels=dict(plan.labels))))
    write_private(plan.folder / COMPOSE_RECORD, json.dumps({"version": _VERSION, **data}, indent=1, default=str))


def read_compose_record(folder: Path) -> ComposeRecord | None:
    """Return the record in `folder`; None when there is none or it is no such record."""
    try:
        data = json.loads((folder / COMPOSE_RECORD).read_text(encoding="utf-8"))
        return _record(data) if data["version"] == _VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def forget_compose(folder: Path) -> None:
    """Remove the record."""
    with suppress(OSError):
        (folder / COMPOSE_RECORD).unlink()


def _record(data: dict[str, Any]) -> ComposeRecord:
    pid, start = data["command"]
    return ComposeRecord(
        run_id=str(data["run_id"]),
        owner=Owner(**data["owner"]),
        marker=str(data["marker"]),
        plan=_plan(data["plan"]),
        kept=data["kept"] is True,
        command=(int(pid), str(start)),
        containers=tuple(map(str, data["containers"])),
    )


def _plan(data: dict[str, Any]) -> ComposePlan:
    env_file = data["env_file"]
    changed = {
        "folder": Path(data["folder"]),
        "directory": Path(data["directory"]),
        "files": tuple(map(Path, data["files"])),
        "services": tuple(PlannedContainer(**service) for service in data["services"]),
        "env_file": Path(env_file) if env_file else None,
        "profiles": tuple(data["profiles"]),
        "secrets": tuple(data["secrets"]),
    }
    return ComposePlan(**{**data, **changed})
