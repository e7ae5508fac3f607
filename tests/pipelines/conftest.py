"""Where the shipped pipelines are run."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """Return a folder outside every project, so that no pytest.ini above it counts."""
    return tmp_path_factory.mktemp("pipelines")
