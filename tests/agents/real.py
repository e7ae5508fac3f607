"""Where the tests find the agents that are installed for them, and what they let them build."""

import os
from pathlib import Path

import pytest

BOOKSTORE = Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md"
ENVIRONMENT = ("OPENAI_API_KEY", "OPENAI_API_BASE")
"""Names of the variables that the agents get to see."""


def programs():
    """Return the folder with the commands of the agents; skip where there is none."""
    folder = os.environ.get("AGENTS_FOR_TESTS")
    if not folder:
        pytest.skip("no agents here: run 'python tests/agents/install.py FOLDER' and set AGENTS_FOR_TESTS to it")
    found = Path(folder, "bin")
    assert found.is_dir(), f"AGENTS_FOR_TESTS: there is no {found}"
    return found
