"""The schema of superteam.yaml and the settings that are shown: both say what `load_config` says."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.config import AuthUser, Config, PlatformConfig, ServicePath, effective_config, load_config
from pytest_superteam.config_entries import AgentConfig, EnvironmentName, PriceConfig, ServiceConfig
from pytest_superteam.config_entries.services import ADDRESS, COMMAND
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity
from pytest_superteam.settings import SCHEMA_FILE
from pytest_superteam.settings.effective import settings_lines
from pytest_superteam.settings.meanings import meanings
from pytest_superteam.settings.schema import schema_text, settings_schema

SCHEMA = settings_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("settings") / "superteam.yaml"


def refused(document, file):
    """Return why a run refuses a document; empty where it does not."""
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    said = ""
    try:
        load_config(file, environment={}, options={})
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said
    return said


def agree(document, file):
    """Check that the schema and a run are of one mind about a document."""
    errors = [error.message[:300] for error in VALIDATOR.iter_errors(document)]
    said = refused(document, file)
    assert bool(errors) == bool(said), f"{document}\nschema: {errors}\nrun: {said}"
    return not said


# ---------------------------------------------------------------- the file


def test_the_file_is_the_schema():
    """The file that is shipped is what the types say; `python -m pytest_superteam.settings.schema` mends it."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_one():
    """It is a valid schema of the draft that it names."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert jsonschema.validators.validator_for(SCHEMA) is jsonschema.Draft7Validator


def properties(schema, prefix=""):
    """Yield (dotted key, schema) of every setting."""
    for name, inner in schema["properties"].items():
        if "properties" in inner:
            yield from properties(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, inner


def values(config, prefix=""):
    """Yield (dotted key, value) of every setting."""
    for item in fields(config):
        value = getattr(config, item.name)
        if is_dataclass(value):
            yield from values(value, f"{prefix}{item.name}.")
        else:
            yield prefix + item.name, value


def test_every_setting_is_in_it():
    """Each setting is there with what it means, and with its default where that could be written."""
    found, defaults = dict(properties(SCHEMA)), dict(values(Config()))
    assert found.keys() == defaults.keys()
    for key, schema in found.items():
        assert schema["description"], key
        if "default" in schema:
            value = defaults[key]
            assert schema["default"] == (value.value if isinstance(value, Severity) else value)
        else:
            assert not defaults[key], key


@pytest.mark.parametrize("pipeline", ["bookstore", "leaky-bookstore"])
def test_pipelines_fit(pipeline, file, request):
    """The settings of the pipelines in the repository fit."""
    text = (request.config.rootpath / "pipelines" / pipeline / "superteam.yaml").read_text(encoding="utf-8")
    assert agree(yaml.safe_load(text), file)


# ---------------------------------------------------------------- what fits, and what does not

GOOD = [
    None,
    {},
    {"depth": "quick", "until": None, "start": "builders", "fresh": True},
    {"architect": "command", "architect_command": ["x"]},
    {"architect": "builtin", "architect_command": []},
    {"fix": 0, "parallel": 64, "retries": 0},
    {"fix": None, "parallel": 3.0},
    {"gate": {"blocking_severity": "high", "examples": 100_000, "test_pass_ratio": 1, "response_time": 0.001}},
    {"budget": {"total": 0, "phases": {"architect": 0.0, "fix": None}, "allow_unknown_cost": False}},
    {"retry": {"attempts": 1, "same_error": 2, "stall": 0}},
    {"deployment": {"gateway": "none", "images": {"redis": "redis:7"}, "build_args": {"A": 1, "B": True, "C": ""}}},
    {"deployment": {"replace_images": {"node:22": "x/node:22"}, "profiles": []}},
    {"auth": {"token": "API_TOKEN", "scheme": "", "header": "X-Key", "tokens": {"admin": "A_1"}}},
    {"auth": {"scheme": None, "oauth2": {}, "tokens": {}}},
    {"auth": {"oauth2": {"token_url": "https://h/t", "client_id": "x", "client_secret": "SECRET", "scope": "a b"}}},
    {"auth": {"users": [{"role": "a", "username": "b", "password": "P"}]}},
    {"services": {"orders": {}, "x": {"builder": None, "budget": 3, "on_failure": "stop"}}},
    {"platforms": {"p": {"tier": "free", "limit": 3, "window": 1}}, "prices": {"m": {"input": 1, "output": 2.5}}},
    {"agents": {"mine": {"command": ["x"], "variables": {"A": 1}, "prompt": "stdin", "memory": 1}}},
    {"scan": {"exclude": []}, "pacts": {"sources": ["a"]}},
    {"system": {"services": ["services/*", {"name": "a", "url": "http://[::1]:80/x"}, {"path": "b", "port": 1.0}]}},
    {"system": {"services": [{"path": "a/*", "language": "go", "health": "/h", "test": "go test ./..."}]}},
    {"system": {"services": [{"path": "a", "url": "HTTP://h", "reset": "POST /reset"}]}},
    {"system": {"correct": {"v": {"port": "none", "test": "none", "depends_on": "none", "datastores": ["x"]}}}},
    {"system": {"correct": {"v": {"test": ["a", ""], "kind": "job", "role": "none", "health": "none"}}}},
    {"system": {"correct": {"v": {"test": 'sh -c \'a "b"\' \\\' "\\""'}}}},
]
BAD = [
    [],
    3,
    "",
    {"dept": "quick"},
    {"depth": None},
    {"depth": "slow"},
    {"gate": None},
    {"gate": {}, "gate.examples": 3},
    {"gate.examples": 3},
    {"gate": {"examples": 0}},
    {"gate": {"examples": 1.5}},
    {"gate": {"examples": True}},
    {"gate": {"test_pass_ratio": 1.1}},
    {"gate": {"blocking_severity": "HIGH"}},
    {"parallel": 65},
    {"fix": -1},
    {"fresh": 1},
    {"fresh": None},
    {"output": ""},
    {"output": " "},
    {"output": 3},
    {"builders": "a"},
    {"builders": [1]},
    {"architect": "command"},
    {"architect": "command", "architect_command": []},
    {"retry": {"attempts": 0}},
    {"timeouts": {"ready": 0}},
    {"timeouts": {"builders": -1}},
    {"deployment": {"images": {"mysql": "x"}}},
    {"deployment": {"build_args": {"A": None}}},
    {"deployment": {"build_args": {"": "x"}}},
    {"deployment": {"build_args": {"a\nb": "x"}}},
    {"deployment": {"build_args": ["A=1"]}},
    {"auth": {"token": ""}},
    {"auth": {"token": "A-B"}},
    {"auth": {"token": "A\n"}},
    {"auth": {"token": "ghp_" + "a1" * 12}},
    {"auth": {"token": "Zx81" + "abcDEF123" * 3}},
    {"auth": {"tokens": {"": "A"}}},
    {"auth": {"header": ""}},
    {"auth": {"header": "a b"}},
    {"auth": {"scheme": "a b"}},
    {"auth": {"oauth2": {"client_id": "x"}}},
    {"auth": {"oauth2": {"token_url": "h/t", "client_id": "x", "client_secret": "SECRET"}}},
    {"auth": {"users": []}},
    {"auth": {"users": [{"role": "a", "username": "b"}]}},
    {"auth": {"users": [{"role": "a", "username": "b", "password": "P", "x": 1}]}},
    {"services": {"orders": {"on_failure": "never"}}},
    {"services": {"orders": None}},
    {"services": {" ": {}}},
    {"prices": {"m": {"input": 1}}},
    {"platforms": {"p": {"window": 0}}},
    {"agents": {"mine": {"comand": ["x"]}}},
    {"agents": {"mine": {"memory": 1.5}}},
    {"system": {"services": []}},
    {"system": {"services": "a"}},
    {"system": {"services": [{"name": "a"}]}},
    {"system": {"services": [{"path": "a", "reset": "GET /x"}]}},
    {"system": {"services": [{"path": "a/*", "url": "http://h"}]}},
    {"system": {"services": [{"path": "a", "url": "http://u:p@h"}]}},
    {"system": {"services": [{"path": "a", "url": "http://h:0"}]}},
    {"system": {"services": [{"path": "a", "url": "http://h:65536"}]}},
    {"system": {"services": [{"path": "a", "url": "http://h?q"}]}},
    {"system": {"services": [{"path": "a", "port": 0}]}},
    {"system": {"services": [{"path": "a", "port": "80"}]}},
    {"system": {"services": [""]}},
    {"system": {"correct": {"v": {}}}},
    {"system": {"correct": {"v": {"path": "a*"}}}},
    {"system": {"correct": {"v": {"prot": 80}}}},
    {"system": {"correct": {"v": {"kind": "tool"}}}},
    {"system": {"correct": {"v": {"test": 'pytest "'}}}},
    {"system": {"correct": {"v": {"test": ["a\nb"]}}}},
    {"system": {"correct": {"v": {"health": "//h"}}}},
    {"system": {"correct": {"v": {"reset": "GET /x/{id}"}}}},
    {"system": {"correct": {"v": {"datastores": [""]}}}},
    {"system": {"correct": {"v": {"framework": "a\nb"}}}},
]


@pytest.mark.parametrize("document", GOOD, ids=str)
def test_what_a_run_accepts(document, file):
    """The schema and a run accept it."""
    assert agree(document, file)


@pytest.mark.parametrize("document", BAD, ids=str)
def test_what_a_run_refuses(document, file):
    """The schema and a run refuse it."""
    assert not agree(document, file)


def test_what_only_a_run_knows(file):
    """No schema says whether an IPv6 address is one; the run does."""
    document = {"system": {"services": [{"path": "a", "url": "http://[::::]"}]}}
    assert VALIDATOR.is_valid(document)
    assert "is no address" in refused(document, file)


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_characters="\x7f\x85\ufeff"), max_size=12)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.floats(-1, 2e9, allow_nan=False),
    PRINTABLE,
    st.sampled_from(["quick", "high", "none", "API_TOKEN", "http://h", "service", "all", "/health", "POST /x", ""]),
    st.lists(PRINTABLE, max_size=2),
    st.dictionaries(PRINTABLE, PRINTABLE, max_size=1),
)
KEYS = [key for key, _ in properties(SCHEMA)]
SERVICE_KEYS = [item.name for item in fields(ServicePath)]
ENTRIES = st.dictionaries(st.sampled_from([*SERVICE_KEYS, "x"]), ANYTHING, max_size=3)
AGENT = st.dictionaries(st.sampled_from([item.name for item in fields(AgentConfig)]), ANYTHING, max_size=2)


def nested(key, value):
    """Return a document with one setting."""
    for name in reversed(key.split(".")):
        value = {name: value}
    return value


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KEYS), ANYTHING)
def test_any_value_of_any_setting(file, key, value):
    """Whatever stands in a setting, the schema and a run are of one mind."""
    agree(nested(key, value), file)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        ENTRIES.map(lambda entry: nested("system.correct", {"v": entry})),
        ENTRIES.map(lambda entry: nested("system.services", [entry])),
        AGENT.map(lambda entry: nested("agents", {"a": entry})),
        st.text(alphabet="aB \\'\"\t\n#", max_size=10).map(
            lambda text: nested("system.correct", {"v": {"test": text}})
        ),
        st.from_regex(r"(http|ftp)s?:/?/?[a-z@:.\[\]]{0,8}(:[0-9]{0,6})?(/[a-z? #]{0,4})?", fullmatch=True).map(
            lambda url: nested("system.correct", {"v": {"url": url}})
        ),
    ).filter(lambda document: "[" not in str(document.get("system", {}).get("correct", {}).get("v", {}).get("url", "")))
)
def test_any_entry(file, document):
    """Whatever is said of a service or an agent, the schema and a run are of one mind; IPv6 addresses apart."""
    agree(document, file)


@pytest.mark.parametrize("form", [ADDRESS, COMMAND], ids=["address", "command"])
def test_forms_take_no_time(form):
    """A long text that almost fits is refused at once: there is nothing to go back to."""
    assert not form.holds("http://h/" + "a\\'" * 20_000 + "'\n?")


# ---------------------------------------------------------------- the settings in effect

AGENTS = {"mine": AgentConfig(command=("x", "{prompt}"), variables={"MODE": "fast"}, confine=False)}
CORRECT = {"v": ServicePath(port=0, test=(), health="none", path="a b"), "w": ServicePath(port=80, test=("a", "it's"))}
SHOWN = {
    "defaults": Config(),
    "values": replace(Config(), depth="quick", fix=0, until="architect", fresh=True, builders=("a", "b: c")),
    "groups": replace(
        Config(),
        gate=replace(Config().gate, blocking_severity=Severity.HIGH, response_time=0.25),
        budget=replace(Config().budget, total=5.0, phases=replace(Config().budget.phases, fix=1.0)),
        scan=replace(Config().scan, exclude=(), strict_analysis=False),
        auth=replace(Config().auth, scheme="", tokens={"admin": EnvironmentName("ADMIN_TOKEN")}),
    ),
    "entries": replace(
        Config(),
        agents=AGENTS,
        services={"orders": ServiceConfig(budget=3.0), "other": ServiceConfig()},
        prices={"m": PriceConfig(input=1.0, output=2.0)},
        system=replace(Config().system, correct=CORRECT, services=(ServicePath(path="a"),)),
        deployment=replace(Config().deployment, build_args={"A": "1", "B": "no"}, gateway="none"),
    ),
}


@pytest.mark.parametrize("with_meanings", [False, True], ids=["values", "meanings"])
@pytest.mark.parametrize("case", SHOWN)
def test_settings_can_be_pasted_back(case, with_meanings, file):
    """What is shown is a superteam.yaml that says the same."""
    lines = settings_lines(SHOWN[case], {}, with_meanings=with_meanings)
    file.write_text("\n".join(lines), encoding="utf-8")
    assert load_config(file, environment={}, options={}) == SHOWN[case]
    assert len(lines) > len(list(values(Config())))


def test_origins(file):
    """Each value is shown with what set it, by the precedence of the sources."""
    file.write_text("depth: quick\ngate:\n  seed: 3\n  examples: 4\nbuilder: a\noutput: b\n", encoding="utf-8")
    config, origins = effective_config(
        file, environment={"SUPERTEAM_BUILDER": "c", "SUPERTEAM_OUTPUT": "d"}, options={"output": "e", "fix": 2}
    )
    assert settings_lines(config, origins, only_set=True) == [
        "depth: quick  # superteam.yaml:1",
        "output: e  # --superteam-output",
        "builder: c  # SUPERTEAM_BUILDER",
        "fix: 2  # --fix",
        "retries: 0  # depth: quick",
        "gate:",
        "  examples: 4  # superteam.yaml:4",
        "  seed: 3  # superteam.yaml:3",
        "timeouts:",
        "  tests: 60.0  # depth: quick",
    ]
    assert "#deploy:  # unset" in settings_lines(config, origins)
    assert "parallel: 3  # default" in settings_lines(config, origins)


SECRET = "s3cr3t-" + "w0rd" * 3


@pytest.mark.parametrize(
    "text",
    [
        f"state_url: postgresql+psycopg://me:{SECRET}@host/name",
        f"pacts: {{sources: ['https://me:{SECRET}@broker.example']}}",
        f"agents: {{a: {{command: [x], variables: {{API_KEY: {SECRET}}}}}}}",
        f"deployment: {{build_args: {{NPM_TOKEN: {SECRET}}}}}",
        f"agents: {{a: {{command: [x, --token={SECRET}]}}}}",
    ],
)
def test_secrets_are_masked(text, file):
    """What looks like a secret in a setting is cut down, and the line says so."""
    file.write_text(text, encoding="utf-8")
    shown = "\n".join(settings_lines(*effective_config(file, environment={}, options={}), only_set=True))
    assert SECRET not in shown
    assert "superteam.yaml:1, masked" in shown


@pytest.mark.parametrize("cls", [AgentConfig, AuthUser, PlatformConfig, PriceConfig, ServiceConfig, ServicePath])
def test_every_key_of_an_entry_says_what_it_means(cls):
    """Each key of what has entries of its own has a text below it."""
    assert meanings(cls).keys() == {item.name for item in fields(cls)}
    assert all(meanings(cls).values())
