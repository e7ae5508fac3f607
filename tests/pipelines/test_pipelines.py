"""The shipped pipelines: the bookstore passes, the leaky one fails in each of its ways and in no other."""

from __future__ import annotations

import runpy
import signal
import subprocess
import time

import pytest
import yaml
from runs import PIPELINES, command, copy_of, processes_in, run

pytestmark = pytest.mark.slow

GATED = ("failed", "advisory", "error")


@pytest.fixture(scope="module")
def bookstore(workshop):
    """Run the bookstore once for all tests of this module."""
    return run(copy_of("bookstore", workshop), "--prd", "PRD.md", "--depth", "quick", "-W", "error", "--strict-markers")


@pytest.fixture(scope="module")
def leaky(workshop):
    """Run the leaky bookstore once for all tests of this module."""
    return run(copy_of("leaky-bookstore", workshop), "--prd", "PRD.md", "--depth", "quick")


def test_bookstore_passes(bookstore):
    """The bookstore is built, started, gated and passes, layer by layer."""
    assert bookstore.status == 0, bookstore.output[-5000:]
    assert bookstore.report["verdict"] == "passed"
    assert {item["outcome"] for item in bookstore.report["items"]} == {"passed"}
    ran = {item["layer"] for item in bookstore.report["items"] if item["outcome"] == "passed"}
    assert ran == {1, 2, 3, 4}
    assert "gate: passed" in bookstore.output


def test_every_requirement_is_proven(bookstore):
    """Each requirement of the bookstore is carried by operations whose items passed."""
    requirements = bookstore.report["requirements"]
    assert [row["id"] for row in requirements] == [f"REQ-00{number}" for number in range(1, 10)]
    assert {row["status"] for row in requirements} == {"proven"}


def test_architecture_on_disk(bookstore):
    """The files under .superteam/architecture are readable, and say where facts come from."""
    folder = bookstore.folder / ".superteam/architecture"
    services = yaml.safe_load((folder / "service-map.yaml").read_text())["services"]
    entities = yaml.safe_load((folder / "domain-model.yaml").read_text())["entities"]
    assert [s["name"] for s in services] == ["auth-service", "catalog-service", "order-service", "notification-service"]
    assert {e["name"]: e["service"] for e in entities}["Book"] == "catalog-service"
    assert all(s["source"]["line"] > 0 for s in [*services, *entities])
    assert sorted(path.name for path in (folder / "contracts").iterdir()) == [
        "auth-service.openapi.yaml",
        "catalog-service.openapi.yaml",
        "events.asyncapi.yaml",
        "notification-service.openapi.yaml",
        "order-service.openapi.yaml",
    ]
    assert (folder / "pacts/order-service-catalog-service.json").is_file()


def test_one_layer_from_the_last_run(bookstore):
    """One layer of one service runs from the state of the last run and deploys nothing."""
    again = run(bookstore.folder, "--prd", "PRD.md", "-m", "layer3", "-k", "auth-service")
    assert again.status == 0
    assert {item["service"] for item in again.report["items"]} == {"auth-service"}
    assert "deployment" not in again.report["phases"]


def test_two_workers_give_the_same(leaky, workshop):
    """Two workers give the same outcomes as none, item for item; those of the bookstore are compared with Compose's."""
    parallel = run(copy_of(leaky.folder.name, workshop / "parallel"), "--prd", "PRD.md", "--depth", "quick", "-n", "2")
    assert parallel.status == leaky.status
    assert parallel.outcomes == leaky.outcomes


def test_leaky_bookstore_fails_for_its_reasons(leaky):
    """Each leak is found by the items that it names, and nothing else is found."""
    leaks = runpy.run_path(str(PIPELINES / "leaky-bookstore" / "conftest.py"))["LEAKS"]
    assert len(leaks) == 10
    expected = {key for leak in leaks for key in leak.found_by}
    found = {key for key, outcome in leaky.outcomes.items() if outcome in GATED}
    assert found == expected
    assert {key.split("::")[0] for key in expected} == {"layer1", "layer2", "layer3", "layer4"}
    assert leaky.status == 1
    assert leaky.report["verdict"] == "failed"


def test_advisory_findings_block_nothing(leaky):
    """What layer 4 finds is advisory, and so is what is less than an error; the rest fails."""
    for item in leaky.report["items"]:
        if item["outcome"] in GATED:
            mild = item["layer"] == 4 or item["severity"] in {"warning", "info"}
            assert (item["outcome"] == "advisory") == mild, item["id"]


def test_until_deployment(workshop):
    """--until deployment brings the system up, leaves its logs and gates nothing; the next run builds nothing again."""
    folder = copy_of("bookstore", workshop / "until")
    done = run(folder, "--prd", "PRD.md", "--until", "deployment")
    assert done.status == 0
    assert "3 passed" in done.output
    assert done.report == {}
    logs = sorted(path.name for path in (folder / ".superteam/deployment/logs").glob("*.log"))
    assert logs == ["auth-service.log", "catalog-service.log", "notification-service.log", "order-service.log"]
    built = {path: path.stat().st_mtime_ns for path in (folder / "services").rglob("*.py")}
    assert run(folder, "--prd", "PRD.md", "-m", "layer2", "-k", "list_books").status == 0
    assert {path: path.stat().st_mtime_ns for path in (folder / "services").rglob("*.py")} == built


def test_acceptance_tests_run_beside_the_gate(workshop):
    """A user's own test takes client, service_url and deployment in the same session."""
    folder = copy_of("bookstore", workshop / "acceptance")
    (folder / "test_acceptance.py").write_text(
        """
import httpx
import pytest


@pytest.mark.service(name="catalog-service")
def test_books(client, architecture):
    assert client.get("/books").json()["items"] == []
    assert len(architecture.services) == 4


def test_orders(client, service_url, deployment):
    assert client("order-service", role="customer").get("/orders").status_code == 200
    assert httpx.get(service_url("order-service") + "/orders").status_code == 401
    assert {service.name for service in deployment.services} == {
        "auth-service", "catalog-service", "order-service", "notification-service"
    }


def test_roles(client):
    body = {"name": "Ann Leckie"}
    assert client("catalog-service", role="customer").post("/authors", json=body).status_code == 403
    assert client("catalog-service", role="admin").post("/authors", json=body).status_code == 201
"""
    )
    done = run(folder, "--prd", "PRD.md", "-k", "test_acceptance", "-n", "2")
    assert done.status == 0, done.output
    assert "3 passed" in done.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["ctrl-c", "term", "kill"])
@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["serial", "parallel"])
def test_no_process_is_left_behind(workshop, number, workers):
    """However pytest ends, no service outlives it."""
    folder = copy_of("bookstore", workshop / f"signal-{number}-{len(workers)}")
    child = subprocess.Popen(
        command("--prd", "PRD.md", "-m", "layer2", *workers),
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    ready = folder / ".superteam/deployment/deployment.json"
    wait_for(ready.exists, 60)
    assert processes_in(folder)
    child.send_signal(number)
    output, _ = child.communicate(timeout=60)
    if number != signal.SIGKILL:
        assert child.returncode == 2, output
    wait_for(lambda: not processes_in(folder), 15)


def wait_for(condition, seconds):
    """Wait until a condition holds; it must within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
