"""The gate report as JSON; `schemas/gate-report.schema.json` documents it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.builds import build_data
from pytest_superteam.reports.calibration import calibration_data
from pytest_superteam.reports.costs import cost_data
from pytest_superteam.reports.diff import diff_data
from pytest_superteam.reports.findings import advisory, blocking, suppressed, unread
from pytest_superteam.reports.fixes import fix_data
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.picture import picture_data
from pytest_superteam.reports.reproducing import reproduce_item, reproduce_requirement
from pytest_superteam.reports.timeline import timeline_data
from pytest_superteam.reports.values import number

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport, ItemResult, LayerResult, SourceNote, Violation

__all__ = ["SCHEMA", "SCHEMA_VERSION", "to_json"]

SCHEMA_VERSION = 1
SCHEMA = Path(__file__).parent / "schemas" / "gate-report.schema.json"


def to_json(report: GateReport) -> str:
    """Return the report as JSON, keys in the order of the schema, secrets masked, plain ASCII, ending in a newline."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "title": mask(report.title),
        "run_id": report.run_id,
        "verdict": report.verdict,
        "summary": {
            "items": len(report.items),
            "planned": max(report.planned, len(report.items)),
            "partial": report.partial,
            "blocking": len(blocking(report)),
            "advisory": len(advisory(report)),
            "suppressed": len(suppressed(report)),
            "not_analysed": len(unread(report)),
        },
        "services": list(report.services),
        "folders": {name: mask(folder) for name, folder in report.folders.items()},
        "layers": [_layer(result) for result in report.layers],
        "items": [_item(item, report) for item in report.items],
        "requirements": [_requirement(row, report) for row in report.requirements],
        "operations": [{"operation": mask(name), "exercised": ok} for name, ok in report.operations.items()],
        "notes": [_note(note) for note in report.notes],
        "phases": {name: number(seconds) for name, seconds in report.phases.items()},
        "seconds": number(report.seconds),
        "cost_usd": number(report.cost_usd, 6),
        "costs": _plain(cost_data(report.costs)),
        "builds": [build_data(build) for build in report.builds],
        "fixes": [fix_data(attempt) for attempt in report.fixes],
        "fix_end": mask(report.fix_end),
        "repeat": mask(report.repeat),
        "calibration": calibration_data(report.calibration),
        "picture": _plain(picture_data(report)),
        "timeline": _plain(timeline_data(report)),
        "diff": diff_data(report.diff),
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def _note(note: SourceNote) -> dict[str, Any]:
    return {
        "kind": note.kind,
        "service": note.service,
        "file": note.file,
        "line": note.line,
        "reason": mask(note.reason),
        "codes": list(note.codes),
    }


def _layer(result: LayerResult) -> dict[str, Any]:
    return {
        "layer": result.layer,
        "verdict": result.verdict,
        "passed": result.passed,
        "failed": result.failed,
        "advisory": result.advisory,
        "skipped": result.skipped,
        "errors": result.errors,
        "held_back": result.held_back,
    }


def _item(item: ItemResult, report: GateReport) -> dict[str, Any]:
    return {
        "id": item.id,
        "layer": item.layer,
        "code": item.code,
        "severity": item.severity.value,
        "service": item.service,
        "blocking": item.blocking,
        "outcome": item.outcome.value,
        "seconds": number(item.seconds),
        "reason": mask(item.reason),
        "reproduce": reproduce_item(report, item.id),
        "violations": [_violation(violation) for violation in item.violations],
    }


def _violation(violation: Violation) -> dict[str, Any]:
    return {
        "code": violation.code,
        "severity": violation.severity.value,
        "service": violation.service,
        "message": mask(violation.message),
        "file": violation.file,
        "line": violation.line,
        "column": violation.column,
        "evidence": mask(violation.evidence),
        "suppressed_by": violation.suppressed_by,
        "fingerprint": violation.fingerprint,
    }


def _requirement(row: Mapping[str, Any], report: GateReport) -> Any:
    return _plain({**row, "reproduce": reproduce_requirement(report, str(row["id"]))})


def _plain(value: Any) -> Any:
    """Return `value` as JSON takes it, texts masked."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return number(value, 6)
    return value if value is None or isinstance(value, (bool, int)) else mask(str(value))
