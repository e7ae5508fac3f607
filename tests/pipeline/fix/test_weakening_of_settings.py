"""A fix may not change settings of tests and scanners, contracts, excuses, baselines, thresholds, or hide source."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.pipeline.fix import weakening
from pytest_superteam.pipeline.fix.trees import MAX_TEXT
from pytest_superteam.pipeline.fix.weakened.suppressions import excuses
from pytest_superteam.pipeline.fix.weakening import MOST, weakenings

PROJECT = """\
[project]
name = "orders"
dependencies = ["fastapi"]

[tool.pytest.ini_options]
addopts = "-ra"

[tool.coverage.report]
fail_under = 80
"""
SETUP = "[metadata]\nname = orders\n\n[tool:pytest]\naddopts = -ra\n"
PACKAGE = json.dumps({"name": "o", "scripts": {"test": "node tools/run.js", "start": "node a.js"}, "jest": {}})
SERVICE = json.dumps({"start": ["python", "-m", "app"], "test": ["bash", "run.sh"]})
APP = "import json\n\n\ndef total(items):\n    return sum(items)\n"
MAKE = "test:\n\tpytest -q tests\nrun:\n\tpython -m app\n"
PACT = '{"consumer": {"name": "web"}, "interactions": []}'
OPENAPI = "openapi: 3.1.0\npaths: {}\n"


def laid(folder, files):
    """Write files into a folder and return it."""
    folder.mkdir(exist_ok=True)
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def judged(tmp_path, before, after):
    """Return the weakenings from one set of files to the other, as text."""
    return [str(found) for found in weakenings(laid(tmp_path / "old", before), laid(tmp_path / "new", after))]


BAD = [
    # settings
    ({"conftest.py": "x = 1\n"}, {"conftest.py": "x = 2\n"}, "conftest.py:1: What sets up the tests was changed"),
    ({}, {"tests/unit/conftest.py": "x = 1\n"}, "tests/unit/conftest.py: What sets up the tests was added"),
    ({"pytest.ini": "[pytest]\n"}, {}, "pytest.ini: A file of settings of the gate was removed"),
    ({}, {"pytest.toml": "[pytest]\n"}, "pytest.toml: A file of settings"),
    ({}, {"jest.config.mjs": ""}, "jest.config.mjs: A file of settings"),
    ({}, {".semgrepignore": "app/\n"}, ".semgrepignore: A file of settings"),
    ({}, {"superteam.yaml": "fix: 0\n"}, "superteam.yaml: A file of settings"),
    ({}, {"schemathesis.toml": ""}, "schemathesis.toml: A file of settings"),
    ({}, {"superteam-baseline.json": "{}"}, "superteam-baseline.json: A baseline, which excuses findings, was added"),
    ({".secrets.baseline": "{}"}, {".secrets.baseline": '{"a": 1}'}, ".secrets.baseline:1: A baseline"),
    ({"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT.replace("80", "10")}, ":8: 'tool.coverage'"),
    ({"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT.replace("-ra", "-k not_slow")}, "'tool.pytest' was"),
    ({"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT + "[tool.ruff]\n"}, "'tool.ruff' was added"),
    ({"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT + "["}, "can't be read any more"),
    ({"pyproject.toml": PROJECT}, {}, "'tool.coverage' was removed"),
    ({}, {"setup.cfg": SETUP}, "setup.cfg:4: '[tool:pytest]' was added"),
    ({"tox.ini": "[testenv]\ncommands = pytest\n"}, {"tox.ini": "[testenv]\ncommands = true\n"}, "'[testenv]' was"),
    ({"package.json": PACKAGE}, {"package.json": PACKAGE.replace("node tools/run.js", "true")}, "'scripts.test' was"),
    ({"package.json": PACKAGE}, {"package.json": PACKAGE.replace("{}", '{"testMatch": []}')}, "'jest' was changed"),
    ({"service.json": SERVICE}, {"service.json": SERVICE.replace("bash", "true")}, "json:1: 'test' was"),
    ({}, {"service.json": '{"test": ["true"]}'}, "service.json:1: 'test' was added"),
    # commands
    ({"service.json": SERVICE, "run.sh": "pytest"}, {"service.json": SERVICE, "run.sh": "true"}, "run.sh: The command"),
    ({"package.json": PACKAGE, "tools/run.js": "a"}, {"package.json": PACKAGE, "tools/run.js": "b"}, "run.js: The"),
    ({"Makefile": MAKE}, {"Makefile": MAKE.replace("-q tests", "-q tests/one")}, "Makefile:2: A line of how tests"),
    ({"Makefile": MAKE}, {"Makefile": MAKE.replace("\tpytest -q tests\n", "")}, "Makefile: A line of how tests"),
    ({"ci.sh": "pytest\n"}, {"ci.sh": "pytest || true\n"}, "ci.sh:1: A line of how tests"),
    ({}, {".ci.yml": "run: pytest --cov-fail-under=10\n"}, ".ci.yml:1: A threshold"),
    ({}, {".env": "PYTEST_ADDOPTS=--deselect tests\n"}, ".env:1: A threshold"),
    ({"pom.xml": "<p/>\n"}, {"pom.xml": "<p><maven.test.skip>true</maven.test.skip></p>\n"}, "pom.xml:1: A"),
    # contracts
    ({"pacts/web.json": PACT}, {"pacts/web.json": PACT.replace("web", "app")}, "pacts/web.json: A contract"),
    ({"pacts/web.json": PACT}, {}, "pacts/web.json: A contract, or what a consumer expects, was removed"),
    ({"openapi.yaml": OPENAPI}, {"openapi.yaml": OPENAPI.replace("{}", "{/a: {}}")}, "openapi.yaml: A contract"),
    ({"openapi.json": "{}"}, {"openapi.json": "{"}, "openapi.json: A contract"),
    ({}, {"docs/orders.asyncapi.yml": OPENAPI}, "yml: A contract, or what a consumer expects, was added"),
    # excuses
    ({"a.py": APP}, {"a.py": APP.replace("items):", "items):  # nosec")}, "a.py:4: It was"),
    ({"a.js": "a()\n"}, {"a.js": "// noqa: LOG-001\na()\n"}, "a.js:1: It was added: `// noqa: LOG-001`"),
    (
        {"a.py": "a()  # noqa: SEC-001\nb()\n"},
        {"a.py": "b()  # noqa: SEC-001\n"},
        "a.py:1: It was added: `b()  # noqa: SEC-001`",
    ),
    ({"a.py": "a = 1  # noqa: E501\n"}, {"a.py": "a = 1  # noqa: E501, SEC-003\n"}, "a.py:1: It was added"),
    ({"a.js": "// noqa: LOG-001\na()\nb()\n"}, {"a.js": "a()\n// noqa: LOG-001\nb()\n"}, "a.js:2: It was added"),
    ({"Dockerfile": "FROM a\n"}, {"Dockerfile": "# hadolint ignore=DL3002\nFROM a\n"}, "Dockerfile:1: It was added"),
    # hiding
    ({"app/a.py": APP}, {"vendor/a.py": APP}, "vendor/a.py: Source in 'vendor/'"),
    ({}, {"build/lib/a.js": "a()\n"}, "build/lib/a.js: Source in 'build/'"),
    ({"app/a.py": APP}, {"app/a.py": "from scripts.core import total\n" + APP}, "app/a.py:1: The service now uses"),
    ({"a.js": ""}, {"a.js": "const t = require('../tests/core')\n"}, "a.js:1: The service now uses source in 'tests'"),
    ({"a.js": ""}, {"a.js": "import t from './core.min'\n"}, "a.js:1: The service now uses source in 'core.min'"),
    ({}, {"app/a.py": "# coding: rot13\n"}, "app/a.py: It says to be coded in 'rot13'"),
    ({}, {"app/a.py": "a = '\0'\n"}, "app/a.py: It holds NUL bytes"),
    ({}, {"app/a.py": "#" * (1 << 20) + "\n"}, "app/a.py: It has more than 1024 KiB"),
    ({"a.js": "a()\n" * 2000}, {"a.js": "a();" * 2000}, "a.js: It looks minified"),
    ({}, {"pytest.py": "print('1 passed')\n"}, "pytest.py: It has the name of a tool"),
    ({}, {"sitecustomize.py": ""}, "sitecustomize.py: It has the name of a tool"),
    ({}, {"a.pth": "import x\n"}, "a.pth: It has the name"),
    ({}, {"fastapi/testclient.py": "class TestClient: ...\n"}, "fastapi/testclient.py: It has the name of a tool"),
    ({}, {"src/httpx.py": "def get(*_): ...\n"}, "src/httpx.py: It has the name of a tool"),
    # detection
    ({"a.py": APP}, {"a.py": APP + "import os\nT = 'PYTEST_CURRENT_TEST' in os.environ\n"}, "a.py:7: It asks whether"),
    ({"a.py": APP}, {"a.py": APP + "import sys\nT = 'pytest' in sys.modules\n"}, "a.py:7: It asks whether"),
    ({"a.py": APP}, {"a.py": "if request.headers.get('X-Schemathesis-TestCaseId'):\n"}, "a.py:1: It asks"),
    ({"a.js": ""}, {"a.js": "if (process.env.JEST_WORKER_ID) fake()\n"}, "a.js:1: It asks"),
    ({"app/locks.py": ""}, {"app/locks.py": "T = 'pytest' in sys.modules\n"}, "app/locks.py:1: It asks"),
    ({"app/a.py": APP}, {"app/a.py": "import pytest\n" + APP}, "app/a.py:1: It asks"),
    ({"tests/test_a.py": ""}, {"tests/test_a.py": "import os\nCI = os.environ.get('CI')\n"}, "test_a.py:2: It asks"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_weakened(tmp_path, before, after, said):
    """What makes the gate ask or see less is found where it stands, with what to do instead."""
    found = judged(tmp_path, before, after)
    assert any(said in line for line in found), found
    assert all(line.endswith(".") for line in found)


NEAR = [
    ({"app/a.py": APP}, {"app/a.py": APP.replace("sum(items)", "sum(items) + 0")}),
    ({"conftest.py": "x = 1\n"}, {"conftest.py": '"""Fixtures."""\nx = 1  # one\n'}),
    ({"pytest.ini": "[pytest]\n"}, {"pytest.ini": "# settings\n\n[pytest]\n"}),
    ({"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT.replace('"fastapi"', '"fastapi", "pyjwt"')}),
    ({}, {"pyproject.toml": '[project]\nname = "a"\n'}),
    ({"setup.cfg": SETUP}, {"setup.cfg": SETUP.replace("orders", "order")}),
    ({"package.json": PACKAGE}, {"package.json": PACKAGE.replace("node a.js", "node b.js")}),
    ({"service.json": SERVICE}, {"service.json": SERVICE.replace('"app"', '"main"')}),
    ({"service.json": "{"}, {"service.json": SERVICE}),
    ({"package.json": "{"}, {"package.json": PACKAGE}),
    ({"conftest.py": "def ("}, {"conftest.py": "x = 1\n"}),
    ({"Makefile": MAKE}, {"Makefile": MAKE.replace("-m app", "-m main")}),
    ({"build.gradle": ""}, {"build.gradle": "    testImplementation 'org.junit:junit:4'\n"}),
    ({"deploy.sh": "echo\n"}, {"deploy.sh": "echo tests\n"}),
    ({}, {"poetry.lock": "schemathesis\n", "package-lock.json": "schemathesis\n"}),
    ({"requirements.txt": "pytest\n"}, {"requirements.txt": "pytest\nschemathesis\nhttpx\n"}),
    ({"openapi.yaml": OPENAPI}, {"openapi.yaml": "# The contract.\n\n" + OPENAPI}),
    ({"pacts/a.json": PACT}, {"pacts/a.json": json.dumps(json.loads(PACT), indent=2)}),
    ({"app/contracts.py": APP}, {"app/contracts.py": APP + "\n"}),
    ({"a.py": "x = run()  # noqa: S603\n"}, {"a.py": "x = run(1)  # noqa: S603\n"}),
    ({"a.py": "x = run()  # noqa: S603\n"}, {"app/b.py": "\n\nx = run()  # noqa: S603\n"}),
    ({"a.py": "x = run()  # noqa: S603, S607\n"}, {"a.py": "x = run()  # noqa: S603\n"}),
    ({"a.py": "x = run()  # noqa: S603\n"}, {"a.py": "x = run()\n"}),
    ({"a.js": "// noqa: LOG-001\nlog(a)\n"}, {"a.js": "b()\n\n// noqa: LOG-001\nlog(a, b)\n"}),
    ({}, {"README.md": "Write `# noqa: SEC-001` nowhere; PYTEST_CURRENT_TEST is none of ours.\n"}),
    ({}, {"app/a.py": "nosecond = 1  # no security\nconnosec = 'type: ignored'\n"}),
    ({"app/a.py": APP}, {"app/a.py": "import build_orders\nfrom app.examples_of import x\nfrom .scripting import y\n"}),
    ({}, {"migrations/0002_add.py": "def upgrade():\n    op.add_column()\n"}),
    ({}, {"app/a.py": "# -*- coding: utf-8 -*-\n" + APP}),
    ({}, {"app/pytest_orders.py": APP, "app/coverage.py": APP}),
    ({}, {"app/requests.py": APP, "app/fastapi/routes.py": APP, "fastapi_settings.py": APP}),
    ({"requests.py": APP}, {"requests.py": f"{APP}X = 1\n"}),
    ({"a.js": ""}, {"a.js": "if (process.env.NODE_ENV !== 'test') listen()\n"}),
    ({"a.py": "import os\nT = os.environ.get('CI')\n"}, {"a.py": "import os\n\nT = os.environ.get('CI')\n"}),
    ({}, {".dockerignore": "tests\n", ".gitignore": "*.db\n"}),
    ({".superteam/TASK.md": "a"}, {"__pycache__/a.pyc": "b", ".superteam/conftest.py": "x"}),
]


@pytest.mark.parametrize(("before", "after"), NEAR, ids=",".join)
def test_near_misses(tmp_path, before, after):
    """What mends a service, and what only looks like a weakening, is none."""
    assert judged(tmp_path, before, after) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("x = 1  # noqa", 1),
        ("x = 1  #noqa:E501", 1),
        ("# ruff: noqa", 1),
        ("# flake8: noqa: E501", 1),
        ("x()  # nosec B608", 1),
        ("x()  # type: ignore[arg-type]", 1),
        ("# mypy: ignore-errors", 1),
        ("# pyright: basic", 1),
        ("# pylint: disable=all", 1),
        ("if x:  # pragma: no cover", 1),
        ("key = 'x'  # pragma: allowlist secret", 1),
        ("x()  # sure, nosemgrep: rule", 1),
        ("/* eslint-disable no-eval */", 1),
        ("// @ts-ignore", 1),
        ("// biome-ignore lint: x", 1),
        ("/* istanbul ignore next */", 1),
        ("/* c8 ignore next */", 1),
        ("x() //nolint:errcheck", 1),
        ("x(); // NOSONAR", 1),
        ('@SuppressWarnings("all")', 1),
        ("#[allow(unused)]", 1),
        ("#![allow(clippy::all)]", 1),
        ("# rubocop:disable Style", 1),
        ("// phpcs:ignore", 1),
        ("#checkov:skip=CKV_1", 1),
        ("# shellcheck disable=SC1", 1),
        ("<!-- noqa: SEC-001 -->", 1),
        ("-- noqa: SEC-001", 1),
        ("// Code generated by x. DO NOT EDIT.", 1),
        ("a()  # noqa: S1  # nosec", 2),
        ("# type of what is ignored", 0),
        ("text = 'noqa'", 0),
        ("nosecrets = allow(1)", 0),
        ("# we allow nothing", 0),
        ("// @ts-expect nothing", 0),
    ],
)
def test_excuses(tmp_path, line, count):
    """Each form of comment that excuses a finding is known, and words that resemble one are not."""
    assert len(excuses(line)) == count
    assert any("It was added" in found for found in judged(tmp_path, {}, {"app/a.txt.py": f"\n{line}\n"})) is bool(
        count
    )


def test_links_and_odd_names(tmp_path):
    """A link in the tree is told, and a name that is no UTF-8 does no harm."""
    old, new = laid(tmp_path / "old", {"a.py": APP}), laid(tmp_path / "new", {"a.py": APP})
    (new / "app.py").symlink_to("/etc/passwd")
    os.mkfifo(new / "pipe")
    with open(os.fsencode(new) + b"/t\xff_\n.py", "wb") as stream:  # noqa: PTH123  # no str names it
        stream.write(b"x = 1  # noqa\n")
    found = [str(each) for each in weakenings(old, new)]
    assert [line.split(":")[0] for line in found] == ["app.py", "pipe", "t\\xff_\\n.py"]
    json.dumps(found).encode("utf-8")


def test_many_weakenings_are_bounded(tmp_path):
    """Of very many weakenings a bounded number is told."""
    new = laid(tmp_path / "new", {"a.py": "".join(f"x{n} = 1  # noqa\n" for n in range(300))})
    assert len(weakenings(laid(tmp_path / "old", {}), new)) == MOST


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_any_line_is_read(line):
    """Whatever a line holds, its excuses are looked for without an error."""
    assert all(isinstance(each, str) and each for each in excuses(line))


def test_too_much_to_look_through(tmp_path, monkeypatch):
    """A fix that changes more text than anybody looks through is refused, whatever it says; large data is no text."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    (after / "data.bin").write_bytes(b"x" * (MAX_TEXT + 1))
    assert weakenings(before, after) == ()
    monkeypatch.setattr(weakening, "MOST_BYTES", 1000)
    (after / "main.py").write_text("x = 1\n" * 100, encoding="utf-8")
    assert weakenings(before, after) == ()
    (after / "more.py").write_text("x = 1\n" * 100, encoding="utf-8")
    [found] = weakenings(before, after)
    assert "MiB of text" in found.what
