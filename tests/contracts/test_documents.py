"""Documents from outside: read, found, served and bundled."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.contracts.documents.external import bundle, external_references
from pytest_superteam.contracts.documents.loading import (
    document_kind,
    find_documents,
    load_document,
    load_document_text,
)
from pytest_superteam.contracts.documents.served import served_document
from pytest_superteam.contracts.references import resolve
from pytest_superteam.errors import CheckError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_json_is_read_as_it_is(document):
    """What JSON says is what comes out, also when YAML's reader reads it."""
    assert load_document_text(json.dumps(document), "x") == document


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("day: 2020-01-31", {"day": "2020-01-31"}),
        ("yes: no", {"yes": "no"}),
        ("responses: {200: ok, default: x}", {"responses": {"200": "ok", "default": "x"}}),
        ("openapi: 3.0", {"openapi": 3.0}),
        ("a: 007\nb: 0x1f\nc: '5'\nd: !!str 5\ne: 5\nf: 1.5e3\ng: ~", None),
        ("base: &b {x: 1, y: 2}\na: {<<: *b, y: 3}", {"base": {"x": 1, "y": 2}, "a": {"x": 1, "y": 3}}),
        ("a: !!python/object/apply:os.system ['x']", {"a": ["x"]}),
        ("\ufeffa: 1", {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("{a: b}", {"a": "b"}),
        ("---\na: |\n  text\n", {"a": "text\n"}),
    ],
)
def test_yaml_is_read_as_json_would_say_it(text, document):
    """Dates and `yes` stay text, keys are text, tags make nothing, aliases and merges are followed."""
    if document is None:
        document = {"a": "007", "b": "0x1f", "c": "5", "d": "5", "e": 5, "f": 1500.0, "g": None}
    assert load_document_text(text, "x") == document


BOMB = "a: &a [1,2,3,4,5,6,7,8,9]\n" + "\n".join(
    f"b{n}: &b{n} [{', '.join(['*' + (f'b{n - 1}' if n else 'a')] * 9)}]" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: ]", "x:2: is no YAML"),
        ("a: 1\na: 2", "x:2: the key 'a' stands here twice"),
        ("? [a]\n: b", "x:1: has a mapping or a list as a key"),
        ("a: &a\n  b: *a", r"x:2: the alias \*a names nothing"),
        ("a: 1\n---\nb: 2", "x:2: holds a second document"),
        ("a: 1e999", "too large"),
        (BOMB, "unfolds to more than"),
        ("[" * 100_000, "levels deep"),
        ('{"a":' * 100_000, "levels deep"),
        ('{"a":' * 300 + "1" + "}" * 300, "levels deep"),
        ("a: " + "[" * 100_000, "levels deep"),
        ("\n".join(" " * n + "a:" for n in range(400)), "levels deep"),
        ('{\n"a": 1,,\n}', "x:2: is no"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": 1e999}', "too large"),
        (f'{{"a": {"9" * 5000}}}', "is no JSON"),
        (b"\xff\xfe", "is no UTF-8"),
        ("", "holds no document but nothing"),
        ("- a", "holds no document but a list"),
        ("text", "holds no document but a text"),
    ],
)
def test_malformed_documents_are_refused_in_one_line(text, words):
    """Every refusal names the document, mostly the line, and says what is wrong."""
    with pytest.raises(CheckError, match=words) as caught:
        load_document_text(text, "x")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x:")


def test_size_is_limited(monkeypatch, tmp_path):
    """A larger file is refused before it is parsed."""
    monkeypatch.setattr("pytest_superteam.contracts.documents.loading.MOST_BYTES", 1 << 20)
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (1 << 20))
    with pytest.raises(CheckError, match="larger than 1 MB"):
        load_document(path)


def test_files_that_can_not_be_read_are_told(tmp_path):
    """A missing file and a folder are named."""
    for path in (tmp_path / "no.yaml", tmp_path):
        with pytest.raises(CheckError, match="is no file"):
            load_document(path)


def test_documents_are_found_by_their_content(tmp_path):
    """Any name will do; installed packages, hidden folders, links and other files with such words are passed over."""
    spec = '{"components": {}, "openapi": "3.1.0", "paths": {}}'
    for name, text in {
        "a/service.json": spec,
        "a/old.yml": "swagger: '2.0'\n",
        "events.yaml": "asyncapi: 3.0.0\n",
        "broken.yaml": "openapi: 3.1.0\npaths: [",
        "package.json": '{"scripts": {"openapi": "make"}}',
        "notes.yaml": "a: [ openapi: x",
        "code.py": "openapi: 3.1.0",
        "node_modules/x/openapi.json": spec,
        ".venv/openapi.json": spec,
        ".git/openapi.json": spec,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "link.json").symlink_to(tmp_path / "a/service.json")
    found = {d.path.relative_to(tmp_path).as_posix(): (d.kind, bool(d.problem)) for d in find_documents(tmp_path)}
    assert found == {
        "a/service.json": ("openapi", False),
        "a/old.yml": ("swagger", False),
        "events.yaml": ("asyncapi", False),
        "broken.yaml": (None, True),
    }


@pytest.mark.parametrize(
    ("value", "kind"),
    [({"openapi": 3.1}, "openapi"), ({"swagger": "2.0"}, "swagger"), ({"openapi": {}}, None), ([], None), (None, None)],
)
def test_the_kind_of_a_document_is_told(value, kind):
    """Only a version makes a contract."""
    assert document_kind(value) == kind


@contextmanager
def server(answers):
    """Serve `answers`: path to (status, headers, body)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answers.get(self.path, (404, {}, b"no"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


SPEC = json.dumps({"openapi": "3.1.0", "info": {}, "paths": {}}).encode()


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"/openapi.json": (200, {}, SPEC)}, "/openapi.json"),
        ({"/openapi.json": (200, {}, b"<html>any path</html>"), "/v3/api-docs": (200, {}, SPEC)}, "/v3/api-docs"),
        ({"/openapi.json": (200, {}, b'{"a": 1}'), "/swagger.json": (200, {}, b"swagger: '2.0'")}, "/swagger.json"),
        ({"/api-docs": (302, {"Location": "/deep/spec"}, b""), "/deep/spec": (200, {}, SPEC)}, "/api-docs"),
        ({}, None),
    ],
)
def test_what_a_service_serves_is_found(answers, path):
    """The usual places are tried one after the other; pages and other data are passed over."""
    with server(answers) as url:
        found = served_document(url)
    assert (found.url if found else None) == (url + path if path else None)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"/openapi.json": (302, {"Location": "/openapi.json"}, b"")}, "redirects more than 3 times"),
        ({"/openapi.json": (302, {"Location": "http://localhost.example/x"}, b"")}, "another host"),
        ({"/openapi.json": (302, {"Location": "file:///etc/passwd"}, b"")}, "another host"),
        ({"/openapi.json": (200, {}, b'{"openapi": ')}, "is no JSON"),
        ({"/openapi.json": (200, {"Content-Length": "100"}, b"{")}, "does not answer"),
    ],
)
def test_hostile_answers_are_an_error(answers, words):
    """Circles, other hosts, halves and malformed documents end in one line."""
    with server(answers) as url, pytest.raises(CheckError, match=words):
        served_document(url)


def test_a_served_document_has_a_largest_size(monkeypatch):
    """What never ends is not read to its end."""
    monkeypatch.setattr("pytest_superteam.contracts.documents.served.MOST_BYTES", 1 << 20)
    with server({"/openapi.json": (200, {}, b"x" * (3 << 20))}) as url, pytest.raises(CheckError, match="larger than"):
        served_document(url)


def test_a_service_that_is_down_is_an_error():
    """No answer at all is no absence of a document."""
    with server({}) as url:
        pass
    with pytest.raises(CheckError, match="does not answer"):
        served_document(url, timeout=1)


def project(tmp_path, **files):
    """Write files of a project and return the document `main`, its path and the folder."""
    for name, text in files.items():
        path = tmp_path / "project" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_text(text)
    source = tmp_path / "project" / "main.yaml"
    return load_document(source), source, tmp_path / "project"


def test_other_documents_are_bundled(tmp_path):
    """Files, what they refer to, themselves and back again become one document."""
    document, source, folder = project(
        tmp_path,
        main="a: {$ref: 'parts/book.yaml#/Book'}\nb: {$ref: '#/a'}\nc: {$ref: parts/book.yaml}\nhome: 1",
        parts__book="Book: {author: {$ref: '../author.yaml#/Author'}, own: {$ref: '#/Other'}}\nOther: {x: 1}",
        author="Author: {main: {$ref: 'main.yaml#/home'}, book: {$ref: 'parts/book.yaml#/Book'}}",
    )
    assert external_references(document) == ("parts/book.yaml", "parts/book.yaml#/Book")
    whole = bundle(document, source, folder)
    assert external_references(whole) == ()
    book = resolve(whole, "#/b")
    assert resolve(whole, book["own"]["$ref"]) == {"x": 1}
    author = resolve(whole, book["author"]["$ref"])
    assert resolve(whole, author["main"]["$ref"]) == 1
    assert resolve(whole, author["book"]["$ref"]) == book


def test_documents_of_the_web_are_fetched_with_what_they_refer_to(tmp_path):
    """A URL is asked for once; relative references in it lead to its neighbours."""
    asked = []

    def fetch(url):
        asked.append(url)
        return {"A": {"$ref": "b.json#/B"}} if url.endswith("a.json") else {"B": {"deep": {"$ref": "a.json#/A"}}}

    document, source, folder = project(tmp_path, main="x: {$ref: 'https://h.example/v1/a.json#/A'}")
    whole = bundle(document, source, folder, fetch=fetch)
    assert "deep" in resolve(whole, "#/x")
    assert asked == ["https://h.example/v1/a.json", "https://h.example/v1/b.json"]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("../secret.yaml#/x", "out of the project"),
        ("/etc/hosts", "out of the project"),
        ("file:///etc/hosts", "out of the project"),
        ("no.yaml#/x", "is no file"),
        ("other.yaml#/Nope", "leads nowhere"),
        ("link.yaml#/x", "out of the project"),
    ],
)
def test_references_out_of_the_project_are_refused(tmp_path, reference, words):
    """No path leaves the project's folder, also not through a link."""
    (tmp_path / "secret.yaml").write_text("x: {y: 1}")
    document, source, folder = project(tmp_path, main=f"a: {{$ref: '{reference}'}}", other="A: {}")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(CheckError, match=words):
        bundle(document, source, folder)
