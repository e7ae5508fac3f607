"""Other plugins of pytest beside ours: each does to tests what it is for, and nothing to the gate."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET

import pytest
from installing import beside
from pseudo import shown_on_terminal
from shops import BAD

pytestmark = pytest.mark.slow

NEIGHBOURS = {
    "asyncio": ("pytest-asyncio",),
    "django": ("pytest-django", "django"),
    "cov": ("pytest-cov",),
    "randomly": ("pytest-randomly",),
    "rerunfailures": ("pytest-rerunfailures",),
    "timeout": ("pytest-timeout",),
    "allure": ("allure-pytest",),
    "sugar": ("pytest-sugar",),
    "rich": ("pytest-rich",),
}


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    """Return a function that installs a neighbour, once in a session."""
    folder = tmp_path_factory.mktemp("neighbours")

    def installed(name):
        place = folder / name
        return place if place.is_dir() else beside(place, *NEIGHBOURS[name])

    return installed


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio\n")])
def test_asyncio(shop, run, plugins, mode, mark):
    """Async tests and fixtures run, also behind our own builders' event loop."""
    fixture = "pytest_asyncio.fixture" if mode == "strict" else "pytest.fixture"
    (shop / "test_own.py").write_text(
        "import asyncio\n\nimport pytest\nimport pytest_asyncio\n\n\n"
        f"@{fixture}\nasync def ready(builds):\n    await asyncio.sleep(0)\n    return sorted(builds)\n\n\n"
        f"{mark}async def test_services(ready):\n    await asyncio.sleep(0)\n    assert ready == ['shop-service']\n"
    )
    scope = "asyncio_default_fixture_loop_scope=function"
    ended = run(plugins("asyncio"), "-o", f"asyncio_mode={mode}", "-o", scope)
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["passed"] == 37
    assert "skipped" not in ended.counts


def test_django(shop, run, plugins):
    """Django's tests get Django's client and its database; a test that is marked with a service gets ours."""
    (shop / "house_settings.py").write_text(
        'SECRET_KEY = "x"\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}\n'
    )
    (shop / "test_own.py").write_text(DJANGO)
    ended = run(plugins("django"), "--ds=house_settings")
    assert "ERROR test_own.py::test_ours - Failed: shop-service: ended with exit code" in ended.text
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["passed"] == 36 + 2
    assert ended.counts["error"] == 1


DJANGO = """\
import pytest
from django.db import connection


@pytest.mark.django_db
def test_database():
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def test_client(client):
    assert type(client).__module__ == "django.test.client"


@pytest.mark.service(name="shop-service")
def test_ours(client):
    pass
"""


def test_cov(shop, run, plugins):
    """Coverage of the project's code is measured and shown below our summary."""
    (shop / "shop.py").write_text("def double(n):\n    return 2 * n\n\n\ndef triple(n):\n    return 3 * n\n")
    (shop / "test_own.py").write_text("import shop\n\n\ndef test_it():\n    assert shop.double(2) == 4\n")
    ended = run(plugins("cov"), "--cov=shop")
    assert ended.is_the_gate_of_one_finding()
    assert re.search(r"^shop\.py +4 +1 +75%$", ended.text, re.MULTILINE)
    assert ended.text.index("What blocks") < ended.text.index("tests coverage")


def test_randomly(shop, run, plugins):
    """The project's tests are shuffled; the gate keeps its order."""
    (shop / "test_own.py").write_text(
        "import pytest\n\n\n@pytest.mark.parametrize('n', range(30))\ndef test_it(n):\n    pass\n"
    )
    ended = run(plugins("randomly"), "-v")
    assert ended.is_the_gate_of_one_finding()
    assert "Using --randomly-seed=" in ended.text
    ran = re.findall(r"^(\S+::\S+) (?:PASSED|FAILED)", ended.text, re.MULTILINE)
    own = [name for name in ran if name.startswith("test_own.py")]
    assert len(own) == 30
    assert own != [f"test_own.py::test_it[{n}]" for n in range(30)]
    assert ran[:30] == own
    assert [name[13] for name in ran[30:]] == ["1"] * 3 + ["3"] * 34


def test_rerunfailures(shop, run, plugins):
    """A flaky test of the project is run again; a check of the gate is not, and is told once everywhere."""
    (shop / "test_own.py").write_text(FLAKY)
    ended = run(plugins("rerunfailures"), "--reruns", "2", "--junitxml=gate.xml")
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["rerun"] == 2
    assert (shop / "flaky.log").read_text() == "xxx"
    cases = [case for case in ET.parse(shop / "gate.xml").iter("testcase") if "SEC-003" in case.get("name")]
    assert len(cases) == 1
    assert [row.get("value") for row in cases[0].iter("property") if row.get("name") == "violation"] == [
        "SEC-003 services/shop-service/main.py:5"
    ]


FLAKY = """\
from pathlib import Path


def test_flaky():
    log = Path("flaky.log")
    log.write_text((log.read_text() if log.exists() else "") + "x")
    assert len(log.read_text()) == 3
"""


def test_timeout(shop, run, plugins):
    """A test that hangs is ended; a build that takes longer than a test may is not, though a test needs it first."""
    (shop / "seconds").write_text("1.5")
    (shop / "test_own.py").write_text(
        "import time\n\n\ndef test_needs_it(builds):\n    assert builds\n\n\ndef test_hangs():\n    time.sleep(30)\n"
    )
    ended = run(plugins("timeout"), "--timeout=1")
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["failed"] == 2
    assert ended.counts["passed"] == 36 + 1
    assert "FAILED test_own.py::test_hangs - Failed: Timeout" in ended.text
    assert ended.report["phases"]["builders"] >= 1.5


def test_allure(shop, run, plugins):
    """Each item has its result for Allure, the one that blocks with what was found."""
    hostile = '["<script>alert(1)</script>", "\\x1b[31m", "a/b::c[d]"]'
    (shop / "test_own.py").write_text(
        f"import pytest\n\n\n@pytest.mark.parametrize('n', {hostile})\ndef test_it(n):\n    print(n)\n"
    )
    ended = run(plugins("allure"), "--alluredir=results")
    assert ended.is_the_gate_of_one_finding()
    results = [json.loads(path.read_text()) for path in (shop / "results").glob("*-result.json")]
    assert len(results) == 37 + 3
    (failed,) = [result for result in results if result["status"] == "failed"]
    assert failed["name"] == "test_scan[shop-service-SEC-003]"
    assert failed["statusDetails"]["message"].startswith("Failed: SEC-003 services/shop-service/main.py:5 ")
    assert {"layer3", "blocking"} <= {row["value"] for row in failed["labels"] if row["name"] == "tag"}


def test_sugar(run, plugins):
    """Its progress is shown, and below it our table and what blocks."""
    ended = run(plugins("sugar"), "--force-sugar", "-v", only="layer3")
    assert ended.is_the_gate_of_one_finding(layers=(3,))
    text = re.sub(r"\x1b\[[0-9;]*m", "", ended.text)
    assert "100%" in text
    assert re.search(r"^shop-service   1 failed, 33 ok$", text, re.MULTILINE)
    assert re.search(r"^ +1 failed$", text, re.MULTILINE)


def test_rich(run, plugins):
    """Beside us it does nothing unless it is asked to."""
    ended = run(plugins("rich"), only="layer3")
    assert ended.is_the_gate_of_one_finding(layers=(3,))
    assert "What blocks (1)" in ended.text
    assert ended.text.count(BAD) == 2  # in how to run it again, and in pytest's short summary


def test_rich_in_its_own_way(run, plugins, shop):
    """With --rich, whose reporter asks no plugin for a summary, ours stands below what it shows."""
    code, text = shown_on_terminal(shop, plugins("rich"), "--prd", "PRD.md", "-m", "layer3", "--rich")
    assert code == 1, text
    assert "pytest session starts" in text
    assert "Total Tests" in text
    assert text.index("Total Tests") < text.index("What blocks (1)") < text.index("reports: .superteam/reports")


def test_workers(shop, run, plugins):
    """Those that shuffle, repeat and end tests, in one session with two workers: they agree on the order of items."""
    (shop / "seconds").write_text("2.5")
    (shop / "test_own.py").write_text(FLAKY + "\n\ndef test_needs_it(builds):\n    assert builds\n")
    path = os.pathsep.join(str(plugins(name)) for name in ("randomly", "rerunfailures", "timeout"))
    options = ("--reruns", "2", "--timeout", "2", "--timeout-method=thread", "--junitxml=gate.xml", "-n", "2")
    ended = run(path, *options)
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["rerun"] == 2
    assert ended.counts["passed"] == 36 + 2
    cases = [case for case in ET.parse(shop / "gate.xml").iter("testcase") if "SEC-003" in case.get("name")]
    assert len(cases) == 1


def test_all_together(shop, run, plugins):
    """All of them in one session leave the gate alone."""
    (shop / "house_settings.py").write_text('SECRET_KEY = "x"\n')
    path = os.pathsep.join(str(plugins(name)) for name in NEIGHBOURS)
    options = ("--reruns", "1", "--timeout", "60", "--alluredir=results", "--cov=conftest", "--ds=house_settings")
    ended = run(path, *options, "-o", "asyncio_default_fixture_loop_scope=function")
    assert ended.is_the_gate_of_one_finding()
    assert ended.counts["passed"] == 36
