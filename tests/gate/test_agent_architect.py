"""An architect by agent, from the command line: its design, its fallback, its further tries."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest
import yaml

ARCHITECT = ("--prd", "PRD.md", "--until", "architect")
COPY = """
import os, shutil
from pathlib import Path
out = Path(os.environ["ARCHITECT_OUTPUT"])
here = Path(__file__).parent
(here / "tries.log").open("a").write(os.environ["ARCHITECT_TRY"] + "\\n")
shutil.copytree(here / "design", out, dirs_exist_ok=True)
model = out / "domain-model.yaml"
model.write_text(model.read_text().replace("max_length: 50", "max_length: 44"))
"""


def one_line(result):
    """Return the only line that an early end prints."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    return line


@pytest.fixture
def agent(project):
    """Return a function that makes a script the architect of the project, beside a design that it can copy."""
    project.runpytest(*ARCHITECT)
    shutil.copytree(project.path / ".superteam/architecture", project.path / "design")
    shutil.rmtree(project.path / "design/contracts")
    shutil.rmtree(project.path / ".superteam")
    settings = (project.path / "superteam.yaml").read_text()

    def make(script, **more):
        (project.path / "agent.py").write_text(script, encoding="utf-8")
        mine = {"architect": "command", "architect_command": ["python", "{project}/agent.py"], **more}
        (project.path / "superteam.yaml").write_text(settings + yaml.safe_dump(mine))
        return project

    return make


def limit(project):
    """Return the length of an item's name in the contract on disk."""
    file = project.path / ".superteam/architecture/contracts/shop-service.openapi.yaml"
    return yaml.safe_load(file.read_text())["components"]["schemas"]["ItemCreate"]["properties"]["name"]["maxLength"]


def tries(project):
    """Return the tries of the agent so far."""
    log = project.path / "tries.log"
    return log.read_text().split() if log.exists() else []


def test_its_design_is_built(agent, spread):
    """What the agent designs is what is built and gated, with contracts generated from it."""
    project = agent(COPY)
    result = project.runpytest_subprocess("--prd", "PRD.md", "-m", "layer1", *spread)
    assert result.ret == 0, result.stdout.str()
    assert limit(project) == 44
    assert tries(project) == ["1"]
    assert project.runpytest("--prd", "PRD.md", "-m", "layer1").ret == 0
    assert tries(project) == ["1"]


def test_it_runs_again_when_it_has_to(agent):
    """Another command, another text or --fresh makes the agent design again."""
    project = agent(COPY)
    project.runpytest(*ARCHITECT)
    project.runpytest(*ARCHITECT, "--fresh")
    assert tries(project) == ["1", "1"]
    agent(COPY, architect_command=["python", "{project}/agent.py", "--more"])
    project.runpytest(*ARCHITECT)
    assert tries(project) == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit('out of credit')", "'python' ended with status 1: out of credit"),
        ("import time; time.sleep(60)", "did not end within 1 s"),
        (COPY + "\nmodel.write_text('entities: [')", "'domain-model.yaml' is no YAML"),
        (COPY + "\nos.symlink('/etc/passwd', out / 'x')", "which is no plain file"),
    ],
)
def test_the_built_in_one_stands_in(agent, script, said):
    """Where the agent fails the built-in architect designs, and every run says why."""
    project = agent(script, timeouts={"architect": 1 if "sleep" in script else 30})
    for _ in range(2):
        result = project.runpytest(*ARCHITECT)
        assert result.ret == 0
        result.stdout.fnmatch_lines([f"superteam: architect: the built-in one designed*{said}*"])
        assert limit(project) == 50


def test_no_fallback(agent):
    """With `architect_fallback: false` a failed agent is one line, and the run has failed."""
    project = agent("raise SystemExit('out of credit')", architect_fallback=False)
    line = one_line(project.runpytest(*ARCHITECT))
    assert "out of credit" in line
    assert "architect_fallback" in line
    with closing(sqlite3.connect(project.path / ".superteam/state.db")) as connection:
        assert connection.execute("select state, verdict from runs").fetchall() == [("failed", "failed")]
    agent(COPY)
    assert project.runpytest(*ARCHITECT).ret == 0


def test_collecting_runs_no_agent(agent):
    """--co spends nothing: it lists the items of the built-in design and says so."""
    project = agent(COPY)
    result = project.runpytest("--prd", "PRD.md", "--co")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["superteam: architect: no agent runs under --collect-only*"])
    assert tries(project) == []


def test_a_rejection_is_its_feedback(agent):
    """A rejected design is made again with the reasons so far, at most twice."""
    project = agent(COPY + "\nimport sys\n(here / 'prompt.log').write_text(sys.stdin.read())\n")
    assert project.runpytest("--prd", "PRD.md", "--review").ret == 2
    for number in (1, 2):
        result = project.runpytest("--prd", "PRD.md", "--reject", f"reason {number}")
        assert result.ret == 2
        result.stdout.fnmatch_lines([f"*{2 - number} of 2 more tries*"])
    assert tries(project) == ["1", "2", "3"]
    prompt = (project.path / "prompt.log").read_text()
    assert "1. reason 1\n2. reason 2\n" in prompt
    assert project.runpytest("--prd", "PRD.md", "--reject", "reason 3").ret == 1
    assert tries(project) == ["1", "2", "3"]


def test_a_rejection_does_not_overwrite_edits(agent):
    """A design that was edited during the review is approved or moved aside, never lost."""
    project = agent(COPY)
    project.runpytest("--prd", "PRD.md", "--review")
    model = project.path / ".superteam/architecture/domain-model.yaml"
    model.write_text(model.read_text().replace("max_length: 44", "max_length: 7"))
    assert "--approve goes on" in one_line(project.runpytest("--prd", "PRD.md", "--reject", "bad"))
    assert "max_length: 7" in model.read_text()
    result = project.runpytest("--prd", "PRD.md", "--reject", "bad", "--fresh")
    result.stdout.fnmatch_lines(["superteam: architecture: --fresh discards*"])
    assert "max_length: 44" in model.read_text()


def test_its_variables(agent, monkeypatch):
    """The agent sees the variables that the settings name, and no others."""
    monkeypatch.setenv("AGENT_KEY", "k")
    monkeypatch.setenv("OTHER_KEY", "o")
    script = COPY + "\nassert os.environ.get('AGENT_KEY') == 'k' and 'OTHER_KEY' not in os.environ\n"
    project = agent(script, architect_environment=["AGENT_KEY"], architect_fallback=False)
    assert project.runpytest(*ARCHITECT).ret == 0


def test_it_gets_no_secret(agent):
    """The document that the agent reads has its secrets masked, and its lines where they were."""
    project = agent(COPY + "\nshutil.copy(os.environ['ARCHITECT_PRD'], here / 'seen.md')\n")
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text() + "\n    password = hunter2hunter2\n")
    project.runpytest(*ARCHITECT)
    seen = (project.path / "seen.md").read_text()
    assert "hunter2" not in seen
    assert seen.count("\n") == prd.read_text().count("\n")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"architect": "robot"}, "'robot' is not allowed. Choose one of builtin, command."),
        ({"architect_command": []}, "'command' needs `architect_command`"),
        ({"architect_command": "run me"}, "is no list of texts"),
        ({"timeouts": {"architect": 0}}, "out of range"),
    ],
)
def test_wrong_settings(agent, settings, said):
    """A wrong setting of the agent is one line."""
    assert said in one_line(agent(COPY, **settings).runpytest(*ARCHITECT))


def test_the_record_says_who_stood_in(agent):
    """The record of the design keeps why the built-in architect designed."""
    project = agent("raise SystemExit('no')")
    project.runpytest(*ARCHITECT)
    record = json.loads((project.path / ".superteam/architecture.json").read_text())
    assert record["fallback"].startswith("'python' ended with status 1")


def test_it_is_announced(agent):
    """A session says that an agent is at work, and projects can watch the phase."""
    project = agent(COPY)
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text() + "\ndef pytest_superteam_phase(phase, state): print('PHASE', phase, state)\n"
    )
    result = project.runpytest(*ARCHITECT, "-s")
    result.stdout.fnmatch_lines(["*the architect is at work: python", "*PHASE architect done"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_session_that_is_ended(agent, number):
    """Whatever ends pytest ends the agent and its children too; in order, the run is written down as interrupted."""
    project = agent(HANGS)
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    child = project.popen([sys.executable, "-m", "pytest", *ARCHITECT], **quiet)
    ready = project.path / "ready"
    wait_for(ready.exists)
    child.send_signal(number)
    assert child.wait(20) == (2 if number != signal.SIGKILL else -9)
    wait_for(lambda: not working_in(project.path))
    if number != signal.SIGKILL:
        with closing(sqlite3.connect(project.path / ".superteam/state.db")) as connection:
            ended = connection.execute("select state, interrupted, interrupt_reason from runs").fetchall()
        assert ended == [("architect_running", 1, signal.Signals(number).name)]


HANGS = """
import subprocess, sys, time
from pathlib import Path
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
Path(__file__).with_name("ready").touch()
time.sleep(60)
"""


def wait_for(condition):
    """Wait until something holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def working_in(folder):
    """Return the processes that work below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)) and process.pid != os.getpid():
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


PAID = COPY + 'Path(os.environ["ARCHITECT_USAGE"]).write_text(\'{"usd": 0.5, "model": "m", "output_tokens": 7}\')\n'


def test_what_it_costs(agent):
    """What the agent says that it used is in the ledger, and counts towards the budget of its phase."""
    project = agent(PAID, platforms={"architect": {"worst_case": 1}}, budget={"phases": {"architect": 1.2}})
    assert project.runpytest(*ARCHITECT).ret == 0
    assert "0.50 USD" in project.runpytest("--costs").stdout.str()
    assert project.runpytest(*ARCHITECT, "--from", "architect").ret == pytest.ExitCode.USAGE_ERROR
    assert tries(project) == ["1"]


@pytest.mark.parametrize(
    ("more", "started"),
    [
        ({}, False),
        ({"budget": {"allow_unknown_cost": True}}, True),
        ({"platforms": {"architect": {"tier": "subscription"}}}, True),
        ({"platforms": {"architect": {"worst_case": 5}}}, False),
    ],
)
def test_budget_before_it_begins(agent, more, started):
    """An agent that may cost more than there is, or nobody knows what, is not started under a budget, in one line."""
    project = agent(COPY, **more)
    result = project.runpytest(*ARCHITECT, "--budget", "3")
    if started:
        assert result.ret == 0
    else:
        assert "budget" in one_line(result)
    assert tries(project) == ["1"] * started
