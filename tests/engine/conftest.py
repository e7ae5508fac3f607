"""The projects of the crash tests."""

from __future__ import annotations

import os
import signal

import pytest
from engine_world import SCRIPT, Server, World


@pytest.fixture(scope="session")
def server():
    """Return what sessions are forked from."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def uninterrupted(server, tmp_path_factory):
    """Return the project of a run that nothing happened to."""
    world = World(server, tmp_path_factory.mktemp("uninterrupted"), SCRIPT)
    ended = world.session()
    assert ended.code == 0, ended.tail
    return world


@pytest.fixture
def world(server, tmp_path):
    """Return a project; nothing of it runs when the test is over."""
    world = World(server, tmp_path / "project", SCRIPT)
    yield world
    for pid, _command in world.processes():
        os.kill(pid, signal.SIGKILL)
