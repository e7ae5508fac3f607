"""What a found service needs for its tests, whether it has some, and the copy in which they run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_superteam.checks.own_tests import copying
from pytest_superteam.checks.own_tests.compiled_kinds import CARGO, DOTNET, GO, GRADLE, MAVEN
from pytest_superteam.checks.own_tests.copying import copy_source, fresh_folder, reaches_out
from pytest_superteam.checks.own_tests.missing_parts import hint
from pytest_superteam.checks.own_tests.node_kind import NODE
from pytest_superteam.checks.own_tests.python_kind import PYTHON
from pytest_superteam.checks.own_tests.python_needs import needs_of, requirement
from pytest_superteam.checks.own_tests.python_tests import tools_used
from pytest_superteam.checks.own_tests.surroundings import Surroundings
from pytest_superteam.checks.own_tests.trees import read_text
from pytest_superteam.errors import CheckError

TEST = "def test_it(): pass\n"
CASE = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): pass\n"


def write(folder, files):
    """Write files by path; bytes as they are."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"app.py": "x = 1\n"}, ()),
        ({"tests/__init__.py": "", "tests/test_it.py": "# later\n"}, ()),
        ({"tests/test_it.py": TEST}, ("python", "-m", "pytest", "-q")),
        ({"app/it_test.py": TEST}, ("python", "-m", "pytest", "-q")),
        ({"tests/test_it.py": CASE}, ("python", "-m", "unittest", "discover", "-s", "tests")),
        (
            {"tests/test_it.py": CASE, "tests/__init__.py": ""},
            ("python", "-m", "unittest", "discover", "-s", "tests", "-t", "."),
        ),
        ({"tests/test_it.py": CASE, "requirements-dev.txt": "pytest\n"}, ("python", "-m", "pytest", "-q")),
        ({"a/test_it.py": CASE, "b/test_it.py": CASE}, ("python", "-m", "pytest", "-q")),
        ({"manage.py": "", "shop/tests.py": CASE}, ("python", "manage.py", "test", "--noinput")),
        (
            {
                "manage.py": "",
                "shop/tests.py": CASE,
                "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n",
            },
            ("python", "-m", "pytest", "-q"),
        ),
        (
            {"pytest.ini": "[pytest]\npython_files = check_*.py\n", "check_it.py": TEST},
            ("python", "-m", "pytest", "-q"),
        ),
        ({"other/tests/test_it.py": TEST}, ()),
        ({".venv/lib/test_it.py": TEST, "node_modules/a/test_it.py": TEST}, ()),
    ],
)
def test_python_tests(tmp_path, files, command):
    """A Python service has the tests in its files; other services inside it and environments hold none of them."""
    found = PYTHON.find(write(tmp_path, files), ("other",))
    assert found.command == command
    assert bool(found.reason) != bool(command)


@pytest.mark.parametrize(
    ("package", "files", "command"),
    [
        ("{}", {}, ()),
        ('{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}', {"test/a.js": ""}, ()),
        ('{"scripts": {"test": "exit 0"}}', {"test/a.js": ""}, ()),
        ('{"scripts": {"test": "jest"}}', {"src/a.js": ""}, ()),
        ('{"scripts": {"test": "jest"}}', {"src/a.test.js": ""}, ("npm", "test")),
        ('{"scripts": {"test": "node --test"}}', {"test/a.mjs": ""}, ("npm", "test")),
        ('{"scripts": {"test": "vitest run"}}', {"src/__tests__/a.ts": ""}, ("npm", "test")),
        ('{"scripts": {"test": "./check.sh"}}', {}, ("npm", "test")),
        ('{"devDependencies": {"jest": "1"}}', {"a.spec.ts": ""}, ("npx", "--no-install", "jest")),
        ("{}", {"a.test.mjs": "import test from 'node:test'"}, ("node", "--test")),
        ("{}", {"a.test.mjs": ""}, ()),
        ('{"scripts": "none"}', {}, ()),
    ],
)
def test_node_tests(tmp_path, package, files, command):
    """A JavaScript service has tests where its script runs some, and npm's default script is none."""
    assert NODE.find(write(tmp_path, {"package.json": package, **files}), ()).command == command


@pytest.mark.parametrize(
    ("kind", "files", "has_some"),
    [
        (GO, {"go.mod": "", "a_test.go": "package a\nfunc TestA(t *testing.T) {}\n"}, True),
        (GO, {"go.mod": "", "a_test.go": "package a\n"}, False),
        (CARGO, {"Cargo.toml": "", "src/lib.rs": "#[tokio::test]\nasync fn a() {}\n"}, True),
        (CARGO, {"Cargo.toml": "", "src/lib.rs": "fn a() {}\n"}, False),
        (MAVEN, {"pom.xml": "", "src/test/java/ATest.java": ""}, True),
        (MAVEN, {"pom.xml": "", "src/main/java/A.java": ""}, False),
        (GRADLE, {"build.gradle.kts": "", "src/test/kotlin/ATest.kt": ""}, True),
        (GRADLE, {"build.gradle": ""}, False),
        (DOTNET, {"Shop.sln": "", "tests/T.csproj": '<PackageReference Include="xunit" />'}, True),
        (DOTNET, {"Shop.csproj": "<Project/>"}, False),
    ],
)
def test_compiled_tests(tmp_path, kind, files, has_some):
    """A service in a compiled language has tests where its source says so."""
    folder = write(tmp_path, files)
    assert kind.is_here(folder)
    assert bool(kind.find(folder, ()).command) == has_some


def test_manifest_that_is_no_json(tmp_path):
    """A package.json that does not read is an error: there may be tests."""
    with pytest.raises(CheckError, match=r"package.json is no JSON"):
        NODE.find(write(tmp_path, {"package.json": "{"}), ())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("flask", "^2.1", "flask>=2.1,<3"),
        ("flask", "^0.3.1", "flask>=0.3.1,<0.4"),
        ("flask", "^0.0.3", "flask>=0.0.3,<0.0.4"),
        ("flask", "^0", "flask>=0,<1"),
        ("flask", "~2.1.4", "flask>=2.1.4,<2.2"),
        ("flask", "~2", "flask>=2,<3"),
        ("flask", "~=2.1", "flask~=2.1"),
        ("flask", "2.1.0", "flask==2.1.0"),
        ("flask", "*", "flask"),
        ("flask", ">= 2, < 3", "flask>=2,<3"),
        ("flask", "^1 || ^2", "flask>=2,<3"),
        (
            "flask",
            {"version": "^2", "extras": ["async"], "markers": "os_name == 'nt'"},
            "flask[async]>=2,<3 ; os_name == 'nt'",
        ),
        ("lib", {"git": "https://x.invalid/lib", "rev": "abc"}, "lib @ git+https://x.invalid/lib@abc"),
        ("lib", {"path": "../lib"}, ""),
        ("lib", {"version": "^1", "optional": True}, ""),
        ("flask", [{"version": "^2"}, {"version": "^3"}], "flask>=2,<3"),
    ],
)
def test_requirements_of_other_tools(name, value, expected):
    """Versions as Poetry and Pipenv write them become requirements of pip."""
    assert requirement(name, value) == expected


POETRY = """\
[tool.poetry.dependencies]
python = "^3.9"
flask = "^2"
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""
POETRY_LOCK = """\
[[package]]
name = "flask"
version = "2.3"
[[package]]
name = "x; evil"
version = "1"
[[package]]
name = "twice"
version = "1"
[[package]]
name = "twice"
version = "2"
"""
PIPFILE = '[packages]\na = "*"\n[dev-packages]\nb = "==1"\n'
PIPFILE_LOCK = '{"default": {"a": {"version": "==3"}}, "develop": "none"}'
STANDARD = """\
[project]
name = "a"
requires-python = ">=3.10"
dependencies = ["flask>=2"]
[project.optional-dependencies]
test = ["httpx"]
docs = ["sphinx"]
[dependency-groups]
dev = ["pytest", {include-group = "more"}, {include-group = "dev"}]
more = ["--index-url=https://x.invalid", "ruff"]
"""


@pytest.mark.parametrize(
    ("files", "names", "specs", "pins", "python"),
    [
        ({"requirements.txt": "", "requirements-dev.in": ""}, ["requirements.txt", "requirements-dev.in"], [], [], ""),
        ({"requirements/base.txt": "a\n", "requirements/test.txt": "b\n"}, ["base.txt", "test.txt"], [], [], ""),
        ({"pyproject.toml": POETRY}, [], ["flask>=2,<3", "pytest"], [], ">=3.9,<4"),
        ({"pyproject.toml": STANDARD}, [], ["flask>=2", "httpx", "pytest", "ruff"], [], ">=3.10"),
        (
            {"pyproject.toml": STANDARD, "requirements.txt": "", "poetry.lock": POETRY_LOCK},
            ["requirements.txt"], ["httpx", "pytest", "ruff"], [], ">=3.10",
        ),
        ({"Pipfile": PIPFILE, "Pipfile.lock": PIPFILE_LOCK}, [], ["a", "b==1"], ["a==3"], ""),
        (
            {"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK},
            [], ["flask>=2,<3", "pytest"], ["flask==2.3"], ">=3.9,<4",
        ),
        ({}, [], [], [], ""),
    ],
)  # fmt: skip
def test_python_needs(tmp_path, files, names, specs, pins, python):
    """Requirements are taken from the files of each tool; what is no requirement in them is not handed to pip."""
    needs = needs_of(write(tmp_path, files))
    assert [path.name for path in needs.files] == names
    assert (list(needs.specs), list(needs.pins), needs.python) == (specs, pins, python)
    assert needs.nothing == (not files)


def test_code_that_says_what_it_needs(tmp_path):
    """A project whose setup.py names the dependencies is installed itself."""
    assert needs_of(write(tmp_path, {"setup.py": "from setuptools import setup\nsetup()\n"})).project
    assert not needs_of(write(tmp_path, {"requirements.txt": "flask\n"})).project


def test_broken_toml(tmp_path):
    """A pyproject.toml that does not read is an error."""
    with pytest.raises(CheckError, match=r"pyproject.toml is no TOML"):
        needs_of(write(tmp_path, {"pyproject.toml": "[project"}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_any_encoding(tmp_path, encoding):
    """Requirements are read in the encodings that editors and shells write."""
    path = tmp_path / "requirements.txt"
    path.write_bytes("flask==2.0\n# Größe\n".encode(encoding))
    assert read_text(path).startswith("flask==2.0\n# Gr\N{LATIN SMALL LETTER O WITH DIAERESIS}")


def test_tools_that_tests_use(tmp_path):
    """Test tools that nobody declared are known by a fixed list; other imports are never guessed at a registry."""
    test = (
        "import httpx, os\nfrom respx import mock\nimport httpxx\n@pytest.mark.asyncio\nasync def test_a(mocker): ...\n"
    )
    found = tools_used(write(tmp_path, {"tests/test_it.py": test, "setup.cfg": "[tool:pytest]\naddopts = --cov=app\n"}))
    assert found == {
        "httpx": "httpx", "respx": "respx", "pytest_asyncio": "pytest-asyncio", "pytest_mock": "pytest-mock",
        "pytest_cov": "pytest-cov",
    }  # fmt: skip


def test_copy_leaves_out_what_tools_made(tmp_path):
    """The copy has what people wrote: no environments, caches, build output or settings with real accounts."""
    source = write(
        tmp_path / "source",
        {
            "app/main.py": "", ".env": "TOKEN=x", ".env.production": "", ".env.example": "TOKEN=", ".git/config": "",
            "node_modules/a/index.js": "", "myenv/pyvenv.cfg": "", "myenv/bin/python": "", "app/__pycache__/a.pyc": "",
            ".gitignore": "dist/\n*.log\n", "dist/app.js": "", "build/lib.py": "", "pom.xml": "", "target/a.class": "",
            "target-practice/a.txt": "", ".superteam/x": "", "web/dist/b.js": "", "other/main.py": "",
            "bin/run.sh": "", ".dockerignore": "",
        },
    )  # fmt: skip
    (source / "bin" / "run.sh").chmod(0o755)
    assert copy_source(source, fresh_folder(tmp_path / "copy"), ("other",)) == ()
    copied = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert copied == {
        "app/main.py", ".env.example", ".gitignore", "build/lib.py", "pom.xml", "target-practice/a.txt", "bin/run.sh",
        ".dockerignore",
    }  # fmt: skip
    assert os.access(tmp_path / "copy" / "bin" / "run.sh", os.X_OK)


def test_copy_follows_no_link_out(tmp_path):
    """A link that leads out, in a circle or nowhere, and a pipe are left out and told; one within is kept."""
    write(tmp_path, {"secret/key": "x", "source/a/real.txt": "y"})
    source = tmp_path / "source"
    (source / "out").symlink_to(tmp_path / "secret")
    (source / "file").symlink_to("/etc/hostname")
    (source / "a" / "circle").symlink_to("circle")
    (source / "gone").symlink_to("nowhere")
    (source / "back").symlink_to("../source/a")
    (source / "absolute").symlink_to(source / "a" / "real.txt")
    os.mkfifo(source / "pipe")
    left_out = copy_source(source, fresh_folder(tmp_path / "copy"))
    assert sorted(left_out) == ["a/circle", "file", "gone", "out", "pipe"]
    assert (tmp_path / "copy" / "back" / "real.txt").resolve() == (tmp_path / "copy" / "a" / "real.txt")
    assert (tmp_path / "copy" / "absolute").read_text() == "y"


def test_copy_is_bounded(tmp_path, monkeypatch):
    """A source with too many files or bytes is an error that says so."""
    write(tmp_path / "source", {f"{number}.py": "" for number in range(4)})
    monkeypatch.setattr(copying, "MAX_FILES", 3)
    with pytest.raises(CheckError, match="larger than 3 files"):
        copy_source(tmp_path / "source", fresh_folder(tmp_path / "copy"))


def test_fresh_folder_follows_no_link(tmp_path):
    """A link where a folder of ours was is removed; what it leads to stays."""
    write(tmp_path, {"precious/a.txt": "x"})
    (tmp_path / "source").symlink_to(tmp_path / "precious")
    fresh_folder(tmp_path / "source")
    assert (tmp_path / "precious" / "a.txt").is_file()
    assert not (tmp_path / "source").is_symlink()


@pytest.mark.parametrize(
    ("files", "tied"),
    [
        ({"api/package.json": "{}"}, False),
        ({"api/package.json": "{}", "package.json": '{"workspaces": ["api"]}'}, True),
        ({"api/package.json": "{}", "package.json": '{"scripts": {}}'}, False),
        ({"api/package.json": '{"dependencies": {"lib": "file:../lib"}}'}, True),
        ({"api/requirements.txt": "-e ../lib\n"}, True),
        ({"api/requirements.txt": "flask\n# see x/../y\n"}, False),
        ({"api/go.mod": "replace shop/lib => ../lib\n"}, True),
        ({"api/pom.xml": "<project/>", "pom.xml": "<modules><module>api</module></modules>"}, True),
        ({"api/tsconfig.json": '{"extends": "../tsconfig.base.json"}'}, True),
    ],
)
def test_services_tied_to_their_neighbours(tmp_path, files, tied):
    """A service that is part of a workspace, or names files beside its folder, is tested in a copy of the whole."""
    assert reaches_out(write(tmp_path, files) / "api", tmp_path) == tied


def test_environment_of_tests(monkeypatch):
    """Tests get no secret of the caller, not even those in a proxy's address; installing gets the registries."""
    monkeypatch.setenv("CLOUD_TOKEN", "precious")
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:precious@mirror.invalid/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:precious@proxy.invalid:3128")
    given = Surroundings(Path("/w/shop"), Path("/w/.cache"))
    seen = given.testing({"EXTRA": "1"})
    assert not any("precious" in value for value in seen.values())
    assert (seen["HTTPS_PROXY"], seen["CI"], seen["EXTRA"]) == ("http://proxy.invalid:3128", "1", "1")
    assert {seen["HOME"], seen["TMPDIR"]} == {"/w/shop/home", "/w/shop/tmp"}
    installing = given.installing()
    assert "precious" in installing["PIP_INDEX_URL"]
    assert "precious" in installing["HTTPS_PROXY"]
    assert "CLOUD_TOKEN" not in installing


@pytest.mark.parametrize(
    ("output", "part"),
    [
        ('connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused', "PostgreSQL"),
        ("Error: connect ECONNREFUSED 127.0.0.1:27017", "MongoDB (127.0.0.1:27017)"),
        ("ConnectionRefusedError: Connect call failed ('127.0.0.1', 6379)", "Redis"),
        ("dial tcp 127.0.0.1:9999: connect: connection refused", "what answers at 127.0.0.1:9999"),
        ("getaddrinfo EAI_AGAIN registry.invalid", "'registry.invalid', which can't be reached"),
        ("KeyError: 'DATABASE_URL'\n", "environment variables (DATABASE_URL)"),
        ("E   mongodb_uri\nE     Field required [type=missing, input_value={}, input_type=dict]", "(MONGODB_URI)"),
        ("assert 500 == 404\nreturn 404\nhost: 404\nConnection refused", ""),
        ("db:5432 - connection refused", "PostgreSQL (db:5432)"),
        ("AssertionError: 1 == 2", ""),
    ],
)
def test_what_failed_tests_miss(output, part):
    """The message names the server or the setting that most failures speak of."""
    assert (part in hint(output, 1)) if part else hint(output, 1) == ""


def test_a_single_refused_connection_explains_nothing():
    """One refused connection among many failures is not named as the reason for all."""
    assert hint("connect ECONNREFUSED 127.0.0.1:5432", 9) == ""
