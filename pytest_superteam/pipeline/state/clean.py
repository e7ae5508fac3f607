"""Forgetting a project: as if no run of it had ever been."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["forget"]

OF_RUNS = ("transitions", "attempts", "costs", "reviews", "phases", "results")
"""The tables with rows of runs and sessions; these two go last, for the others are found by them."""
LIMITS_LAST = 31 * 86_400.0
"""Seconds; the limits of platforms hold whatever is forgotten here, but none for longer than a month."""


def forget(store: Store, project: str) -> None:
    """Delete everything about a project from the database, what it cost included, in one transaction.

    What it used of platforms lately stays, for they will not forget it. The caller holds the project's lock.
    """
    runs, sessions = store.table("runs"), store.table("sessions")
    ours = store.run_ids(project)
    of_ours = sessions.select().with_only_columns(sessions.c.id).where(sessions.c.run.in_(ours))
    uses = store.table("uses")
    with store.begin() as connection:
        old = uses.c.at < time.time() - LIMITS_LAST
        connection.execute(uses.delete().where(uses.c.run.in_(ours), old))
        for table in map(store.table, OF_RUNS):
            if "session" in table.c:
                connection.execute(table.delete().where(table.c.session.in_(ours) | table.c.session.in_(of_ours)))
            if "run" in table.c:
                connection.execute(table.delete().where(table.c.run.in_(ours)))
        connection.execute(sessions.delete().where(sessions.c.run.in_(ours)))
        connection.execute(runs.delete().where(runs.c.id.in_(ours)))
