"""The review of a design: which run waits for it, what was said, and what the state machine makes of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.machine import ARCHITECT_RETRIES

if TYPE_CHECKING:
    from pytest_superteam.pipeline.run import Run
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["Decision", "Waiting", "find_waiting", "retries_left", "supersede"]

RECORD = "once::review"
WAITS_IN = "architect_review"


@dataclass(frozen=True)
class Decision:
    """What the command line says about the design that waits: approve it, or reject it for a reason."""

    approve: bool = False
    reject: str | None = None

    @property
    def made(self) -> bool:
        """Return whether anything was decided."""
        return self.approve or self.reject is not None


@dataclass(frozen=True)
class Waiting:
    """A run whose design waits for review, and why its earlier designs were rejected."""

    run: str
    prd_sha256: str
    reasons: tuple[str, ...] = ()


def retries_left(waiting: Waiting) -> int:
    """Return how often the design may still be made again."""
    return max(0, ARCHITECT_RETRIES - len(waiting.reasons))


def find_waiting(store: Store, project: str) -> Waiting | None:
    """Return the newest run of a project whose design waits for review."""
    if not store.exists:
        return None
    for run in store.runs(project):
        known = store.result(run.id, RECORD) if run.state == WAITS_IN else None
        if known is not None:
            return Waiting(run.id, run.prd_sha256, tuple(known.get("reasons", ())))
    return None


def check_decision(decision: Decision, waiting: Waiting | None, sha256: str, *, review: bool, fresh: bool) -> None:
    """Refuse a decision that there is nothing to decide about.

    Raises:
        UsageError: one line.
    """
    name = "--approve" if decision.approve else "--reject"
    if decision.approve and decision.reject is not None:
        raise UsageError("--approve: does not go with --reject. Give one of them.")
    if decision.reject is not None and not decision.reject.strip():
        raise UsageError("--reject: '' is no reason. Say what is wrong with the design.")
    if review:
        raise UsageError(f"--review: does not go with {name}. Give one of them.")
    if fresh and decision.approve:
        raise UsageError("--approve: does not go with --fresh, which designs anew. Leave one of them out.")
    if waiting is None:
        raise UsageError(f"{name}: no design waits for review. Run with --review first.")
    if waiting.prd_sha256 != sha256:
        raise UsageError(f"{name}: the PRD changed after the design that waits. Run with --review again.")


def wait(run: Run, reasons: tuple[str, ...] = ()) -> None:
    """Write down that the run's design waits for review."""
    run.store.save_result(run.id, RECORD, {"reasons": list(reasons)})


def supersede(run: Run) -> None:
    """End the runs whose designs waited before this one's."""
    for other in run.store.runs(run.project):
        waits = other.state == WAITS_IN and other.id != run.id
        if waits and run.store.result(other.id, RECORD) is not None:
            run.store.record_transition(other.id, "fail", WAITS_IN, "failed", run.scope)
            run.store.end_run(other.id, "superseded")
