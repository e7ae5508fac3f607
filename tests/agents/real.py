"""Where the tests find the agents that are installed for them, and what they let them build."""

import os
from pathlib import Path

import pytest

BOOKSTORE = Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md"
ENVIRONMENT = ("OPENAI_API_KEY", "OPENAI_API_BASE")
"""Names of the variables that the agents get to see."""


def programs():
    """Return the folder with the commands of the agents; skip where there is none."""
    folder = os.environ.get("SUPERTEAM_TEST_AGENTS")
    if not folder:
        pytest.skip("no agents here: run 'python tests/agents/install.py FOLDER' and set SUPERTEAM_TEST_AGENTS to it")
    found = Path(folder, "bin")
    assert found.is_dir(), f"SUPERTEAM_TEST_AGENTS: there is no {found}"
    return found
