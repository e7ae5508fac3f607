"""What the newest run of a project has cost, with the runs that it goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.commands.facts import gather
from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.commands.status import nothing
from pytest_superteam.reports.costs import cost_lines

if TYPE_CHECKING:
    from pytest_superteam.pipeline.commands.inquiry import Inquiry

__all__ = ["costs_lines"]


def costs_lines(inquiry: Inquiry) -> list[str]:
    """Return everything known about what was paid, as lines for people; one line where there is no run."""
    with reading(inquiry.where, inquiry.project) as store:
        runs = inquiry.runs(store) if store else []
        if store is None or not runs:
            return [nothing(inquiry)]
        facts = gather(inquiry, store, runs[0])
        return cost_lines(facts.costs, budget=facts.budget)
