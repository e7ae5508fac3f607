"""Settings: where they come from, which wins, and what a wrong one is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.config import DEPTHS, Config, load_config
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity


def write(tmp_path, text):
    file = tmp_path / "superteam.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def load(file=None, environment=None, options=None):
    return load_config(file, environment=environment or {}, options=options or {})


def test_defaults():
    """Nothing set gives the defaults."""
    assert load() == Config()


def test_precedence(tmp_path):
    """An option beats the environment, the environment the file, the file the depth, the depth the default."""
    file = write(tmp_path, "depth: quick\ngate: {examples: 3}\nbuilder: file\noutput: file\n")
    found = load(file, {"SUPERTEAM_BUILDER": "env", "SUPERTEAM_OUTPUT": "env"}, {"output": "option"})
    assert (found.output, found.builder, found.gate.examples) == ("option", "env", 3)
    assert found.timeouts.tests == DEPTHS["quick"]["timeouts.tests"]
    assert found.timeouts.request == Config().timeouts.request


@pytest.mark.parametrize("depth", sorted(DEPTHS))
def test_depth_never_overrides_what_was_set(depth, tmp_path):
    """A depth leaves every key alone that was set explicitly, even to its default."""
    file = write(tmp_path, f"gate: {{examples: {Config().gate.examples}}}\n")
    found = load(file, options={"depth": depth})
    assert found.gate.examples == Config().gate.examples
    assert found.depth == depth


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dept: quick", ":1: 'dept' is no setting. Did you mean 'depth'?"),
        ("gate:\n  exampels: 3", ":2: 'gate.exampels' is no setting. Did you mean 'gate.examples'?"),
        ("\nexamples: 3", ":2: 'examples' is no setting. Did you mean 'gate.examples'?"),
        ("gate: 3", ":1: 'gate' must hold `key: value` lines."),
        ("- a", ":1: must hold `key: value` lines."),
        ("gate:\n  seed: x", ":2: gate.seed: 'x' is no whole number."),
        ("parallel: true", ":1: parallel: 'True' is no whole number."),
        ("fresh: 1", ":1: fresh: '1' is no truth value."),
        ("depth: slow", "'slow' is not allowed. Choose one of exhaustive, quick, standard, thorough."),
        ("scan: {exclude: tests}", "'tests' is no list of texts."),
        ("timeouts: {ready: -1}", "'-1.0' is out of range."),
        ("output: ''", "output: is empty."),
        ("a: [", ":1: is no YAML:"),
        ("a: !!python/object/apply:os.getcwd []", "'a' is no setting."),
    ],
)
def test_wrong_file(tmp_path, text, message):
    """A wrong key or value is one line with file, line and key."""
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "superteam.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SUPERTEAM_DEPHT", "quick", "Did you mean 'SUPERTEAM_DEPTH'?"),
        ("SUPERTEAM_DEPTH", "slow", "SUPERTEAM_DEPTH: 'slow' is not allowed."),
        ("SUPERTEAM_FRESH", "maybe", "'maybe' is no truth value."),
        ("SUPERTEAM_PARALLEL", "two", "'two' is no whole number."),
    ],
)
def test_wrong_environment(variable, value, message):
    """A wrong variable is one line that names it."""
    with pytest.raises(ConfigError, match=r"^SUPERTEAM_") as caught:
        load(environment={variable: value})
    assert message in str(caught.value)


def test_environment_types():
    """Variables are read as the type of their setting."""
    found = load(
        environment={
            "SUPERTEAM_FRESH": "yes",
            "SUPERTEAM_TIMEOUTS_READY": "2.5",
            "SUPERTEAM_SCAN_EXCLUDE": "a/, b/",
            "SUPERTEAM_GATE_BLOCKING_SEVERITY": "high",
            "PATH": "/bin",
        }
    )
    assert found.fresh is True
    assert found.timeouts.ready == 2.5
    assert found.scan.exclude == ("a/", "b/")
    assert found.gate.blocking_severity is Severity.HIGH


def test_empty_exclude_is_not_the_default(tmp_path):
    """`exclude: []` excludes nothing; a setting that is not there is the built-in list."""
    file = tmp_path / "superteam.yaml"
    file.write_text("scan: {exclude: []}")
    assert load_config(file, environment={}, options={}).scan.exclude == ()
    assert load_config(None, environment={}, options={}).scan.exclude is None


def test_wrong_option():
    """A wrong option value names the option and the choices."""
    with pytest.raises(
        ConfigError, match=r"--until: 'now' is not allowed. Choose one of architect, builders, deployment."
    ):
        load(options={"until": "now"})


@given(st.text(max_size=200))
def test_any_text_is_settings_or_one_line(tmp_path_factory, text):
    """Whatever the file holds, the answer is a Config or one ConfigError line."""
    file = tmp_path_factory.mktemp("config") / "superteam.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        told = load(file)
    except ConfigError as error:
        told = str(error)
    assert isinstance(told, Config) or "\n" not in told
