"""Findings as workflow commands of GitHub Actions, which shows them at the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Outcome
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.models import GateReport, Violation

__all__ = ["MAX_EACH", "workflow_commands"]

MAX_EACH = 10
"""Annotations of a kind that GitHub shows of one step; those of the lowest severity are left out first."""

_COMMANDS = {"critical": "error", "high": "error", "error": "error", "warning": "warning", "info": "notice"}


def workflow_commands(report: GateReport, base: Path, folders: Mapping[str, Path]) -> Iterator[str]:
    """Yield one line a finding, the most severe first, and a last one on what GitHub would not show."""
    blocking = {Outcome.FAILED, Outcome.ADVISORY}
    found = [v for item in report.items if item.outcome in blocking for v in item.violations if not v.suppressed_by]
    left = dict.fromkeys(("error", "warning", "notice"), MAX_EACH)
    dropped = 0
    for violation in sorted(found, key=lambda v: -v.severity.rank):
        command = _COMMANDS[violation.severity.value]
        if left[command]:
            left[command] -= 1
            yield f"::{command} {_properties(violation, base, folders)}::{_data(violation.message)}"
        else:
            dropped += 1
    if dropped:
        yield f"::notice title=superteam::{dropped} more findings are in the gate report"


def _properties(violation: Violation, base: Path, folders: Mapping[str, Path]) -> str:
    parts = {"title": f"{violation.code} {violation.service}"}
    if violation.file:
        full = (folders.get(violation.service, base) / violation.file).resolve()
        if full.is_relative_to(base.resolve()):
            parts["file"] = full.relative_to(base.resolve()).as_posix()
            if violation.line:
                parts["line"] = str(violation.line)
    return ",".join(f"{name}={_property(value)}" for name, value in parts.items())


def _data(text: str) -> str:
    return one_line(mask(text), 1000).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
