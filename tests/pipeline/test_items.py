"""Gate items: what is planned, and how a result becomes an outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_superteam.checks.base import Planning
from pytest_superteam.config import Config
from pytest_superteam.models import (
    Architecture,
    CheckResult,
    Dependency,
    Operation,
    Outcome,
    Service,
    Severity,
    Violation,
)
from pytest_superteam.pipeline.items import GateItem, outcome_of, plan_items
from pytest_superteam.scanners.base import Rule

SYSTEM = Architecture(
    "Shop",
    "0" * 64,
    (Service("b"), Service("a")),
    operations=(Operation("list_items", "a", "GET", "/items", "list"),),
    dependencies=(Dependency("b", "a", "list_items"), Dependency("b", "a", "read_item")),
)


class Scanner:
    """Declares a blocking, an advisory and a system code."""

    codes = (
        Rule("X-001", "x", Severity.ERROR, "x", 3, "x"),
        Rule("X-002", "x", Severity.WARNING, "x", 3, "x"),
        Rule("X-003", "x", Severity.CRITICAL, "x", 4, "x", scope="system"),
    )

    def scan(self, service):
        return ()


def test_plan():
    """There is an item for each service, operation, pair and code, by layer, then service in the PRD's order."""
    items = plan_items(Planning(SYSTEM, Config(), Path()), (Scanner(),), ())
    kinds = {"test_conformance", "test_pact"}  # other families of layer 2 plan what they find to try
    items = [item for item in items if item.layer != 2 or item.test in kinds]
    assert [item.key for item in items] == [
        "layer1::test_builds[b]",
        "layer1::test_own_tests[b]",
        "layer1::test_converges[b]",
        "layer1::test_builds[a]",
        "layer1::test_own_tests[a]",
        "layer1::test_converges[a]",
        "layer2::test_pact[b-a]",
        "layer2::test_conformance[a-list_items]",
        "layer3::test_scan[b-X-001]",
        "layer3::test_scan[b-X-002]",
        "layer3::test_scan[a-X-001]",
        "layer3::test_scan[a-X-002]",
        "layer4::test_review[system-X-003]",
    ]
    assert [item.blocking for item in items[-5:]] == [True, False, True, False, False]


def violation(severity, suppressed=""):
    return Violation("X", severity, "a", "it is wrong", suppressed_by=suppressed)


@pytest.mark.parametrize(
    ("layer", "result", "outcome"),
    [
        (1, CheckResult(), Outcome.PASSED),
        (1, CheckResult((violation(Severity.ERROR),)), Outcome.FAILED),
        (1, CheckResult((violation(Severity.WARNING),)), Outcome.ADVISORY),
        (2, CheckResult((violation(Severity.ERROR),)), Outcome.FAILED),
        (2, CheckResult((violation(Severity.WARNING),)), Outcome.ADVISORY),
        (3, CheckResult((violation(Severity.ERROR),)), Outcome.FAILED),
        (3, CheckResult((violation(Severity.WARNING),)), Outcome.ADVISORY),
        (3, CheckResult((violation(Severity.WARNING), violation(Severity.HIGH))), Outcome.FAILED),
        (3, CheckResult((violation(Severity.CRITICAL, "noqa"),)), Outcome.PASSED),
        (4, CheckResult((violation(Severity.CRITICAL),)), Outcome.ADVISORY),
        (3, CheckResult(skipped="not analysed"), Outcome.SKIPPED),
        (3, CheckResult(error="no tool"), Outcome.ERROR),
        (4, CheckResult((violation(Severity.INFO),), error="half done"), Outcome.ERROR),
    ],
)
def test_outcome(layer, result, outcome):
    """Layers 1 and 2 block from error up, 3 by the setting, 4 never; what could not run is an error."""
    item = GateItem(layer, "test_x", "a", "X", Severity.ERROR, "a", blocking=layer < 4)
    assert outcome_of(item, result, Severity.ERROR) is outcome


def test_severities_are_ordered():
    """Severity orders by rank."""
    assert sorted(Severity, key=lambda s: s.rank) == list(Severity)
    assert Severity.CRITICAL.at_least(Severity.HIGH)
    assert not Severity.WARNING.at_least(Severity.ERROR)
