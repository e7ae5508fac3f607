"""Builders by agent, held to what they leave: each way of going wrong is told apart, and costs what it cost."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pytest_superteam.agents.builder import AgentBuilder, Surroundings
from pytest_superteam.agents.outside import Lookout
from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract import openapi
from pytest_superteam.architect.document.prd import read_prds
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.config_entries import AgentConfig
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Mending

pytestmark = pytest.mark.slow
PRD = """\
# Notes

## Services

| Service | Responsibility |
| --- | --- |
| note-service | Keeps notes |

## Data model

### Note (note-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| text | string | required, max 50 characters |
"""
DONE = """
import json, os, shutil
from pathlib import Path
shutil.copytree(os.environ["TREE"], ".", dirs_exist_ok=True)
start = ["python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"]
Path("service.json").write_text(json.dumps({"start": start, "test": ["python", "-m", "pytest", "-q", "tests"]}))
"""
SLEEP = "import time; time.sleep(30)"
FORK = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
"""


class World:
    """One service's design, the tree that the built-in builder makes of it, and agents that are small scripts."""

    def __init__(self, folder, architecture, tree):
        self.architecture, self.tree = architecture, tree
        self.project = folder / "project"
        self.project.mkdir()
        (self.project / "PRD.md").write_text(PRD, encoding="utf-8")
        self.layout = self.project / ".superteam"
        self.heard = []

    def request(self, **more):
        site = self.layout / "aside" / "building" / "note-service-1"
        site.mkdir(parents=True)
        return BuildRequest(
            "note-service",
            self.architecture,
            site,
            prd=PRD,
            project=self.project,
            private=self.layout / "agents" / site.name,
            report=self.heard.append,
            **more,
        )

    def builder(self, script, **settings):
        agent = self.project / "agent.py"
        agent.write_text(script, encoding="utf-8")
        given = {"command": (sys.executable, str(agent)), "environment": ("TREE",), **settings}
        lookout = Lookout(self.project, output=self.project / "services", records=self.layout / "builds")
        return AgentBuilder("mine", AgentConfig(**given), surroundings=Surroundings(self.project, lookout))

    def build(self, script, request=None, **settings):
        return asyncio.run(self.builder(script, **settings).build(request or self.request()))

    def left_running(self):
        """Return the processes that work below the project."""
        found = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).is_relative_to(self.project):
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the design of the service, and the tree that the built-in builder makes of it; both are only read."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")
    designed = design(read_prds((folder / "PRD.md",)))
    architecture = replace(designed, contracts=openapi.contracts(designed))
    tree = folder / "tree"
    tree.mkdir()
    asyncio.run(BuiltinBuilder().build(BuildRequest("note-service", architecture, tree)))
    return architecture, tree


@pytest.fixture
def world(made, tmp_path, monkeypatch):
    """Return a world whose agents find the finished tree in `TREE`."""
    world = World(tmp_path, *made)
    monkeypatch.setenv("TREE", str(world.tree))
    yield world
    assert world.left_running() == []


def test_built(world):
    """What an agent leaves is the service, with what we found in it; its input, home and caches are gone."""
    output = world.build(DONE)
    request = world.layout / "aside" / "building" / "note-service-1"
    assert output.start[:3] == ("python", "-m", "uvicorn")
    evidence = output.evidence
    assert (evidence.unparsable, evidence.missing, evidence.untouched, evidence.outside) == ((), (), (), ())
    assert evidence.operations == len(world.architecture.operations_of("note-service")) > 0
    assert evidence.tests.total > 0
    assert evidence.tests.failing == ()
    assert not (request / ".superteam").exists()
    assert not (world.layout / "agents" / "note-service-1").exists()
    assert (world.layout / "agents" / "note-service.1.log").is_file()


def test_poor_work_is_evidence(world):
    """Code that can't be read, missing operations and failing tests don't fail the build: they are what was found."""
    spoil = """
Path("app/broken.py").write_text("def (:\\n")
Path("tests/test_more.py").write_text("def test_no():\\n    assert False\\n")
for file in Path("app").rglob("*.py"):
    text = file.read_text()
    if "@router.delete(" in text:
        file.write_text(text.replace("@router.delete(", "@unrouted("))
"""
    evidence = world.build(DONE + spoil).evidence
    assert [place.partition(":")[0] for place in evidence.unparsable] == ["app/broken.py"]
    assert any(operation.startswith("DELETE ") for operation in evidence.missing)
    assert evidence.tests is None or evidence.tests.failing


@pytest.mark.parametrize(
    ("script", "settings", "told"),
    [
        ("", {}, r"it ended with status 0 and wrote no file"),
        ("import sys; print('no idea'); sys.exit(3)", {}, r"it ended with status 3 and wrote no file: no idea"),
        ("from pathlib import Path; Path('notes.txt').write_text('x')", {}, r"service\.json|start"),
        (
            "input('Shall I go on? [y/N] ')",
            {},
            r"wrote no file: it asked 'Shall I go on\? \[y/N\]', and nobody answers",
        ),
        ("print('x' * (3 << 20))", {"printed": 1}, r"printed more than 1 MiB \(`agents\.mine\.printed`\)"),
        (
            "open('big', 'wb').write(b'x' * (9 << 20))\nimport time; time.sleep(30)",
            {"disk": 2},
            r"wrote more than 2 MiB|wrote no",
        ),
        (f"kept = bytearray(900 << 20)\n{SLEEP}", {"memory": 200}, r"held more than 200 MiB"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", {}, r"killed by signal 9"),
        ("import os; os.symlink('/etc/passwd', 'app.py')", {}, r"link"),
        ("import shutil, os; shutil.rmtree(os.getcwd())", {}, r"."),
    ],
    ids=["nothing", "status", "no-start", "question", "printed", "disk", "memory", "killed", "link", "own-folder"],
)
def test_told_apart(world, script, settings, told):
    """Each way of coming to nothing is said in one line."""
    with pytest.raises(BuildError, match=told) as caught:
        world.build(script, **settings)
    assert "\n" not in str(caught.value)


def test_not_installed(world):
    """An agent that is not there costs nothing, is not tried again, and comes with the line that installs it."""
    builder = AgentBuilder("aider", AgentConfig(command=("no-such-agent-here",), environment=()))
    with pytest.raises(BuildError, match="'no-such-agent-here' can't be started: there is no such command") as caught:
        asyncio.run(builder.build(world.request()))
    assert (caught.value.usage.usd, caught.value.retryable) == (0.0, False)


def test_no_configuration_file(world):
    """A configuration file that is not there costs nothing, and no second try is made of it."""
    builder = world.builder(DONE)
    builder = replace(builder, config=replace(builder.config, arguments=("{config}",), config="no.yaml"))
    with pytest.raises(BuildError, match=r"agents\.mine\.config: .*'no\.yaml'") as caught:
        asyncio.run(builder.build(world.request()))
    assert (caught.value.usage.usd, caught.value.retryable) == (0.0, False)


def test_no_key(world, monkeypatch):
    """An agent without its key is told from one that fails, and costs nothing."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(BuildError, match="ANTHROPIC_API_KEY") as caught:
        asyncio.run(AgentBuilder("claude", AgentConfig()).build(world.request()))
    assert (caught.value.usage.usd, caught.value.retryable) == (0.0, False)


@pytest.mark.parametrize("confine", [True, False])
def test_outside(world, confine):
    """A file outside of its folder can't be written where the system forbids it, and fails the build elsewhere."""
    place = world.project / "conftest.py"
    script = f"{DONE}\ntry:\n    open({str(place)!r}, 'w').write('x')\nexcept OSError as error:\n    print(error)\n"
    from pytest_superteam.agents.confine import available

    if confine and available():
        assert world.build(script, confine=True).evidence.outside == ()
        assert not place.exists()
    else:
        with pytest.raises(BuildError, match=r"changed files outside of its folder: conftest\.py"):
            world.build(script, confine=False)


def test_deletes_its_input(world):
    """An agent that deletes what it was given builds all the same; what belongs into the tree is put back."""
    script = f"import shutil; shutil.rmtree('.superteam')\nimport os; os.remove('openapi.json')\n{DONE}"
    output = world.build(script)
    assert output.evidence.files > 0
    assert "it deleted its input .superteam/TASK.md" in output.evidence.notes


def test_stays_behind(world):
    """Nothing that an agent began outlives it."""
    assert world.build(FORK + DONE).evidence.files > 0


def test_failure_with_nothing_mended(world):
    """An agent that fails before it has mended anything says why, so that a limit of its model is seen as one."""
    request = world.request()
    shutil.copytree(world.tree, request.directory, dirs_exist_ok=True)
    mending = Mending(text="Mend it.", findings=("x",), number=1, of=1)
    script = "import sys; print('Error: 429 rate limit exceeded'); sys.exit(1)"
    with pytest.raises(BuildError, match="ended with status 1 and changed nothing: Error: 429 rate limit exceeded"):
        world.build(script, replace(request, mending=mending))


def test_failure_with_everything_done(world):
    """A status that is no success does not spoil work that is whole; what the agent said stands beside it."""
    output = world.build(f"{DONE}\nimport sys; sys.exit(1)")
    assert (output.claim.exit, output.evidence.complete) == (1, True)


@pytest.mark.parametrize(
    ("printed", "usd"),
    [
        ('{"total_cost_usd": 0.25, "type": "result"}', 0.25),
        ('{"total_cost_usd": -3, "type": "result"}', None),
        ('{"type": "result"}', None),
        ("no JSON", None),
        ('{"total_cost_usd": 0.25, "type": "res', None),
    ],
    ids=["told", "negative", "none", "no-json", "cut-off"],
)
def test_cost(world, printed, usd):
    """What an agent says that it cost is taken where it can be; where not, it is unknown, and the build stands."""
    script = f"{DONE}\nprint({printed!r})\n"
    output = world.build(script, preset="claude", environment=("TREE", "ANTHROPIC_API_KEY"))
    assert output.usage.usd == usd


def test_mending(world, monkeypatch):
    """A fix attempt works on the tree that is there, and is told what is wrong."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    request = world.request(mending=Mending(1, 3, "SEC-001 in app/main.py", ("SEC-001 app/main.py:1: no",)))
    (request.directory / "app").mkdir()
    (request.directory / "app" / "old.py").write_text("x = 1\n", encoding="utf-8")
    script = (
        f"{DONE}\nimport sys\ntask = sys.stdin.read()\nPath('task.txt').write_text(task)\n"
        "assert Path('app/old.py').exists()\n"
    )
    output = world.build(script, request)
    task = (request.directory / "task.txt").read_text(encoding="utf-8")
    assert "SEC-001 in app/main.py" in task
    assert output.evidence.files > 0
    assert json.loads((request.directory / "service.json").read_text(encoding="utf-8"))["start"]


def test_keys_stay_secret(world, monkeypatch):
    """The value of a key that it gets, whatever it looks like, is in nothing that is kept of what it printed."""
    monkeypatch.setenv("GATEWAY_KEY", "zq93kfjw02kd")
    tell = 'print("key:", os.environ["GATEWAY_KEY"])\n'
    claim = world.build(DONE + tell, environment=("TREE", "GATEWAY_KEY")).claim
    log = (world.layout / "agents" / "note-service.1.log").read_text(encoding="utf-8")
    assert "****" in claim.text
    assert "****" in log
    assert "zq93" not in f"{claim.text}{log}{world.heard}"


def test_keys_in_source(world, monkeypatch):
    """A service that holds the value of a key of its user is refused; the value is not told."""
    monkeypatch.setenv("GATEWAY_KEY", "zq93kfjw02kd")
    leave = 'Path("app/settings.py").write_text(f"KEY = {os.environ[\'GATEWAY_KEY\']!r}")\n'
    with pytest.raises(BuildError, match=r"app/settings\.py holds the value of GATEWAY_KEY") as raised:
        world.build(DONE + leave, environment=("TREE", "GATEWAY_KEY"))
    assert "zq93" not in str(raised.value)
