"""`--gate-diff`: the report to compare with is read before anything runs, for a run clears what an earlier one left."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.gate.fixing import place_in_loop
from pytest_superteam.gate.settings import absolute

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport

__all__ = ["compared", "read_other_report"]

OTHER = pytest.StashKey["GateReport"]()
_COPY = "gate-diff.json"


def read_other_report(config: pytest.Config) -> None:
    """Read the report that this session's is compared with, where there is one.

    Raises:
        pytest.UsageError: it can't be read, or this session will have no report to compare; one line.
    """
    name = config.getoption("superteam_gate_diff")
    if name is None or hasattr(config, "workerinput"):
        return
    for other in ("until", "calibrate"):
        if getattr(config.option, f"superteam_{other}") is not None:
            raise pytest.UsageError(f"--gate-diff: can't go with --{other}. Leave one of them out.")
    from pytest_superteam.reports.reading import read_report

    try:
        config.stash[OTHER] = read_report(_kept(config, absolute(config, name)))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def compared(config: pytest.Config, report: GateReport) -> GateReport:
    """Return a report with what is different from the other one, where there is one."""
    other = config.stash.get(OTHER, None)
    if other is None or report.calibration is not None:
        return report
    from pytest_superteam.reports.comparing import compare

    return replace(report, diff=compare(other, report))


def _kept(config: pytest.Config, path: Path) -> Path:
    """Return the file to read: from the second session of a fix loop on a copy, for the first may have replaced it."""
    place = place_in_loop(config)
    if not place.driver:
        return path
    copy = Path(place.again).with_name(_COPY)
    if not place.goes_on:
        with suppress(OSError):  # what can't be copied can't be read either, and the reader says why
            shutil.copyfile(path, copy)
        return path
    return copy
