# ruff: noqa: E501, ISC004 - tables of fragments
"""OpenAPI documents that the author brings: embedded, beside the text, and those that can't be followed."""

import hashlib
import json
from contextlib import suppress

import pytest

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.architect.notations.jsonschema import loaded

OPENAPI = """openapi: 3.1.0
info: {title: Jars, version: "1"}
paths:
  /jars:
    get:
      summary: All jars
      parameters:
        - {name: colour, in: query, schema: {type: string}}
      responses: {"200": {description: Fine}}
    post:
      operationId: addJar
      responses: {"201": {description: Made}}
  /jars/{jarId}:
    parameters:
      - {name: jarId, in: path, required: true, schema: {type: string}}
    get:
      security: []
      responses: {"200": {description: Fine}}
components:
  schemas:
    Jar:
      type: object
      required: [id, label]
      properties:
        id: {type: string, format: uuid}
        label: {type: string, maxLength: 9}
        lid: {$ref: "#/components/schemas/Lid"}
        state: {$ref: "#/components/schemas/State"}
    Lid:
      allOf:
        - $ref: "#/components/schemas/Thing"
        - type: object
          properties: {colour: {type: string}}
    Thing: {type: object, properties: {id: {type: string}}}
    State: {type: string, enum: [full, empty]}
    JarCreate: {type: object, properties: {label: {type: string}, b: {type: string}}}
    Error: {type: object, properties: {code: {type: integer}, text: {type: string}}}
"""
PATHS = [("GET", "/jars"), ("POST", "/jars"), ("GET", "/jars/{jarId}")]


@pytest.fixture
def build(tmp_path):
    """Return a function from a text and files beside it to an architecture."""

    def make(text, **files):
        folder = tmp_path / "docs"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
        return design(Prd(folder / "PRD.md", text, hashlib.sha256(text.encode()).hexdigest()))

    return make


def check(system):
    assert [(o.method, o.path) for o in system.operations if o.source.kind == "explicit"] == PATHS
    assert sorted(e.name for e in system.entities if e.name != "User") == ["Jar", "Lid"]
    (document,) = system.contracts.values()
    assert document["info"]["title"] == "Jars"
    ids = [o["operationId"] for item in document["paths"].values() for k, o in item.items() if k in ("get", "post")]
    assert len(set(ids)) == 3
    assert "addJar" in ids


def test_embedded(build):
    """A fenced OpenAPI document is the contract: its paths are the operations, its schemas the entities."""
    system = build(f"# Jars\n\n## API\n\n```yaml\n{OPENAPI}```\n")
    check(system)
    jar = system.entity_named("Jar")
    assert (jar.field_named("lid_id").references, jar.field_named("state").enum) == ("Lid", ("full", "empty"))
    assert (jar.field_named("label").max_length, jar.field_named("label").required) == (9, True)


@pytest.mark.parametrize(
    "text",
    [
        "See [the API](./openapi.yaml).",
        "The contract is in `openapi.yaml`.",
        "| a | openapi.yaml |\n|--|--|\n| b | c |",
    ],
)
def test_beside_the_text(build, text):
    """A file that the text names is read."""
    check(build(f"# Jars\n\n{text}\n\n- [again](openapi.yaml)\n", openapi_yaml=OPENAPI))


THINGS = "# Jars\n\n## Entities\n\n- **Jar**: id, label, size\n\nSee [the API]({}).\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("openapi.yaml", None, "no such file"),
        ("../openapi.yaml", None, "outside the folder"),
        ("https://x.example/openapi.yaml", None, "nothing is fetched"),
        ("openapi.yaml", "swagger: '2.0'\npaths: {}", "Swagger 2.0"),
        ("openapi.yaml", "openapi: 4.0.0\npaths: {}", "OpenAPI 4.0.0"),
        ("openapi.yaml", "openapi: 3.1.0\ninfo: {}\npaths: {/a: {get: {}}}", "invalid"),
        ("openapi.yaml", "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}", "no paths"),
        ("openapi.yaml", "a: [", "neither YAML nor JSON"),
        ("openapi.yaml", "- x", "no OpenAPI document"),
        ("openapi.yaml", OPENAPI.replace("#/components/schemas/Lid", "other.yaml#/Lid"), "other files"),
        (
            "openapi.yaml",
            "a: &a [1]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
            "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e]",
            "too large",
        ),
    ],
)
def test_what_can_not_be_followed(build, name, content, reason):
    """A document that is missing, elsewhere, old or invalid is listed with the reason, and the text is followed."""
    system = build(THINGS.format(name), **({} if content is None else {"openapi_yaml": content}))
    (ignored,) = system.ignored
    assert (ignored.text, ignored.line) == (name, 7)
    assert reason in ignored.reason
    assert not system.contracts
    assert [e.name for e in system.entities] == ["Jar"]


def test_a_link_out_of_the_folder(build, tmp_path):
    """A symbolic link that leads out of the folder is not followed."""
    (tmp_path / "secret.yaml").write_text(OPENAPI, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "openapi.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "outside" in build(THINGS.format("openapi.yaml")).ignored[0].reason


def test_routes_are_no_files(build):
    """A path that serves a document names no file."""
    assert not build(
        "# Jars\n\n## Entities\n\n- **Jar**: id, label\n\n## API\n\n- GET /jars\n- GET /openapi.json\n"
    ).ignored


@pytest.mark.parametrize(
    "text", ["{" * 5000, "a: " * 3, "[" * 90_000, "\x00", "{'a': 1", "? [a]\n: b", "- !!python/object:os.system {}"]
)
def test_strange_documents(text):
    """Whatever a file holds, it is plain data or a ValueError."""
    with suppress(ValueError):
        assert json.loads(json.dumps(loaded(text))) == loaded(text)


def test_dates_and_numbers_become_json():
    """Keys are strings and dates their text, as in JSON."""
    assert loaded("200: 2024-01-02\non: .nan") == {"200": "2024-01-02", "on": "nan"}
