"""The folder of an agent at work, as the gate sees it that the agent starts there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from shop_design import PRD, SHOP, request

import pytest_superteam
from pytest_superteam.agents.environment import child_environment, make_private
from pytest_superteam.agents.laying import put
from pytest_superteam.agents.limits import Limits
from pytest_superteam.agents.process import AgentCommand, find_program, run_agent
from pytest_superteam.agents.site import ASKED, INPUT, asked_text, read_site
from pytest_superteam.agents.task.templates import TEMPLATES
from pytest_superteam.agents.workspace import clean, prepare
from pytest_superteam.errors import UsageError

CHECK = ("pytest", "--system", ".", "-m", "layer1")
APP = """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders", status_code=201)
def create_order() -> dict[str, str]:
    return {}


@app.get("/orders/{order_id}")
def get_order(order_id: str) -> dict[str, str]:
    return {"id": order_id}
"""
SERVICE = json.dumps({"start": ["uvicorn", "main:app"], "test": ["pytest", "-q", "tests"]})


@pytest.fixture
def site(tmp_path):
    """The folder of an agent at work, in a project whose own settings of pytest would end any session."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('of the project')\n")
    (tmp_path / "superteam.yaml").write_text("no_such: setting\n")
    folder = tmp_path / ".superteam" / "aside" / "building" / "orders-x1"
    folder.mkdir(parents=True)
    prepare(request(folder), prd=PRD, codes=(), self_check=CHECK)
    return folder


def write(site, **more):
    """Write a service that works, with changes."""
    files = {"main.py": APP, "service.json": SERVICE, "tests/test_x.py": "def test_x():\n    assert 1\n"}
    for path, text in {**files, **more}.items():
        put(site, path, text)


def test_nothing_but_a_site_is_one(tmp_path):
    """A folder without what is asked is the folder of no agent."""
    assert read_site(tmp_path) is None


def test_asked_of_one_service(site):
    """What is asked holds the operations and requirements of this service alone."""
    asked = read_site(site).asked
    assert [service.name for service in asked.services] == ["orders"]
    assert asked.operations == SHOP.operations_of("orders")
    assert [requirement.id for requirement in asked.requirements] == ["R1"]
    assert read_site(site).service == "orders"


def test_asked_is_short():
    """What is asked is a fraction of the contract: agents read it with the rest of their input."""
    assert len(asked_text(SHOP, "orders")) < 2_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\x00",
        "[" * 100_000,
        '{"title": 1}',
        '{"title": "", "prd_sha256": "", "services": []}',
        '{"title": "", "prd_sha256": "", "services": [{"name": "../x"}]}',
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_broken_input_is_told(site, text):
    """An agent that changed what is asked is told so in one line, and nothing else is taken for it."""
    (site / INPUT / ASKED).write_text(text)
    with pytest.raises(UsageError, match=r"was changed and says no more what is asked \([^\n]+\)\. Bring it back\.$"):
        read_site(site)


def test_build_of_a_site(site):
    """What is there counts as what was built: files without the input, commands, templates that were copied."""
    write(site, Dockerfile=TEMPLATES["Dockerfile"])
    build = read_site(site).build()
    assert build.success
    assert set(build.files) == {
        *("Dockerfile", "main.py", "openapi.json", "pacts/orders-catalog.json", "service.json", "tests/test_x.py")
    }
    assert build.start == ("python", "-m", "uvicorn", "main:app")
    assert build.test == ("python", "-m", "pytest", "-q", "tests")
    assert build.evidence.untouched == ("Dockerfile",)


def test_build_without_a_start(site):
    """A folder that does not say how the service is started is no build."""
    build = read_site(site).build()
    assert (build.success, build.start) == (False, ())
    assert "nothing says how it is started" in build.error


def test_no_site_afterwards(site):
    """What is left when the agent is gone is a service's folder and no site."""
    write(site)
    clean(prepare(request(site), prd=PRD, codes=(), self_check=CHECK))
    assert read_site(site) is None


# ------------------------------------------------------------ the agent's own look at its work


def self_check(site):
    """Return how the check ends that an agent starts, confined as an agent is."""
    private = site.parents[3] / "private"
    make_private(private)
    place = {"PYTHONPATH": str(Path(pytest_superteam.__file__).parents[1])}
    environment = child_environment((), place, private)
    command = AgentCommand(
        argv=(find_program(CHECK[0], project=site, path=environment["PATH"]), *CHECK[1:]),
        cwd=site,
        environment=environment,
        limits=Limits(2048, 256, 4),
        writable=(site, private),
        counted=(site,),
        log=private / "check.log",
    )
    return asyncio.run(run_agent(command))


def summary(ended):
    """Return the last line of a session."""
    return ended.text.strip().splitlines()[-1]


@pytest.mark.slow
def test_self_check_of_a_service_that_works(site):
    """A service that has its routes and passes its tests is told so, whatever the project around it says to pytest."""
    write(site)
    ended = self_check(site)
    assert (ended.why, ended.status) == ("exit", 0), ended.text
    assert "3 passed" in summary(ended)
    assert "1 service (what its agent has written): orders" in ended.text
    assert "warning" not in summary(ended)
    assert {path.name for path in site.parent.iterdir()} == {site.name, "pytest.ini"}


@pytest.mark.slow
def test_self_check_tells_what_is_wrong(site):
    """What the gate would find at layer 1 the agent finds itself: code, tests and operations."""
    faults = {"main.py": APP.replace("@app.get", "@app.put"), "other.py": "def (:\n"}
    write(site, **faults, **{"tests/test_x.py": "def test_x():\n    assert 0\n"})
    ended = self_check(site)
    assert (ended.why, ended.status) == ("exit", 1), ended.text
    assert "3 failed" in summary(ended)
    told = " ".join(ended.text.split())
    for code, text in (("CONVERGENCE-001", "GET /orders/{id}"), ("TEST-001", "1 of 1"), ("BUILD-001", "other.py")):
        assert code in told
        assert text in told
