"""Extras that are not installed: one line names the one that is missing."""

from __future__ import annotations

import pytest

from pytest_superteam.deployment.composed import engine
from pytest_superteam.gate import extras


@pytest.mark.parametrize(
    ("words", "name", "extra"),
    [
        (["--html=gate.html"], "--html", "html"),
        (["--html", "gate.html"], "--html", "html"),
        (["--self-contained-html"], "--self-contained-html", "html"),
        (["-n", "2"], "-n", "xdist"),
        (["-n2"], "-n", "xdist"),
        (["--numprocesses=2"], "--numprocesses", "xdist"),
        (["--dist", "loadfile"], "--dist", "xdist"),
    ],
)
def test_missing(monkeypatch, words, name, extra):
    """An option of a plugin that is not installed is one line that names our extra and how it is installed."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(pytest.UsageError) as refused:
        extras.check_extras(["-q", *words])
    assert str(refused.value) == (
        f"{name}: needs the extra '{extra}', which is not installed. Run: pip install 'pytest-superteam[{extra}]'."
    )


@pytest.mark.parametrize("words", [["-q", "-k", "html"], ["PRD.md"], ["--co"], ["-m", "layer3"], ["--no-header"]])
def test_nothing_missing(monkeypatch, words):
    """Options of pytest itself, and words that look a bit like those of a plugin, need no extra."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    extras.check_extras(words)


def test_installed():
    """Where the plugin is installed, its options are pytest's business."""
    extras.check_extras(["--html=gate.html", "-n", "2"])


def test_compose_without_its_extra(project, monkeypatch):
    """A session that asks for containers without the extra that drives them ends at once, with the line."""
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    result = project.runpytest("--prd", "PRD.md", "--deploy", "compose", "-m", "layer2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    line = "testcontainers is not installed. Run: pip install 'pytest-superteam[compose]'."
    result.stderr.fnmatch_lines([f"ERROR: --deploy: 'compose' can't be used. {line.replace('[', '[[]')}"])


def test_the_static_gate_needs_no_extra(project, monkeypatch):
    """What reads the source only needs nothing of what would start it."""
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    result = project.runpytest("--prd", "PRD.md", "--deploy", "compose", "-m", "layer3", "-k", "DOCKER-001")
    assert result.ret in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    assert "testcontainers" not in result.stdout.str() + result.stderr.str()
