"""Shared by all tests of the plugin."""

import hypothesis
import pytest

# A session of pytester in this process forgets what it imported, and these don't survive being imported twice.
import tree_sitter  # noqa: F401
import tree_sitter_go  # noqa: F401
import tree_sitter_java  # noqa: F401
import tree_sitter_javascript  # noqa: F401
import tree_sitter_typescript  # noqa: F401

# How long an example takes says something of the machine and of what else it does, nothing of us.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")

pytest_plugins = ["pytester"]

LONGEST = (
    "tests/pipelines/test_pipelines.py",
    "tests/engine/test_crash_workers.py",
    "tests/docs/test_page_commands.py",
    "tests/engine/test_crash_builds.py",
    "tests/pipelines/test_composed_pipelines.py",
    "tests/neighbours/test_neighbours.py",
    "tests/agents/test_real_agents.py",
    "tests/fix/test_loop.py",
    "tests/scanners/test_bad_input.py",
)
"""Files of slow tests that take minutes, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker is left alone with one in the end."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))
