"""The builtin builder: what it writes, that it is always the same, and that it works."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from architectures import BOOKSTORE

from pytest_superteam.builders.base import Builder, BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.errors import BuildError

NAMES = [service.name for service in BOOKSTORE.services]


def build(service: str, directory: Path, architecture=BOOKSTORE, pacts=None):
    """Build one service into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    return asyncio.run(BuiltinBuilder().build(BuildRequest(service, architecture, directory, pacts or {})))


def tree(directory: Path) -> dict[str, bytes]:
    """Return the bytes of each file below `directory`."""
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def bookstore(tmp_path_factory) -> Path:
    """Build every service of the bookstore."""
    root = tmp_path_factory.mktemp("bookstore")
    for name in NAMES:
        build(name, root / name)
    return root


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python in a built service with nothing of our environment."""
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_is_a_builder():
    """The builder has what the protocol asks for."""
    assert isinstance(BuiltinBuilder(), Builder)


def test_same_architecture_gives_the_same_bytes(bookstore, tmp_path):
    """A second build differs in no byte."""
    for name in NAMES:
        build(name, tmp_path / name)
        assert tree(tmp_path / name) == tree(bookstore / name)


def test_layout(bookstore):
    """A service has only the modules that it needs."""
    orders, authors = tree(bookstore / "order-service"), tree(bookstore / "catalog-service")
    assert {"app/main.py", "app/clients.py", "app/events.py", "app/routes/orders.py", "Dockerfile"} <= set(orders)
    assert "app/clients.py" not in authors
    assert b"def user_token" not in orders["app/auth.py"]
    assert b"def user_token" in tree(bookstore / "auth-service")["app/auth.py"]
    assert json.loads(orders["openapi.json"]) == BOOKSTORE.contracts["order-service"]


def test_pacts_are_written(tmp_path):
    """The pacts of a consumer stand in its tree, under names that lead nowhere else."""
    build("order-service", tmp_path, pacts={"catalog-service": {"a": 1}, "../x": {"b": 2}})
    assert json.loads((tmp_path / "pacts/order-service-catalog-service.json").read_text()) == {"a": 1}
    assert (tmp_path / "pacts/order-service-x.json").is_file()


@pytest.mark.parametrize("service", ["auth-service", "../evil"])
def test_refuses_what_it_can_not_build(tmp_path, service):
    """A service with no contract, or a name that is no folder's, is an error and writes nothing."""
    with pytest.raises(BuildError):
        build(service, tmp_path, replace(BOOKSTORE, contracts={}))
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("service", NAMES)
def test_own_tests_pass(bookstore, service):
    """The tests that a service brings along pass, at least one for each of its operations."""
    ran = run(bookstore / service, "-m", "pytest", "-q", "tests", "-p", "no:cacheprovider")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    written = "".join(p.read_text() for p in (bookstore / service / "tests").glob("test_*.py"))
    for operation in BOOKSTORE.operations_of(service):
        assert f"def test_{operation.id}(" in written


def test_source_is_formatted_and_clean(bookstore):
    """Where ruff is at hand, it finds nothing to change."""
    pytest.importorskip("ruff")
    checked = run(bookstore, "-m", "ruff", "check", "--no-cache", "--select", "E,F,I,B,UP,W,T20", ".")
    assert checked.returncode == 0, checked.stdout
    formatted = run(bookstore, "-m", "ruff", "format", "--no-cache", "--check", "--diff", ".")
    assert formatted.returncode == 0, formatted.stdout


def test_does_not_start_without_a_secret(bookstore):
    """A missing secret stops the service and says so."""
    ran = run(bookstore / "order-service", "-c", "import app.main")
    assert ran.returncode != 0
    assert "JWT_SECRET must be set" in ran.stderr


def test_dockerfile_and_ignore(bookstore):
    """The image is pinned, runs as a user, checks its health and copies only what it needs."""
    lines = (bookstore / "auth-service/Dockerfile").read_text().splitlines()
    assert lines[0] == "ARG PYTHON_IMAGE=python:3.13-slim"
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM ${PYTHON_IMAGE} AS packages",
        "FROM ${PYTHON_IMAGE}",
    ]
    assert "USER service" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "COPY . ." not in lines
    assert (bookstore / "auth-service/.dockerignore").read_text().startswith("*\n")
