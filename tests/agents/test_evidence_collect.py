"""What is found in the folder of an agent, whatever the agent says of it."""

from __future__ import annotations

import hashlib

import pytest

from pytest_superteam.agents import confine
from pytest_superteam.agents.evidence import MOST_TOLD, collect
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Architecture, Operation, Service

PYTEST = ("python", "-m", "pytest", "-q", "tests")
SYSTEM = Architecture(
    "Shop",
    "0" * 64,
    (Service("shop"),),
    operations=(
        Operation("list_orders", "shop", "GET", "/orders", "list"),
        Operation("read_order", "shop", "GET", "/orders/{id}", "read"),
    ),
)
APP = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def orders():
    return []


@app.get("/orders/{order_id}")
def order(order_id: str):
    return {"id": order_id}
"""
SERVICE = {"app/main.py": APP, "tests/test_it.py": "def test_a(): pass\n\ndef test_b(): pass\n"}
PASSES = ("python", "-c", "print('=== 2 passed in 0.1s ===')")
TEMPLATE = 'CMD ["<how it is started>"]\n'


def sha(text):
    """Return the hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def look(tmp_path):
    """Return a function that writes files and collects the evidence."""

    def collected(files, *, test=PYTEST, given=None, templates=None, timeout=30):
        for name, text in files.items():
            path = tmp_path / "site" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "site").mkdir(exist_ok=True)
        hashes = {name: sha(text) for name, text in (given or {}).items()}
        blank = {name: sha(text) for name, text in (templates or {}).items()}
        return collect(
            tmp_path / "site", SYSTEM, "shop", test=test, timeout=timeout, given={**hashes, **blank}, templates=blank
        )

    return collected


def test_a_service_that_is_whole(look, tmp_path):
    """A service with all routes and passing tests is complete, counted, and left as it was."""
    found = look(SERVICE, test=PASSES)
    assert found.complete
    assert (found.files, found.lines, found.operations, found.missing) == (2, 10, 2, ())
    assert (found.tests.total, found.tests.failing, found.tests_error) == (2, (), "")
    assert found.routes_read
    assert len(found.tree) == 64
    assert {path.name for path in (tmp_path / "site").rglob("*") if path.is_file()} == {"main.py", "test_it.py"}


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({"app/main.py": APP}, ()),
        ({"app/main.py": APP.replace("/orders/{order_id}", "/order/{order_id}")}, ("GET /orders/{id}",)),
        ({"app/main.py": APP.replace("app.get", "app.post")}, ("GET /orders", "GET /orders/{id}")),
        ({"app/main.py": "", "tests/test_app.py": APP}, ("GET /orders", "GET /orders/{id}")),
        ({"README.md": "All routes are done.\n"}, ("GET /orders", "GET /orders/{id}")),
    ],
)
def test_operations_without_a_route(look, files, missing):
    """An operation of the contract that no route of service code answers is missing."""
    found = look(files, test=())
    assert found.missing == missing
    assert not found.complete


@pytest.mark.parametrize(
    "files",
    [
        {"main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":80", nil) }\n'},
        {"app/main.py": "from litestar import Litestar, get\n\n\n@get('/orders')\ndef orders() -> None: ...\n"},
        {"app/main.rb": "require 'sinatra'\nget('/orders') { [] }\n"},
    ],
)
def test_routes_that_nobody_reads(look, files):
    """Of a language or framework whose routes are not read here nothing is known to be missing."""
    found = look(files, test=())
    assert (found.operations, found.missing, found.routes_read) == (2, (), False)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("app/bad.py", "x = 1\ndef broken(:\n", "app/bad.py:2: is no Python: "),
        ("tests/test_bad.py", "def test(:\n", "tests/test_bad.py:1: is no Python: "),
        ("app/nul.py", "x = 1\0\n", "app/nul.py:0: is no Python: it holds NUL bytes"),
        ("src/bad.js", "function (\n", "src/bad.js:1: is no JavaScript: "),
        ("src/bad.ts", "export class A {\n", "src/bad.ts:"),
        ("bad.go", "package main\nfunc main() {\n", "bad.go:"),
        ("src/Bad.java", "class Bad {\n", "src/Bad.java:"),
        ("package.json", "{", "package.json:1: is no JSON: "),
    ],
)
def test_code_that_does_not_read(look, name, text, told):
    """A file that its language can't read is told with its line, in tests as well."""
    found = look({**SERVICE, name: text}, test=())
    assert [entry for entry in found.unparsable if entry.startswith(told)] == list(found.unparsable)
    assert len(found.unparsable) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vendor/old.py", "print 1\n"),
        ("node_modules/a/index.js", "function (\n"),
        ("static/app.min.js", "function (\n"),
        ("notes.txt", "def broken(:"),
        ("templates/page.py", "{% if a %}\nx = 1\n{% endif %}\n"),
    ],
)
def test_what_is_no_code_of_the_service(look, name, text):
    """Code of others, templates and text are not taken for broken code."""
    assert look({**SERVICE, name: text}, test=()).unparsable == ()


def test_many_broken_files(look):
    """Fifty files are told one by one, the rest as a number."""
    found = look({f"a{number:02}.py": "(" for number in range(MOST_TOLD + 3)}, test=())
    assert len(found.unparsable) == MOST_TOLD + 1
    assert found.unparsable[-1] == "and 3 more"


def test_nothing_written(look):
    """An empty folder is evidence of nothing."""
    found = look({})
    assert (found.files, found.lines, found.tree, found.untouched, found.complete) == (0, 0, "", (), False)
    assert found.tests is None
    assert "nothing was written" in found.tests_error


def test_only_what_was_given(look):
    """What lay there before is nobody's work, unless it was changed."""
    given = {"openapi.json": "{}", "pacts/a.json": "{}"}
    assert look(given, given=given).files == 0
    found = look({**given, "openapi.json": '{"openapi": "3.1.0"}\n'}, given=given, test=())
    assert (found.files, found.lines) == (1, 1)


def test_templates_as_they_were_given(look):
    """A template that was not filled in is told wherever it was put, and is no work of the agent's."""
    templates = {".superteam/templates/Dockerfile": TEMPLATE}
    found = look({"Dockerfile": TEMPLATE}, templates=templates)
    assert (found.files, found.untouched) == (0, ("Dockerfile",))
    found = look({**SERVICE, "Dockerfile": TEMPLATE}, templates=templates, test=PASSES)
    assert (found.files, found.tests.total, found.untouched, found.complete) == (2, 2, ("Dockerfile",), False)


def test_an_empty_file_is_no_template(look):
    """A template without contents can't be left as it was, or each `__init__.py` would be it."""
    assert look({"app/__init__.py": ""}, templates={"empty": ""}, test=()).untouched == ()


def test_templates_that_were_filled_in(look):
    """A template with other contents is the agent's work."""
    templates = {".superteam/templates/Dockerfile": TEMPLATE}
    found = look({**SERVICE, "Dockerfile": "FROM python\n"}, templates=templates, test=())
    assert (found.files, found.untouched) == (3, ())


FAILING = {"tests/test_it.py": "def test_a(): pass\n\ndef test_b(): assert False\n"}


@pytest.mark.slow
def test_failing_tests(look):
    """Tests that fail are named, and are no reason to give up."""
    found = look({**SERVICE, **FAILING})
    assert (found.tests.total, found.tests.failing, found.tests_error) == (2, ("test_b",), "")
    assert not found.complete


@pytest.mark.parametrize(
    ("files", "test", "reason"),
    [
        (SERVICE, (), "no command that runs its tests"),
        (SERVICE, ("no-such-command-at-all",), "could not be started"),
        (SERVICE, ("python", "-c", "pass"), "no test could be counted"),
        (SERVICE, ("python", "-c", "raise SystemExit(3)"), "did not run (exit 3)"),
        pytest.param(
            {**SERVICE, "tests/test_it.py": "import nothing_of_that_name"},
            PYTEST,
            "did not run (exit 2)",
            marks=pytest.mark.slow,
        ),
        (SERVICE, ("python", "-c", "print('=== 2 passed in 0.1s ==='); raise SystemExit(3)"), "fails (exit 3)"),
        pytest.param(
            SERVICE,
            ("python", "-c", "import time; time.sleep(9)"),
            "did not end within 1 s",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_tests_that_can_not_be_counted(look, files, test, reason):
    """Tests that do not start, end or count are told with the reason, never taken for a pass."""
    found = look(files, test=test, timeout=1 if "sleep" in "".join(test) else 30)
    assert found.tests is None
    assert reason in found.tests_error
    assert not found.complete


def test_no_test_at_all(look):
    """A test run without a test is counted as such."""
    found = look(SERVICE, test=("python", "-c", "print('# tests 0'); print('# pass 0'); print('# fail 0')"))
    assert found.tests.total == 0
    assert "ran no test" in found.tests_error
    assert not found.complete


def test_tests_of_other_programs_are_counted(look):
    """A runner that is no pytest is counted by what it prints."""
    prints = "print('# tests 3'); print('# pass 2'); print('# fail 1'); raise SystemExit(1)"
    found = look(SERVICE, test=("python", "-c", prints))
    assert (found.tests.total, found.tests.failing) == (3, ("1 test without a name",))


def test_tests_change_nothing(look, tmp_path):
    """What a service's tests write, remove or change stays in the copy that they ran in."""
    wild = "import os, pathlib; pathlib.Path('test.db').write_text('x'); os.remove('app/main.py'); "
    found = look(SERVICE, test=(*PASSES[:2], wild + PASSES[2]))
    assert found.complete
    assert {path.name for path in (tmp_path / "site").rglob("*") if path.is_file()} == {"main.py", "test_it.py"}


@pytest.mark.skipif(not confine.available(), reason="the kernel can't confine a program")
def test_tests_write_nowhere_else(look, tmp_path):
    """What a service's tests want to write outside of their copy is refused where the kernel can do that."""
    wild = f"open({str(tmp_path / 'conftest.py')!r}, 'w'); "
    found = look(SERVICE, test=(*PASSES[:2], wild + PASSES[2]))
    assert found.tests is None
    assert "PermissionError" in found.tests_error
    assert not (tmp_path / "conftest.py").exists()


def test_tests_start_where_nothing_confines(look, monkeypatch):
    """Where the kernel can't confine a program the tests run all the same."""
    monkeypatch.setattr(confine, "available", lambda: False)
    assert look(SERVICE, test=PASSES).complete


def test_the_hash_of_the_tree_is_that_of_its_files(look):
    """The hash changes with any file, and only then."""
    first = look(SERVICE, test=()).tree
    assert look({}, test=()).tree == first
    assert look({"README.md": "x\n"}, test=()).tree != first


def test_lines_are_those_of_text(look):
    """Blank lines and binary files count nothing."""
    found = look({"a.txt": "one\n\n   \ntwo", "b.bin": b"\0\n1\n2\n", "c.txt": b"\xff\xfe\n"}, test=())
    assert (found.files, found.lines) == (3, 3)


def test_the_folder_is_gone(tmp_path):
    """An agent that removed its folder, or put a link in its place, has built nothing."""
    (tmp_path / "link").symlink_to(tmp_path)
    for place in ("gone", "link"):
        with pytest.raises(BuildError, match="removed its folder"):
            collect(tmp_path / place, SYSTEM, "shop", test=(), timeout=1, given={})


def test_links_are_refused(look, tmp_path):
    """A link, wherever it leads, is told and no evidence is made of it."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "data").symlink_to("/etc")
    with pytest.raises(BuildError, match="data: a link out of the folder"):
        look(SERVICE)
