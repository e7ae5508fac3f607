"""What a run has left on disk, as the readable state tells it: files by phase, build records, the last report."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Gate", "Layer", "artifacts", "build_records", "deployed", "gate_of"]

ARTIFACTS: Mapping[str, tuple[str, ...]] = {
    "architect": ("architecture/service-map.yaml", "architecture/domain-model.yaml", "architecture/contracts/*.yaml"),
    "contracts": ("architecture/pacts/*.json", "architecture/contract-tests/*.py"),
    "builders": ("builds/*.json",),
    "deployment": ("deployment/deployment.json", "deployment/docker-compose.yml"),
    "gate": ("reports/gate-report.*",),
}
"""Files below `.superteam/` by the phase that makes them."""
MOST_FILES = 500
"""Files of one phase that are told."""
MOST_BYTES = 32 << 20
"""A longer file is not read: the longest of ours, a report of everything found, is smaller."""


def artifacts(folder: Path) -> dict[str, list[str]]:
    """Return the files that each phase has left, relative to the project; phases without any are left out."""
    found = {phase: list(islice(_files(folder, patterns), MOST_FILES)) for phase, patterns in ARTIFACTS.items()}
    return {phase: files for phase, files in found.items() if files}


def _files(folder: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    """Yield the files of some patterns, as texts all along: it is asked for often, and of hundreds of files."""
    for pattern in patterns:
        place, _, name = pattern.rpartition("/")
        try:
            with os.scandir(folder / place) as entries:
                names = sorted(entry.name for entry in entries if fnmatchcase(entry.name, name) and entry.is_file())
        except OSError:  # it has not come to this phase
            continue
        yield from (f"{folder.name}/{place}/{each}" for each in names)


def build_records(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what is recorded of each service's build, by service; what is no such record is left out."""
    paths = sorted((folder / "builds").glob("*.json"))[:MOST_FILES]
    records = {path.stem: _object(path) for path in paths}
    return {name: record for name, record in records.items() if isinstance(record.get("success"), bool)}


def deployed(folder: Path, scopes: frozenset[str]) -> list[str]:
    """Return the names of the services that a session of the run has started, sorted."""
    record = _object(folder / "deployment" / "deployment.json")
    services = record.get("services")
    if record.get("run_id") not in scopes or not isinstance(services, list):
        return []
    return sorted(str(each["name"]) for each in services if isinstance(each, dict) and "name" in each)


@dataclass(frozen=True)
class Layer:
    """What the report of the gate says of one layer."""

    number: int
    verdict: str
    counts: Mapping[str, int]
    """Items by outcome, where there are any."""


@dataclass(frozen=True)
class Gate:
    """What the report of the gate says of a run."""

    verdict: str
    layers: tuple[Layer, ...]


def gate_of(folder: Path, run: str) -> Gate | None:
    """Return what the last report says, where it is this run's; None where there is none that can be read."""
    report = _object(folder / "reports" / "gate-report.json")
    try:
        if report["run_id"] != run:
            return None
        layers = tuple(Layer(int(row["layer"]), str(row["verdict"]), _counts(row)) for row in report["layers"])
        return Gate(str(report["verdict"]), layers)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return None


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if name != "layer" and type(value) is int and value > 0}


def _object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one where there is none that can be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return {}
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
