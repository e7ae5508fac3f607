"""The first hour: an example to begin with, options by task, the settings' schema, the settings in effect."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.document.prd import read_prd
from pytest_superteam.gate.help import COMMANDS, EXAMPLE, help_lines
from pytest_superteam.options import ANYWHERE, OPTIONS, TASKS
from pytest_superteam.settings import SCHEMA_FILE


def printed(result):
    """Return what a session printed, checked that it ended well and said nothing else."""
    assert result.ret == pytest.ExitCode.OK, result.stderr.str()
    assert "test session starts" not in result.stdout.str()
    assert result.stderr.str().strip() == ""
    return f"{result.stdout.str()}\n"


def refused(result):
    """Return the line that ends a session early, the only one."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    lines = [line for line in [*result.outlines, *result.errlines] if line.strip()]
    assert len(lines) == 1, lines
    assert lines[0].startswith("ERROR: ")
    return lines[0].removeprefix("ERROR: ")


# ---------------------------------------------------------------- the example


@pytest.fixture(scope="module")
def example():
    return design(read_prd(EXAMPLE))


def test_example_is_short():
    """The example fits on a screen or two, and says of each of its parts what is read from it."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert max(map(len, text.splitlines())) <= 120
    sections = re.split(r"^#{1,2} ", text, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections if "<!--" not in section] == []


def test_example_is_understood(example):
    """The architect finds in the example exactly what it names, and has nothing to ask."""
    services = {service.name for service in example.services}
    entities = {entity.name: entity.service for entity in example.entities}
    operations = {f"{o.method} {o.path}" for o in example.operations if o.source.kind == "explicit"}
    assert services == {"library-service", "notice-service"}
    assert entities == {
        "User": "library-service",
        "Book": "library-service",
        "Loan": "library-service",
        "Notice": "notice-service",
    }
    assert operations == {
        *("POST /auth/register", "POST /auth/login", "GET /books", "POST /books", "POST /loans", "GET /loans"),
        *("GET /loans/{id}", "POST /loans/{id}/return", "GET /notices"),
    }
    assert [requirement.id for requirement in example.requirements] == [f"FR-00{n}" for n in range(1, 6)]
    assert [(event.name, event.publisher) for event in example.events] == [("LoanReturned", "library-service")]
    assert set(example.roles) == {"member", "librarian"}
    assert (list(example.questions), list(example.contradictions)) == ([], [])


# ---------------------------------------------------------------- what answers anywhere

TEXTS = {
    "--prd-example": lambda text: text == EXAMPLE.read_text(encoding="utf-8"),
    "--superteam-help": lambda text: text.splitlines() == help_lines(),
    "--superteam-config-schema": lambda text: json.loads(text) == json.loads(SCHEMA_FILE.read_text(encoding="utf-8")),
}


@pytest.mark.parametrize("words", [[], ["-q"], ["-v"], ["--co"], ["tests"], ["-p", "no:terminal"]], ids=str)
@pytest.mark.parametrize("flag", ANYWHERE)
def test_prints_nothing_else(project, flag, words):
    """Standard output holds the text and nothing else, however pytest is called."""
    assert TEXTS[flag](printed(project.runpytest(flag, *words)))


@pytest.mark.parametrize(
    "ini",
    [
        "addopts = --cov=src --no-such-option -n 3 --prd PRD.md",
        "addopts = -v --strict-markers\ntestpaths = gone",
        "no_such_setting = 1\nfilterwarnings = error",
    ],
    ids=["options that are unknown here", "paths that are gone", "settings that are unknown"],
)
@pytest.mark.parametrize("flag", ANYWHERE)
def test_no_project_is_in_the_way(pytester, monkeypatch, flag, ini):
    """What a project tells pytest, in its settings, its conftest.py or a variable, does not count."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makeconftest("raise RuntimeError('broken')")
    (pytester.path / "superteam.yaml").write_text("no: setting", encoding="utf-8")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--also-unknown")
    monkeypatch.setenv("SUPERTEAM_NONSENSE", "1")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "pytest_superteam.plugin", flag)
    assert TEXTS[flag](printed(result))


@pytest.mark.parametrize("flag", ANYWHERE)
def test_reader_that_has_seen_enough(pytester, flag):
    """A reader that goes away is no error and leaves no complaint."""
    line = f"'{sys.executable}' -m pytest {flag} | head -n 1 > first; echo ${{PIPESTATUS[0]}} > code"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (pytester.path / "first").read_text(encoding="utf-8").strip()
    assert (pytester.path / "code").read_text(encoding="utf-8").strip() == "0"
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_output_in_another_encoding(pytester, encoding):
    """An output that can't say every character is no error."""
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "pytest", "--superteam-config-schema"]
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode(encoding))["$schema"]


@pytest.mark.parametrize(
    "words",
    [
        ["--prd-example", "--superteam-help"],
        ["--superteam-help", "--status"],
        ["--superteam-config-show", "--clean-state"],
    ],
    ids=str,
)
def test_one_question_at_a_time(project, words):
    """What prints something of its own goes with no other question."""
    line = refused(project.runpytest(*words))
    assert line in {f"{a}: can't go with {b}. Leave one of them out." for a in words for b in words}


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("columns", [20, 50, 64, 80, 120, 400])
def test_help_fits(monkeypatch, columns):
    """Every option stands below its task, and no line is wider than the terminal but for words that are."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = help_lines()
    text = "\n".join(lines)
    for task in TASKS:
        section = text.split(f"\n{task}:\n")[1].split("\n\n")[0]
        shown = [option.shown for option in OPTIONS if option.task == task]
        assert re.findall(r"^  (--[^\n]*?)(?: {2,}|$)", section, flags=re.MULTILINE) == shown
    options = text.split(f"\n{TASKS[0]}:\n")[1].splitlines()
    assert all(len(line) <= max(columns, 30) or len(line.split()) < 3 for line in options)
    assert "docs/index.md" in text


def test_help_names_what_is_there():
    """The command lines at the top use options that exist."""
    ours = {option.flag for option in OPTIONS} | {"--html", "--self-contained-html", "--junitxml"}
    assert {word for line, _ in COMMANDS for word in re.findall(r"--[\w-]+", line)} <= ours


# ---------------------------------------------------------------- settings in effect


def names(folder):
    """Return what lies in a folder; Python may have compiled its conftest.py."""
    return sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")


def test_settings_of_a_project(project, monkeypatch):
    """Each value is shown with what set it; nothing is designed or written."""
    (project.path / "superteam.yaml").write_text("builder: fake\ngate: {seed: 7}\n", encoding="utf-8")
    monkeypatch.setenv("SUPERTEAM_PARALLEL", "2")
    before = names(project.path)
    text = printed(project.runpytest("--prd", "PRD.md", "--depth", "quick", "--superteam-config-show"))
    assert yaml.safe_load(text)["gate"] == {**yaml.safe_load(text)["gate"], "seed": 7, "examples": 10}
    for line in (
        "depth: quick  # --depth",
        "builder: fake  # superteam.yaml:1",
        "  seed: 7  # superteam.yaml:2",
        "  examples: 10  # depth: quick",
        "parallel: 2  # SUPERTEAM_PARALLEL",
        "output: services  # default",
        "#deploy:  # unset",
    ):
        assert f"\n{line}\n" in text
    assert names(project.path) == before


def test_settings_that_somebody_set(project):
    """With -q the defaults are left out; with -v each setting says what it means."""
    short = printed(project.runpytest("--superteam-config-show", "-q", "--fix", "2")).splitlines()
    assert [line for line in short if not line.startswith("# ")] == [
        "builder: fake  # superteam.yaml:1",
        "fix: 2  # --fix",
        "gate:",
        "  convergence_ratio: 0.0  # superteam.yaml:2",
    ]
    long = printed(project.runpytest("--superteam-config-show", "-v"))
    assert "# Builders at the same time.\nparallel: 3  # default\n" in long


def test_nothing_is_set(pytester):
    """A folder without anything has the defaults, and -q says so."""
    text = printed(pytester.runpytest("--superteam-config-show", "-q", "-p", "no:cacheprovider"))
    assert text.endswith("# Nobody has set anything: all are defaults.\n")


def test_settings_while_faults_are_tried(project):
    """What an option implies for another setting is in effect, and named."""
    text = printed(project.runpytest("--prd", "PRD.md", "--calibrate", "--superteam-config-show", "-q"))
    assert "\n  promotion: all  # --calibrate\n" in text


def test_settings_of_a_system(project):
    """With --system they are those of its folder."""
    folder = project.mkdir("shop")
    (folder / "superteam.yaml").write_text("depth: thorough\n", encoding="utf-8")
    text = printed(project.runpytest("--system", "shop", "--superteam-config-show", "-q"))
    assert text.startswith(f"# Settings of the project in {folder}: superteam.yaml there.\n")
    assert "\ndepth: thorough  # superteam.yaml:1\n" in text


def test_wrong_settings_are_refused(project):
    """A wrong setting is the same line that a run ends with."""
    (project.path / "superteam.yaml").write_text("dept: quick\n", encoding="utf-8")
    shown = refused(project.runpytest("--superteam-config-show"))
    assert shown == refused(project.runpytest("--prd", "PRD.md"))
    assert shown.endswith("superteam.yaml:1: 'dept' is no setting. Did you mean 'depth'?")


# ---------------------------------------------------------------- superteam_config in pytest's own settings


@pytest.fixture
def twin(project):
    """Return a project whose pytest.ini names settings, started in a folder below."""
    ini = next(path for path in project.path.iterdir() if path.suffix == ".ini")
    ini.write_text(f"{ini.read_text()}\nsuperteam_config = conf/gate.yaml\n", encoding="utf-8")
    (project.path / "superteam.yaml").write_text("depth: quick\n", encoding="utf-8")
    (project.mkdir("conf") / "gate.yaml").write_text("depth: thorough\n", encoding="utf-8")
    return project


def depth_of(project, *words):
    """Return the depth in effect."""
    return yaml.safe_load(printed(project.runpytest("--prd", "PRD.md", "--superteam-config-show", *words)))["depth"]


def test_twin_of_the_option(twin):
    """`superteam_config` is the file, relative to rootdir, before the one beside the PRD and after the option."""
    assert depth_of(twin) == "thorough"
    assert depth_of(twin, "--superteam-config", "superteam.yaml") == "quick"
    assert depth_of(twin, "-o", "superteam_config=") == "quick"
    os.chdir(twin.path / "conf")
    shown = printed(twin.runpytest("--rootdir", str(twin.path), "-c", "../tox.ini", "--superteam-config-show"))
    assert yaml.safe_load(shown)["depth"] == "thorough"


def test_twin_of_a_run(twin):
    """A run goes by it too, and its project is the folder of the settings."""
    result = twin.runpytest("--prd", "PRD.md", "--until", "architect")
    assert result.ret == 0, result.stdout.str()
    assert (twin.path / "conf/.superteam/architecture").is_dir()


def test_twin_that_is_no_file(twin):
    """A file that is not there is one line that says where it is named."""
    (twin.path / "conf/gate.yaml").unlink()
    line = refused(twin.runpytest("--prd", "PRD.md"))
    assert line == f"superteam_config: '{twin.path}/conf/gate.yaml' is no file. Name an existing superteam.yaml."


def test_editors_find_the_schema(project):
    """A run leaves the schema of its version where the first line of a superteam.yaml by --init looks for it."""
    from pytest_superteam.discovery.starting import _HEAD

    assert project.runpytest("--prd", "PRD.md", "--until", "architect").ret == 0
    name = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", _HEAD.splitlines()[0])[1]
    assert (project.path / name).read_bytes() == SCHEMA_FILE.read_bytes()
    (project.path / name).write_text("old")
    assert project.runpytest("--prd", "PRD.md", "--until", "architect").ret == 0
    assert (project.path / name).read_bytes() == SCHEMA_FILE.read_bytes()
