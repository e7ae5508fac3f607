"""The bookstore on a real engine: the same verdicts as with local processes, PostgreSQL in use, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time

import pytest
from runs import command, copy_of, processes_in, run

from pytest_superteam.deployment.composed.engine import engine_answers

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = ("--prd", "PRD.md", "--depth", "quick")
COMPOSED = (*QUICK, "--deploy", "compose")


@pytest.fixture(scope="module")
def bookstore(workshop):
    """Return a copy of the bookstore, where an engine answers."""
    reason = engine_answers(20)
    if reason:
        pytest.skip(reason)
    return copy_of("bookstore", workshop / "composed")


def docker(*words):
    """Return what the docker command line prints."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True, timeout=60).stdout


def containers(folder, *more):
    """Return the ids of the containers of the runs in a folder."""
    label = f"label=com.docker.compose.project.working_dir={folder / '.superteam/deployment'}"
    return sorted(docker("ps", "-aq", "--filter", label, *more).split())


@pytest.fixture(scope="module")
def sessions(bookstore):
    """Return a run with processes, a composed one that is left running, and one in two workers that takes it over."""
    local = run(bookstore, *QUICK, "-n", "2")
    composed = run(bookstore, *COMPOSED, "--keep-up", timeout=400)
    told = re.search(r"stop it: docker compose -p (\S+) down --volumes", composed.output)
    assert told, composed.output[-3000:]
    try:
        rows, before = inserted(bookstore, told[1]), containers(bookstore)
        workers = run(bookstore, *COMPOSED, "--keep-up", "-m", "layer2", "-n", "2", timeout=400)
        return local, composed, workers, rows, before, containers(bookstore)
    finally:
        docker("compose", "-p", told[1], "down", "--volumes", "--rmi", "local")


def inserted(folder, project):
    """Return how many rows each database of a composed system has taken, as its PostgreSQL counts them."""
    variables = (folder / ".superteam/deployment/.env").read_text().splitlines()
    password = next(line.partition("=")[2] for line in variables if line.startswith("POSTGRES_PASSWORD="))
    query = "select datname || ':' || tup_inserted from pg_stat_database where datname like '%-service'"
    psql = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-Atc", query)
    printed = docker("exec", "-e", f"PGPASSWORD={password.strip(chr(39) + chr(34))}", f"{project}-postgres-1", *psql)
    return {name: int(count) for name, count in (line.split(":") for line in printed.split())}


def test_same_verdicts(sessions):
    """Each item ends as it does with local processes; what only makes sense behind a gateway is there in addition."""
    local, composed, *_ = sessions
    assert composed.status == local.status == 0, composed.output[-3000:]
    shared = {key: outcome for key, outcome in composed.outcomes.items() if "::test_gateway[" not in key}
    assert shared == local.outcomes
    assert len(composed.outcomes) - len(shared) == 4
    assert {item["layer"] for item in composed.report["items"]} == {1, 2, 3, 4}


def test_postgres_is_used(sessions):
    """Each service has written rows into a database of its own."""
    rows = sessions[3]
    assert set(rows) == {"auth-service", "catalog-service", "order-service", "notification-service"}
    assert all(count > 0 for count in rows.values()), rows


def test_taken_over(sessions):
    """With equal inputs the same containers serve the next run, in two workers, with the same verdicts."""
    _, composed, workers, _, before, after = sessions
    assert workers.status == 0, workers.output[-3000:]
    assert before == after != []
    layer2 = {key: outcome for key, outcome in composed.outcomes.items() if key.startswith("layer2::")}
    assert workers.outcomes == layer2


def test_killed(bookstore):
    """When pytest is killed, its containers and followers go, at the latest when the next run starts."""
    log = (bookstore / "killed.txt").open("wb")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SUPERTEAM_"))}
    with subprocess.Popen(command(*COMPOSED, "-m", "layer2"), cwd=bookstore, env=environment, stdout=log) as session:
        end = time.monotonic() + 200
        while not (bookstore / ".superteam/deployment/deployment.json").exists() and session.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert containers(bookstore)
        session.send_signal(signal.SIGKILL)
    log.close()
    swept = run_without_look(bookstore)
    assert swept == 0
    assert containers(bookstore) == []
    assert processes_in(bookstore) == []


def run_without_look(folder):
    """Run up to the builders, which starts nothing; what is alive at its beginning is none of its business."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SUPERTEAM_"))}
    done = subprocess.run(
        command(*COMPOSED, "--until", "builders"), cwd=folder, env=environment, capture_output=True, timeout=200,
        check=False,
    )  # fmt: skip
    return done.returncode


SERVICE = """
import http.server
import json

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Colours", "version": "1"},
    "paths": {
        "/colours/{number}": {
            "get": {
                "operationId": "read_colour",
                "parameters": [
                    {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
                ],
                "responses": {
                    "200": {
                        "description": "A colour",
                        "content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}},
                    },
                    "404": {"description": "There is none"},
                },
            }
        }
    },
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = 404, {}
        if self.path == "/openapi.json":
            status, body = 200, DOCUMENT
        elif self.path.removeprefix("/colours/").isdecimal():
            status, body = 200, {"title": "red"}
        elif self.path == "/health":
            status, body = 200, {"status": "ok"}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""
COMPOSE = """
services:
  colours:
    build: ./colours
    container_name: colours
    ports: ["8123:8000"]
    volumes: ["./colours:/srv"]
    depends_on: [cache]
  cache:
    image: redis:8
    ports: ["6379:6379"]
"""
IMAGE = 'FROM python:3.13-slim\nWORKDIR /srv\nCOPY app.py .\nEXPOSE 8000\nCMD ["python", "app.py"]\n'


def test_found_system(bookstore, workshop):
    """A system that is there is started by its own compose file, asked for its contract, called and taken down."""
    folder = workshop / "found"
    (folder / "colours").mkdir(parents=True)
    files = {"compose.yaml": COMPOSE, "colours/app.py": SERVICE, "colours/Dockerfile": IMAGE}
    for name, text in files.items():
        (folder / name).write_text(text)
    ran = run(folder, "--system", ".", "-m", "layer2", "--depth", "quick", timeout=200)
    assert ran.status == 1, ran.output[-3000:]
    assert "colours: contract as served at" in ran.output
    outcomes = ran.outcomes
    assert outcomes["layer2::test_conformance[colours-read_colour]"] == "failed"
    assert "'name' is a required property" in ran.output or '"name" is a required property' in ran.output
    assert [operation["exercised"] for operation in ran.report["operations"]] == [True]
    assert not [line for line in docker("ps", "-a", "--format", "{{.Names}}").split() if "colours" in line]
    assert {
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and ".superteam" not in p.parts
    } == set(files)
