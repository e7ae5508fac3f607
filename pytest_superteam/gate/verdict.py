"""From a check's result to a pytest outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.models import CheckResult, Outcome, Severity, Violation
from pytest_superteam.pipeline.items import GateItem, active, outcome_of
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import steerless

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Verdict"]

SHOWN = 20
"""Violations shown in full below a failing item; the reports have all."""


@dataclass(frozen=True)
class Verdict:
    """What an item's check found, and how bad that is."""

    item: GateItem
    result: CheckResult
    blocking: Severity
    folder_of: Callable[[str], str] = field(default=lambda _: "", repr=False, compare=False)
    """Gives the folder that files of a service are told from, as it is named where the session was started."""

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
        shown = [self._paragraph(violation) for violation in found[:SHOWN]]
        if len(found) > SHOWN:
            shown.append(f"... and {len(found) - SHOWN} more")
        return mask(steerless("\n".join(shown)))

    def place(self, violation: Violation) -> str:
        """Return `file:line` of a finding, whose service may be another than the item's."""
        return violation.seen_from(self.folder_of(violation.service or self.item.service))

    def _paragraph(self, violation: Violation) -> str:
        head = " ".join(part for part in (violation.code, self.place(violation), violation.message) if part)
        return "\n    ".join([head, *violation.evidence.splitlines()])
