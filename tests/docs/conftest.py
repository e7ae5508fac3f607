"""The generator of the reference lies beside the pages, outside of the package."""

import sys
from pathlib import Path

import pytest
from docs_projects import Shell

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

collect_ignore = ["projects"]
"""Projects that the commands of the documentation run in; their tests are theirs."""


@pytest.fixture(scope="session")
def shell(tmp_path_factory):
    """Return a shell with a `pytest` that starts at once."""
    if sys.platform != "linux":
        pytest.skip("sessions are forked from a process that has imported all of it, which is safe on Linux")
    opened = Shell(tmp_path_factory.mktemp("docs"))
    yield opened
    opened.close()
