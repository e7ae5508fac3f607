"""The services of a project's newest run that wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.commands.status import nothing

if TYPE_CHECKING:
    from pytest_superteam.pipeline.commands.inquiry import Inquiry

__all__ = ["queue_lines"]


def queue_lines(inquiry: Inquiry) -> list[str]:
    """Return what a person needs to decide about each of them, as lines; one line where there is none."""
    from pytest_superteam.pipeline.fleet.reviews import review_lines

    with reading(inquiry.where, inquiry.project) as store:
        runs = inquiry.runs(store) if store else []
        if store is None or not runs:
            return [nothing(inquiry)]
        return review_lines(store, runs[0].id) or [f"no service of run {runs[0].id} waits for a person"]
