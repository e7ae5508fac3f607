"""Consumers' own pacts: files, folders, a broker; which items they become and which pact wins."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.families.pact import FAMILY
from pytest_superteam.config import Config, PactsConfig
from pytest_superteam.contracts.pact_sources import broker_pacts, pact_files
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, Dependency, Service


def pact(consumer="web", provider="shop"):
    """Return a small pact."""
    return {"consumer": {"name": consumer}, "provider": {"name": provider}, "interactions": []}


class Broker:
    """A Pact broker that has what `answers` says, by path: a status and a body."""

    def __init__(self):
        self.answers, self.tokens = {}, []
        broker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                broker.tokens.append(self.headers.get("Authorization"))
                status, body = broker.answers.get(self.path, (404, b"{}"))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def has(self, *pacts):
        """Serve pacts with the provider `shop`."""
        links = []
        for number, document in enumerate(pacts):
            links.append({"href": f"{self.url}/pact/{number}"})
            self.answers[f"/pact/{number}"] = (200, document)
        self.answers["/pacts/provider/shop/latest"] = (200, {"_links": {"pb:pacts": links}})


@pytest.fixture
def broker():
    """Return a running broker."""
    made = Broker()
    with made.server:
        threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield made
        made.server.shutdown()


def test_files_and_folders(tmp_path):
    """A file, and every JSON file of a folder, is a pact; brokers are left to the run."""
    folder = tmp_path / "pacts/deep"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(pact()))
    (tmp_path / "b.json").write_text(json.dumps(pact("app")))
    found = list(pact_files(("pacts", "b.json", "https://broker.example"), tmp_path))
    assert [(each.consumer, each.provider, each.problem) for each in found] == [
        ("web", "shop", ""),
        ("app", "shop", ""),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "can't be read"),
        ("[]", "is no JSON object"),
        ("{}", "names no consumer"),
        ('{"consumer": {"name": 3}, "provider": {"name": "x"}}', "names no consumer"),
        ('{"consumer": "web", "provider": {"name": "x"}}', "names no consumer"),
        ("[" * 100_000, "can't be read"),
    ],
)
def test_what_is_no_pact_is_told(tmp_path, text, told):
    """A file that can't be used is kept with the reason, and others are read."""
    (tmp_path / "bad.json").write_text(text)
    (tmp_path / "good.json").write_text(json.dumps(pact()))
    bad, good = pact_files((".",), tmp_path)
    assert told in bad.problem
    assert (good.consumer, good.problem) == ("web", "")


@pytest.mark.parametrize("source", ["nowhere", "nowhere.json", "empty"])
def test_a_source_without_pacts_is_told(tmp_path, source):
    """A source that is not there or has nothing is no silence."""
    (tmp_path / "empty").mkdir()
    [found] = pact_files((source,), tmp_path)
    assert found.problem


def test_the_latest_pacts_of_a_broker(broker):
    """All consumers' pacts with a provider are fetched, with the token, and the names are theirs."""
    broker.has(pact(), pact("app"))
    found = broker_pacts(broker.url, "shop", "t0ken")
    assert [(each.consumer, each.provider) for each in found] == [("web", "shop"), ("app", "shop")]
    assert set(broker.tokens) == {"Bearer t0ken"}


def test_a_broker_without_the_provider(broker):
    """A provider that the broker does not know has no pacts."""
    assert broker_pacts(broker.url, "shop") == ()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((401, b""), r"answered 401 .* Name the variable with its token in pacts.token"),
        ((500, b""), r"answered 500 .* Is the URL that of a Pact broker"),
        ((200, b"<html>"), "answered no JSON to"),
        ((200, b"[]"), "answered no JSON object"),
        ((302, b""), "answered 302"),
        ((200, {"_links": {"pacts": [{"href": "http://elsewhere.example/x"}]}}), "refers to another host"),
    ],
)
def test_a_broker_that_is_none(broker, answer, told):
    """What is no broker, or refuses, or sends the token elsewhere, is told in one line."""
    broker.answers["/pacts/provider/shop/latest"] = answer
    with pytest.raises(CheckError, match=told):
        broker_pacts(broker.url, "shop")


def test_a_broker_that_is_away():
    """A broker that nobody runs is told without the password of its URL."""
    with pytest.raises(CheckError, match="can't be reached") as raised:
        broker_pacts("http://user:hunter2@127.0.0.1:9", "shop")
    assert "hunter2" not in str(raised.value)


SYSTEM = Architecture(
    "Shop", "0" * 64, (Service("shop"), Service("cart")), dependencies=(Dependency("cart", "shop", "read_item"),)
)


def planned(tmp_path, *sources):
    """Return (service, param) of the items that are planned."""
    config = Config(pacts=PactsConfig(sources=sources))
    return [(item.service, item.param) for item in FAMILY.plan(Planning(SYSTEM, config, tmp_path))]


def test_items(tmp_path):
    """There is an item for each pair of the design, each pact of a file, each broken file, each service of a broker."""
    for name, document in (("1", pact()), ("2", pact("cart")), ("3", pact("web", "unknown")), ("4", [])):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    assert planned(Path()) == [("cart", "cart-shop")]
    assert planned(tmp_path, ".", "https://broker.example") == [
        ("cart", "cart-shop"),
        ("shop", "web-shop"),
        ("shop", "source-4"),
        ("shop", "broker-shop"),
        ("cart", "broker-cart"),
    ]
