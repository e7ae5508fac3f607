"""What a route tells beside method and path: a slash at its end, parts that are not known, where its handler is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_superteam.scanners.facts.routes import routes
from pytest_superteam.scanners.facts.routes.model import Guard, PartialPath, join
from pytest_superteam.scanners.source import SourceTree


def told(root, files):
    """Return the routes of files as (method, path, slash, partial)."""
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(dedent(text))
    return [(r.method, r.path, r.slash, r.partial) for r in routes(SourceTree(root))]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("app.get('/a/')", [("GET", "/a", True, False)]),
        ("app.get('/a')", [("GET", "/a", False, False)]),
        ("app.get(f'/{UNKNOWN}/a')", [("GET", "/a", False, True)]),
        ("app.get(settings.path + '/a/')", [("GET", "/a", True, True)]),
        ("app.get(Settings.base + '/a')", [("GET", "/v3/a", False, False)]),
    ],
)
def test_python(tmp_path, source, wanted):
    """A slash at the end and parts that nobody knows are told apart from the path."""
    head = "from fastapi import FastAPI\nfrom x import settings\nclass Settings:\n    base = '/v3'\napp = FastAPI()\n"
    assert told(tmp_path, {"app.py": f"{head}@{source}\ndef f(): ...\n"}) == wanted


def test_router_without_a_place(tmp_path):
    """Where an inclusion is not understood, what stands before a router's own prefix is not known."""
    files = {
        "app.py": """
            from fastapi import APIRouter, FastAPI
            from plugins import load
            app = FastAPI()
            router = APIRouter(prefix="/own")
            @router.get("/a")
            def f(): ...
            for name in load():
                app.include_router(name.router)
        """
    }
    assert told(tmp_path, files) == [("GET", "/own/a", False, True)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("app.get('/a', h);", [("GET", "/a", False, False)]),
        ("app.get(`/${base}/a`, h);", [("GET", "/a", False, True)]),
        ("const r = express.Router(); r.get('/a', h); app.use(`/${base}`, r);", [("GET", "/a", False, True)]),
        ("const r = express.Router(); r.get('/a', h); [{p: '/x', r}].forEach((o) => app.use(o.p, o.r));",
         [("GET", "/x/a", False, False)]),
        ("const r = express.Router(); r.get('/a', h); [1].forEach((o) => app.use('/y', r));",
         [("GET", "/y/a", False, False)]),
    ],
)  # fmt: skip
def test_javascript(tmp_path, source, wanted):
    """Parts of templates that nobody knows are told; routers that a loop mounts have their prefix."""
    head = "const express = require('express');\nconst app = express();\nconst h = (req, res) => res.end();\n"
    assert told(tmp_path, {"app.js": head + source}) == wanted


def test_handler_is_named_where_it_is_defined(tmp_path):
    """A route says where its handler is defined, whichever module declares the route."""
    files = {
        "app.py": """\
            from fastapi import FastAPI
            from views import show
            app = FastAPI()
            app.add_api_route('/a', show)
        """,
        "views.py": "\n\ndef show(): ...\n",
    }
    told(tmp_path, files)
    (route,) = routes(SourceTree(tmp_path))
    assert (route.file, route.line, route.defined) == ("app.py", 4, ("views.py", 3))


@pytest.mark.parametrize(
    ("guard", "path", "method", "covered"),
    [
        (Guard("cats", methods=frozenset({"POST"}), exact=True), "/cats", "POST", True),
        (Guard("cats", methods=frozenset({"POST"}), exact=True), "/cats", "GET", False),
        (Guard("cats", methods=frozenset({"POST"}), exact=True), "/cats/feed", "POST", False),
        (Guard("cats/*", exact=True), "/cats/feed", "POST", True),
        (Guard("cats"), "/cats/feed", "POST", True),
    ],
)
def test_exact_guard(guard, path, method, covered):
    """An exact guard stands before its own path alone, unless that ends in a star."""
    assert guard.covers(path, method, guard.place) is covered


def test_join_keeps_what_is_unknown():
    """A joined path is a partial one if any of its parts is."""
    assert isinstance(join("/a", PartialPath("b")), PartialPath)
    assert not isinstance(join("/a", "b"), PartialPath)
