"""What the memory lets go of: phases and results of sessions that nobody goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pytest_superteam.pipeline.state.store import Store

__all__ = ["KEEP", "prune"]

KEEP = 20
"""Sessions of a project whose phases and results are kept."""
WAITS_IN = "architect_review"
AT_ONCE = 500
"""Values in one statement; SQLite takes a limited number."""


def prune(store: Store, project: str, keep: int = KEEP) -> None:
    """Delete phases and results of all but the `keep` newest sessions of a project.

    Never those of a run whose design waits for review. Runs, sessions, transitions, attempts and costs stay: they are
    few, and budgets hold over all of a run's sessions.
    """
    from sqlalchemy import select

    runs, sessions = store.table("runs"), store.table("sessions")
    ours = store.run_ids(project)
    newest = select(sessions.c.id, sessions.c.run).where(sessions.c.run.in_(ours))
    with store.begin() as connection:
        known = connection.execute(newest.order_by(sessions.c.started.desc(), sessions.c.id)).all()
        waiting = set(connection.scalars(select(runs.c.id).where(runs.c.id.in_(ours), runs.c.state == WAITS_IN)))
        needed = [row for index, row in enumerate(known) if index < keep or row.run in waiting]
        over = {name for row in known for name in row} - {name for row in needed for name in row}
        _delete(store, connection, sorted(over))


def _delete(store: Store, connection: Connection, scopes: list[str]) -> None:
    """Delete what is kept under sessions; some things are kept under the run, which the caller names as well."""
    for start in range(0, len(scopes), AT_ONCE):
        some = scopes[start : start + AT_ONCE]
        for table in (store.table("results"), store.table("phases")):
            connection.execute(table.delete().where(table.c.session.in_(some)))
