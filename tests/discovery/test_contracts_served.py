"""Contracts that running services serve, in the place of derived ones."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pytest_superteam.discovery.contracts.contract import FoundContract, FoundContracts
from pytest_superteam.discovery.contracts.served import served_contract, with_served
from pytest_superteam.errors import CheckError

OPENAPI = {"openapi": "3.1.0", "info": {"title": "S", "version": "1"}, "paths": {"/a": {}}}
SWAGGER = {"swagger": "2.0", "info": {"title": "S", "version": "1"}, "paths": {"/b": {}}}


@pytest.fixture
def serve():
    """Return a function that serves answers by path on loopback and returns the base URL."""
    servers = []

    def start(answers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = answers.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_served(serve):
    """A document at a usual place is the contract, from there."""
    url = serve({"/openapi.json": json.dumps(OPENAPI).encode()})
    contract = served_contract("s", url)
    assert (contract.origin, contract.place) == ("served", f"{url}/openapi.json")
    assert contract.document["paths"] == {"/a": {}}


def test_served_swagger(serve):
    """A Swagger document is converted."""
    contract = served_contract("s", serve({"/v2/api-docs": json.dumps(SWAGGER).encode()}))
    assert contract.document["openapi"] == "3.0.3"


def test_served_nothing(serve):
    """A service that serves a page for people, or nothing, has no contract."""
    assert served_contract("s", serve({"/api-docs": b"<html></html>"})) is None


def test_not_running():
    """A service that does not answer is an error, not a service without a contract."""
    with pytest.raises(CheckError, match="does not answer"):
        served_contract("s", "http://127.0.0.1:1", timeout=1)


def test_served_replaces_derived_only(serve):
    """What is served stands for derived contracts and missing ones, never for written ones."""
    url = serve({"/openapi.json": json.dumps(OPENAPI).encode()})
    before = FoundContracts(
        {"a": FoundContract({}, "derived", "a"), "b": FoundContract({}, "tree", "b.yaml")},
        ("c: no contract: it has no source here",),
    )
    after = with_served(before, {"a": url, "b": url, "c": url, "d": "http://127.0.0.1:1"}, timeout=2)
    assert {name: contract.origin for name, contract in after.items()} == {"a": "served", "b": "tree", "c": "served"}
    assert len(after.notes) == 1
    assert after.notes[0].startswith("d: what it serves is no contract: ")
