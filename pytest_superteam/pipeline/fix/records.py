"""What is written down of fix attempts: in the store, for the run, and below `.superteam/attempts/`, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.models import FixAttempt, ItemResult
    from pytest_superteam.pipeline.fix.decision import Round
    from pytest_superteam.pipeline.fix.planning import FixPlan
    from pytest_superteam.pipeline.state.store import Store


class FixRecords:
    """The fix attempts of one run; `FixRecords(store, run_id, layout.attempts)`."""

    def __init__(self, store: Store, run: str, folder: Path) -> None: ...

    def save_plan(self, plan: FixPlan) -> None:
        """Write down what the next attempt asks, before it begins (`<n>/<service>/asked.md`)."""

    def save_changes(self, number: int, service: str, diff: str) -> None:
        """Write down how an attempt changed a service (`<n>/<service>/changes.diff`), masked."""

    def save_attempt(self, attempt: FixAttempt) -> None:
        """Write down an attempt, again when more is known of it (`<n>/attempt.json`)."""

    def save_gate(self, number: int, items: Sequence[ItemResult]) -> None:
        """Write down what the gate said after an attempt (`<n>/<service>/gate.json`)."""

    def plans(self) -> tuple[FixPlan, ...]:
        """Return the plans of the run, in order."""
        return ()

    def attempts(self) -> tuple[FixAttempt, ...]:
        """Return the attempts of the run, in order."""
        return ()

    def rounds(self) -> tuple[Round, ...]:
        """Return the attempts that are over, with their plans."""
        return ()

    def pending(self) -> FixPlan | None:
        """Return the plan whose attempt was not made to its end: where a session goes on that finds the run in `fix_pass`."""
        return None

    def save_end(self, reason: str) -> None:
        """Write down why no further attempt is made."""

    def end(self) -> str:
        """Return that reason, empty where there is none."""
        return ""
