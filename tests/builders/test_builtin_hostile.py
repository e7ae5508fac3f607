"""Names and texts that mean harm, or merely trouble."""

import ast
import asyncio
import json
import os
import subprocess
import sys

import pytest
from architectures import contracted, entity, operation
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from strategies import architectures

from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder, service_files
from pytest_superteam.builders.builtin_names import Names, docstring, identifier, literal
from pytest_superteam.contracts.surface import Surface
from pytest_superteam.models import Architecture, Field, Service


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.generate],  # a counterexample of this size takes minutes to shrink
)
@given(architectures())
def test_any_architecture_gives_valid_contracts_and_python(architecture):
    """Whatever entities, fields and paths are called, the contract is valid and every module compiles."""
    for document in contracts(architecture).values():
        validate(document)
    for service in architecture.services:
        for path, source in service_files(Surface(architecture, service.name)).items():
            if path.endswith(".py"):
                compile(source, path, "exec")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class", "class_"),
        ("model_config", "the_model_config"),
        ("1st", "n1st"),
        ("größe", "gro_e"),
        ("日本", "value"),
        ("a'); import os #", "a_import_os"),
        ("copy", "copy_"),
        ("metadata", "metadata_"),
        ("orderId", "order_id"),
    ],
)
def test_identifiers(text, expected):
    """A name becomes an identifier that resembles it and shadows nothing."""
    name = Names().take(text)
    assert name.isidentifier()
    assert name == expected or identifier(text) == expected.replace("_e", "e")


@pytest.mark.parametrize("text", ['"', "'", "\\", '\\"', "\n", "\u2028", "\0", '"""', 'it\'s "x"', "{x}", "ä"])
def test_literals_and_docstrings_hold_any_text(text):
    """A text comes back from its literal unchanged, and ends no docstring early."""
    assert ast.literal_eval(literal(text)) == text
    assert ast.literal_eval(f'"""{docstring(text)}"""')


WEIRD = ("class", "json", "schema", "metadata", "registry", "model_config", "1st", "größe", "date", "self", "values")
KINDS = (
    *("date", "datetime", "time", "money", "number", "integer", "boolean", "list", "json", "url", "email", "text"),
    *("uuid", "string"),
)
ACTS = (
    ("POST /imports", "create"),
    ("GET /imports", "list"),
    ("GET /imports/{id}", "read"),
    ("PATCH /imports/{id}", "update"),
    ("PUT /imports/{id}", "replace"),
    ("DELETE /imports/{id}", "delete"),
    ("GET /imports/latest", "action"),
)
# Compares what the service accepts with what its contract says, for each field and many values.
ORACLE = r"""
import json, os, secrets, sys, tempfile
sys.path[:0] = [".", "tests"]
os.environ["JWT_SECRET"] = secrets.token_hex(32)
os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp()}/t.db"
import jsonschema_rs
from fastapi.testclient import TestClient
from app.main import app
import factories
schema = json.load(open("openapi.json"))["components"]["schemas"]["ImportCreate"]
validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
values = [None, True, False, 0, 1, -1, 1.0, 1.5, 0.1 + 0.2, 2**53, 2**63, -(2**70), 10**400, 1e15, 1.1e15,
    1e300, "", "1",
    "true", "null", " ", "x", "x" * 20, "x" * 21, "x" * 256, "\u0000", "a\u0000b", "\n", "\u202e", [], {}, [1], ["x"],
    ["\u0000"], ["x"] * 101, {"a": None}, {str(n): n for n in range(101)}, "2024-02-29", "2023-02-29", "0001-01-01",
    "9999-12-31", "2024-2-1", "2024-01-01\n", "2024-01-01T00:00:00Z", "2024-01-01t00:00:00z", "2024-01-01T00:00:00",
    "2024-01-01T24:00:00Z", "2024-01-01T23:59:60Z", "2024-01-01T00:00:00.123456789+23:59", "2024-01-01 00:00:00Z",
    "\u0662024-01-01", "09:30", "09:30:00", "24:00", "9:30", "a@b.co", "A@B.CO", "a@b", "a..b@c.de", "a@b..c",
    "@b.co",
    "a" * 64 + "@b.co", "a" * 65 + "@b.co", "a@b.co\n", "https://a.example", "HTTPS://a.example", "http://a b",
    "ftp://a",
    "http://a.b/%zz", "http://a.b/?x=1#y", "3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60",
    "3F0A8D5E-6C1B-4F7E-9D2A-5B8C7E1F4A60",
    "3f0a8d5e6c1b4f7e9d2a5b8c7e1f4a60", "{3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60}", "say \"hi\"", "it's"]
wrong = []
with TestClient(app) as client:
    caller = factories.headers("admin") | {"content-type": "application/json"}
    for name in schema["properties"]:
        for value in values:
            body = factories.import_create_body(**{name: value})
            status = client.post("/imports", content=json.dumps(body), headers=caller).status_code
            if status != (201 if validator.is_valid(body) else 422):
                wrong.append((name, value, status))
    for text in ("", "{", "[]", "null", "NaN", '{"a": NaN}', "1" * 5000, "[" * 50000, "\xff"):
        status = client.post("/imports", content=text.encode("latin-1"), headers=caller).status_code
        if status != 422:
            wrong.append((text[:20], status))
    for query, status in (("limit=0", 422), ("limit=101", 422), ("limit=1_0", 422), ("limit=1.5", 422),
    ("limit=%2B1", 422),
        ("offset=99999999999999999999", 422), ("offset=2147483647", 200), ("limit=5&limit=x", 422), ("limit=", 422)):
        if client.get(f"/imports?{query}", headers=caller).status_code != status:
            wrong.append((query, status))
    stray = client.delete("/imports/latest", headers=caller)
    if (stray.status_code, stray.headers.get("allow")) != (405, "GET"):
        wrong.append(("DELETE /imports/latest", stray.status_code, stray.headers.get("allow")))
print(json.dumps(wrong, default=str)[:5000])
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Build a service whose fields have reserved names and every type."""
    directory = tmp_path_factory.mktemp("odd")
    thing = entity(
        "Import",
        "odd",
        *(Field(name, "string", max_length=20) for name in WEIRD),
        *(Field(f"a_{kind}", kind) for kind in KINDS),
        *(Field(f"an_optional_{kind}", kind, required=False) for kind in KINDS),
        Field("colour", "enum", enum=('say "hi"', "it's", "a b", "größe")),
    )
    acts = tuple(operation("odd", line, kind, f"{kind}_import", "Import", roles=("admin",)) for line, kind in ACTS)
    system = contracted(Architecture("Odd", "0" * 64, (Service("odd"),), (thing,), acts, roles=("admin",)))
    asyncio.run(BuiltinBuilder().build(BuildRequest("odd", system, directory)))
    return directory


def run(directory, *arguments):
    """Run Python in the built service and return what it printed."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_service_with_awkward_fields_passes_its_own_tests(odd):
    """Reserved, foreign and misleading field names do no harm."""
    assert "passed" in run(odd, "-m", "pytest", "-q", "tests", "-p", "no:cacheprovider")


def test_service_accepts_exactly_what_its_contract_describes(odd):
    """For every field and many values, service and contract agree; so they do on unreadable bodies and on paging."""
    assert json.loads(run(odd, "-W", "ignore", "-c", ORACLE)) == []
