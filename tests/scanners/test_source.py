"""What of a folder is read, as what, and what is told about the rest."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.source import DEFAULT_EXCLUDE, MAX_BYTES, SourceTree, source_tree, unread_languages


def tree(samples, files, **options):
    """Return the tree of `files`."""
    return source_tree(samples.target(files, **options))


def test_files_are_shared(samples):
    """All scanners of a target get one tree, and a file is parsed once."""
    target = samples.target({"a.py": "x = 1\n"})
    assert source_tree(target) is source_tree(target)
    (file,) = source_tree(target).files
    assert file.module is file.module


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("app/main.py", True),
        ("tests/test_app.py", False),
        ("app/test_app.py", False),
        ("app/tests/helpers.py", False),
        ("migrations/0001.py", False),
        ("scripts/seed.py", False),
        ("docs/conf.py", False),
        ("examples/a.py", False),
        ("conftest.py", False),
        ("src/app.spec.ts", False),
        ("src/app.ts", True),
        ("latests/a.py", True),
        ("app/contest.py", True),
    ],
)
def test_service_code(samples, path, service):
    """Tests, migrations, scripts, docs and examples are no service code."""
    (file,) = tree(samples, {path: "x = 1\n"}).files
    assert file.service_code is service


@pytest.mark.parametrize(
    ("path", "text", "service"),
    [
        ("static/lib.js", "!function(t){return t}(1);" * 400, False),
        ("static/lib.js", "!function(t){return t}(1);\n" * 400, True),
        ("src/short.js", "x" * 3000, True),
        ("app/table.py", "A = [" + "1, " * 3000 + "]\n", True),
    ],
)
def test_minified_javascript_is_no_service_code(samples, path, text, service):
    """What a bundler wrote is somebody else's code; long lines of data in Python are not."""
    assert tree(samples, {path: text}).files[0].service_code is service


def test_empty_exclude_excludes_nothing(samples):
    """A list without globs is a list: tests are service code then."""
    found = tree(samples, {"tests/test_a.py": "", "examples/b.py": ""}, exclude=()).files
    assert all(file.service_code for file in found)


def test_exclude_replaces_the_default(samples):
    """Globs of the target replace the default ones."""
    found = tree(samples, {"tests/a.py": "", "gen/b.py": "", "c_pb2.py": ""}, exclude=("gen/", "*_pb2.py")).files
    assert {f.path: f.service_code for f in found} == {"tests/a.py": True, "gen/b.py": False, "c_pb2.py": False}
    assert "tests/" in DEFAULT_EXCLUDE


def test_skipped_folders(samples):
    """Repositories, environments, caches and installed packages are not walked."""
    files = {f"{name}/a.py": "" for name in (".git", "node_modules", ".venv", "__pycache__", ".mypy_cache")}
    assert [f.path for f in tree(samples, {**files, "a.py": ""}).files] == ["a.py"]


def test_binary_and_large_files(samples):
    """Binary files are skipped in silence, large text and a binary that claims to be source are told."""
    found = tree(samples, {"a.png": b"\x89PNG\0\0", "b.py": b"x\0y", "c.txt": b"x" * (MAX_BYTES + 1), "d.txt": "x"})
    assert [f.path for f in found.files] == ["d.txt"]
    assert [n.file for n in found.not_analysed] == ["b.py", "c.txt"]
    assert "NUL bytes" in found.not_analysed[0].reason
    assert f"(it has {MAX_BYTES + 1})" in found.not_analysed[1].reason


def test_links(samples, tmp_path_factory):
    """A link that leads out of the folder is told and not followed; a cycle is not followed either."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.py").write_text("x = 1\n")
    target = samples.target({"a.py": ""})
    (samples.root / "out").symlink_to(outside)
    (samples.root / "cycle").symlink_to(samples.root)
    (samples.root / "itself").symlink_to("itself")
    (samples.root / "nowhere").symlink_to("gone")
    found = source_tree(target)
    assert [f.path for f in found.files] == ["a.py"]
    assert {n.file: n.reason for n in found.not_analysed} == {
        "itself": "a link that leads in a circle",
        "out": "a link that leads out of the folder",
    }


def test_fifo_does_not_block(samples):
    """A FIFO in the tree is told and not opened."""
    target = samples.target({"a.py": ""})
    os.mkfifo(samples.root / "pipe.py")
    found = source_tree(target)
    assert [f.path for f in found.files] == ["a.py"]
    assert [n.file for n in found.not_analysed] == ["pipe.py"]


def test_vanished_file(samples):
    """A file that goes before it is read is told, and the others are read."""
    target = samples.target({"a.py": "", "b.py": ""})
    found = source_tree(target)
    assert len(found.entries) == 2
    (samples.root / "a.py").unlink()
    assert [f.path for f in found.files] == ["b.py"]
    assert [n.file for n in found.not_analysed] == ["a.py"]


def test_unreadable_folder(samples, monkeypatch):
    """A folder that can't be listed is told, and what is beside it is read."""
    target = samples.target({"a.py": "", "closed/b.py": ""})
    scandir = os.scandir

    def refuse(path):
        if str(path).rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = source_tree(target)
    assert [f.path for f in found.files] == ["a.py"]
    assert [(n.file, n.reason) for n in found.not_analysed] == [("closed", "could not be read: Permission denied")]


@pytest.mark.parametrize(
    "data",
    [
        b"def f(:\n",
        b"print 'python 2'\n",
        b"x = '\xe9'\n",
        b"(" * 100_000,
        b"x = " + b"-" * 200_000 + b"1",
        b"x = 1\n" + b"y" * 9000 + b"\0",
    ],
)
def test_unparsed(samples, data):
    """A module of service code that no parser takes is recorded, with its reason."""
    found = tree(samples, {"a.py": data})
    (file,) = found.files
    assert file.module is None
    assert [n.file for n in found.unparsed] == ["a.py"]
    assert found.unparsed[0].reason


def test_unparsed_test_file_is_nobodys_business(samples):
    """Broken files outside the service code are not recorded: fixtures of parsers are broken on purpose."""
    found = tree(samples, {"tests/bad.py": "def f(:\n"})
    assert found.files[0].module is None
    assert found.unparsed == []


def test_encodings(samples):
    """A coding cookie and a BOM are honoured; text that is no UTF-8 is read as Latin-1 and told."""
    found = tree(
        samples, {"a.py": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "b.py": b"\xef\xbb\xbfx = 1\n", "c.txt": b"\xe9"}
    )
    files = found.by_path
    assert files["a.py"].module.literal(files["a.py"].module.bindings["x"][0]) == "é"
    assert files["b.py"].module is not None
    assert files["c.txt"].text == "é"
    assert [n.file for n in found.unparsed] == ["c.txt"]


def test_unread_languages(samples):
    """Languages of the service code that a rule should read and does not are named."""
    target = samples.target({"a.py": "", "b.ts": "", "c.go": "", "tests/d.java": ""})
    rule = Rule("X-1", "x", Severity.INFO, "x", 3, "Do x.", applies_to=("python", "typescript", "go", "java"))
    assert unread_languages(rule, target) == ("go", "typescript")
    assert unread_languages(Rule("X-2", "x", Severity.INFO, "x", 3, "Do x."), target) == ()
    system = ScanTarget("s", samples.root, members=(target,))
    assert unread_languages(rule, system) == ("go", "typescript")


@given(st.binary(max_size=300))
def test_any_bytes(tmp_path_factory, data):
    """Any bytes can be decoded, split and asked for a module."""
    root = tmp_path_factory.mktemp("any")
    (root / "a.py").write_bytes(data)
    (file,) = SourceTree(root).entries
    assert isinstance(file.text, str)
    assert len(file.lines) == file.text.count("\n") + 1
    assert (file.module is None) == bool(file._tree.unparsed)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("from pyramid.config import Configurator\n", ("python (pyramid)",)),
        ("import litestar\n", ("python (litestar)",)),
        ("from django.urls import path\n", ()),
        ("from fastapi import FastAPI\n", ()),
        ("# from litestar import get\n", ()),
    ],
)
def test_unread_frameworks(samples, text, wanted):
    """A rule that rests on routes names the frameworks whose routes are not read."""
    target = samples.target({"a.py": text})
    assert unread_languages(Rule("X-1", "x", Severity.INFO, "x", 3, "Do x.", reads_routes=True), target) == wanted


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("Dockerfile", "docker"),
        ("api/Dockerfile.prod", "docker"),
        ("api.dockerfile", "docker"),
        ("Containerfile", "docker"),
        ("dockerfile.py", "python"),
        ("Dockerfile.j2", "text"),
        (".dockerignore", "text"),
        ("docker-compose.override.yml", "compose"),
        ("compose.yaml", "compose"),
        ("composer.json", "text"),
        ("a.tsx", "typescript"),
        ("a.cjs", "javascript"),
        ("README.md", "text"),
    ],
)
def test_language(samples, path, language):
    """The language of a file is known by its name."""
    (file,) = tree(samples, {path: "x\n"}).files
    assert file.language == language
