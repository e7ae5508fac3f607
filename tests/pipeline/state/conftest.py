"""The databases that the run's memory is tried on: a file in a project, and a real PostgreSQL behind a URL."""

import secrets
import shutil
import subprocess
import time

import pytest
from memory_project import Project
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from pytest_superteam.pipeline.state.store import Store

IMAGE = "postgres:17"
PATIENCE = 240
"""Tries to reach a server that starts, a quarter of a second between them."""


def docker(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="session")
def postgresql():
    """Return the URL of a PostgreSQL server that is gone afterwards."""
    if shutil.which("docker") is None or docker("image", "inspect", IMAGE).returncode:
        pytest.skip(f"no container engine with the image {IMAGE}")
    name, password = f"superteam-test-store-{secrets.token_hex(4)}", secrets.token_hex(8)
    more = ("-e", f"POSTGRES_PASSWORD={password}", "-p", "127.0.0.1::5432")
    started = docker("run", "-d", "--rm", "--name", name, *more, IMAGE)
    assert started.returncode == 0, started.stderr
    try:
        port = docker("port", name, "5432/tcp").stdout.split()[0].rpartition(":")[2]
        yield _ready(f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres")
    finally:
        docker("rm", "-f", "-v", name)


def _ready(url):
    engine = create_engine(url, connect_args={"connect_timeout": 5, "client_encoding": "utf8"})
    for left in reversed(range(PATIENCE)):
        try:
            with engine.connect():
                break
        except OperationalError:
            if not left:
                raise
            time.sleep(0.25)
    engine.dispose()
    return url


@pytest.fixture
def postgresql_url(postgresql):
    """Return the URL of an empty database."""
    engine = create_engine(postgresql, connect_args={"client_encoding": "utf8"})
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgresql


@pytest.fixture(params=["file", pytest.param("postgresql", marks=pytest.mark.docker)])
def where(request, tmp_path):
    """Return where a memory is kept: a path, or the URL of an empty database."""
    if request.param == "file":
        return tmp_path / "project" / ".superteam" / "state.db"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def store(where):
    made = Store(where)
    yield made
    made.close()


@pytest.fixture
def project(store):
    return Project(store)
