"""From a check's result to a pytest outcome."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pytest_superteam.models import CheckResult, Outcome, Severity, Violation
from pytest_superteam.pipeline.items import GateItem, active, outcome_of
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import steerless

__all__ = ["Verdict"]

SHOWN = 20
"""Violations shown in full below a failing item; the reports have all."""


@dataclass(frozen=True)
class Verdict:
    """What an item's check found, and how bad that is."""

    item: GateItem
    result: CheckResult
    blocking: Severity
    folder: str = ""
    """The folder that files of the findings are told from, as it is named where the session was started."""

    @property
    def outcome(self) -> Outcome:
        """Return how the item ends."""
        return outcome_of(self.item, self.result, self.blocking)

    def enforce(self) -> None:
        """Fail on a blocking finding, expect the failure on an advisory one, pass without findings."""
        __tracebackhide__ = True
        if self.outcome is Outcome.FAILED:
            pytest.fail(self.text(), pytrace=False)
        if self.outcome is Outcome.ADVISORY:
            pytest.xfail(self.text())

    def text(self) -> str:
        """Return the findings, one paragraph each."""
        found = active(self.result)
        shown = [_paragraph(violation, self.folder) for violation in found[:SHOWN]]
        if len(found) > SHOWN:
            shown.append(f"... and {len(found) - SHOWN} more")
        return mask(steerless("\n".join(shown)))


def _paragraph(violation: Violation, folder: str) -> str:
    head = " ".join(part for part in (violation.code, violation.seen_from(folder), violation.message) if part)
    return "\n    ".join([head, *violation.evidence.splitlines()])
