"""Generated conformance tests: files that people read, and that find what is wrong."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))

from library_contract import CONTRACT
from library_service import SECRET, library, serving

from pytest_superteam.checks.callers.auth import mint_token
from pytest_superteam.contracts.testing.generate import generate_tests
from pytest_superteam.contracts.testing.literals import Code, literal
from pytest_superteam.errors import CheckError

PUBLIC = {"openapi": "3.0.3", "info": {"title": 'Odd """ \\ title', "version": "1"}}


@pytest.fixture(scope="module")
def module():
    """Return the generated tests of the library, as a module's names."""
    names = {}
    exec(compile(generate_tests(CONTRACT, "library"), "test_library_contract.py", "exec"), names)
    return names


def run(module, broken, only=""):
    """Run the generated tests against a service that does `broken` wrong; return the names of those that failed."""
    failed = set()
    with serving(library(broken)) as url:
        api = module["Api"](url, mint_token(SECRET, role="admin", subject="a-user"))
        for name, test in module.items():
            if name.startswith(only or "test_"):
                try:
                    test(api)
                except (AssertionError, pytest.skip.Exception):
                    failed.add(name)
        api.close()
    return failed


def test_a_sound_service_passes(module):
    """Every test of every operation passes, and none is skipped: rows and accounts are made on the way."""
    assert run(module, "") == set()
    assert {"test_create_book", "test_create_book_needs_title", "test_create_book_needs_a_token"} <= set(module)
    assert {"test_login", "test_register_user", "test_delete_book"} <= set(module)
    assert "test_list_books_needs_a_token" not in module


@pytest.mark.slow
def test_the_file_is_run_by_pytest(tmp_path):
    """Settings of the environment and fixtures of a conftest.py are taken; without a base URL all is an error."""
    (tmp_path / "test_library_contract.py").write_text(generate_tests(CONTRACT, "library"))
    fixture = "import os, pytest\n\n@pytest.fixture\ndef contract_token():\n    return os.environ['GIVEN']\n"
    (tmp_path / "conftest.py").write_text(fixture.replace("fixture\n", "fixture(scope='module')\n"))
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONTRACT"))}
    plain |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "GIVEN": mint_token(SECRET, role="admin", subject="a-user")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=line", "-k", "author"]
    with serving(library("")) as url:
        for environment, summary in (({"CONTRACT_BASE_URL": url}, "3 passed"), ({}, "3 errors")):
            done = subprocess.run(
                command, cwd=tmp_path, env=plain | environment, capture_output=True, text=True, timeout=120, check=False
            )
            assert summary in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("undocumented status", "test_create_book"),
        ("accepts invalid", "test_create_book_needs_title"),
        ("missing field", "test_read_book"),
        ("auth", "test_read_book_needs_a_token"),
    ],
)
def test_what_is_wrong_is_found(module, broken, found):
    """A wrong status, an accepted half of a body, a missing field and an open door fail the test that is about it."""
    assert found in run(module, broken, only=found)


def test_the_file_is_formatted_and_clean(tmp_path):
    """Linter and formatter, with their default settings, have nothing to say."""
    path = tmp_path / "test_x.py"
    path.write_text(generate_tests(CONTRACT, "library"))
    for arguments in (["check", "--isolated", "--select", "E4,E7,E9,F,I,B,UP"], ["format", "--isolated", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def operation(**more):
    """Return an operation that answers 200."""
    return {"responses": {"200": {"description": "Done."}}, **more}


@pytest.mark.parametrize(
    "paths",
    [
        {"/x": {"get": operation(operationId='quote"s \\ and """')}},
        {"/a/{b}.{c}": {"get": operation(parameters=[{"name": n, "in": "path", "required": True} for n in "bc"])}},
        {"/x": {"post": operation(requestBody={"required": True, "content": {"application/xml": {}}})}},
        {"/x": {"get": operation(operationId="a-b")}, "/y": {"get": operation(operationId="a_b")}},
        {"/é/{ü}/": {"get": operation(operationId="für")}},
        {"/x'y\"z": {"get": operation()}},
        {
            "/nodes": {
                "post": operation(
                    requestBody={"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}},
                    responses={
                        "201": {
                            "description": "",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}},
                        }
                    },
                )
            },
            "/nodes/{id}": {"get": operation()},
        },
    ],
)
def test_strange_documents_make_valid_python(paths):
    """Quotes, names alike, foreign letters and rows that need themselves leave a file that compiles."""
    node = {"type": "object", "required": ["node_id"], "properties": {"node_id": {"type": "string"}, "id": {}}}
    text = generate_tests({**PUBLIC, "paths": paths, "components": {"schemas": {"Node": node}}}, "odd")
    names = [part.name for part in ast.parse(text).body if isinstance(part, ast.FunctionDef)]
    assert len(names) == len(set(names))
    assert sum(name.startswith("test_") for name in names) >= len(paths)


def test_documents_without_operations_are_refused():
    """There is nothing to generate, which is no empty success."""
    with pytest.raises(CheckError, match="no operation"):
        generate_tests({**PUBLIC, "paths": {}}, "empty")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.5,
        "it's",
        'say "x"',
        "both ' and \"",
        "new\nline",
        "\u2028é",
        {},
        [],
        {"a": [1, {"b": None}]},
        {"long": ["x" * 30, "y" * 30, {"deep": ["z" * 40] * 3}]},
    ],
)
def test_literals_are_what_they_stand_for(value):
    """Evaluated, the source gives the value again."""
    assert ast.literal_eval(literal(value)) == value


def test_code_stands_as_it_is():
    """Expressions keep their form within data."""
    assert literal({"a": Code("made(1)")}) == '{"a": made(1)}'
