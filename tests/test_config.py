"""Settings: where they come from, which wins, and what a wrong one is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.config import DEPTHS, Config, ServicePath, load_config
from pytest_superteam.config_entries import corrections, running_services, service_paths
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
        ("timeouts: {ready: -1}", "'-1' is out of range."),
        ("output: ''", "output: '' is empty."),
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


def test_what_corrects_a_found_service(tmp_path):
    """A correction says any fact of a service; what it leaves out stays open, and `none` is told from it."""
    text = """
        system:
          compose_files: [deploy/compose.yaml, deploy/local.yaml]
          correct:
            vote: {language: python, framework: flask, port: 80, health: /healthz, compose: web, role: frontend}
            "80": {test: pytest -q "tests/a b", depends_on: [vote], datastores: [], name: api, path: src/api}
            seed: {kind: job, test: [make, check], port: none, health: none}
            shop: {url: "http://127.0.0.1:8000", contract: openapi.yaml, reset: POST /reset, depends_on: none}
    """
    found = load(write(tmp_path, text)).system
    assert found.services == ()
    assert found.compose_files == ("deploy/compose.yaml", "deploy/local.yaml")
    assert found.correct == {
        "vote": ServicePath(
            language="python", framework="flask", port=80, health="/healthz", compose="web", role="frontend"
        ),
        "80": ServicePath(
            name="api", path="src/api", test=("pytest", "-q", "tests/a b"), depends_on=("vote",), datastores=()
        ),
        "seed": ServicePath(kind="job", test=("make", "check"), port=0, health="none"),
        "shop": ServicePath(url="http://127.0.0.1:8000", contract="openapi.yaml", reset="POST /reset", depends_on=()),
    }


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"prot": 80}, "'prot' is no key of a service. Did you mean 'port'?"),
        ({1: 80}, "'1' is no key of a service. Allowed are "),
        ({"port": 0}, "port: '0' is no port. Allowed are 1 to 65535, and none."),
        ({"port": 65_536}, "port: '65536' is no port."),
        ({"port": "80"}, "port: '80' is no port."),
        ({"port": True}, "port: 'True' is no port."),
        ({"health": "healthz"}, "health: 'healthz' is no path. Write `/health`, or none."),
        ({"health": "//evil.example/x"}, "health: '//evil.example/x' is no path."),
        ({"health": "/a b"}, "health: '/a b' is no path."),
        ({"health": False}, "health: 'False' is no path."),
        ({"test": 'pytest "'}, "test: 'pytest \"' is no command (No closing quotation)."),
        ({"test": 3}, "test: '3' is no list of texts. Write `[a, b]`, or none."),
        ({"test": ["a", 3]}, "test: '['a', 3]' is no list of texts."),
        ({"depends_on": "vote"}, "depends_on: 'vote' is no list of texts."),
        ({"datastores": [""]}, "datastores: '' is no text."),
        ({"language": True}, "language: 'True' is no text."),
        ({"framework": "a\nb"}, "framework: 'a?b' is no text."),
        ({"kind": "tool"}, "kind: 'tool' is not allowed. Choose one of infrastructure, job, none, service."),
        ({"kind": ["job"]}, "kind: '['job']' is not allowed."),
        ({"role": "api"}, "role: 'api' is not allowed. Choose one of broker, cache, database, frontend, gateway, "),
        ({"path": "apps/*"}, "path: 'apps/*' names many folders. Name one."),
        ({"url": "localhost:80"}, "url: 'localhost:80' is no address."),
        ({"reset": "GET"}, "reset: 'GET' is no operation."),
        ({}, "'{}' says nothing of it. Write `{port: 8000}`."),
        (80, "'80' says nothing of it."),
    ],
)
def test_a_wrong_correction(entry, message):
    """What can't be said of a service is one line that names the service, the key and what can be said."""
    with pytest.raises(ConfigError) as caught:
        corrections({"vote\n": entry}, "superteam.yaml:3: system.correct")
    assert str(caught.value).startswith("superteam.yaml:3: system.correct: vote?: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [["vote"], {80: {"port": 80}}, {" ": {"port": 80}}, None])
def test_corrections_are_by_name(value):
    """Corrections without a name are refused."""
    with pytest.raises(ConfigError, match=r"is no mapping of services\. Write `\{api: \{port: 8000\}\}`\."):
        corrections(value, "p")


def test_corrections_are_no_variable():
    """What holds mappings can't be given in the environment, and says where it belongs."""
    with pytest.raises(ConfigError, match=r"^SUPERTEAM_SYSTEM_CORRECT: can't be written as text\. "):
        load(environment={"SUPERTEAM_SYSTEM_CORRECT": "vote=80"})


def test_a_named_service_without_a_place_is_told_of_corrections():
    """A list of services replaces what was found; who only means to correct is told where that is done."""
    with pytest.raises(ConfigError, match=r"is no service\. .* What was found is corrected under `system\.correct`\."):
        service_paths([{"name": "vote", "port": 80}], "p")


def test_what_a_glob_can_say():
    """All folders of a glob may share a language or a test command, but no name."""
    [found] = service_paths([{"path": "cases/*", "language": "python", "test": ["pytest"]}], "p")
    assert (found.language, found.test) == ("python", ("pytest",))
    with pytest.raises(ConfigError, match=r"'cases/\*' names many folders, but 'compose' one service\. Drop it\."):
        service_paths([{"path": "cases/*", "compose": "web"}], "p")


def test_addresses_of_options():
    """`--url` takes a name and an address, the first equals sign between them."""
    assert running_services(["api=http://h:80/a=b", " shop = https://h "]) == {
        "api": ServicePath(url="http://h:80/a=b"),
        "shop": ServicePath(url="https://h"),
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["api"], "--url: 'api' is no service. Write `api=http://127.0.0.1:8000`."),
        (["=http://h"], "--url: '=http://h' is no service."),
        (["api=h:80"], "--url: api: 'h:80' is no address. Write `http://127.0.0.1:8000`."),
        (["api="], "--url: api: '' is no address."),
        (["api=http://h\x07"], "--url: api: 'http://h?' is no address."),
        (["api=http://me:secret@h"], "--url: api: the url of 'h' holds a name. Leave it out, and use `auth`."),
        (["api=http://me:secret@h?q"], "--url: api: 'h?q' is no address."),
        (["api=http://h", "api=http://i"], "--url: 'api' is given twice."),
    ],
)
def test_wrong_addresses_of_options(values, message):
    """A wrong address is one line that repeats no password."""
    with pytest.raises(ConfigError) as caught:
        running_services(values)
    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)


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
