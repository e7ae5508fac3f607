"""The plan of one fix attempt: who is asked to mend what. It is made when a gate ends, and followed by the next."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # plans are read back by their types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.models import Mending
from pytest_superteam.pipeline.fix.asking import asking, brief
from pytest_superteam.pipeline.fix.signatures import signature_of
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.pipeline.fix.findings import Finding

__all__ = ["FixPlan", "PlannedFix", "planned_fix"]

REASON = 2_000
"""Characters of the reason why an attempt was refused, as it is told in the next."""


@dataclass(frozen=True)
class PlannedFix:
    """What one service's builder is asked."""

    service: str
    builder: str
    findings: tuple[str, ...]
    """A line each, masked."""
    items: tuple[str, ...]
    """The ends of the ids of the items that block for it."""
    text: str
    """The same with reproducers, as Markdown, masked and bounded."""
    signature: str
    """What stays the same of its findings."""
    fingerprints: tuple[str, ...] = ()
    """The same of each."""
    refused: str = ""
    """Why the attempt before was refused, or came to nothing."""


@dataclass(frozen=True)
class FixPlan:
    """One fix attempt, before it begins."""

    number: int
    """1 for the first of the run."""
    of: int
    """The number of the last one that there may be."""
    session: str
    """The session whose gate it is made from; results are carried over from it."""
    services: tuple[PlannedFix, ...]
    before: tuple[str, ...]
    """The items that block, by the ends of their ids."""
    beyond: tuple[str, ...] = ()
    """What blocks and is nothing for builders, a line each."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Services that something was found in and that are not asked, and why."""

    def fix_of(self, service: str) -> PlannedFix | None:
        """Return what is asked of a service, None where nothing is."""
        return next((fix for fix in self.services if fix.service == service), None)

    def mending(self, service: str) -> Mending:
        """Return what a service's builder is told.

        Raises:
            KeyError: nothing is asked of it.
        """
        fix = self.fix_of(service)
        if fix is None:
            raise KeyError(service)
        return Mending(self.number, self.of, fix.text, fix.findings, fix.refused)


def planned_fix(
    service: str,
    builder: str,
    findings: Sequence[Finding],
    *,
    earlier: Mapping[str, int] | None = None,
    refused: str = "",
    news: str = "",
) -> PlannedFix:
    """Return what is asked of a service's builder.

    Args:
        service: its name.
        builder: who is asked.
        findings: what was found in the service.
        earlier: the last attempt that was asked the same before, by fingerprint.
        refused: why the attempt before was refused or came to nothing; empty where it changed the service.
        news: what is known of how the findings came about, in a sentence.
    """
    return PlannedFix(
        service,
        builder,
        findings=brief(findings),
        items=tuple(dict.fromkeys(item for finding in findings for item in finding.items)),
        text=asking(service, findings, earlier, news),
        signature=signature_of(findings),
        fingerprints=tuple(finding.fingerprint for finding in findings),
        refused=one_line(refused, REASON),
    )
