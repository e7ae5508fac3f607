"""A system that exists, started by its own compose files with an override of ours."""

from __future__ import annotations

import shutil

import httpx
import pytest
from found_systems import DB, LABELS, RESET, System, port

from pytest_superteam.deployment.composed.found import check_compose, generate_found, read_found
from pytest_superteam.deployment.composed.plan import PlannedContainer
from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.models import FoundService


@pytest.fixture
def system(tmp_path):
    """Return a system, nothing of which may be changed by the test."""
    made = System(tmp_path)
    yield made
    assert sorted(p.name for p in made.root.iterdir() if p.name != ".superteam")
    assert (made.root / "web" / "app.py").read_text() == "print()\n"


def test_plan(system):
    """The plan holds the system's files, the override last, and a project after the run."""
    services = {"web": {"build": system.build(), "ports": [port(8000, "80")]}, "db": {"image": "postgres:17"}}
    plan, _ = system.plan({"services": services})
    assert plan.files == (system.root / "compose.yml", system.folder / "override.yml")
    assert plan.directory == system.root
    assert plan.services == (PlannedContainer("web-service", "web", 8000, health="/health"),)
    assert (plan.project, plan.gateway, plan.jwt_secret, plan.collector) == ("superteam-run-1", "", "", "")
    assert dict(plan.labels) == LABELS
    assert len(plan.inputs) == 64


@pytest.mark.parametrize(
    ("found", "service", "expected", "said"),
    [
        ({}, {"ports": [port(80, "8080")]}, 8000, ""),
        ({"port": 0}, {"ports": [port(53, protocol="udp"), port(80, "8080")]}, 80, ""),
        ({"port": 0}, {"expose": ["9/udp", "7000"]}, 7000, ""),
        ({"port": 0}, {}, None, "web-service: is not called: it listens on no port that is known, as a worker does."),
        ({}, {"network_mode": "none"}, None, "web-service: is not called: its network is not its own."),
        ({}, {"scale": 0}, None, "web-service: is not started: the compose files ask for none of it."),
        ({"compose": ""}, {}, None, "web-service: is not started: it is in none of the compose files."),
        ({"compose": "x", "profiles": ("dev",)}, {}, None, "web-service: is not started without the profile dev."),
    ],
)
def test_called(system, found, service, expected, said):
    """A service is called on the port that was found, else on one that it publishes; or it is told why not."""
    one = FoundService(**({"name": "web-service", "compose": "web", "port": 8000} | found))
    plan, document = system.plan({"services": {"web": {"image": "x", **service}}}, one, infrastructure=())
    assert [s.port for s in plan.services] == ([expected] if expected else [])
    assert document["services"]["web"].get("ports") == (("!override", [f"127.0.0.1::{expected}"]) if expected else None)
    assert system.said == ([said] if said else [])


def test_network_of_another(system):
    """A service in another's network is called through that one."""
    services = {"web": {"image": "x", "network_mode": "service:vpn"}, "vpn": {"image": "y", "ports": [port(1, "1")]}}
    plan, document = system.plan({"services": services})
    assert plan.services == (PlannedContainer("web-service", "vpn", 8000, health="/health"),)
    assert document["services"]["vpn"]["ports"] == ("!override", ["127.0.0.1::8000"])
    assert "ports" not in document["services"]["web"]


def test_infrastructure_is_not_published(system):
    """Databases keep no port on the host; the system's own gateway gets one on loopback, and is not our gateway."""
    gateway = FoundService("nginx", "infrastructure", role="gateway", compose="nginx", port=8080)
    services = {
        "web": {"build": system.build()},
        "db": {"image": "postgres:17", "ports": [port(5432, "5432")], "container_name": "db", "restart": "always"},
        "nginx": {"image": "nginx", "ports": [port(8080, "80")]},
    }
    plan, document = system.plan({"services": services}, infrastructure=(DB, gateway))
    assert document["services"]["db"]["ports"] == RESET
    assert document["services"]["db"]["container_name"] == RESET
    assert document["services"]["nginx"]["ports"] == ("!override", ["127.0.0.1::8080"])
    assert plan.gateway == ""


def test_no_compose_file(system):
    """A system without a compose file is told what else there is to do."""
    with pytest.raises(FinalDeploymentError, match=r"has no compose file.*--url"):
        generate_found(system.request(files=()), LABELS, {})


def test_compose_file_outside(system, tmp_path):
    """A compose file that is a link to somewhere else is not read."""
    (tmp_path / "other.yml").write_text("services: {}")
    (system.root / "link.yml").symlink_to(tmp_path / "other.yml")
    with pytest.raises(FinalDeploymentError, match=r"\Alink\.yml: lies outside of the system"):
        generate_found(system.request(files=("link.yml",)), LABELS, {})


@pytest.mark.parametrize(
    ("version", "old"),
    [("2.24.3", True), ("v2.20.0", True), ("2.24.4", False), ("2.26.1-4", False), ("v5.0.0", False), ("", False)],
)
def test_compose_version(version, old):
    """A Compose that does not know `!override` is told to be too old."""
    if old:
        with pytest.raises(FinalDeploymentError, match=rf"Compose {version} .*2\.24\.4 or newer"):
            check_compose(version)
    else:
        assert check_compose(version) is None


def test_complaint_of_compose(system):
    """What Compose does not accept is told with file and line."""

    def read_config(files, directory, profiles):
        assert (files, directory, profiles) == ((system.root / "compose.yml",), system.root, ("dev",))
        raise FinalDeploymentError("compose.yml: services.web Additional property build is not allowed")

    with pytest.raises(FinalDeploymentError, match=r"\Acompose\.yml:3: Compose knows no key 'build' of a service\.\Z"):
        read_found(system.request(profiles=("dev",)), read_config)


def test_refused_before_anything_is_written(system):
    """A file that leads out of the system is refused, and no override is left."""
    with pytest.raises(FinalDeploymentError, match="web is privileged"):
        system.plan({"services": {"web": {"image": "x", "privileged": True}}})
    assert not (system.folder / "override.yml").exists()


# ---------------------------------------------------------------- for real

APP = """
import http.server, json, os, pathlib, socket
pathlib.Path("/srv/written.txt").write_text("by the service")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with socket.create_connection(("cache", 6379), 3) as redis:
            redis.sendall(b"INCR visits\\r\\n" if self.path == "/visit" else b"GET visits\\r\\n")
            visits = redis.recv(100).decode().strip()
        body = json.dumps({name: os.environ.get(name) for name in ("FROM_BASE", "FROM_FILE")} | {"visits": visits})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

http.server.ThreadingHTTPServer(("0.0.0.0", 7000), Handler).serve_forever()
"""


@pytest.fixture
def shop(system):
    """Return a system of a service and a cache, with all that is in the way of starting it twice."""
    system.file("web/Dockerfile", 'FROM python:3.9-slim\nCOPY app.py /app/\nCMD ["python3", "/srv/app.py"]\n')
    system.file("web/app.py", APP)
    system.file("web.env", "FROM_FILE=file\n")
    system.file("base.yml", "services:\n  base:\n    environment: {FROM_BASE: base}\n    restart: always\n")
    system.file(
        "compose.yml",
        """\
services:
  web:
    extends: {file: base.yml, service: base}
    build: ./web
    image: python:3.13-slim
    container_name: superteam-test-web
    env_file: web.env
    ports: ["127.0.0.1:6399:7000"]
    volumes: ["./web:/srv"]
    depends_on: [cache]
  cache:
    image: redis:1
networks:
  default: {name: superteam-test-net}
""",
    )
    system.file("compose.override.yml", "services:\n  cache:\n    ports: ['127.0.0.1:6398:6379']\n")
    yield system
    system.file("web/app.py", "print()\n")


@pytest.mark.docker
def test_found_system_runs(shop, engine):
    """A found system runs by its own files, beside whatever else there is, and nothing of it is changed or left."""
    pytest.importorskip("testcontainers")
    from pytest_superteam.deployment.compose import DEPLOYER
    from pytest_superteam.deployment.composed.removal import leftovers

    before = {p: p.read_bytes() for p in shop.root.rglob("*") if p.is_file()}
    cache = FoundService("cache", "infrastructure", role="cache", compose="cache", port=6379)
    request = shop.request(
        FoundService("web", compose="web", folder="web", port=7000, health="/", dockerfile="web/Dockerfile"),
        infrastructure=(cache,),
        files=("compose.yml", "compose.override.yml"),
        replace_images={"python:3.9-slim": "python:3.13-slim", "redis:1": "redis:8"},
    )
    deployment = DEPLOYER.deploy(request)
    try:
        assert httpx.get(f"{deployment.url('web')}/visit").json() == {
            "FROM_BASE": "base",
            "FROM_FILE": "file",
            "visits": ":1",
        }
        assert not deployment.url("web").endswith((":6399", ":7000"))
        assert deployment.published["cache"] == ()
        assert [address.rpartition(":")[0] for address in deployment.published["web"]] == ["127.0.0.1"]
    finally:
        DEPLOYER.teardown(request.folder)
    after = {p: p.read_bytes() for p in shop.root.rglob("*") if p.is_file() and ".superteam" not in p.parts}
    assert after == before
    assert leftovers(deployment.project, engine.environment) == ()
    shutil.rmtree(shop.folder / "mounts")
