"""The architect by agent as a paid step of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.architect.agent import reported_usage
from pytest_superteam.config_entries import PlatformConfig
from pytest_superteam.errors import BudgetError, UsageError
from pytest_superteam.models import Usage, WorstCase

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.pipeline.design import Design
    from pytest_superteam.pipeline.run import Run

__all__ = ["PLATFORM", "design_by_agent"]

PLATFORM = "architect"
"""The platform under which the settings say what a design may cost (`platforms.architect.worst_case`)."""


def design_by_agent(run: Run, make: Callable[[], Design], *, attempt: int) -> Design:
    """Return the design that `make` has an agent make, with what it costs in the ledger.

    Raises:
        UsageError: the budget has no room for it, or nobody can say what it may cost.
    """
    platform = run.config.platforms.get(PLATFORM, PlatformConfig())
    worst = platform.worst_case if platform.tier in {None, "paid"} else 0.0
    who = Path(run.config.architect_command[0]).name
    try:
        step = run.ledger.reserve(
            phase="architect", attempt=attempt, builder=who, platform=PLATFORM, worst=WorstCase(worst)
        )
    except BudgetError as error:
        raise UsageError(f"architect: {error}. Allow more, or take the built-in architect.") from None
    try:
        design = make()
    except BaseException:
        run.ledger.settle(step, reported_usage(run.layout.agent))
        raise
    run.ledger.settle(step, reported_usage(run.layout.agent) or Usage())
    return design
