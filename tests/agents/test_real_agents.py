"""Two coding agents from the registry build the bookstore for real; only their model is a script on loopback."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from endpoint import KEY, MODEL, serving
from scripts import Edit, Fault, Model, faulty

pytestmark = pytest.mark.slow

BOOKSTORE = Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md"
INSTALLED = os.environ.get("SUPERTEAM_TEST_AGENTS", "")
FAULTY = "notification-service"
ROUTES, TESTS = "app/routes/notifications.py", "tests/test_notifications.py"
GUARDED = '@router.get("/notifications", dependencies=[Depends(allow("admin", services=True))])\n'
OPEN = '@router.get("/notifications")\n'
REFUSES = '''    """A role that the contract does not name gets 403."""
    factories.notification()
    response = client.get("/notifications", headers=factories.headers("stranger"))
    assert response.status_code == 403, response.text
'''
FAULT = Fault(FAULTY, Edit(ROUTES, OPEN, GUARDED), Edit(TESTS, REFUSES.replace("== 403", "in (200, 403)"), REFUSES))
"""Everybody may list notifications; a test that says so is made to accept it."""
CHECK = "pytest --system . -m layer1"


@dataclass
class Gated:
    """What came of a run."""

    folder: Path
    status: int
    output: str
    report: dict
    model: Model
    calls: int
    problems: list


@pytest.fixture(scope="module")
def programs():
    """Return the folder with the commands of the agents."""
    if not INSTALLED:
        pytest.skip("no agents here: run 'python tests/agents/install.py FOLDER' and set SUPERTEAM_TEST_AGENTS to it")
    return Path(INSTALLED, "bin")


def gated(folder, programs, agent, *, check, arguments=()):
    """Run the gate on the bookstore, its services built by an agent, with a fault that one of them has at first."""
    folder.mkdir()
    shutil.copy(BOOKSTORE, folder)
    settings = {
        "builder": agent,
        "depth": "quick",
        "agents": {agent: {"model": f"openai/{MODEL}", "environment": ["OPENAI_API_KEY", "OPENAI_API_BASE"]}},
    }
    (folder / "superteam.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    model = Model(faulty(BOOKSTORE, FAULT), check)
    with serving(model) as endpoint:
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("PYTEST_", "SUPERTEAM_", "COV_"))}
        environment |= endpoint.environment() | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--prd", "PRD.md", *arguments],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400,
        )  # fmt: skip
    file = folder / ".superteam" / "reports" / "gate-report.json"
    report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    output = done.stdout + done.stderr
    return Gated(folder, done.returncode, output, report, model, len(endpoint.calls), endpoint.problems)


@pytest.fixture(scope="module", params=["mini-swe-agent", "aider"])
def bookstore(request, programs, tmp_path_factory):
    """Return the run of the bookstore with one of the agents, for all tests."""
    check = {"auth-service": CHECK} if request.param == "mini-swe-agent" else {}
    folder = tmp_path_factory.mktemp("real") / "bookstore"
    return gated(folder, programs, request.param, check=check)


def test_ends_green(bookstore):
    """From the requirements to a green gate, with services that an agent wrote."""
    assert bookstore.problems == []
    assert bookstore.status == 0, bookstore.output[-5000:]
    assert bookstore.report["verdict"] == "passed"
