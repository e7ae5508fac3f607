"""Names and texts that mean harm, or merely trouble."""

import ast
import asyncio
import os
import subprocess
import sys

import pytest
from architectures import contracted, entity, operation
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from strategies import architectures

from pytest_superteam.architect.openapi import contracts
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder, service_files
from pytest_superteam.builders.builtin_names import Names, docstring, identifier, literal
from pytest_superteam.models import Architecture, Field, Service
from pytest_superteam.surface import Surface


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
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


@pytest.mark.parametrize("text", ['"', "'", "\\", '\\"', "\n", "\u2028", "\0", '"""', "it's \"x\"", "{x}", "ä"])
def test_literals_and_docstrings_hold_any_text(text):
    """A text comes back from its literal unchanged, and ends no docstring early."""
    assert ast.literal_eval(literal(text)) == text
    assert ast.literal_eval(f'"""{docstring(text)}"""')


WEIRD = ("class", "json", "schema", "metadata", "registry", "model_config", "1st", "größe", "date", "self", "values")


def test_service_with_awkward_fields_works(tmp_path):
    """A service whose fields have reserved names passes its own tests."""
    fields = tuple(Field(name, "string", max_length=20) for name in WEIRD)
    kinds = ("date", "datetime", "time", "money", "number", "boolean", "list", "json", "url", "email", "text", "uuid")
    thing = entity(
        "Import",
        "odd",
        *fields,
        *(Field(f"a_{kind}", kind) for kind in kinds),
        Field("colour", "enum", enum=('say "hi"', "it's", "a b", "größe")),
    )
    acts = tuple(
        operation("odd", line, kind, f"{kind}_import", "Import", roles=("admin",))
        for line, kind in (
            ("POST /imports", "create"),
            ("GET /imports", "list"),
            ("GET /imports/{id}", "read"),
            ("PATCH /imports/{id}", "update"),
            ("PUT /imports/{id}", "replace"),
            ("DELETE /imports/{id}", "delete"),
        )
    )
    system = contracted(Architecture("Odd", "0" * 64, (Service("odd"),), (thing,), acts, roles=("admin",)))
    asyncio.run(BuiltinBuilder().build(BuildRequest("odd", system, tmp_path)))
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
