"""The end of a session that stops for the review of its design: its exit code, and how to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_superteam.gate.commandline import command
from pytest_superteam.pipeline.machine import ARCHITECT_RETRIES
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pytest_superteam.gate.session import GateSession

__all__ = ["end_of_review", "how_to_go_on"]


def end_of_review(gate: GateSession, session: pytest.Session) -> None:
    """Let a session that ends with a review say so by its exit code: 2 it waits, 1 it was rejected for good."""
    state = gate.run.memory.get("review")
    if state and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        failed = state == "failed"
        session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.INTERRUPTED


def how_to_go_on(config: pytest.Config, gate: GateSession) -> list[str]:
    """Return how to go on with a design that waits for review; nothing where none does."""
    run = gate.run
    state, reasons = run.memory.get("review"), run.memory.get("reasons", ())
    if not state:
        return []
    told = [f"rejected ({number}): {one_line(reason)}" for number, reason in enumerate(reasons, 1)]
    if state == "failed":
        way = "" if run.config.architect == "builtin" else ", or let --review --fresh ask the agent anew"
        return [*told, f"rejected for good: the run has failed. Change the PRD or the design, then --review again{way}"]
    if reasons and run.config.architect == "builtin":
        told.append(
            "the built-in architect designs the same from the same text: change the PRD, or service-map.yaml by hand"
        )
    base = command(config, without=("--review", "--approve", "--reject", "--fresh"))
    left = max(0, ARCHITECT_RETRIES - len(reasons))
    return [
        *told,
        f"stopped for review; {left} of {ARCHITECT_RETRIES} more tries are left",
        f"approve: {base} --approve",
        f'reject:  {base} --reject "what is wrong"',
    ]
