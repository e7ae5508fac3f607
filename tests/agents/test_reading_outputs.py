"""What each program prints, as its documentation shows it, is read right: claim, cost, tokens, progress."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from pytest_superteam.agents.agent import resolve
from pytest_superteam.agents.preset import preset_names
from pytest_superteam.agents.reading.reader import Reader
from pytest_superteam.config_entries.agents import AgentConfig
from pytest_superteam.models import Usage

OUTPUTS = Path(__file__).parent / "outputs"
FILES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(OUTPUTS.glob("*.yaml"))}
CASES = [pytest.param(name, case, id=f"{name}: {case['name']}") for name in FILES for case in FILES[name]["cases"]]


def read(name, case, home):
    """Return what a reader of the preset says of a case, and the progress that it told."""
    config = AgentConfig(command=("x",), preset=name, model=case.get("model", ""), output=case.get("output"))
    agent = resolve(name, config)
    site = home / "site"
    site.mkdir()
    values = agent.values(prompt="", prompt_file=site / "TASK.md", workspace=site, home=home, project=home)
    if "file" in case:
        path = site / case["workspace_file"] if "workspace_file" in case else Path(values["output"])
        path.parent.mkdir(exist_ok=True)
        path.write_text(case["file"], encoding="utf-8")
    reader = Reader(agent.output, values, agent.model)
    heard = [reader.hear(line) for line in case["printed"].splitlines()]
    return reader.end(case.get("status", 0), case["printed"]), [progress for progress in heard if progress]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_documented_output(name, case, tmp_path):
    """Claim, usage, waiting time and problem are those that the program told."""
    said, _ = read(name, case, tmp_path)
    expect = case["expect"]
    wanted = Usage(
        usd=expect.get("usd"),
        model=expect.get("model", ""),
        input_tokens=expect.get("input", 0),
        output_tokens=expect.get("output", 0),
        cache_read_tokens=expect.get("cached", 0),
    )
    assert said.usage == (None if expect.get("usage") == "none" else wanted)
    assert said.claim.status == expect["status"]
    assert said.claim.exit == case.get("status", 0)
    assert said.claim.problem == expect.get("reading", "")
    assert said.problem == expect.get("problem", "")
    assert said.retry_after == expect.get("wait")
    if "text" in expect:
        assert said.claim.text == expect["text"]


@pytest.mark.parametrize(("name", "case"), [item for item in CASES if "heard" in item.values[1]])
def test_documented_progress(name, case, tmp_path):
    """Signs of life say in a few words what the program is at, and nothing of events that say nothing."""
    _, heard = read(name, case, tmp_path)
    assert [progress.text for progress in heard if progress.text] == case["heard"]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_usage_only_grows(name, case, tmp_path):
    """What is told while a program is at work never shrinks, and ends at most at what is told at the end."""
    said, heard = read(name, case, tmp_path)
    told = [progress.usage for progress in heard if progress.usage]
    assert all(before.output_tokens <= after.output_tokens for before, after in pairwise(told))
    assert all((usage.usd or 0) <= (said.usage.usd or 0) or said.usage.usd is None for usage in told)


def test_every_preset_has_documented_output():
    """Each preset is tried with output of its program, whose source and version are written down."""
    assert set(FILES) == set(preset_names())
    assert all(document["source"] and document["version"] for document in FILES.values())
