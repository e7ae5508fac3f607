"""Forgetting the runs of a project; what was designed and built stays."""

from __future__ import annotations

import math
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.claiming import NOTE, clear, hold
from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.state.costs import costs_of
from pytest_superteam.pipeline.state.store import Store, StoreError
from pytest_superteam.reports.masking import mask_url
from pytest_superteam.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.files import Layout

__all__ = ["clean_state"]

FORGOTTEN = ("PIPELINE_STATE.json", "events*.jsonl*", "run-log*.md*", NOTE)
"""Files of `.superteam/` that are about runs, with what rotation puts beside them."""
DATABASE = "state.db*"
"""The database, with what SQLite puts beside it."""


def clean_state(inquiry: Inquiry) -> list[str]:
    """Forget the runs of a project and return lines that say what went and what stays.

    Processes and containers that dead runs left are taken down first, for nothing would know of them afterwards.

    Raises:
        UsageError: another run is at work in the project, or a file can't be deleted; nothing, or not all, went.
    """
    layout = inquiry.layout
    if not layout.state.is_dir():
        return [f"no run in '{inquiry.folder}', so there is nothing to forget."]
    if layout.state.is_symlink():
        raise UsageError(f"--clean-state: '{layout.state}' is a link. Delete what it leads to yourself.")
    with _held(layout):
        told = _what_is_known(inquiry)
        try:
            swept = clear(layout)
            keeps = _forget_rows(inquiry)
            gone = _delete(layout, *FORGOTTEN, *(() if keeps else (DATABASE,)))
        except OSError as error:
            raise UsageError(
                f"--clean-state: '{error.filename}' can't be deleted: {error.strerror}. Delete it yourself."
            ) from None
    if not gone and not told:
        return [f"no run in '{inquiry.folder}', so there is nothing to forget."]
    deleted = [f"deleted from '{layout.state}': {', '.join(gone)}"] if gone else []
    return [*told, *swept, *deleted, *_stays(layout, limits=keeps)]


@contextmanager
def _held(layout: Layout) -> Iterator[None]:
    """Hold the project, as a run does."""
    try:
        held = hold(layout, option="--clean-state")
    except OSError as error:
        unwritable = error.filename or layout.locks
        raise UsageError(
            f"--clean-state: '{unwritable}' can't be written: {error.strerror}. Make it writable."
        ) from None
    try:
        yield
    finally:
        held.release()


def _what_is_known(inquiry: Inquiry) -> list[str]:
    """Return what is about to be forgotten; a database that can't be read is forgotten all the same."""
    from pytest_superteam.reports.costs import dollars

    try:
        with reading(inquiry.where, inquiry.project) as store:
            runs = inquiry.runs(store) if store else []
            if store is None or not runs:
                return []
            usd = math.fsum(cost.usd for cost in costs_of(store, [run.id for run in runs]))
    except UsageError as error:
        if isinstance(inquiry.where, str):
            raise
        return [f"forgot what its database knew, though nobody can say what: {error}"]
    they = "it" if len(runs) == 1 else "they"
    paid = f" and the {dollars(usd)} that {they} cost: a budget begins at nothing again" if usd else ""
    return [f"forgot {plural(len(runs), 'run')}{paid}"]


def _forget_rows(inquiry: Inquiry) -> bool:
    """Delete a project's rows, and return whether its own database still has something to keep.

    That is what was used of the limits of platforms: they know nothing of our projects.
    """
    from pytest_superteam.pipeline.state.clean import forget

    if isinstance(inquiry.where, Path) and not inquiry.where.is_file():
        return False
    store = Store(inquiry.where)
    try:
        if isinstance(inquiry.where, Path):  # all its runs are this project's, also those from before it was moved
            with store.begin() as connection:
                connection.execute(store.table("runs").update().values(project=inquiry.project))
        forget(store, inquiry.project)
        with store.begin() as connection:
            return connection.execute(store.table("uses").select().limit(1)).first() is not None
    except StoreError as error:
        if isinstance(inquiry.where, str):
            raise UsageError(
                f"--clean-state: '{mask_url(inquiry.where)}' can't be used: {error}. Check --state-url."
            ) from None
        return False  # one that can't be read is deleted as it is
    finally:
        store.close()


def _delete(layout: Layout, *patterns: str) -> list[str]:
    """Delete the files about runs and return their names, the database last."""
    found = [sorted(layout.state.glob(pattern)) for pattern in patterns]
    files = [file for group in found for file in group if file.is_symlink() or not file.is_dir()]
    for file in files:
        file.unlink()
    return [file.name for file in files]


def _stays(layout: Layout, *, limits: bool) -> list[str]:
    """Return what was paid for and is kept, and how to do that again too."""
    lines = ["kept: what has been used of the limits of platforms"] if limits else []
    places = {"the design": layout.design_record, "the builds": layout.builds}
    kept = [name for name, place in places.items() if place.exists()]
    if kept:
        again = "the next run takes over what is unchanged (--fresh does everything again)"
        lines.append(f"kept: {' and '.join(kept)}; {again}")
    return lines
