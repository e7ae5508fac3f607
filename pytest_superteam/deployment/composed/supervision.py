"""What lives beside a composed system: its supervisor, who follows its logs, and who reads the collector's journal."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.cleanup import MARKER
from pytest_superteam.deployment.composed import ending, following, journal
from pytest_superteam.deployment.plan import TELEMETRY
from pytest_superteam.deployment.records import DEPLOYMENT, READINESS, RECORD
from pytest_superteam.deployment.supervisor import GRACE_SECONDS, machine_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.deployment.composed.record import ComposeRecord

__all__ = ["LOGS", "ComposeSupervision", "log_name", "log_names"]

LOGS = "logs"
_UNUSUAL = re.compile(r"[^A-Za-z0-9_.-]")
FOLLOWER = "(logs)"
"""Name of our own process; no service can be called so."""


def log_name(service: str) -> str:
    """Return what the log of a service is called; no name leads to another folder."""
    return f"{_UNUSUAL.sub('_', service)}.log"


def log_names(record: ComposeRecord) -> dict[str, str]:
    """Return what the log of a service of the compose file is called, where not like the service."""
    found = {s.compose: log_name(s.name).removesuffix(".log") for s in record.plan.services}
    return {compose: name for compose, name in found.items() if compose != name}


@dataclass(frozen=True)
class ComposeSupervision:
    """The supervisor of one composed system: when the owner is gone, its last command takes the system down."""

    record: ComposeRecord
    environment: Mapping[str, str]
    since: str = ""
    """Unix time from which on logs are followed; empty for all of them."""

    @property
    def folder(self) -> Path:
        """Return where everything is written."""
        return self.record.plan.folder

    @property
    def marker(self) -> str:
        """Return what tells this deployment's processes from others."""
        return self.record.marker

    def specification(self) -> dict[str, Any]:
        """Return what the supervisor reads."""
        record, folder = self.record, self.folder
        plan = record.plan
        programs = {plan.collector: _script(journal, str(folder / TELEMETRY))} if plan.collector else {}
        told = json.dumps({"names": log_names(record), "programs": programs})
        follower = _script(following, str(folder / LOGS), plan.project, self.since, told)
        last = {
            "argv": _script(ending, str(folder), record.marker),
            "cwd": "/",
            "env": dict(self.environment),
            "log": str(folder / "ending.log"),
        }
        return {
            "run_id": record.run_id,
            "marker": record.marker,
            "machine": machine_token(),
            "owner": {"pid": record.owner.pid, "start": record.owner.start},
            "grace": GRACE_SECONDS,
            "record": str(folder / RECORD),
            "forget": [str(folder / DEPLOYMENT), str(folder / READINESS)],
            "services": [self._process(FOLLOWER, follower, "following.log")],
            "finally": last,
        }

    def _process(self, name: str, argv: list[str], log: str) -> dict[str, Any]:
        env = {**self.environment, MARKER: self.marker}
        return {"name": name, "argv": argv, "cwd": "/", "env": env, "log": str(self.folder / log), "port": 0}


def _script(module: Any, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(Path(module.__file__).resolve()), *arguments]
