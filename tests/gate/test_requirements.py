"""The matrix of requirements at the end of a session: the gate's items, the project's own tests, what blocks."""

from __future__ import annotations

import json

import pytest

MUSTS = """\
## Requirements

| ID | Requirement | Priority |
| --- | --- | --- |
| REQ-001 | Everybody lists the items. | Must |
| REQ-002 | The list is encrypted at rest. | P0 |
| REQ-003 | The list is nice. | Could |
"""
CLAIMS = """\
import pytest


@pytest.mark.requirement("REQ-001")
@pytest.mark.requirement("req-002")
def test_claims():
    pass
"""
NO_DEPLOYMENT = ("-m", "layer3 or not (layer1 or layer2 or layer4)")


@pytest.fixture
def demanding(project):
    """Return a project whose PRD gives its requirements priorities."""
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text(encoding="utf-8").split("## Requirements")[0] + MUSTS, encoding="utf-8")
    return project


def rows(project):
    """Return the matrix by requirement."""
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))
    return report["verdict"], {row["id"]: row for row in report["requirements"]}


def test_an_unproven_must_blocks(demanding):
    """With --require-traced what nothing proves blocks where it has the highest priority, and says why."""
    result = demanding.runpytest("--prd", "PRD.md", "-m", "layer3", "-k", "CORS-001", "--require-traced")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "What blocks (2)",
            "*UNPROVEN*line *REQ-001 (Must) is unproven: not all of its checks",
            "*UNPROVEN*line *REQ-002 (P0) is unproven: no check looks at*",
            "Requirements: 0 proven, 0 failing, 3 unproven",
        ]
    )
    verdict, found = rows(demanding)
    assert verdict == "failed"
    assert [found[name]["blocks"] for name in sorted(found)] == [True, True, False]


def test_without_the_option_it_is_only_told(demanding):
    """An unproven requirement fails nothing by default."""
    assert demanding.runpytest("--prd", "PRD.md", "-m", "layer3", "-k", "CORS-001").ret == 0
    assert rows(demanding)[0] == "passed"


def test_own_tests_claim_requirements(demanding, spread):
    """A passing test of the project proves what it claims, on workers too."""
    demanding.makepyfile(test_own=CLAIMS)
    result = demanding.runpytest(
        "--prd", "PRD.md", *NO_DEPLOYMENT, "-k", "CORS-001 or claims", "--require-traced", *spread
    )
    assert result.ret == 0, result.stdout.str()
    _, found = rows(demanding)
    assert [found[name]["status"] for name in sorted(found)] == ["proven", "proven", "unproven"]
    assert {"id": "test_own.py::test_claims", "outcome": "passed"} in found["REQ-002"]["items"]


@pytest.mark.parametrize(
    ("body", "status"),
    [("assert 0", "failing"), ("pytest.skip('later')", "unproven"), ("pytest.xfail('known')", "failing")],
)
def test_a_claim_that_does_not_hold(demanding, body, status):
    """A failing claim makes its requirement failing, a skipped one proves nothing."""
    demanding.makepyfile(test_own=CLAIMS.replace("    pass", f"    {body}"))
    demanding.runpytest("--prd", "PRD.md", *NO_DEPLOYMENT, "-k", "CORS-001 or claims")
    assert rows(demanding)[1]["REQ-002"]["status"] == status


def test_an_unknown_requirement_is_warned_of(demanding):
    """A claim of a requirement that the PRD does not have is a warning that lists those there are."""
    demanding.makepyfile(test_own=CLAIMS.replace("req-002", "REQ-999"))
    result = demanding.runpytest("--prd", "PRD.md", *NO_DEPLOYMENT, "-k", "claims", "-W", "default")
    result.stdout.fnmatch_lines(["*requirement: the PRD has no 'REQ-999'. It has REQ-001, REQ-002, REQ-003.*"])


def test_items_say_what_they_prove(demanding):
    """The JUnit file has the requirements of each item among its properties."""
    demanding.runpytest("--prd", "PRD.md", "-m", "layer3", "-k", "CORS-001", "--junitxml=gate.xml")
    assert 'name="requirement"' not in (demanding.path / "gate.xml").read_text(encoding="utf-8")
    prd = demanding.path / "PRD.md"
    prd.write_text(prd.read_text(encoding="utf-8").replace("is nice", "obeys CORS"), encoding="utf-8")
    demanding.runpytest("--prd", "PRD.md", "-m", "layer3", "-k", "CORS-001", "--junitxml=gate.xml")
    assert '<property name="requirement" value="REQ-003"' in (demanding.path / "gate.xml").read_text(encoding="utf-8")
