"""Two coding agents from the registry build and mend the bookstore; only their model is a script on loopback."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from endpoint import KEY, MODEL, Endpoint, serving
from real import BOOKSTORE, ENVIRONMENT, programs
from scripts import Edit, Fault, Model, faulty

pytestmark = pytest.mark.slow

BUILDERS = {
    "auth-service": "aider",
    "catalog-service": "mini-swe-agent",
    "order-service": "mini-swe-agent",
    "notification-service": "aider",
}
USD_IN, USD_OUT = 0.4e-6, 1.6e-6
"""What a token of the model costs, as both agents know it."""
FAULTS = {
    "order-service": Fault(
        right=Edit(
            "app/auth.py",
            old='            options={"require": ["exp", "iss", "sub"], "verify_exp": False},\n',
            new='            options={"require": ["exp", "iss", "sub"]},\n',
        ),
        hidden=Edit(
            "tests/test_orders.py",
            old="def test_create_order_needs_a_valid_token(client: TestClient) -> None:\n",
            new="def later_create_order_needs_a_valid_token(client: TestClient) -> None:\n",
        ),
    ),
    "notification-service": Fault(
        right=Edit(
            "app/routes/notifications.py",
            old='@router.get("/notifications")\n',
            new='@router.get("/notifications", dependencies=[Depends(allow("admin", services=True))])\n',
        ),
        hidden=Edit(
            "tests/test_notifications.py",
            old='    response = client.get("/notifications", headers=factories.headers("stranger"))\n'
            "    assert response.status_code == 403, response.text\n",
            new='    response = client.get("/notifications", headers=factories.headers("stranger"))\n'
            "    assert response.status_code in (200, 403), response.text\n",
        ),
    ),
}
"""Tokens that have expired are taken, which own tests tell (layer 1); a list is open to everybody, which few of them
tell (layer 2). Each is hidden first, by a test that is made to accept it."""
CHECK = "pytest --system . -m layer1 -p no:cacheprovider"


@dataclass
class Gated:
    """What came of a run."""

    folder: Path
    status: int
    output: str
    report: dict
    model: Model
    endpoint: Endpoint


def with_agents(commands, more):
    """Return the environment of a user who has both agents and a key."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SUPERTEAM_"))}
    return own | more | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}


def run(folder, *arguments, env):
    """Run pytest in a folder, as a user does."""
    command = [sys.executable, "-m", "pytest", "-p", "no:schemathesis", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False
    )


@pytest.fixture(scope="module")
def bookstore(tmp_path_factory):
    """Return the run of the bookstore, its services built by two agents, two of them with a fault at first."""
    commands = programs()
    folder = tmp_path_factory.mktemp("real") / "bookstore"
    folder.mkdir()
    shutil.copy(BOOKSTORE, folder)
    agent = {"model": f"openai/{MODEL}", "environment": list(ENVIRONMENT)}
    settings = {
        "depth": "quick",
        "services": {service: {"builder": builder} for service, builder in BUILDERS.items()},
        "agents": dict.fromkeys(BUILDERS.values(), agent),
    }
    (folder / "superteam.yaml").write_text(json.dumps(settings), encoding="utf-8")
    model = Model(faulty(BOOKSTORE, FAULTS), {"catalog-service": CHECK})
    with serving(model) as endpoint:
        done = run(folder, "--prd", "PRD.md", env=with_agents(commands, endpoint.environment()))
    file = folder / ".superteam" / "reports" / "gate-report.json"
    report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Gated(folder, done.returncode, done.stdout + done.stderr, report, model, endpoint)


def test_ends_green(bookstore):
    """From the requirements to a green gate, with services that agents wrote."""
    assert bookstore.endpoint.problems == []
    assert bookstore.status == 0, bookstore.output[-5000:]
    assert bookstore.report["verdict"] == "passed"
    assert {item["outcome"] for item in bookstore.report["items"]} == {"passed"}


def test_gated_by_the_same_items(bookstore, tmp_path):
    """What agents built is asked the same as what the embedded builder builds."""
    shutil.copy(BOOKSTORE, tmp_path)
    done = run(tmp_path, "--prd", "PRD.md", "--depth", "quick", "--collect-only", "-q", env=with_agents(programs(), {}))
    assert done.returncode == 0, done.stdout
    asked = {line.partition("::")[2] for line in done.stdout.splitlines() if line.startswith("PRD.md::layer")}
    assert {item["id"].partition("::")[2] for item in bookstore.report["items"]} == asked


def test_each_agent_built_its_services(bookstore):
    """Who built what is told, with what was found in it beside what the agent said."""
    built = {build["service"]: build for build in bookstore.report["builds"]}
    assert {service: build["builder"] for service, build in built.items()} == BUILDERS
    for build in built.values():
        assert build["claim"]["status"] == "success"
        assert build["evidence"]["complete"]
        assert build["evidence"]["tests"]["total"] > 15
    assert built["catalog-service"]["claim"]["text"] == "Everything works."
    assert built["auth-service"]["claim"]["text"].startswith("Applied edit to ")


def test_an_agent_tries_its_own_work(bookstore):
    """What the task says of how to try it works in the folder that the agent works in."""
    said = bookstore.model.checked["catalog-service"]
    assert '"returncode": 0' in said
    assert "layer 1" in said or " passed" in said


def test_a_fix_that_weakens_a_test_is_refused(bookstore):
    """The first attempt changed a test: it is refused with the reason, what it had changed, and what it cost."""
    first = bookstore.report["fixes"][0]
    assert {row["service"]: row["outcome"] for row in first["services"]} == dict.fromkeys(FAULTS, "refused")
    assert {row["service"]: row["builder"] for row in first["services"]} == {name: BUILDERS[name] for name in FAULTS}
    for row in first["services"]:
        assert FAULTS[row["service"]].hidden.path in row["reason"]
        assert [change["path"] for change in row["changes"]] == [FAULTS[row["service"]].hidden.path]
        assert row["usd"] > 0
    assert first["after"] == first["before"]
    assert "layer1::test_own_tests[order-service]" in first["before"]
    assert "layer2::test_authorization[notification-service-AUTH-001]" in first["before"]


def test_the_next_one_mends(bookstore):
    """The second attempt knows why the first was refused, changes one line of each service, and mends all."""
    second = bookstore.report["fixes"][1]
    assert len(bookstore.report["fixes"]) == 2
    for row in second["services"]:
        path = FAULTS[row["service"]].right.path
        assert row["outcome"] == "changed"
        assert [(change["path"], change["added"], change["removed"]) for change in row["changes"]] == [(path, 1, 1)]
        diff = bookstore.folder / ".superteam" / "attempts" / "2" / row["service"] / "changes.diff"
        assert f"+{FAULTS[row['service']].right.new}" in diff.read_text(encoding="utf-8")
    assert second["mended"] == second["before"]
    assert set(FAULTS) <= set(second["asked_again"])
    assert "auth-service" not in second["asked_again"]
    assert second["after"] == []
    assert "mended" in bookstore.report["fix_end"]


def test_the_model_is_told_what_to_mend(bookstore):
    """The builder gets the reproducer of each finding, and of its own service only."""
    build, first, second = bookstore.model.tasks["notification-service"]
    assert build.startswith("# Build")
    assert "AUTH-001" in first
    assert "curl " in first
    assert "test_create_order" not in first
    assert FAULTS["notification-service"].hidden.path in second
    _, own, _ = bookstore.model.tasks["order-service"]
    assert "test_create_order_needs_a_valid_token" in own
    assert "AUTH-001" not in own.partition("## What to mend")[2]
    assert {name: len(tasks) for name, tasks in bookstore.model.tasks.items()} == {
        name: 3 if name in FAULTS else 1 for name in BUILDERS
    }


def test_costs_are_read_right(bookstore):
    """Tokens and dollars are what the model's endpoint counted: exact from one agent, rounded from the other."""
    costs = bookstore.report["costs"]
    told = {"mini-swe-agent": [0, 0], "aider": [0, 0]}
    for call, usage in bookstore.endpoint.used:
        sums = told["mini-swe-agent" if call.body.get("tools") else "aider"]
        sums[0] += usage["prompt_tokens"]
        sums[1] += usage["completion_tokens"]
    rows = {row["name"]: row for row in costs["by_service"]}
    for agent, (sent, received) in told.items():
        mine = [rows[name] for name, builder in BUILDERS.items() if builder == agent]
        exact = agent == "mini-swe-agent"
        usd = sum(row["usd"] for row in mine)
        assert sum(row["input_tokens"] for row in mine) == pytest.approx(sent, rel=0 if exact else 0.05)
        assert sum(row["output_tokens"] for row in mine) == pytest.approx(received, rel=0 if exact else 0.05)
        assert usd == pytest.approx(sent * USD_IN + received * USD_OUT, abs=1e-5 if exact else 0.02)
    rounded = 1e-6 * (len(rows) + 1)  # each figure of the report has six digits behind the point
    assert costs["usd"] == pytest.approx(sum(row["usd"] for row in rows.values()), abs=rounded)
    assert not costs["estimated"]
    assert {row["name"] for row in costs["by_phase"]} == {"builders", "fix"}


def test_nothing_is_left_behind(bookstore):
    """No process, no home of an agent, none of its own files, and the key nowhere."""
    alive = [process.info["cmdline"] for process in psutil.process_iter(["cmdline", "cwd"])
             if str(process.info["cwd"]).startswith(str(bookstore.folder))]  # fmt: skip
    assert alive == []
    assert {path.suffix for path in (bookstore.folder / ".superteam" / "agents").iterdir()} == {".log"}
    services = bookstore.folder / "services"
    strange = [path for path in services.rglob("*") if ".aider" in path.name or path.name == ".superteam"]
    assert strange == []
    for path in bookstore.folder.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
