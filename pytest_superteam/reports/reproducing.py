"""The command line that runs one item of a report again, to be copied into a terminal."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from pytest_superteam.models import Outcome
from pytest_superteam.reports.findings import UNTRACED
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.models import GateReport
    from pytest_superteam.reports.findings import Finding

__all__ = ["REQUIRE", "reproduce_item", "reproduce_line", "reproduce_requirement"]

REQUIRE = "--require-traced"
"""With this option a requirement without a proof blocks."""
_MOST_IDS = 10
"""Items of a requirement that are named; where more prove it not, the whole run says it again."""
_FINE = (Outcome.PASSED.value, Outcome.SKIPPED.value)


def reproduce_line(report: GateReport, finding: Finding) -> str:
    """Return the command line that runs a finding's item again, empty where none does; secrets are masked.

    It holds wherever the run was started. Of a requirement that nothing proves these are the checks that it rests on.
    """
    if finding.code == UNTRACED and not finding.item:
        ids = (str(row.get("id")) for row in report.requirements)
        return reproduce_requirement(report, next((n for n in ids if finding.message.startswith(f"{n} (")), ""))
    return reproduce_item(report, finding.item)


def reproduce_item(report: GateReport, nodeid: str) -> str:
    """Return the command line that runs the item of this id alone, empty where it is not known."""
    return _line(report, [nodeid]) if nodeid else ""


def reproduce_requirement(report: GateReport, name: str) -> str:
    """Return the command line that says of a requirement again why it is not proven, empty where it is or is unknown.

    Of one that is failing this runs what failed; of one that nothing proves, what it rests on.
    """
    row = next((row for row in report.requirements if str(row.get("id")) == name), {})
    ends = [(str(item["id"]), str(item["outcome"])) for item in row.get("items", ())]
    if row.get("status") == "failing":
        return _line(report, [nodeid for nodeid, outcome in ends if outcome not in _FINE][:_MOST_IDS])
    if row.get("status") != "unproven":
        return ""
    return _line(report, [nodeid for nodeid, _ in ends] if len(ends) <= _MOST_IDS else [], REQUIRE)


def _line(report: GateReport, nodeids: Iterable[str], *options: str) -> str:
    """Return the command with options and ids; empty where an id can't be given to pytest."""
    words = [_argument(report, nodeid) for nodeid in nodeids]
    if not report.alone.command or not all(words):
        return ""
    return mask(" ".join([report.alone.command, *map(shlex.quote, [*options, *words])]))


def _argument(report: GateReport, nodeid: str) -> str:
    """Return an id as it is named where the run was started; empty where pytest would read it in another way.

    What follows the first bracket is the parameters of a test to pytest, also where it stands in the name of a folder.
    """
    path, _, rest = nodeid.partition("::")
    ours = rest.startswith(("layer1::", "layer2::", "layer3::", "layer4::", "calibration::"))
    place = report.alone.anchor if ours else posixpath.normpath(posixpath.join(report.alone.root, path))
    if not rest or not place or "[" in place or "::" in place:
        return ""
    return f"./{place}::{rest}" if place.startswith(("-", "@")) else f"{place}::{rest}"
