"""Scripts of the project in command lines of agents."""

from __future__ import annotations

import pytest

from pytest_superteam.agents.project_scripts import misplaced_script


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["python", "tools/agent.py", "{prompt_file}"], "write '{project}/tools/agent.py'"),
        (["/usr/bin/python3.12", "-u", "./tools/agent.py"], "write '{project}/./tools/agent.py'"),
        (["python", "{project}/tools/agent.py"], ""),
        (["python", "tools/other.py"], ""),
        (["python", "-m", "tools/agent.py"], ""),
        (["our-agent", "tools/agent.py"], ""),
        (["tools/agent.py"], ""),
        (["node", "tools\0agent.py"], ""),
        (["node", "x" * 10_000], ""),
        (["python"], ""),
    ],
)
def test_scripts(tmp_path, command, told):
    """A script that lies in the project is told with what to write; all else is the agent's own affair."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "agent.py").touch()
    said = misplaced_script(command, tmp_path)
    assert told in said
    assert bool(told) == bool(said)


def test_an_absolute_path(tmp_path):
    """A path from the root on means the same from every folder."""
    (tmp_path / "agent.py").touch()
    assert misplaced_script(["python", str(tmp_path / "agent.py")], tmp_path) == ""
