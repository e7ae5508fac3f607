"""Options that answer and exit: they find the project as a run would, collect nothing and leave no trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from pytest_superteam.pipeline.state.store import Store

ASKING = ("--status", "--costs", "--review-queue", "--clean-state")
HANGS = '''
import time
from pathlib import Path


class HangingBuilder:
    """Says that it is at work, and never ends."""

    name = "hangs"
    version = "1"

    async def build(self, request):
        Path("at-work").touch()
        time.sleep(600)


def pytest_superteam_builders(config):
    return [HangingBuilder()]
'''


def asked(project, *words):
    """Return what a question prints, checked that it was answered and nothing was collected."""
    result = project.runpytest(*words)
    assert result.ret == pytest.ExitCode.OK, result.stderr.str()
    text = result.stdout.str()
    assert "test session starts" not in text
    assert "collected" not in text
    return text


def refused(project, *words):
    """Return the line that refuses a question."""
    result = project.runpytest(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    (line,) = [line for line in result.errlines if line.startswith("ERROR: ")]
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    return line


def tree(folder):
    """Return every file and folder below a folder; what Python and pytest cache does not count."""
    return sorted(str(path) for path in folder.rglob("*") if "cache" not in str(path))


def write_run(folder, **more):
    """Write down a run in the database of a folder."""
    store = Store(folder / ".superteam" / "state.db")
    prd = folder / "PRD.md"
    store.start_run("run1", **{"prd": prd, "prd_sha256": "x", "kind": "prd", "project": str(folder.resolve()), **more})
    store.close()


# ---------------------------------------------------------------- nothing there


@pytest.mark.parametrize("option", ASKING)
@pytest.mark.parametrize("named", [(), ("--prd", "PRD.md"), ("--system", ".")])
def test_nothing_there(project, option, named):
    """Without a run the answer is one line, and nothing is made."""
    before = tree(project.path)
    (line,) = asked(project, option, *named).splitlines()
    assert line.startswith("no run")
    assert tree(project.path) == before


def test_empty_folder_without_settings(pytester):
    """A folder without settings, PRD or anything has no run either."""
    assert asked(pytester, "--status").startswith(f"no run yet in '{pytester.path}'")
    assert json.loads(asked(pytester, "--status=json"))["run"] is None
    assert tree(pytester.path) == []


# ---------------------------------------------------------------- where the project is


def test_project_of_a_document_elsewhere(project):
    """The project is the one whose PRD or settings are named, else that of the folder."""
    other = project.mkdir("other")
    (other / "superteam.yaml").write_text("builder: builtin\n")
    write_run(other)
    assert asked(project, "--status").startswith("no run yet")
    assert asked(project, "--prd", "other/PRD.md", "--status").startswith("run       run1 ")
    assert asked(project, "--prd", "other", "--status").startswith("run       run1 ")
    assert asked(project, "other/PRD.md::layer3::test_scan[shop-SEC-001]", "--status").startswith("run       run1 ")
    assert asked(project, "--superteam-config", "other/superteam.yaml", "--status").startswith("run       run1 ")


def test_project_of_a_system(project):
    """The project of a system is its folder; a run about a PRD there is not meant."""
    other = project.mkdir("other")
    write_run(other, kind="system")
    text = asked(project, "--system", "other", "--status")
    assert text.startswith("run       run1 ")
    assert "pytest --system other" in text
    assert asked(project, "--system", "other", "--prd", "PRD.md", "--status").startswith("run       run1 ")


def test_started_in_another_folder(project, monkeypatch):
    """A command that is shown can be typed where pytest was started."""
    write_run(project.path)
    elsewhere = project.mkdir("elsewhere")
    monkeypatch.chdir(elsewhere)
    text = asked(project, "--superteam-config", "../superteam.yaml", "--status")
    assert text.startswith("run       run1 ")
    assert f"--prd {project.path / 'PRD.md'}" in text


def test_database_somewhere_else(project):
    """The database that settings or the option name is the one that is asked."""
    write_run(project.path)
    url = f"sqlite:///{project.path}/shared.db"
    assert asked(project, "--status", "--state-url", url).startswith("no run yet")
    (project.path / "superteam.yaml").write_text(f"state_url: {url}\n")
    assert asked(project, "--costs").startswith("no run yet")


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--status", "PRD.md"), "--status: 'PRD.md' is no format. Write --status or --status=json."),
        (("--status=xml",), "--status: 'xml' is no format. Write --status or --status=json."),
        (("--status=json", "--costs"), "--status=json: can't go with --costs"),
        (("--clean-state", "--costs"), "--clean-state: can't go with --costs"),
        (("--clean-state", "--status"), "--clean-state: can't go with --status"),
        (("--status", "--superteam-config", "none.yaml"), "--superteam-config: 'none.yaml' is no file"),
        (("--status", "--system", "none"), "--system: 'none' is no folder"),
        (("--status", "--state-url", "no url"), "can't be read: it is no URL of a database"),
        (("--status", "--budget", "much"), "--budget: 'much' is no number"),
    ],
)
def test_refused(project, words, line):
    """What contradicts itself or leads nowhere is refused in one line."""
    told = refused(project, *words).replace(str(project.path) + os.sep, "")
    assert line in told


@pytest.mark.parametrize("option", ASKING[:3])
def test_broken_database(project, option):
    """A broken database is named in one line, with what to do about it, and stays."""
    file = project.path / ".superteam" / "state.db"
    file.parent.mkdir()
    file.write_text("no database")
    line = refused(project, option)
    assert f"'{file}' can't be read: " in line
    assert "--clean-state deletes it" in line
    assert file.read_text() == "no database"


def test_broken_settings(project):
    """Settings that can't be used are refused as in a run."""
    (project.path / "superteam.yaml").write_text("budgget: 3\n")
    assert "'budgget' is no setting" in refused(project, "--status")


# ---------------------------------------------------------------- with real runs


def test_run_that_stopped_after_the_builders(project, spread):
    """After a session each question has its answer, from workers too, and the files stay as they are."""
    done = project.runpytest_subprocess("--prd", "PRD.md", "--until", "builders", *spread)
    assert done.ret == 0, done.stdout.str()
    before = tree(project.path)
    text = asked(project, "--status", "--costs", "--review-queue", *spread)
    assert "builders_complete" in text
    assert "services  2 of 2 built" in text
    assert "Costs: " in text
    assert "waits for a person" in text
    data = json.loads(asked(project, "--prd", "PRD.md", "--status=json", "-v"))
    assert data["session"] is None
    assert data["run"]["state"]["current"] == "builders_complete"
    (step,) = data["next"]
    assert step["text"] == "goes on in builders_complete; what is done is not done again"
    assert "--prd PRD.md --until builders" in step["command"]
    assert tree(project.path) == before


def test_command_that_is_shown_goes_on(project):
    """The command line that `--status` shows goes on with the run; after `--clean-state` it begins a new one.

    Neither builds anything again.
    """
    assert project.runpytest("--prd", "PRD.md", "--until", "builders").ret == 0
    built = (project.path / "built.log").read_text()
    for sessions in ("2 sessions", "1 session"):
        command = json.loads(asked(project, "--status=json"))["next"][0]["command"]
        assert project.runpytest(*command.split()[1:], "--until", "builders").ret == 0
        assert (project.path / "built.log").read_text() == built
        assert sessions in asked(project, "--status")
        assert "forgot 1 run" in asked(project, "--clean-state")
        assert asked(project, "--status").startswith("no run yet")


@pytest.fixture
def hanging(project):
    """Return a project with a session that is at work in another process, in the midst of a build."""
    project.makeconftest(HANGS)
    (project.path / "superteam.yaml").write_text("builder: hangs\nbudget: {allow_unknown_cost: true}\n")
    command = [sys.executable, "-m", "pytest", "--prd", "PRD.md", "--until", "builders"]
    with (project.path / "output.txt").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=project.path, start_new_session=True)
    limit = time.monotonic() + 60
    while not (project.path / "at-work").exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    assert (project.path / "at-work").exists(), (project.path / "output.txt").read_text()
    yield project, process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_run_at_work_and_killed(hanging):
    """A run at work is told and not disturbed; once it is killed, that is told, and a clean state is allowed."""
    project, process = hanging
    text = asked(project, "--status")
    assert f"process {process.pid} on " in text
    assert "is at work since" in text
    assert "2 building" in text
    assert json.loads(asked(project, "--status=json"))["session"]["condition"] == "at work"
    assert "is at work" in refused(project, "--clean-state")
    assert process.poll() is None

    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = tree(project.path)
    text = asked(project, "--status", "--costs", "--review-queue")
    assert f"process {process.pid} on " in text
    assert "is gone: it gave its last sign of life" in text
    assert "2 cut off" in text
    assert "goes on in builders_running" in text
    assert tree(project.path) == before
    assert "forgot 1 run" in asked(project, "--clean-state")
    assert asked(project, "--status").startswith("no run yet")


# ---------------------------------------------------------------- output


def test_reader_that_has_seen_enough(project):
    """A reader that closes the pipe (`| head`) is no error."""
    write_run(project.path)
    command = [sys.executable, "-m", "pytest", "--status", "--costs"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=project.path, check=False, timeout=60)
    os.close(writing)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""


def test_output_that_knows_ascii_only(project, monkeypatch):
    """A name that the output's encoding does not have is shown by its numbers."""
    write_run(project.path, prd="/sh\u00f6p/PRD.md")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = project.runpytest_subprocess("--status")
    assert done.ret == 0
    assert "/sh\\xf6p/PRD.md" in done.stdout.str()
