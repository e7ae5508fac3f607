"""What a project plugs in through its conftest.py."""

from __future__ import annotations

import json

SCANNER = """
from pytest_superteam.models import Severity, Violation
from pytest_superteam.scanners.base import Rule


class HouseScanner:
    codes = (
        Rule("HOUSE-001", "No main", Severity.HIGH, "house", 3, "Rename the file.", languages=("text",)),
        Rule("HOUSE-002", "Nothing", Severity.WARNING, "house", 4, "Do nothing.", languages=("text",)),
    )

    def scan(self, service):
        for path in sorted(service.root.glob("main.py")):
            yield Violation("HOUSE-001", Severity.HIGH, service.name, "main.py: rename it.", path.name, 1)


def pytest_superteam_scanners(config):
    return [HouseScanner()]
"""


def add(project, text):
    """Append to the project's conftest.py."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text() + text)


def report_of(project):
    """Return the last gate report."""
    return json.loads((project.path / ".superteam/reports/gate-report.json").read_text())


def test_scanner(project, spread):
    """A scanner's codes become gate items, markers and rows of the report."""
    add(project, SCANNER)
    result = project.runpytest_subprocess("--prd", "PRD.md", "-m", "layer3 and blocking", "-k", "HOUSE", *spread)
    assert result.parseoutcomes()["failed"] == 2
    assert {item["code"] for item in report_of(project)["items"]} == {"HOUSE-001"}
    advisory = project.runpytest("--prd", "PRD.md", "-m", "layer4 and advisory", "-k", "HOUSE")
    assert advisory.parseoutcomes()["passed"] == 2


def test_two_scanners_of_one_code(project):
    """A code that two scanners declare is a usage error that names both."""
    add(project, SCANNER.replace("HOUSE-001", "SEC-001"))
    result = project.runpytest("--prd", "PRD.md")
    assert result.ret == 4
    assert "SEC-001" in result.stderr.str()
    assert "HouseScanner" in result.stderr.str()


def test_violation_hook(project):
    """Triage can suppress a violation or grade it down; what is suppressed stays in the report."""
    add(
        project,
        SCANNER
        + """
from dataclasses import replace


def pytest_superteam_violation(violation, config):
    if violation.service == "shop-service":
        return replace(violation, suppressed_by="house rules")
    return replace(violation, severity=Severity.INFO)
""",
    )
    result = project.runpytest("--prd", "PRD.md", "-k", "HOUSE-001")
    assert result.ret == 0
    outcomes = {item["service"]: item for item in report_of(project)["items"]}
    assert outcomes["shop-service"]["outcome"] == "passed"
    assert outcomes["shop-service"]["violations"][0]["suppressed_by"] == "house rules"
    assert outcomes["auth-service"]["outcome"] == "advisory"


def test_architect_hook(project):
    """A project's own architect replaces the built-in one."""
    add(
        project,
        """
from pytest_superteam.models import Architecture, Service


def pytest_superteam_architect(prd, config):
    return Architecture("Mine", prd.sha256, (Service("only-one"),))
""",
    )
    result = project.runpytest("--prd", "PRD.md", "--co", "-q", "-m", "layer1")
    assert [line for line in result.outlines if "::" in line and "only-one" not in line] == []
    assert "PRD.md::layer1::test_builds[only-one]" in result.outlines


def test_watching_hooks(project):
    """Phases and the report are announced, once, in the process that does them."""
    add(
        project,
        """
def pytest_superteam_phase(phase, state):
    print("PHASE", phase, state)


def pytest_superteam_gate_report(report, config):
    print("REPORT", report.verdict, config.builder)
""",
    )
    result = project.runpytest("--prd", "PRD.md", "-m", "layer1", "-s")
    result.stdout.fnmatch_lines(
        ["*PHASE contracts started*", "*PHASE builders started*", "*PHASE builders done*", "*REPORT passed fake*"]
    )


def test_conftest_beside_a_prd_elsewhere(project):
    """The conftest.py beside the PRD is loaded in time when pytest starts in another folder."""
    folder = project.mkdir("deep")
    for name in ("PRD.md", "superteam.yaml"):
        (project.path / name).rename(folder / name)
    (folder / "conftest.py").write_text((project.path / "conftest.py").read_text() + SCANNER)
    (project.path / "conftest.py").unlink()
    result = project.runpytest("--prd", "deep/PRD.md", "-k", "HOUSE-001")
    assert result.parseoutcomes()["failed"] == 2
    assert (folder / "services/shop-service/main.py").is_file()
    assert not (project.path / "services").exists()


def test_check_that_breaks(project, spread):
    """A project's code that raises makes its own items errors in one line, and holds their service back once."""
    add(
        project,
        SCANNER.replace("for path in", "raise RuntimeError('boom')\n        for path in"),
    )
    result = project.runpytest_subprocess("--prd", "PRD.md", "-k", "HOUSE-001 or SEC-003", *spread)
    assert result.parseoutcomes()["errors"] == 2
    assert result.parseoutcomes()["passed"] == 2
    items = {item["id"].split("[")[1]: item for item in report_of(project)["items"]}
    assert "boom" in items["shop-service-HOUSE-001]"]["reason"]
    assert "Traceback" not in result.stdout.str()


def test_report_hook_that_breaks(project):
    """A report hook that raises costs neither the report nor the table, and the run is red."""
    add(project, "\ndef pytest_superteam_gate_report(report, config):\n    raise RuntimeError('boom')\n")
    result = project.runpytest("--prd", "PRD.md", "-m", "layer1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*gate: passed*", "*pytest_superteam_gate_report raised RuntimeError: boom*"])
