"""Files that a session writes besides the reports of its run, and what it tells the machine that it runs on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.gate.session import GateSession, gate_of
from pytest_superteam.gate.settings import absolute
from pytest_superteam.reports.places import Places

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pytest_superteam.gate.gathered import Gathered
    from pytest_superteam.models import GateReport

__all__ = ["annotate", "folders", "write_outputs"]


def write_outputs(config: pytest.Config, gathered: Gathered, report: GateReport) -> None:
    """Write the files that options and the machine ask for; what can't be written is complained of."""
    _write_sarif(config, gathered, report)
    _write_code_quality(config, gathered, report)
    _write_step_summary(config, gathered, report)


def folders(gate: GateSession) -> tuple[Path, dict[str, Path]]:
    """Return where paths of findings start, and the services' folders."""
    run = gate.run
    return _repository(run.layout.project if run.adopted is None else run.adopted.root), gate.folders()


def _write_sarif(config: pytest.Config, gathered: Gathered, report: GateReport) -> None:
    """Write the SARIF file that was asked for."""
    name = config.getoption("superteam_sarif")
    if name is None:
        return
    from pytest_superteam.reports.sarif import SarifContext, to_sarif

    gate = gate_of(config)
    base, places = folders(gate)
    text, cut = to_sarif(report, SarifContext(gate.run.plugged.rules(), base, places, gate.prd))
    more = f" ({cut} of the least severe findings were left out: GitHub's limits)" if cut else ""
    _write(gathered, "sarif", absolute(config, name), text, more)


def _write_code_quality(config: pytest.Config, gathered: Gathered, report: GateReport) -> None:
    """Write the code quality report that was asked for."""
    name = config.getoption("superteam_code_quality")
    if name is None:
        return
    from pytest_superteam.reports.code_quality import to_code_quality

    gate = gate_of(config)
    base, places = folders(gate)
    document = gate.run.prd.path
    inside = document.resolve().is_relative_to(base.resolve())
    where = Places(base, places, document if inside else gate.prd, is_document=inside)
    _write(gathered, "code-quality", absolute(config, name), to_code_quality(report, where))


def _write(gathered: Gathered, option: str, path: Path, text: str, more: str = "") -> None:
    """Write a file that an option asks for, and note that it is there or why it is not."""
    try:
        write_atomically(path, text)
    except OSError as error:
        why = error.strerror or error
        gathered.complain(f"--{option}: '{path}' can't be written: {why}. Name another file.")
        return
    gathered.files.append(f"{option}: {path}{more}")


def _write_step_summary(config: pytest.Config, gathered: Gathered, report: GateReport) -> None:
    """Append to the summary of a step of GitHub Actions; of a fix loop the last session does."""
    from pytest_superteam.reports.step_summary import VARIABLE, append_summary

    name = os.environ.get(VARIABLE)
    if not name or gate_of(config).run.goes_on:
        return
    from pytest_superteam.reports.markdown import to_markdown

    complaint = append_summary(absolute(config, name), to_markdown(report))
    if complaint:
        gathered.complain(complaint)


def annotate(terminalreporter: pytest.TerminalReporter, config: pytest.Config, report: GateReport) -> None:
    """Show the findings at the lines of a pull request, where GitHub runs us."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    from pytest_superteam.reports.annotations import workflow_commands

    terminalreporter.ensure_newline()
    for line in workflow_commands(report, *folders(gate_of(config))):
        terminalreporter.write_line(line)


def _repository(folder: Path) -> Path:
    """Return the root of the repository that `folder` is in, `folder` itself where it is in none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)
