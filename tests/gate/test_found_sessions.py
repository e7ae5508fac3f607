"""`--system` from the command line, on a system of several services as people keep them."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files as resources

import jsonschema
import pytest
import yaml

COMPOSE = """\
services:
  orders:
    build: ./orders
    ports: ["8001:8001"]
    depends_on: [db]
    environment:
      CATALOG_URL: http://catalog:8002
  catalog:
    build: ./catalog
    ports: ["8002:8002"]
  web:
    build: ./web
    ports: ["8003:3000"]
  audit:
    build: ./audit
    ports: ["8004:4567"]
  db:
    image: postgres:17
"""
ORDERS = """\
from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/orders")
def list_orders():
    return jsonify([])


@app.get("/health")
def health():
    return jsonify({"status": "ok"})
"""
CATALOG = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/products/{product_id}")
def product(product_id: int) -> dict[str, int]:
    return {"id": product_id}
"""
WEB = """\
const express = require('express');
const app = express();
app.get('/carts/:id', (req, res) => res.json({ id: req.params.id }));
app.listen(3000);
"""
ORDERS_CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "get": {
                "operationId": "list_orders",
                "responses": {
                    "200": {
                        "description": "All",
                        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
                    }
                },
            }
        }
    },
}
CHECK = "import pathlib\n\npathlib.Path('made.txt').write_text('here')\nprint('OK (3 tests, 4 assertions)')\n"
DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN useradd --system app\nUSER app\nCMD ['serve']\n"
FILES = {
    "compose.yaml": COMPOSE,
    "orders/app.py": ORDERS,
    "orders/requirements.txt": "flask==3.1.2\n",
    "orders/Dockerfile": DOCKERFILE,
    "orders/openapi.yaml": yaml.safe_dump(ORDERS_CONTRACT),
    "catalog/main.py": CATALOG,
    "catalog/requirements.txt": "fastapi==0.121.0\n",
    "catalog/Dockerfile": DOCKERFILE,
    "web/server.js": WEB,
    "web/package.json": json.dumps({"name": "web", "main": "server.js", "dependencies": {"express": "^5.0.0"}}),
    "web/Dockerfile": DOCKERFILE,
    "audit/app.rb": "require 'sinatra'\nget('/entries') { '[]' }\n",
    "audit/check.py": CHECK,
    "audit/Dockerfile": DOCKERFILE,
}
PRD = """\
# Shop

## Services

| Service | Responsibility |
| --- | --- |
| orders | Keeps orders |
| billing | Writes invoices |

## Data model

### Order (orders)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| note | string | required |

## API

### orders

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /orders | List orders | public |
| DELETE | /orders/{id} | Delete an order | public |
"""
SERVICES = ["orders", "catalog", "web", "audit"]
PLUGINS = ("pytest_superteam.plugin", "xdist.plugin")


@pytest.fixture
def shop(pytester, monkeypatch):
    """Return the folder of a system, and a function that runs a session over it from the folder above."""
    for name in ("SUPERTEAM_DEPTH", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(f"[pytest]\naddopts = {' '.join(f'-p {name}' for name in PLUGINS)}\n")
    root = pytester.path / "shop"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    def run(*arguments):
        return pytester.runpytest("--system", "shop", *arguments)

    return root, run


@contextmanager
def answering(asked):
    """Serve a list of orders, and keep what was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(f"{self.command} {self.path}")
            path = self.path.partition("?")[0]
            status = 404 if path != "/orders" else 200 if self.command in {"GET", "HEAD"} else 405
            self.send_response(status)
            self.send_header("Allow", "GET, HEAD")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"[]")

        do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = do_GET  # noqa: N815

        def log_message(self, *arguments):
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def source_of(root):
    """Return what every file of the system holds, but what the gate keeps."""
    kept = (path for path in root.rglob("*") if path.is_file() and ".superteam" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}


def report_of(root):
    """Return the items of the report."""
    return json.loads((root / ".superteam/reports/gate-report.json").read_text())["items"]


def ids_of(result):
    """Return the ids that a collection lists."""
    return sorted(line for line in result.outlines if "::layer" in line)


def test_until_architect(shop):
    """What was found is printed with what says so, and written as a service map that its schema accepts."""
    root, run = shop
    before = source_of(root)
    result = run("--until", "architect")
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["*4 services, 1 of infrastructure*", "service *", "orders *python,*8001*catalog*"])
    written = yaml.safe_load((root / ".superteam/architecture/service-map.yaml").read_text())
    schema = json.loads((resources("pytest_superteam.architect") / "schemas/service-map.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(written)
    assert [part["name"] for part in written["services"]] == SERVICES
    told = {part["name"]: part.get("contract", "") for part in written["services"]}
    assert told["orders"] == "orders/openapi.yaml"
    assert told["catalog"].startswith("derived")
    assert told["web"].startswith("derived")
    assert told["audit"] == ""
    assert source_of(root) == before
    assert (root / ".superteam/.gitignore").is_file()


def test_header_is_short(shop):
    """A header has six lines at most: where contracts are from is one, and so is what else there is to read."""
    root, run = shop
    for name in ("docker-compose.test.yml", "docker-compose.images.yml", "docker-stack.yml"):
        (root / name).write_text("services:\n  orders:\n    image: registry.test/orders\n")
    result = run("--co", "--deploy", "none")
    header = [line for line in result.outlines if line.startswith("superteam: ")]
    assert 3 <= len(header) <= 6
    told = "contracts: 1 from documents, 2 derived from routes, none known of audit, so nothing calls them"
    assert f"superteam: {told}" in header
    assert header[-1].startswith("superteam: its source is looked at")


def test_initial_settings(shop):
    """--init writes settings once; a session that reads them finds the same system."""
    root, run = shop
    run("--until", "architect")
    first = (root / ".superteam/architecture/service-map.yaml").read_text()
    assert run("--init", "--until", "architect").ret == 0
    settings = (root / "superteam.yaml").read_text()
    assert run("--until", "architect").ret == 0
    second = yaml.safe_load((root / ".superteam/architecture/service-map.yaml").read_text())
    assert [(p["name"], p.get("port"), p["folder"], p.get("contract")) for p in second["services"]] == [
        (p["name"], p.get("port"), p["folder"], p.get("contract")) for p in yaml.safe_load(first)["services"]
    ]
    again = run("--init")
    assert again.ret == pytest.ExitCode.USAGE_ERROR
    assert "is there already" in again.stderr.str() + again.stdout.str()
    assert (root / "superteam.yaml").read_text() == settings


def test_nothing_is_started(shop):
    """With --deploy none the items of layer 2 are reported as not run, and why; the source is looked at."""
    root, run = shop
    before = source_of(root)
    result = run("--deploy", "none", "-m", "layer2 or layer3", "-k", "SEC-003 or conformance")
    assert result.ret == 0, result.stdout.str()
    items = report_of(root)
    called = [item for item in items if item["layer"] == 2 and "conformance" in item["id"]]
    assert called
    assert {item["outcome"] for item in called} == {"skipped"}
    assert {item["outcome"] for item in items if item["layer"] == 3 and "SEC-003" in item["id"]} >= {"passed"}
    result.stdout.fnmatch_lines(["*not run: --deploy none: nothing is started*"])
    assert source_of(root) == before


def test_service_that_runs(shop):
    """--url calls a service where it runs, by the contract of the tree, and no other."""
    root, run = shop
    asked = []
    with answering(asked) as url:
        result = run("--url", f"orders={url}", "-m", "layer2", "-k", "conformance and orders")
    assert any(call.startswith("GET /orders") for call in asked), result.stdout.str()
    [item] = [item for item in report_of(root) if "conformance[orders" in item["id"]]
    assert item["outcome"] == "passed", item


def test_requirements_beside_the_system(shop):
    """--prd beside --system says which services and operations were asked for and are not there."""
    root, run = shop
    (root.parent / "PRD.md").write_text(PRD, encoding="utf-8")
    result = run("--prd", "PRD.md", "--deploy", "none", "-m", "layer1", "-k", "not own_tests and not builds")
    assert result.ret == 1, result.stdout.str()
    told = [(v["service"], v["message"]) for item in report_of(root) for v in item["violations"]]
    assert any("billing" in message for _, message in told)
    assert any("DELETE /orders/{id}" in message for _, message in told)
    assert not any("GET /orders" in message for _, message in told)


def test_own_tests_run_in_a_copy(shop):
    """A service's own tests leave their traces in a copy; the source stays as it is."""
    root, run = shop
    settings = {"system": {"correct": {"audit": {"test": [sys.executable, "check.py"]}}}}
    (root / "superteam.yaml").write_text(yaml.safe_dump(settings))
    before = source_of(root)
    result = run("--deploy", "none", "-m", "layer1", "-k", "own_tests and audit")
    assert result.ret == 0, result.stdout.str()
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    assert source_of(root) == before
    assert [path.name for path in (root / ".superteam/own-tests").rglob("made.txt")] == ["made.txt"]


def test_ids_are_stable(shop):
    """Two collections list the same ids, and workers of pytest-xdist run the items with these ids."""
    pytest.importorskip("xdist")
    root, run = shop
    chosen = ("--deploy", "none", "-k", "SEC-003 or conformance")
    listed = ids_of(run("--co", "-q", *chosen))
    assert len(listed) > len(SERVICES)
    assert ids_of(run("--co", "-q", *chosen)) == listed
    assert run(*chosen, "-n", "2").ret == 0
    assert sorted(item["id"] for item in report_of(root)) == listed


def test_part_that_is_no_service(shop):
    """`kind: none` in the settings takes a part out of the system, and nothing of it is planned."""
    root, run = shop
    (root / "superteam.yaml").write_text("system:\n  correct:\n    web: {kind: none}\n")
    run("--until", "architect")
    written = yaml.safe_load((root / ".superteam/architecture/service-map.yaml").read_text())
    assert [part["name"] for part in written["services"]] == ["orders", "catalog", "audit"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--url", "billing"), "--url: 'billing' is no service. Write"),
        (("--url", "orders=ftp://x"), "--url: "),
        (("--deploy", "process"), "--deploy: 'process' starts what was built here."),
        (("--until", "builders"), "--until: nothing is built with --system."),
        (("--prd", "gone.md"), "does not exist"),
    ],
)
def test_wrong_usage(shop, arguments, text):
    """What makes no sense is one line that says what to do, and nothing is written."""
    root, run = shop
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    assert text in line
    assert not (root / ".superteam").exists()


def test_what_a_system_says_to_pytest_is_for_its_own_tests(pytester):
    """Options and conftest.py of a system are about its own tests, unless a superteam.yaml says that it knows us."""
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--cov=app --strict-markers"\n',
        "conftest.py": "import a_library_that_is_not_here\n",
        "tests/conftest.py": "import another_one\n",
        "app.py": "x = 1\n",
    }
    for name, text in files.items():
        target = pytester.path / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    command = ("--system", ".", "-m", "layer3", "-k", "SEC-003")
    assert pytester.runpytest_subprocess(*command).ret == 0
    assert pytester.runpytest_subprocess(*command, "-n", "2").ret == 0
    (pytester.path / "superteam.yaml").write_text("depth: quick\n")
    result = pytester.runpytest_subprocess(*command)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--cov=app" in result.stderr.str() or "a_library_that_is_not_here" in result.stderr.str()
