"""The paid steps of runs, as they are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from pytest_superteam.pipeline.state.store import Store

__all__ = ["costs_of"]


def costs_of(store: Store, runs: Sequence[str], connection: Connection | None = None) -> list[Cost]:
    """Return the paid steps of some runs, in order; within the transaction of a connection, where one is given.

    Raises:
        StoreError: the database can't be read, or a value is none that we write.
    """
    table = store.table("costs")
    return store.read(Cost, table.select().where(table.c.run.in_(runs)).order_by(table.c.id), connection)
