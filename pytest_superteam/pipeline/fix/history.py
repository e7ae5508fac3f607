"""What became of one service in the attempts up to now, and what that says about another one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fleet.signatures import signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.models import FixAttempt, FixedService
    from pytest_superteam.pipeline.fix.planning import FixPlan

__all__ = ["History", "Round"]

_TWICE = 2
"""Attempts that came to nothing for the same reason, after which a builder is not asked again."""
_WORDS = {"unchanged": "changed nothing", "refused": "was refused", "failed": "failed", "not begun": "was not begun"}


@dataclass(frozen=True)
class Round:
    """An attempt that was made, and the plan that it followed."""

    plan: FixPlan
    attempt: FixAttempt

    def end_of(self, service: str) -> FixedService | None:
        """Return what became of a service, None where it was not asked."""
        return next((fix for fix in self.attempt.services if fix.service == service), None)


@dataclass(frozen=True)
class History:
    """The attempts of a command, seen from one service."""

    service: str
    rounds: Sequence[Round]

    @cached_property
    def _ends(self) -> list[tuple[int, FixedService]]:
        ends = ((each.plan.number, each.end_of(self.service)) for each in self.rounds)
        return [(number, end) for number, end in ends if end is not None]

    def came_back(self, now: str) -> int:
        """Return the last attempt that began with the failures of now though it, or a later one, changed the service.

        0 where there is none: these failures are new, or nothing was changed since.
        """
        changed = False
        for each in reversed(self.rounds):
            end, asked = each.end_of(self.service), each.plan.fix_of(self.service)
            changed = changed or (end is not None and end.outcome == "changed")
            if changed and asked is not None and asked.signature == now:
                return each.plan.number
        return 0

    def not_begun(self) -> str:
        """Return why the last attempt was not begun; empty where it was, or there was none."""
        last = self._ends[-1][1] if self._ends else None
        return (last.reason or "it was not begun") if last is not None and last.outcome == "not begun" else ""

    def fruitless(self) -> str:
        """Return what the last two attempts came to where that was the same nothing; empty where it was not."""
        last = self._ends[-_TWICE:]
        if len(last) < _TWICE or any(end.outcome == "changed" for _, end in last):
            return ""
        if len({(end.outcome, signature(end.reason)) for _, end in last}) > 1:
            return ""
        numbers = " and ".join(str(number) for number, _ in last)
        return f"attempts {numbers} came to the same: it {_came_to(last[-1][1])}"

    def refused(self) -> str:
        """Return why the last attempt came to nothing; empty where it changed the service, or there was none."""
        if not self._ends or self._ends[-1][1].outcome == "changed":
            return ""
        number, end = self._ends[-1]
        return f"Attempt {number} {_came_to(end)}"

    def earlier(self) -> dict[str, int]:
        """Return the last attempt that was asked to mend each finding, by fingerprint."""
        fixes = ((each.plan.number, each.plan.fix_of(self.service)) for each in self.rounds)
        return {known: number for number, fix in fixes if fix is not None for known in fix.fingerprints}

    def news(self, items: Iterable[str]) -> str:
        """Return that items block since others were changed, where the service was neither asked nor failing before."""
        last = self.rounds[-1] if self.rounds else None
        if last is None or last.plan.fix_of(self.service) is not None or not set(last.plan.before).isdisjoint(items):
            return ""
        changed = ", ".join(f"`{fix.service}`" for fix in last.attempt.services if fix.outcome == "changed")
        return f"Nothing of this was found before attempt {last.plan.number}, which changed {changed}." * bool(changed)


def _came_to(end: FixedService) -> str:
    words = _WORDS.get(end.outcome, end.outcome)
    return f"{words}: {end.reason}" if end.reason and end.outcome != "unchanged" else words
