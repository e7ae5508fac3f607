"""The files of the gate report, written so that a reader sees the old one or the new one and never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.reports.json_report import to_json
from pytest_superteam.reports.markdown import to_markdown

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport

__all__ = ["write_reports"]


def write_reports(report: GateReport, folder: Path) -> tuple[Path, ...]:
    """Write `gate-report.json` and `gate-report.md` into `folder` (made if needed) and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"gate-report.json": to_json(report), "gate-report.md": to_markdown(report)}
    for name, text in texts.items():
        _replace(folder / name, text)
    return tuple(folder / name for name in texts)


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        temporary.chmod(0o644)  # a temporary file is private; a report is for everybody who may read the folder
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
