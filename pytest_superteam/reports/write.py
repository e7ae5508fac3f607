"""The files of the gate report, written so that a reader sees the old one or the new one and never half of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.reports.badge import badge_svg
from pytest_superteam.reports.json_report import to_json
from pytest_superteam.reports.markdown import to_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.models import GateReport

__all__ = ["write_reports"]


def write_reports(report: GateReport, folder: Path) -> tuple[Path, ...]:
    """Write `gate-report.json`, `gate-report.md` and `gate-badge.svg` into `folder` and return their paths.

    The folder is made if needed.
    """
    texts = {
        "gate-report.json": to_json(report),
        "gate-report.md": to_markdown(report),
        "gate-badge.svg": badge_svg(report),
    }
    for name, text in texts.items():
        write_atomically(folder / name, text)
    return tuple(folder / name for name in texts)
