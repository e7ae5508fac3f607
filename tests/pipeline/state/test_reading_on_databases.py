"""A database behind a URL is read in sessions that the server holds to reading."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.state.store import Store

pytestmark = pytest.mark.docker


def test_database_without_tables(postgresql_url):
    """In an empty database there is no run, and no table is made to find out."""
    with reading(postgresql_url) as store:
        assert store is None
    engine = create_engine(postgresql_url, connect_args={"client_encoding": "utf8"})
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_database_with_a_run(postgresql_url):
    """A run is read, and whoever would write through what is given is refused by the server."""
    writer = Store(postgresql_url)
    writer.start_run("run1", prd="PRD.md", prd_sha256="x", kind="prd", project="/shop")
    with reading(postgresql_url) as store:
        assert [run.id for run in store.runs("/shop")] == ["run1"]
    with pytest.raises(UsageError, match="read-only transaction"), reading(postgresql_url) as store:
        store.end_run("run1", "passed")
    assert writer.run("run1").verdict is None
    writer.close()
