"""How a service that an agent built is started and tested: by `service.json`, else by what its files show."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.agents.laying import put
from pytest_superteam.agents.service_file import SERVICE_FILE, Commands, read, vector
from pytest_superteam.agents.task.templates import TEMPLATES
from pytest_superteam.errors import BuildError

UVICORN = ("python", "-m", "uvicorn")
AT = ("--host", "127.0.0.1", "--port", "{port}")
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"


def said(tmp_path, data):
    """Return what a `service.json` of this content gives."""
    (tmp_path / SERVICE_FILE).write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read(tmp_path)


@pytest.mark.parametrize(
    ("words", "argv"),
    [
        (["python", "main.py"], ("python", "main.py")),
        (["python3.12", "main.py"], ("python", "main.py")),
        (["uvicorn", "a:b"], ("python", "-m", "uvicorn", "a:b")),
        (["/usr/bin/python3", "x.py"], ("python", "x.py")),
        (["/opt/venv/bin/uvicorn", "a:b"], ("python", "-m", "uvicorn", "a:b")),
        (["node", "server.js"], ("node", "server.js")),
        (["./run", "--port", "{port}"], ("./run", "--port", "{port}")),
        (["sh", "-c", "exec python main.py > log"], ("sh", "-c", "exec python main.py > log")),
        (["python", "-c", "if 1 < 2: pass"], ("python", "-c", "if 1 < 2: pass")),
    ],
)
def test_start(tmp_path, words, argv):
    """A start is a list of words; the interpreter and its programs are named as they are everywhere."""
    assert said(tmp_path, {"start": words, "name": "orders"}) == Commands(argv)


def test_start_and_test(tmp_path):
    """Both commands are taken from the file; a byte order mark is no harm."""
    text = json.dumps({"start": ["python", "main.py"], "test": ["pytest", "-q"]})
    found = said(tmp_path, f"\ufeff{text}")
    assert found == Commands(("python", "main.py"), ("python", "-m", "pytest", "-q"), "service.json")


@pytest.mark.parametrize("test", [None, []])
def test_test_left_out(tmp_path, test):
    """Tests that the file does not name are found by their files."""
    put(tmp_path, "tests/test_a.py", "")
    assert said(tmp_path, {"start": ["python", "x.py"], "test": test}).test == ("python", "-m", "pytest", "-q", "tests")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "it is no JSON"),
        ('{"start": ["python",', "it is no JSON"),
        ("[]", "it holds no object but list"),
        ("null", "it holds no object but NoneType"),
        ({}, "`start` is missing"),
        ({"strat": ["x"]}, "`start` is missing, there is 'strat'"),
        ({"start": None}, "`start` is empty"),
        ({"start": []}, "`start` is empty"),
        ({"start": [""]}, "`start` names no program"),
        ({"start": "python main.py"}, "`start` is a text. It is a list of words"),
        ({"start": ["python main.py"]}, "whole command line as its first word"),
        ({"start": ["python", 8000]}, "`start` is no list of texts"),
        ({"start": {"python": 1}}, "`start` is no list of texts"),
        ({"start": ["python", "a\nb"]}, "Control characters"),
        ({"start": ["python", "a\0b"]}, "Control characters"),
        ({"start": ["python", "\ud800"]}, "Control characters"),
        ({"start": ["x"] * 101}, "`start` is too long"),
        ({"start": ["x" * 4_001]}, "`start` is too long"),
        ({"start": [".venv/bin/python", "main.py"]}, "an environment of its own"),
        ({"start": ["/usr/bin/nohup", "python"]}, "outside of the folder"),
        ({"start": ["../run"]}, "outside of the folder"),
        ({"start": ["python", "x"], "test": "pytest"}, "`test` is a text"),
        (TEMPLATES["service.json"], "still holds '<module>' of the template"),
        (" " * 65_537, "larger than 64 KiB"),
        ("[" * 60_000, "no JSON"),
        ("9" * 60_000, "no JSON|no object"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_file(tmp_path, data, message):
    """What is wrong with the file is told in one line that names it."""
    with pytest.raises(BuildError, match=message) as caught:
        said(tmp_path, data)
    assert str(caught.value).startswith("service.json: ")
    assert "\n" not in str(caught.value)


def test_file_in_another_encoding(tmp_path):
    """A file that is no UTF-8 is told."""
    (tmp_path / SERVICE_FILE).write_bytes(b'{"start": ["caf\xe9"]}')
    with pytest.raises(BuildError, match="no UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize("kind", ["link", "dangling", "folder"])
def test_file_that_is_none(tmp_path, kind):
    """A link or a folder in its place is not read."""
    (tmp_path / "other.json").write_text('{"start": ["x"]}')
    if kind == "folder":
        (tmp_path / SERVICE_FILE).mkdir()
    else:
        (tmp_path / SERVICE_FILE).symlink_to(tmp_path / ("other.json" if kind == "link" else "nothing"))
    with pytest.raises(BuildError, match="no plain file"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("files", "start", "found"),
    [
        ({"app/main.py": FASTAPI}, (*UVICORN, "app.main:app", *AT), "app/main.py"),
        ({"main.py": "import fastapi\napi: object = fastapi.FastAPI()"}, (*UVICORN, "main:api", *AT), "main.py"),
        (
            {"src/shop/web.py": FASTAPI},
            (*UVICORN, "shop.web:app", "--app-dir", "src", *AT),
            "src/shop/web.py",
        ),
        (
            {"orders/app.py": "def create_app(x=1):\n    return FastAPI()\n"},
            (*UVICORN, "orders.app:create_app", "--factory", *AT),
            "orders/app.py",
        ),
        (
            {"orders/app.py": "def build_app():\n    return FastAPI()\nserver = build_app()\n"},
            (*UVICORN, "orders.app:server", *AT),
            "orders/app.py",
        ),
        ({"app/__init__.py": FASTAPI}, (*UVICORN, "app:app", *AT), "app/__init__.py"),
        (
            {"app.py": "from flask import Flask\napp = Flask(__name__)"},
            ("python", "-m", "flask", "--app", "app:app", "run", *AT),
            "app.py",
        ),
        (
            {"manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')"},
            ("python", "manage.py", "runserver", "127.0.0.1:{port}", "--noreload"),
            "manage.py",
        ),
        ({"package.json": '{"scripts": {"start": "node x.js"}}'}, ("npm", "start"), "package.json"),
        ({"package.json": '{"main": "lib/x.js"}', "lib/x.js": ""}, ("node", "lib/x.js"), "package.json"),
        ({"package.json": "{}\n", "server.js": ""}, (), ""),
        ({"package.json": '{"main": "../x.js"}', "index.js": ""}, ("node", "index.js"), "package.json"),
        ({"Procfile": "web: uvicorn a:b --port $PORT"}, (*UVICORN, "a:b", "--port", "{port}"), "Procfile"),
        ({"Procfile": "worker: x\nweb: ./serve -p ${PORT:-8000}"}, ("./serve", "-p", "{port}"), "Procfile"),
        ({"Procfile": "web: cd x && ./serve"}, (), ""),
        ({"Procfile": "web: echo $HOME"}, (), ""),
        ({"Procfile": "web: echo 'x"}, (), ""),
        ({"go.mod": "module x", "main.go": ""}, ("go", "run", "."), "go.mod"),
        ({"go.mod": "module x", "cmd/shop/main.go": ""}, ("go", "run", "./cmd/shop"), "go.mod"),
        ({"go.mod": "module x", "cmd/a/main.go": "", "cmd/b/main.go": ""}, (), ""),
        ({"tests/test_app.py": FASTAPI, "README.md": ""}, (), ""),
        ({"app/main.py": "app = FastAPI(\n"}, (), ""),
        ({"app/main.py": "def create_app(settings):\n    return FastAPI()\n"}, (), ""),
        ({"app/main.py": "app = Other()\n# FastAPI"}, (), ""),
    ],
)
def test_detection(tmp_path, files, start, found):
    """Without the file, what is usual for the service's files is taken; where that is in doubt, nothing is."""
    for path, text in files.items():
        put(tmp_path, path, text)
    if start:
        assert read(tmp_path) == Commands(start, read(tmp_path).test, found)
    else:
        with pytest.raises(BuildError, match=r"nothing says how it is started: there is no service.json\. Write one"):
            read(tmp_path)


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"tests/test_x.py": ""}, ("python", "-m", "pytest", "-q", "tests")),
        ({"tests/unit/test_x.py": ""}, ("python", "-m", "pytest", "-q", "tests")),
        ({"test/x_test.py": ""}, ("python", "-m", "pytest", "-q", "test")),
        ({"test_x.py": ""}, ("python", "-m", "pytest", "-q")),
        ({"package.json": '{"scripts": {"test": "vitest run"}}'}, ("npm", "test")),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, ()),
        ({"package.json": '{"scripts": ["test"]}'}, ()),
        ({"go.mod": "module x"}, ("go", "test", "./...")),
        ({"tests/conftest.py": ""}, ()),
    ],
)
def test_tests_are_found(tmp_path, files, test):
    """The usual tests are found by their files, and where there are none nothing is made up."""
    for path, text in files.items():
        put(tmp_path, path, text)
    assert said(tmp_path, {"start": ["python", "x.py"]}).test == test


def test_links_are_not_followed(tmp_path):
    """A module or a folder that is a link shows nothing."""
    site = tmp_path / "site"
    site.mkdir()
    put(tmp_path, "main.py", FASTAPI)
    (site / "main.py").symlink_to(tmp_path / "main.py")
    (site / "app").symlink_to(tmp_path)
    (site / "tests").symlink_to(tmp_path)
    with pytest.raises(BuildError, match="nothing says"):
        read(site)
    put(tmp_path, "test_x.py", "")
    assert said(site, {"start": ["python", "x.py"]}).test == ()


WORDS = st.text(max_size=30) | st.sampled_from(
    ["python", "/usr/bin/python3", "../x", "<module>", "uvicorn", "{port}", ""]
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=5))
def test_any_vector(words):
    """Whatever the words, they are refused or make a vector that a process can be started with."""
    with contextlib.suppress(BuildError):
        argv = vector(words, "start")
        assert argv[0]
        assert not argv[0].startswith("/")
        assert not any("\0" in word for word in argv)


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_bytes(data):
    """Whatever the file holds, it gives commands or one line that says what is wrong."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, SERVICE_FILE).write_bytes(data)
        with pytest.raises(BuildError, match=r"^service.json: "):
            read(Path(folder))
