"""Pages for the browser: made by real sessions of pytest with pytest-html, of made-up gate items and of a real gate."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str:
    """Return the path of a browser; where there is none the test is skipped, or fails in CI, which can install one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    if os.environ.get("CI") and shutil.which("apt-get"):
        pytest.fail("CI has no chromium: `apt-get install chromium` first, as .ci/run does", pytrace=False)
    pytest.skip("no chromium here; `apt-get install chromium` brings one")


HOSTILE = """<img src=x onerror="alert('x')"><script>alert(1)</script>&amp;'"`"""
"""What must be seen as it stands here, wherever somebody writes it."""
SECRET = "ghp_abcdefghijklmnopqrstuvwx0123456789"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

ITEMS = f'''
from pytest_superteam.models import HELD_BACK, ItemResult, Outcome, Severity, Violation

HOSTILE = {HOSTILE!r}
SECRET = {SECRET!r}
SERVICES = ("auth-service", "order-service", "catalog-service", "system")
SEVERITIES = ("critical", "high", "error", "warning", "info")


def made(state):
    """Return (layer, code, severity, service, outcome) of each item of a page."""
    rows = [
        (3, f"SEC-{{number:03d}}", SEVERITIES[number % 5], service, "passed")
        for service in SERVICES
        for number in range(1, 31)
    ]
    rows += [(layer, "BUILD-001", "critical", service, "passed") for layer in (1, 2) for service in SERVICES[:3]]
    if state == "passed":
        return rows
    return [
        *rows,
        (3, "CORS-001", "error", "auth-service", "failed"),
        (3, "AUTHZ-001", "critical", "auth-service", "failed"),
        (3, "LOG-001", "high", HOSTILE, "failed"),
        (2, "CONTRACT-001", "error", "order-service", "failed"),
        (2, "TRACE-001", "warning", "order-service", "error"),
        (4, "ADV-001", "info", "catalog-service", "advisory"),
        (4, "ADV-002", "info", "catalog-service", "skipped"),
    ]


def found(code, severity, service):
    message = f"{{code}} is wrong in {{HOSTILE}}. Mend it and take the key out: api_key={{SECRET}}."
    return Violation(code, Severity(severity), service, message, "app/main.py", 12, evidence=f"line = {{HOSTILE}}")


def name(row):
    layer, code, severity, service, outcome = row
    return f"{{service}}-{{code}}-{{layer}}"


def items(state):
    results = []
    for row in made(state):
        layer, code, severity, service, outcome = row
        blocks = outcome in ("failed", "advisory")
        results.append(
            ItemResult(
                f"test_gate.py::test_item[{{name(row)}}]", layer, code, Severity(severity), service,
                blocking=outcome != "advisory", outcome=Outcome(outcome), seconds=0.25,
                reason=HELD_BACK + HOSTILE if outcome == "skipped" else HOSTILE if outcome == "error" else "",
                violations=(found(code, severity, service),) if blocks else (),
            )
        )
    return results
'''

CONFTEST = """
import os

import pytest

from made_up import SERVICES, items, made, name
from pytest_superteam.gate import html_page
from pytest_superteam.gate.gathered import GATHERED, Gathered
from pytest_superteam.reports.assemble import assemble

STATE = os.environ["STATE"]
ROWS = {name(row): row for row in made(STATE)}


def pytest_configure(config):
    config.pluginmanager.register(html_page, "superteam_html")
    stopped = STATE == "interrupted"
    shown = [item for item in items(STATE) if not stopped or item.outcome not in ("failed", "error")]
    requirements = [{"id": "FR-001", "text": "Books are kept.", "status": "unproven", "items": [], "blocks": False}]
    report = assemble(
        title="Bookstore", run_id="r", items=shown, services=SERVICES[:3], phases={"gate": 2.0}, seconds=12.5,
        interrupted=stopped, repeat="pytest --prd PRD.md", planned=len(shown) + 3 * stopped, requirements=requirements,
    )
    config.stash[GATHERED] = Gathered(report=report, interrupted=stopped)


def pytest_collection_modifyitems(items):
    for item in items:
        row = ROWS.get(item.callspec.id) if item.name.startswith("test_item") else None
        if row:
            names = ("layer", "code", "severity", "service")
            item.user_properties += [(each, str(value)) for each, value in zip(names, row)]


@pytest.fixture
def could_run(request):
    if request.param[-1] == "error":
        pytest.fail("could not be tried", pytrace=False)
    return request.param


@pytest.fixture
def noisy():
    yield
    print("printed at the end: password=hunter2hunter2")
"""

GATE = """
import pytest

from conftest import ROWS, STATE
from made_up import HOSTILE, SECRET, found


@pytest.mark.parametrize("could_run", ROWS.values(), ids=list(ROWS), indirect=True)
def test_item(could_run):
    layer, code, severity, service, outcome = could_run
    violation = found(code, severity, service)
    text = f"{code} {violation.place} {violation.message}\\n    {violation.evidence}"
    if outcome == "failed" and STATE != "interrupted":
        pytest.fail(text, pytrace=False)
    if outcome == "advisory":
        pytest.xfail(text)
    if outcome == "skipped":
        pytest.skip(f"held back: {HOSTILE}")
"""

OWN = f"""
import pytest
from pytest_html import extras as made_extras

PIXEL = {PIXEL!r}
HOSTILE = {HOSTILE!r}
SECRET = {SECRET!r}


def test_with_extras(extras, noisy):
    extras.append(made_extras.url("https://shop.example/", name="shop"))
    extras.append(made_extras.html("<b class=own-extra>bold</b>"))
    extras.append(made_extras.png(PIXEL, name="first"))
    extras.append(made_extras.png(PIXEL, name="second"))


@pytest.mark.parametrize("text", [HOSTILE], ids=[HOSTILE])
def test_hostile(text, request):
    print(HOSTILE, "token:", SECRET)
    if request.config.getoption("keyword") != "quiet":
        assert text == "Everything else"
"""

STOPS = """
def test_stops():
    raise KeyboardInterrupt
"""


def session(folder: Path, *options: str, exits: tuple[int, ...], **environment: str) -> Path:
    """Run pytest in a folder, and return the page that it wrote."""
    root = str(Path(__file__).parents[2])
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    # what CI says of itself stands in the page's environment
    variables |= {"PYTHONPATH": os.pathsep.join((str(folder), root)), "GIT_BRANCH": HOSTILE, **environment}
    variables |= {"GIT_COMMIT": "0", "GIT_URL": f"https://me:{SECRET}@git.example/x.git", "JENKINS_URL": "there"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--html=page.html", *options]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=300)
    page = folder / "page.html"
    assert done.returncode in exits, done.stdout + done.stderr
    assert page.is_file(), done.stdout + done.stderr
    return page


def made_up(folder: Path, state: str, *options: str) -> Path:
    """Return a page of made-up items: `passed`, `failed` or `interrupted`."""
    written = {"made_up.py": ITEMS, "conftest.py": CONFTEST, "test_gate.py": GATE}
    written |= {"failed": {"test_own.py": OWN}, "interrupted": {"test_stops.py": STOPS}}.get(state, {})
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    exits = {"passed": (0,), "failed": (1,), "interrupted": (2,)}[state]
    return session(folder, "-p", "no:superteam", *options, exits=exits, STATE=state)


PRD = f"""# Shop {HOSTILE}

A service keeps notes for {HOSTILE}.

## Note service

- Note: title (string, required), body (text)

| method | path | what |
|---|---|---|
| POST | /notes | create a note {HOSTILE} |
| GET | /notes | list notes |
"""

FINDS = f"""
from pytest_superteam.models import Rule, Severity, Violation


class Scanner:
    codes = (Rule("HOSTILE-001", {HOSTILE!r}, Severity.HIGH, "security", 3, "Mend " + {HOSTILE!r}),)

    def scan(self, service):
        yield Violation("HOSTILE-001", Severity.HIGH, service.name, {HOSTILE!r}, "app/main.py", 1, evidence={HOSTILE!r})


def pytest_superteam_scanners():
    return (Scanner(),)
"""


def real(folder: Path) -> Path:
    """Return the page of a real run that fails; its layer 3 only, which starts nothing."""
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")
    (folder / "conftest.py").write_text(FINDS, encoding="utf-8")
    return session(folder, "--prd=PRD.md", "-m", "layer3", "--self-contained-html", exits=(1,))


_BLOB = re.compile(r'data-jsonblob="([^"]*)"')


def data_of(page: str) -> dict[str, Any]:
    """Return what pytest-html's script reads."""
    found = _BLOB.search(page)
    assert found is not None
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def grown(page: Path, folder: Path, rows: int) -> Path:
    """Write a page with the rows of another one again and again, each with a name of its own."""
    text = page.read_text(encoding="utf-8")
    data = data_of(text)
    known = [(name, test) for name, tests in data["tests"].items() for test in tests]
    data["tests"] = {}
    for number in range(rows):
        name, test = known[number % len(known)]
        cells = [
            cell.replace("</td>", f" {number}</td>") if "col-testId" in cell else cell
            for cell in test["resultsTableRow"]
        ]
        again = test | {"testId": f"{test['testId']} {number}", "resultsTableRow": cells}
        data["tests"][f"{name} {number}"] = [again]
    grown_page = folder / "page.html"
    blob = html.escape(json.dumps(data))
    grown_page.write_text(_BLOB.sub(lambda _: f'data-jsonblob="{blob}"', text), encoding="utf-8")
    return grown_page
