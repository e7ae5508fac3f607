"""A system that can't be deployed: one line, once, and every item that needs it is an error."""

from __future__ import annotations

import pytest


@pytest.fixture
def without_engine(monkeypatch):
    """Let no container engine answer."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")


LINE = "deploy: compose: no "
"""How the reason begins: no engine, or no client at all."""


def test_the_phase_says_why_once(project, without_engine):
    """The phase fails with the reason alone, not with the exceptions that led to it."""
    result = project.runpytest("--prd", "PRD.md", "--deploy", "compose", "--until", "deployment")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sum(line.startswith(LINE) for line in result.outlines) == 1
    assert not any("exception" in line.lower() or "Traceback" in line for line in result.outlines)


def test_items_without_a_system_are_errors(project, without_engine):
    """What could not be checked has not passed: each item of layer 2 is an error with the reason."""
    result = project.runpytest("--prd", "PRD.md", "--deploy", "compose", "-m", "layer2")
    counts = result.parseoutcomes()
    counts.pop("deselected", None)
    assert set(counts) == {"errors"}
    assert not any("During handling" in line for line in result.outlines)
