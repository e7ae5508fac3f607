"""A generated system on a real engine: what goes through Caddy, who may enter which database, and what gets out."""

import contextlib
import hashlib
import json
import re
import secrets
import shlex
import socket
import subprocess
import sys

import pytest
from composed_systems import Composed, of, request, shop

from pytest_superteam.config import ImagesConfig
from pytest_superteam.deployment.composed import journal
from pytest_superteam.deployment.waiting import NotYetError, Wait
from pytest_superteam.models import Service

pytestmark = pytest.mark.docker

ECHO = '''
"""Answers each request with its head and a hash of its body, exactly as they came."""
import hashlib, json, os, socketserver

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = b""
            while not head.endswith(b"\\r\\n\\r\\n"):
                line = self.rfile.readline(1 << 20)
                if not line:
                    return
                head += line
            lines = head.decode("latin-1").split("\\r\\n")
            headers = {}
            for line in lines[1:-2]:
                name, _, value = line.partition(": ")
                headers.setdefault(name.lower(), []).append(value)
            body = self.body(headers)
            if "/drop" in lines[0]:
                return
            if "/early" in lines[0]:
                self.wfile.write(b"HTTP/1.1 103 Early Hints\\r\\nLink: </x>\\r\\n\\r\\n")
            asked = ("WEIRD", "PORT") if "/environment" in lines[0] else ()
            answer = {"line": lines[0], "headers": headers, "size": len(body)}
            answer["environment"] = {name: os.environ.get(name) for name in asked}
            out = json.dumps(answer | {"sha256": hashlib.sha256(body).hexdigest()}).encode()
            head = "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nSet-Cookie: a=1\\r\\nSet-Cookie: b=2\\r\\n"
            self.wfile.write(f"{head}Content-Length: {len(out)}\\r\\n\\r\\n".encode())
            self.wfile.write(b"" if lines[0].startswith("HEAD") else out)

    def body(self, headers):
        if "chunked" not in headers.get("transfer-encoding", [""])[0]:
            return self.rfile.read(int(headers.get("content-length", ["0"])[0]))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

Server(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
'''
DOCKERFILE = 'FROM python:3.13-slim\nCOPY main.py /srv/\nUSER 65532\nCMD ["python3", "/srv/main.py"]\n'
WEIRD = "a'b\"c$d ${X} \\n \\ é\n#x=1\ttab"


class Running(Composed):
    """A generated system that runs."""

    def compose(self, *words, check=True):
        """Run a subcommand of Compose on the system."""
        files = [word for file in self.plan.files for word in ("-f", str(file))]
        argv = ["docker", "compose", "-p", self.plan.project, *files, *words]
        return subprocess.run(argv, cwd=self.plan.directory, check=check, capture_output=True, text=True, timeout=120)

    def up(self):
        """Start it."""
        done = self.compose("up", "--build", "--wait", "--detach", check=False)
        assert done.returncode == 0, done.stderr[-3000:] + self.compose("logs", check=False).stdout[-3000:]
        self.address = self.compose("port", "gateway", "8080").stdout.strip()

    def raw(self, data):
        """Send bytes to the gateway and return the answer's bytes; what it does not want to read stays unsent."""
        host, _, port = self.address.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)

    def get(self, target, method="GET", headers="", body=b""):
        """Return status line, headers and body of an answer."""
        head = f"{method} {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n{headers}\r\n"
        answer, _, content = self.raw(head.encode("latin-1") + body).rpartition(b"\r\n\r\n")
        return answer.decode("latin-1"), content

    def echo(self, *arguments, **options):
        """Return what the echo service saw."""
        return json.loads(self.get(*arguments, **options)[1])

    def inside(self, name, *commands):
        """Return what each command says in a container; all in one go, for each way in costs a second."""
        script = "".join(f"{shlex.join(command)} 2>&1; printf '\\0'\n" for command in commands)
        return self.compose("exec", "-T", name, "sh", "-c", script).stdout.split("\0")[:-1]

    def psql(self, *statements):
        """Return what the server answers to each (service, database, statement), as the service's user."""
        client = ("psql", "-XAtq", "-h", "postgres")
        passwords = {name: self.variables[f"{name.upper()}_DATABASE_PASSWORD"] for name, *_ in statements}
        commands = (
            ("env", f"PGPASSWORD={passwords[name]}", *client, "-U", name, "-d", database, "-c", statement)
            for name, database, statement in statements
        )
        return self.inside("postgres", *commands)


@contextlib.contextmanager
def running(folder, **settings):
    """Run two echo services, each with databases of its own, and take everything down at the end."""
    both = ("postgresql", "redis")
    architecture = of().__class__("Echo", "", (Service("echo", datastores=both), Service("other", datastores=both)))
    files = {name: {"main.py": ECHO, "Dockerfile": DOCKERFILE} for name in ("echo", "other")}
    run_id = f"test-{secrets.token_hex(4)}"
    made = Running(request(folder, architecture, files=files, run_id=run_id, environment={"WEIRD": WEIRD}, **settings))
    try:
        made.up()
        yield made
    finally:
        made.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


@pytest.fixture(scope="module")
def system(engine, tmp_path_factory):
    """Return a system behind Caddy that runs on the engine."""
    with running(tmp_path_factory.mktemp("composed")) as made:
        yield made


TARGETS = {
    "/api/echo": "/",
    "/api/echo/": "/",
    "/api/echo?x=1": "/?x=1",
    "/api/echo/x?": "/x?",
    "/api/echo/a%2Fb": "/a%2Fb",
    "/api/echo//a//b/": "//a//b/",
    "/api/echo/a/../b/./c": "/a/../b/./c",
    "/api/echo/%2e%2e/b": "/%2e%2e/b",
    "/api/echo/%61%20b;c=d": "/%61%20b;c=d",
    "/api/echo/../other/x": "/../other/x",
    "/api/echo/x?q=%2F&a=b+c&&;{env.HOME}": "/x?q=%2F&a=b+c&&;{env.HOME}",
    "/api/echo/" + "a" * 5000: "/" + "a" * 5000,
}


def test_paths_arrive_as_they_were_sent(system):
    """The prefix is gone and nothing else: encodings, empty segments and dots arrive as they were sent."""
    seen = {target: system.echo(target)["line"].split()[1] for target in TARGETS}
    assert seen == TARGETS


def test_methods_bodies_and_headers_arrive_as_they_were_sent(system):
    """Every method, body and header passes; the gateway adds where the request came from and the prefix it took off."""
    for method in ("OPTIONS", "PATCH", "DELETE", "TRACE", "QUERY"):
        assert system.echo("/api/echo/x", method)["line"] == f"{method} /x HTTP/1.1"
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = f"traceparent: {trace}\r\nForwarded: for=192.0.2.1\r\nX-Dup: 1\r\nX-Dup: 2\r\nX-Big: {'b' * 30_000}\r\n"
    body = bytes(range(256)) * 4096
    seen = system.echo("/api/echo/h", "POST", f"{headers}Content-Length: {len(body)}\r\n", body)
    assert (seen["size"], seen["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    expected = {"traceparent": [trace], "forwarded": ["for=192.0.2.1"], "x-dup": ["1", "2"], "x-big": ["b" * 30_000]}
    assert expected.items() <= seen["headers"].items()
    assert seen["headers"]["x-forwarded-prefix"] == ["/api/echo"]
    assert seen["headers"]["host"] == ["shop.example"]
    assert "accept-encoding" not in seen["headers"]
    chunked = system.echo(
        "/api/echo/c", "POST", "Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    assert (chunked["size"], chunked["headers"]["transfer-encoding"]) == (8, ["chunked"])


def test_answers_arrive_as_they_were_given(system):
    """An answer to HEAD has no body, early hints pass, and a header that comes twice stays so."""
    head, body = system.get("/api/echo/x", "HEAD")
    assert head.startswith("HTTP/1.1 200 ")
    assert body == b""
    assert re.findall(r"Set-Cookie: (\S+)", head) == ["a=1", "b=2"]
    assert system.get("/api/echo/early")[0].startswith("HTTP/1.1 103 Early Hints")


@pytest.mark.parametrize(
    ("target", "size", "status"),
    [
        ("/nope", 0, 404),
        ("/api/echox", 0, 404),
        ("/", 0, 404),
        ("/api/echo/drop", 0, 502),
        ("/api/echo/x", 33 << 20, 413),
    ],
)
def test_the_gateways_own_answers_are_problems(system, target, size, status):
    """What the gateway refuses itself it says as a problem document."""
    head, body = system.get(target, "POST", f"Content-Length: {size}\r\n", b"a" * size)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status


def test_a_user_enters_its_own_database_only(system):
    """A service's user owns its database, enters no other one, and has no rights over the server."""
    made, encoding, *refused = system.psql(
        ("echo", "echo", "create table t (c text); insert into t values ('ü'); select length(c) from t"),
        ("other", "other", "select pg_encoding_to_char(encoding) from pg_database where datname = 'other'"),
        *(("echo", database, "select 1") for database in ("other", "postgres", "template1")),
        ("echo", "echo", "create role x"),
        ("echo", "echo", "create database x"),
        ("echo", "echo", "copy (select 1) to program 'true'"),
    )
    assert (made, encoding) == ("1\n", "UTF8\n")
    assert ["does not have CONNECT privilege" in text for text in refused[:3]] == [True] * 3
    assert ["permission denied" in text for text in refused[3:]] == [True] * 3
    again = system.compose("run", "--rm", "--no-deps", "database-setup", check=False)
    assert again.returncode == 0, again.stderr
    assert system.psql(("echo", "echo", "select count(*) from t")) == ["1\n"]


def test_a_user_of_redis_has_no_rights_over_the_server(system):
    """A service's user reads and writes, and can't configure or empty the server; nobody enters without a name."""
    login = ("env", f"REDISCLI_AUTH={system.variables['ECHO_REDIS_PASSWORD']}", "redis-cli", "--user", "echo")
    words = ("SET a 1", "GET a", "CONFIG GET *", "FLUSHALL", "ACL LIST")
    nobody = ("env", "-u", "REDISCLI_AUTH", "redis-cli", "GET", "a")
    answers = system.inside("redis", *((*login, *word.split()) for word in words), nobody)
    assert [answer.split(maxsplit=1)[0] for answer in answers] == ["OK", "1", "NOPERM", "NOPERM", "NOPERM", "NOAUTH"]


INSIDE = """
import json, socket, urllib.request
try:
    open("/srv/x", "w")
    writable = True
except OSError:
    writable = False
try:
    socket.create_connection(("192.0.2.1", 80), 1)
    out = True
except OSError:
    out = False
with open("/proc/self/status") as status:
    rights = [line.split()[1] for line in status if line.startswith(("CapEff", "NoNewPrivs"))]
kind = {"Content-Type": "application/json"}
event = urllib.request.Request("http://superteam-collector:4318/events", b'{"id": "1"}', kind)
print(json.dumps([writable, out, rights, urllib.request.urlopen(event).status]))
"""


def test_a_service_is_closed_in(system, tmp_path):
    """A service can't write its image, has no capability, reaches nothing outside, and our collector inside."""
    seen = json.loads(system.compose("exec", "-T", "echo", "python3", "-c", INSIDE).stdout)
    assert seen == [False, False, ["0000000000000000", "1"], 202]
    container = system.compose("ps", "-q", "superteam-collector").stdout.strip()
    argv = [sys.executable, "-I", "-S", journal.__file__, str(tmp_path), "docker", "logs", container]
    subprocess.run(argv, check=True, timeout=30, capture_output=True)
    (event,) = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(event)["body"] == '{"id": "1"}'


def test_variables_arrive_as_they_were_set(system):
    """A variable of the user's arrives whatever characters it holds."""
    assert system.echo("/api/echo/environment")["environment"] == {"WEIRD": WEIRD, "PORT": "8000"}


def listed(kind, *labels):
    """Return the names of what the engine has of a kind with all these labels."""
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    words = ["docker", kind, "ls", "--quiet", *filters]
    return set(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("kind", ["container", "network", "volume", "image"])
def test_our_labels_are_on_everything(system, kind):
    """Containers, networks, volumes and built images carry the labels of the run."""
    project = f"com.docker.compose.project={system.plan.project}"
    assert listed(kind, project, "superteam.run=run-1") == listed(kind, project) != set()


@pytest.mark.parametrize("settings", [{"gateway": "traefik"}, {"gateway": "none", "platform": "linux/amd64"}, {}])
def test_compose_accepts_what_is_generated(engine, tmp_path, settings):
    """Compose reads every kind of generated system without a complaint."""
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    files = {"orders": {"package.json": '{"scripts": {"migrate": "x"}}'}}
    architecture = shop(stores={"orders": ("postgresql", "redis"), "notices": ()})
    made = Running(
        request(tmp_path, architecture, files=files, ca_bundle="ca.pem", repository="r.example/x", **settings)
    )
    done = made.compose("config", "--quiet", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_traefik_routes_by_labels(engine, tmp_path):
    """Where Traefik's image is present, its routes take the prefix off, and a path of no service is not found."""
    image = ImagesConfig().traefik
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode:
        pytest.skip(f"needs the image {image}, which this engine does not have")
    with running(tmp_path, gateway="traefik") as made:

        def routed():
            if not made.get("/api/echo/")[0].startswith("HTTP/1.1 200 "):
                raise NotYetError("not routed yet")

        Wait(20.0).until("Traefik", routed)
        chosen = ("/api/echo", "/api/echo/", "/api/echo?x=1", "/api/echo/a%2Fb")
        assert {t: made.echo(t)["line"].split()[1] for t in chosen} == {t: TARGETS[t] for t in chosen}
        assert made.get("/api/echox")[0].startswith("HTTP/1.1 404 ")
