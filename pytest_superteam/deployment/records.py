"""The files of a deployment: who runs it (`processes.json`) and how to reach it (`deployment.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_superteam.deployment.supervisor import alive, machine_token, write_private
from pytest_superteam.models import Deployment, RunningService

__all__ = ["ProcessRecord", "ServiceState", "load_deployment", "read_record", "save_deployment"]

RECORD = "processes.json"
DEPLOYMENT = "deployment.json"
READINESS = "readiness.json"


@dataclass(frozen=True)
class ServiceState:
    """One service as its supervisor sees it. `exit` is its status once it has ended, negative for a signal."""

    name: str
    pid: int
    start: str
    port: int
    exit: int | None = None
    error: str = ""


@dataclass(frozen=True)
class ProcessRecord:
    """What `processes.json` says. `marker` is in the environment of each service of this deployment."""

    run_id: str
    marker: str
    machine: str
    owner: tuple[int, str]
    supervisor: tuple[int, str]
    services: dict[str, ServiceState] = field(default_factory=dict)
    answer: tuple[str, str] = ("", "")
    """The last order that the supervisor was given, and what went wrong with it; empty where nothing did."""

    @property
    def here(self) -> bool:
        """Return whether its process numbers mean anything on this machine, since this boot."""
        return self.machine == machine_token()

    @property
    def live(self) -> bool:
        """Return whether the run goes on: its owner and its supervisor are both there."""
        return self.here and alive(*self.owner) and alive(*self.supervisor)


def read_record(folder: Path) -> ProcessRecord | None:
    """Return the record in `folder`; None when there is none or it is no such record."""
    try:
        return _record(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _record(data: dict[str, Any]) -> ProcessRecord:
    services = {
        str(name): ServiceState(
            str(name), int(s["pid"]), str(s["start"]), int(s["port"]), _status(s["exit"]), str(s["error"])
        )
        for name, s in data["services"].items()
    }
    owner, supervisor, answer = data["owner"], data["supervisor"], data.get("answer") or {}
    return ProcessRecord(
        run_id=str(data["run_id"]),
        marker=str(data["marker"]),
        machine=str(data["machine"]),
        owner=(int(owner["pid"]), str(owner["start"])),
        supervisor=(int(supervisor["pid"]), str(supervisor["start"])),
        services=services,
        answer=(str(answer.get("id", "")), str(answer.get("error", ""))),
    )


def _status(value: Any) -> int | None:
    return None if value is None else int(value)


def save_deployment(deployment: Deployment, folder: Path) -> None:
    """Write `deployment.json` for the other processes of the run. It holds the secret, so only the user can read it."""
    services = [{"name": s.name, "url": s.url, "log": str(s.log), "pid": s.pid} for s in deployment.services]
    data = {
        "version": 1,
        "kind": deployment.kind,
        "run_id": deployment.run_id,
        "jwt_secret": deployment.jwt_secret,
        "telemetry": str(deployment.telemetry or ""),
        "gateway": deployment.gateway,
        "published": deployment.published,
        "project": deployment.project,
        "stop": deployment.stop,
        "engine_host": deployment.engine_host,
        "services": services,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / DEPLOYMENT, json.dumps(data, indent=1))


def load_deployment(folder: Path) -> Deployment | None:
    """Return the deployment that was saved into `folder`; None when there is none or the file is damaged."""
    try:
        data = json.loads((folder / DEPLOYMENT).read_text(encoding="utf-8"))
        services = tuple(
            RunningService(str(s["name"]), str(s["url"]), Path(s["log"]), int(s["pid"])) for s in data["services"]
        )
        telemetry = Path(data["telemetry"]) if data.get("telemetry") else None
        return Deployment(
            str(data["kind"]),
            str(data["run_id"]),
            services,
            jwt_secret=str(data["jwt_secret"]),
            telemetry=telemetry,
            gateway=str(data.get("gateway", "")),
            published={str(name): tuple(map(str, ports)) for name, ports in data.get("published", {}).items()},
            project=str(data.get("project", "")),
            stop=str(data.get("stop", "")),
            engine_host=str(data.get("engine_host", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
