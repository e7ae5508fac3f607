"""Whatever an agent prints, reading it never raises, and no figure of it is taken that can't be."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.agents.agent import resolve
from pytest_superteam.agents.preset import preset_named, preset_names
from pytest_superteam.agents.reading.reader import LAST_WORDS, Reader
from pytest_superteam.config_entries.agents import AgentConfig

OUTPUTS = Path(__file__).parent / "outputs"
SAMPLES = {
    path.stem: [case["printed"] for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]]
    for path in sorted(OUTPUTS.glob("*.yaml"))
}


def sane(said):
    """Tell whether what was read can be written down."""
    usage = said.usage
    if usage is not None:
        assert usage.usd is None or (math.isfinite(usage.usd) and 0 <= usage.usd <= 1e6)
        for count in (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens):
            assert isinstance(count, int)
            assert 0 <= count <= 1e12
        json.dumps(usage.model)
    assert said.retry_after is None or 0 <= said.retry_after <= 7 * 86_400
    assert "\n" not in said.problem
    assert len(said.problem) <= 300
    assert len(said.claim.text) <= LAST_WORDS
    assert len(said.claim.problem) <= 1000


def read(spec, text, status=0):
    """Return what is said of a text by a specification."""
    reader = Reader(spec)
    for line in text.splitlines():
        reader.hear(line)
    return reader.end(status, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "usage",
                    "total_cost_usd",
                    "input_tokens",
                    "message",
                    "modelUsage",
                    "part",
                    "tokens",
                    "cost",
                    "stats",
                    "item",
                    "error",
                    "usd",
                    "id",
                    "model",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(preset_names()), data=st.binary(max_size=300), status=st.none() | st.integers(-9, 255))
def test_any_bytes(name, data, status):
    """Any bytes, under any preset, are read without raising."""
    sane(read(preset_named(name).output, data.decode("utf-8", "replace"), status))


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(preset_names()), documents=st.lists(JSON, max_size=4), status=st.none() | st.integers(0, 2))
def test_any_documents(name, documents, status):
    """Documents of any shape, with the names that the figures have and values of any type, are read without raising."""
    sane(read(preset_named(name).output, "\n".join(json.dumps(document) for document in documents), status))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(SAMPLES)))
def test_output_that_is_cut_off(data, name):
    """Documented output that ends anywhere is read as far as it goes, and the cut is told where JSON lines are cut."""
    text = data.draw(st.sampled_from(SAMPLES[name])).rstrip("\n")
    cut = text[: data.draw(st.integers(0, len(text)))]
    spec = preset_named(name).output
    said = read(spec, cut, None)
    sane(said)
    last = cut.splitlines()[-1] if cut else ""
    if spec.format == "jsonl" and last.startswith("{") and not text.startswith(f"{cut}\n") and cut != text:
        assert said.claim.problem


NO_COSTS = {
    "negative": ('{"usd": -3}', "`$.usd` is negative"),
    "a text": ('{"usd": "0.5"}', "`$.usd` is no number"),
    "a truth value": ('{"usd": true}', "`$.usd` is no number"),
    "a list": ('{"usd": [1]}', "`$.usd` is no number"),
    "NaN": ('{"usd": NaN}', "`$.usd` is not finite"),
    "infinite": ('{"usd": 1e999}', "`$.usd` is not finite"),
    "huge": ('{"usd": 1e9}', "usd of 1e+09 is out of all range"),
    "a number of too many digits": ('{"usd": ' + "9" * 400 + "}", "`$.usd` is out of all range"),
    "a number that is not even parsed": ('{"usd": ' + "9" * 5000 + "}", "line 1 is no JSON"),
    "none": ('{"usd": null}', ""),
    "absent": ("{}", ""),
}


@pytest.mark.parametrize("case", NO_COSTS)
def test_costs_that_are_none(case):
    """A cost that can't be is told, and not taken."""
    text, problem = NO_COSTS[case]
    said = read(resolve("house", AgentConfig(command=("x",), output="jsonl")).output, text)
    assert said.usage is None
    assert said.claim.problem == problem


def test_tokens_are_kept_where_the_cost_is_wrong():
    """A cost that can't be takes no tokens with it, and tokens that can't be no cost."""
    spec = resolve("house", AgentConfig(command=("x",), output="jsonl")).output
    assert read(spec, '{"usd": -3, "input_tokens": 10}').usage.input_tokens == 10
    said = read(spec, '{"usd": 0.5, "input_tokens": -10}')
    assert (said.usage.usd, said.usage.input_tokens) == (0.5, 0)
    assert said.claim.problem == "`$.input_tokens` is negative"


SHAPES = {
    "nothing": ("json", "", "it printed nothing"),
    "no JSON": ("json", "Bye.", "its output is no JSON"),
    "a list": ("json", "[1]", "its output is no JSON"),
    "cut off": ("json", '{"usd": 0.5, "result": "it', "its output was cut off"),
    "cut off after a comma": ("json", '{"usd": 0.5,', "its output was cut off"),
    "nested beyond measure": ("json", "[" * 100_000, "its output is no JSON"),
    "objects nested beyond measure": ("json", '{"a":' * 100_000, "its output is no JSON"),
    "no lines": ("jsonl", "", "it printed nothing"),
    "lines of text": ("jsonl", "Bye.\nBye.", "it printed no JSON"),
    "a line that is none": ("jsonl", '{"usd": 1}\n{usd: 2}', "line 2 is no JSON"),
    "a line that is cut off": ("jsonl", '{"usd": 1}\n\n{"usd": 2', "line 3 was cut off"),
}


@pytest.mark.parametrize("case", SHAPES)
def test_outputs_that_are_none(case):
    """Output that is not what it should be is told, with what is wrong with it."""
    form, text, problem = SHAPES[case]
    assert read(resolve("house", AgentConfig(command=("x",), output=form)).output, text).claim.problem == problem


def test_many_problems_are_cut():
    """Thousands of broken lines are told in a few words."""
    said = read(preset_named("claude").output, "{x}\n" * 5000)
    assert said.claim.problem.startswith("line 1 is no JSON; line 2 is no JSON")
    sane(said)


def test_what_is_printed_before_and_after_a_document_is_left_out():
    """A JSON document is found among lines of text; of several the last one counts."""
    spec = resolve("house", AgentConfig(command=("x",), output="json")).output
    said = read(spec, 'Loading {config}\n{"usd": 1,\n "input_tokens": 5}\n{"usd": 2}\nBye.')
    assert said.usage.usd == 2
    assert not said.claim.problem


def test_the_end_is_looked_for_where_not_each_line_was_heard():
    """An end that was not heard, since the program printed too much, is found in what is kept."""
    reader = Reader(preset_named("claude").output)
    reader.hear('{"type": "system", "subtype": "init", "model": "m"}')
    end = '{"type": "result", "subtype": "success", "is_error": false, "total_cost_usd": 0.5, "result": "Built."}'
    said = reader.end(0, f'{{"type": "system"}}\n[... 9 bytes left out ...]\n{end}\n')
    assert (said.claim.status, said.claim.text, said.usage.usd) == ("success", "Built.", 0.5)
    assert not said.claim.problem


FILES = {
    "missing": (lambda path, _: None, "is missing"),
    "no JSON": (lambda path, _: path.write_text("x"), "is no JSON"),
    "cut off": (lambda path, _: path.write_text('{"a": '), "was cut off"),
    "a list": (lambda path, _: path.write_text("[]"), "is no JSON"),
    "a folder": (lambda path, _: path.mkdir(), "is no file"),
    "a pipe": (lambda path, _: os.mkfifo(path), "is no file"),
    "a link to another place": (lambda path, other: path.symlink_to(other), "can't be read"),
    "a link to itself": (lambda path, _: path.symlink_to(path), "can't be read"),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_none(case, tmp_path):
    """A file that should tell what was used, and is none, is told; links and pipes are not followed."""
    make, problem = FILES[case]
    home, other = tmp_path / "home", tmp_path / "other.json"
    home.mkdir()
    other.write_text('{"info": {"model_stats": {"instance_cost": 5.0}}}', encoding="utf-8")
    make(home / "output.json", other)
    agent = resolve("mini-swe-agent", AgentConfig(model="m"))
    values = agent.values(prompt="", prompt_file=home / "t", workspace=home, home=home, project=home)
    said = Reader(agent.output, values).end(0, "")
    assert said.usage is None
    assert said.claim.problem == f"its file output.json {problem}"


def test_a_folder_that_leads_elsewhere_is_not_followed(tmp_path):
    """The file of a program is read within its own folders only, whatever the folders on the way are."""
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    site.mkdir()
    elsewhere.mkdir()
    (elsewhere / "STATE.json").write_text('{"total_cost": 5.0}', encoding="utf-8")
    (site / ".agent-team").symlink_to(elsewhere)
    agent = resolve("agent_team", AgentConfig())
    values = agent.values(prompt="", prompt_file=site / "t", workspace=site, home=site / "home", project=site)
    said = Reader(agent.output, values).end(0, "")
    assert said.usage is None
    assert said.claim.problem == "its file STATE.json lies elsewhere"
