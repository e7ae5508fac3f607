"""Contracts that are strange: what is wrong with one operation is told there, and the others go on."""

import http.server
import json
import threading
from contextlib import contextmanager

import pytest

from pytest_superteam.checks.engine.cases import confined
from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation
from pytest_superteam.errors import CheckError

OK = {"200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}}


@contextmanager
def answering(status=200, body=b"{}"):
    """Serve one answer to every request; yields the address and the paths that were asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def __getattr__(self, name):
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def body(schema, **more):
    """Return an operation that takes a JSON body of `schema`."""
    return {"requestBody": {"content": {"application/json": {"schema": schema, **more}}}, "responses": OK}


def contract(operation, schemas=None, **more):
    """Return a document with the operation `strange` and a sound one beside it."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/strange": {"post": {"operationId": "strange", "responses": OK, **operation}},
            "/sound": {"get": {"operationId": "sound", "responses": OK}},
        },
        "components": {"schemas": schemas or {}},
        **more,
    }


def check(document, url, operation="strange", address=None):
    """Try an operation a little."""
    options = ConformanceOptions(seed=1, max_examples=6, request_timeout=5.0, address=address)
    return check_operation(
        contract=document,
        service="s",
        operation_id=operation,
        base_url=url,
        token=None,
        other_tokens={},
        options=options,
    )


NODE = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
TREE = {
    "type": "object",
    "properties": {"children": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Tree"}}},
}
TRIED = {
    "recursive": contract(body({"$ref": "#/components/schemas/Node"}), {"Node": NODE}),
    "recursive list": contract(body({"$ref": "#/components/schemas/Tree"}), {"Tree": TREE}),
    "example breaks its schema": contract(body({"type": "integer"}, example="seven")),
    "unknown security scheme": contract({"security": [{"nobody": []}]}, security=[{"nobody": []}]),
    "no servers": contract({}, servers=[]),
    "server elsewhere": contract({}, servers=[{"url": "http://192.0.2.1/other"}]),
    "odd parts": contract({"tags": None, "parameters": []}, webhooks={}, **{"x-odd": [None]}),
}
REFUSED = {
    "broken reference": contract(body({"$ref": "#/components/schemas/Gone"})),
    "reference in a circle": contract(
        body({"$ref": "#/components/schemas/A"}),
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    ),
    "no value fits": contract(
        {
            "parameters": [
                {
                    "name": "n",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 2, "maximum": 1},
                }
            ]
        }
    ),
}


@pytest.mark.parametrize("document", TRIED.values(), ids=TRIED.keys())
def test_a_strange_contract_is_tried(document):
    """What can be read in one way only is tried against the service that runs here."""
    with answering() as (url, asked):
        result = check(document, url)
    assert "/strange" in asked
    assert " calls: " in result.detail


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_a_broken_operation_is_an_error_and_the_others_go_on(document):
    """The error names the operation on one line; the sound operation of the same contract passes."""
    with answering() as (url, _):
        with pytest.raises(CheckError, match=r"strange") as caught:
            check(document, url)
        assert "\n" not in str(caught.value)
        assert " calls: " in check(document, url, "sound").detail


@pytest.mark.parametrize("place", ["schema", "parameter", "response", "example", "file"])
def test_references_to_other_documents_are_not_followed(place, tmp_path):
    """Neither another host nor the disk is read; the operation that needs it is told or tried without it."""
    with answering(body=b'{"type": "object"}') as (other, fetched), answering() as (url, _):
        secret = tmp_path / "secret.json"
        secret.write_text('{"type": "object"}')
        target = {"$ref": secret.as_uri() if place == "file" else f"{other}/model.json"}
        operation = {
            "schema": body(target),
            "file": body(target),
            "parameter": {"parameters": [target]},
            "response": {"responses": {"200": target}},
            "example": body({"type": "object"}, examples={"e": {"externalValue": f"{other}/example.json"}}),
        }[place]
        document = contract(operation)
        if place == "example":
            check(document, url)
        else:
            with pytest.raises(CheckError, match=r"strange.*(model|secret)\.json.*not followed"):
                check(document, url)
        assert fetched == []
        assert " calls: " in check(document, url, "sound").detail


def test_references_within_the_document_stay():
    """Only what leads out of a document is cut off."""
    document = contract(body({"$ref": "#/components/schemas/Node"}), {"Node": NODE})
    assert confined(document) == document


def test_operations_with_one_id_are_told_apart_by_their_address():
    """Method and path find an operation whose id stands twice, or is missing."""
    document = contract({})
    document["paths"]["/sound"]["get"]["operationId"] = "strange"
    document["paths"]["/nameless"] = {"get": {"responses": OK}}
    with answering() as (url, asked):
        check(document, url, address=("GET", "/sound"))
        check(document, url, address=("GET", "/nameless"))
    assert {"/sound", "/nameless"} == {path.partition("?")[0] for path in asked}


def test_thousands_of_schemas_are_no_trouble():
    """Only what an operation needs is looked at."""
    schemas = {
        f"S{n}": {"type": "object", "properties": {"p": {"$ref": f"#/components/schemas/S{n + 1}"}}}
        for n in range(3000)
    }
    schemas["S3000"] = {"type": "string"}
    document = contract(body({"$ref": "#/components/schemas/S2990"}), schemas)
    with answering() as (url, _):
        assert " calls: " in check(document, url).detail
    assert len(json.dumps(document)) > 200_000
