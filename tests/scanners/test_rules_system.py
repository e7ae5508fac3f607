"""ADV-001, ADV-002, ADV-003 and HEALTH-001: what only a whole service or system shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_superteam.models import Architecture, Dependency, Event, Operation, Service
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.facts.events import matches, normalise_event
from pytest_superteam.scanners.facts.routes import normalise_path
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def architecture(*names, events=(), dependencies=(), issuer=""):
    """Return an architecture of services with those names."""
    services = tuple(Service(name, issuer=name == issuer) for name in names)
    return Architecture("x", "0", services, events=tuple(events), dependencies=tuple(dependencies))


def system(tmp_path, *members, **options):
    """Return what the system rules find, by code: (file, line, evidence)."""
    target = ScanTarget("system", tmp_path, members=members, **options)
    found = scan_target(target, builtin_scanners())
    return {code: [(v.file, v.line, v.evidence) for v in items] for code, items in found.items()}


HEALTH = [
    (APP + "@app.get('/x')\ndef f(): ...\n", [("HEALTH-001", 2)]),
    ("from flask import Flask\napp = Flask(__name__)\n", [("HEALTH-001", 2)]),
    (APP + "# @app.get('/health')\n", [("HEALTH-001", 2)]),
    (APP + "@app.post('/health')\ndef f(): ...\n", [("HEALTH-001", 2)]),
    (APP + "@app.get('/healthz')\ndef f(): ...\n", []),
    (APP + "@app.get('/api/health/live')\ndef f(): ...\n", []),
    (
        "from fastapi import APIRouter\nr = APIRouter(prefix='/ready')\n@r.get('')\ndef f(): ...\n"
        + APP
        + "app.include_router(r)\n",
        [],
    ),
    ("import celery\napp = celery.Celery()\n", []),
    ("print('x')\n", []),
]


@pytest.mark.parametrize(("text", "wanted"), HEALTH)
def test_health(samples, text, wanted):
    """HEALTH-001 finds an application without a health route, and asks none of what serves no HTTP."""
    assert samples.lines(text, "HEALTH-001") == wanted


def test_contract_and_routes(samples):
    """ADV-002 compares with parameter names removed and prefixes resolved, both ways."""
    contract = {
        "servers": [{"url": "http://x/api"}],
        "paths": {"/orders/{id}": {"get": {"operationId": "read"}, "delete": {"operationId": "remove"}}},
    }
    text = (
        "from fastapi import APIRouter, FastAPI\nr = APIRouter(prefix='/api')\n@r.get('/orders/{order_id}')\n"
        "def f(): ...\n"
        "@r.post('/extra')\ndef g(): ...\n@r.get('/health')\ndef h(): ...\napp = FastAPI()\napp.include_router(r)\n"
    )
    found = samples.violations({"app.py": text}, "ADV-002", contract=contract)
    assert [(v.line, v.evidence) for v in found] == [(5, "POST /api/extra"), (9, "DELETE /api/orders/{}")]
    assert "remove" in found[1].message


def test_contract_in_the_folder(samples):
    """Without a contract from outside, the OpenAPI document of the folder is compared."""
    files = {"app.py": APP, "openapi.yaml": "openapi: 3.1.0\npaths:\n  /x:\n    get: {}\n"}
    assert [v.evidence for v in samples.violations(files, "ADV-002")] == ["GET /x"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("/a/{b}/", "/a/{}"), ("/a/<int:b>", "/a/{}"), ("a//:b", "/a/{}"), ("/", "/"), ("/f/{p:path}", "/f/{}")],
)
def test_normalise_path(path, wanted):
    """Paths of all frameworks compare without the names of their parameters."""
    assert normalise_path(path).replace("//", "/") == wanted


def test_event_names():
    """Names of events compare in any spelling, and patterns take what they match."""
    assert len({normalise_event(n) for n in ("OrderPlaced", "order.placed", "order-placed", "ORDER_PLACED")}) == 1
    assert matches("order.*", "OrderPlaced")
    assert matches("order.>", "order.item.added")
    assert matches("#", "OrderPlaced")
    assert not matches("order.*", "PaymentTaken")
    assert not matches("order", "OrderPlaced")


PUBLISHERS = [
    'publish(session, "OrderPlaced", {"id": 1})',
    'session.add(OutboxEvent(type="OrderPlaced", data={}))',
    'import redis\nr = redis.Redis()\nr.publish("order.placed", b"")',
    'from kafka import KafkaProducer\np = KafkaProducer()\np.send("order-placed", b"")',
    'import pika\nchannel.basic_publish(exchange="", routing_key="order.placed", body=b"")',
    'NAME = "OrderPlaced"\npublish_event(NAME, {})',
]
CONSUMERS = [
    '@handles("OrderPlaced")\ndef f(event): ...',
    'HANDLERS = {"OrderPlaced": on_order}',
    'import redis\np = redis.Redis().pubsub()\np.subscribe("order.placed")',
    'from kafka import KafkaConsumer\nc = KafkaConsumer("order-placed", bootstrap_servers="x:1")',
    'p.psubscribe("order.*")',
    'def f(event):\n    if event["type"] == "OrderPlaced":\n        g()',
    'def f(event):\n    match event.type:\n        case "OrderPlaced":\n            g()',
]


@pytest.mark.parametrize("text", PUBLISHERS)
def test_published_and_never_consumed(tmp_path, member, text):
    """ADV-001 finds each way to publish an event that nobody consumes, and is content with a consumer."""
    orders = member("orders", {"app.py": text})
    found = system(tmp_path, orders, member("mail", {"app.py": "x = 1"}))["ADV-001"]
    assert [(file, line) for file, line, _ in found] == [("orders/app.py", text.count("\n") + 1)]
    heard = member("mail", {"app.py": CONSUMERS[0]})
    assert system(tmp_path, member("orders", {"app.py": text}), heard)["ADV-001"] == []


@pytest.mark.parametrize("text", CONSUMERS)
def test_consumed_and_never_published(tmp_path, member, text):
    """ADV-001 finds each way to consume an event that nobody publishes, and is content with a publisher."""
    assert len(system(tmp_path, member("a", {"app.py": "x = 1"}), member("mail", {"app.py": text}))["ADV-001"]) == 1
    orders, mail = member("orders", {"app.py": PUBLISHERS[0]}), member("mail", {"app.py": text})
    assert system(tmp_path, orders, mail)["ADV-001"] == []


def test_declared_and_never_touched(tmp_path, member):
    """An event that only the architecture names is dead."""
    design = architecture("a", "b", events=[Event("OrderPlaced", "order.placed", "a", ("b",))])
    found = system(tmp_path, member("a", {"app.py": "x = 1"}), member("b", {"b.py": "y = 1"}), architecture=design)
    assert found["ADV-001"] == [("", 0, "OrderPlaced")]


def test_consumer_of_everything(tmp_path, member):
    """A consumer that takes all events at one route, as the architecture says, need not name them."""
    design = architecture("a", "b", events=[Event("OrderPlaced", "order.placed", "a", ("b",))])
    design = replace(design, operations=(Operation("receive_event", "b", "POST", "/events", "receive_event"),))
    publisher = member("a", {"app.py": PUBLISHERS[0]})
    taking = member("b", {"app.py": APP + "@app.post('/events')\ndef f(body: dict): ...\n"})
    assert system(tmp_path, publisher, taking, architecture=design)["ADV-001"] == []
    deaf = member("b", {"app.py": APP})
    assert [line for _, line, _ in system(tmp_path, publisher, deaf, architecture=design)["ADV-001"]] == [1]


def test_lifecycle_is_no_event(tmp_path, member):
    """Start and stop of a framework are no events of the system."""
    text = '@app.on_event("startup")\ndef f(): ...\n'
    assert system(tmp_path, member("a", {"app.py": text}), member("b", {"app.py": ""}))["ADV-001"] == []


def test_orphan(tmp_path, member):
    """ADV-003 finds the service that is on no edge of the system."""
    orders = member("orders", {"app.py": 'URL = os.environ["CATALOG_URL"]\n'})
    catalog, lonely = member("catalog", {"app.py": "x = 1\n"}), member("lonely", {"app.py": "x = 1\n"})
    assert system(tmp_path, orders, catalog, lonely)["ADV-003"] == [("lonely/app.py", 1, "lonely")]


ALIVE = [
    {"docker-compose.yml": "services:\n  lonely:\n    image: x:1\n    ports: ['80:80']\n"},
    {"gateway/nginx.conf": "location / { proxy_pass http://lonely:80; }\n"},
    {"docker-compose.yml": "services:\n  web:\n    build: ./lonely\n    ports: ['80:80']\n"},
]


@pytest.mark.parametrize("files", ALIVE)
def test_exposed_service_is_no_orphan(tmp_path, member, files):
    """A published port or a gateway's route makes an entry point."""
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    a = member("a", {"app.py": 'httpx.get("http://b:8000/x")\n'})
    found = system(tmp_path, a, member("b", {"app.py": "x = 1\n"}), member("lonely", {"app.py": "x = 1\n"}))
    assert found["ADV-003"] == []


def test_depends_on_is_no_call(tmp_path, member):
    """`depends_on` alone connects nobody."""
    (tmp_path / "compose.yml").write_text("services:\n  a: {image: 'x:1', depends_on: [b]}\n  b: {image: 'x:1'}\n")
    found = system(tmp_path, member("a", {"app.py": "x = 1"}), member("b", {"app.py": "x = 1"}))
    assert [evidence for *_, evidence in found["ADV-003"]] == ["a", "b"]


def test_architecture_connects(tmp_path, member):
    """Dependencies, events and the issuer of tokens in the architecture are edges."""
    design = architecture(
        "a",
        "b",
        "c",
        "d",
        "auth",
        dependencies=[Dependency("a", "b", "read")],
        events=[Event("X", "x", "c", ("d",))],
        issuer="auth",
    )
    members = [member(name, {"app.py": "x = 1"}) for name in ("a", "b", "c", "d", "auth")]
    assert system(tmp_path, *members, architecture=design)["ADV-003"] == []


def test_single_service_is_no_orphan(tmp_path, member):
    """A system of one service has nobody to talk to."""
    assert system(tmp_path, member("a", {"app.py": "x = 1"}))["ADV-003"] == []
