"""A fix may not weaken the gate: what a builder changed in its service that makes the gate see or ask less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.trees import MAX_TEXT, changes
from pytest_superteam.pipeline.fix.weakened.commands import command_weakenings, named_scripts
from pytest_superteam.pipeline.fix.weakened.contracts import contract_weakenings
from pytest_superteam.pipeline.fix.weakened.detection import detection_weakenings
from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.hiding import hiding_weakenings
from pytest_superteam.pipeline.fix.weakened.settings import setting_weakenings
from pytest_superteam.pipeline.fix.weakened.suppressions import suppression_weakenings
from pytest_superteam.pipeline.fix.weakened.tests import weakenings_of_tests

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Weakening", "weakenings"]

MOST = 100
"""Weakenings that are told; one is enough to refuse a fix."""
MOST_BYTES = 4 << 20
"""Bytes of all changed files, before and after; those of a service are some hundred KiB. A MiB takes up to 15 s."""
_LESS = "Change what the findings are about, and leave the rest as it is."
_KINDS = (
    weakenings_of_tests,
    setting_weakenings,
    contract_weakenings,
    suppression_weakenings,
    hiding_weakenings,
    detection_weakenings,
)


def weakenings(before: Path, after: Path) -> tuple[Weakening, ...]:
    """Return what in the tree `after` weakens the gate in comparison with `before`, sorted by place; none is best.

    Tests, settings of test runs, contracts, suppressions, baselines and thresholds of a service belong to the gate;
    what a fix adds to them must leave all that was there as it is.
    """
    changed = changes(before, after)
    sizes = (entry.size for change in changed for entry in (change.before, change.after) if entry is not None)
    if sum(size for size in sizes if size <= MAX_TEXT) > MOST_BYTES:  # of larger ones nothing is read
        return (Weakening(".", 0, f"it changes more than {MOST_BYTES >> 20} MiB of text. {_LESS}"),)
    found = {weakening for kind in _KINDS for weakening in kind(changed)}
    found |= set(command_weakenings(changed, named_scripts(before)))
    return tuple(sorted(found)[:MOST])
