"""Reports to render: one that passes, one that fails in every way, a hostile one and a huge one."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_superteam.models import (
    BuildResult,
    Claim,
    Cost,
    Evidence,
    FileChange,
    FixAttempt,
    FixedService,
    ItemResult,
    Outcome,
    Severity,
    TestCounts,
    Violation,
)
from pytest_superteam.reports.assemble import assemble

HOSTILE = (
    "<script>alert(1)</script> a|b `code` **bold** [x](http://evil.example) @everyone #1\n\n# Heading\n"
    "\x1b[31mred\x1b]0;title\x07 \x00\x08 \u202e\u200b \udcff ![i](javascript:x) password=hunter2hunter2"
)
"""Everything that means something to a browser, to Markdown or to a terminal, and a secret."""


def violation(code="SEC-001", severity=Severity.HIGH, service="auth-service", message="No authentication.", **changes):
    """Return a violation."""
    return Violation(code, severity, service, message, **changes)


def item(outcome=Outcome.PASSED, layer=3, code="SEC-001", service="auth-service", **changes):
    """Return an item result; its id is made of layer, service and code."""
    values = {
        "id": f"PRD.md::layer{layer}::test_scan[{service}-{code}]",
        "severity": Severity.HIGH,
        "blocking": layer < 4,
        "seconds": 0.25,
    } | changes
    return ItemResult(layer=layer, code=code, service=service, outcome=outcome, **values)


def cost(number=1, usd=0.5, phase="builders", service="order-service", **changes):
    """Return a settled step of a ledger."""
    values = {
        "run": "run-1",
        "session": "session-1",
        "attempt": 1,
        "builder": "agent",
        "platform": "cloud",
        "model": "model-1",
        "parent": 0,
        "status": "settled",
        "reserved_usd": usd,
        "estimated": False,
        "unknown": False,
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_read_tokens": 0,
        "at": 1.0,
    } | changes
    return Cost(id=number, usd=usd, phase=phase, service=service, **values)


def bad_costs():
    """Return the steps of a design that two services were built from, one of them with trouble."""
    return (
        cost(1, 0.25, "architect", ""),
        cost(2, 0.1, "builders", "auth-service", parent=1),
        cost(3, 0.05, parent=1, estimated=True, input_tokens=12_000, output_tokens=500),
        cost(4, 0.1, parent=3, attempt=2),
        cost(5, 0.0, "fix", parent=4, unknown=True, reserved_usd=1.0),
    )


def hostile_costs():
    """Return steps whose every text is hostile, with figures that can't be."""
    texts = dict.fromkeys(("builder", "platform", "model", "run", "session"), HOSTILE)
    return (
        cost(1, float("nan"), HOSTILE, HOSTILE, parent=1, **texts),
        cost(2, float("inf"), service=HOSTILE, parent=3, attempt=-1, **texts),
        cost(3, -1.0, service="", parent=2, status="reserved", reserved_usd=1e300, **texts),
    )


def huge_costs():
    """Return 300 steps of 100 services."""
    return tuple(cost(n + 1, 0.01, service=f"service-{n % 100:02}", attempt=n // 100 + 1) for n in range(300))


def assembled(items, **changes):
    """Return the report on `items`."""
    values = {
        "title": "Shop",
        "run_id": "run-1",
        "services": ("auth-service", "order-service"),
        "phases": {"builders": 1.5, "deployment": 0.75},
        "seconds": 12.34,
        "costs": (cost(),),
        "repeat": "pytest --prd PRD.md",
    } | changes
    return assemble(items=items, **values)


def good_items():
    """Return items that pass, one advisory, one skipped, one with an excused violation."""
    excused = violation(message="A constant.", suppressed_by="noqa")
    advice = violation("ADV-002", Severity.WARNING, "order-service", "Large function.", file="app/main.py", line=3)
    return [
        item(layer=1, code="L1-BUILD"),
        item(layer=1, code="L1-BUILD", service="order-service"),
        item(violations=(excused,)),
        item(Outcome.ADVISORY, 4, "ADV-002", "order-service", severity=Severity.WARNING, violations=(advice,)),
        item(Outcome.SKIPPED, 3, "TRACE-002", reason="no scanner looks for it yet"),
    ]


def bad_items():
    """Return `good_items` and one item of each kind that blocks."""
    found = violation(
        file="app/main.py", line=12, evidence="curl -H 'Authorization: Bearer abcd1234efgh5678' http://x/"
    )
    worse = violation("SEC-SECRET-001", Severity.CRITICAL, message="A key in the source.", file="app/keys.py", line=1)
    return [
        *good_items(),
        item(Outcome.FAILED, 3, "SEC-003", violations=(found,)),
        item(Outcome.FAILED, 3, "SEC-SECRET-001", severity=Severity.CRITICAL, violations=(worse,)),
        item(Outcome.FAILED, 1, "L1-TESTS", "order-service", reason="3 of 10 tests failed"),
        item(Outcome.ERROR, 2, "L2-CONF", "order-service", reason="the service is down"),
    ]


def hostile_items():
    """Return items whose every text is hostile."""
    found = violation(service=HOSTILE, message=HOSTILE, file=HOSTILE, line=1, evidence=HOSTILE)
    return [
        item(Outcome.FAILED, code=HOSTILE, service=HOSTILE, violations=(found,)),
        item(Outcome.ERROR, code="X-1", reason=HOSTILE),
        item(Outcome.SKIPPED, code="X-2", reason=HOSTILE),
        item(Outcome.ADVISORY, 4, "X-3", violations=(violation(message=HOSTILE, suppressed_by=HOSTILE),)),
    ]


def hostile_requirements():
    """Return a requirement that is unproven and blocks, whose every text is hostile."""
    texts = dict.fromkeys(("id", "text", "reason", "priority", "place"), HOSTILE)
    items = [{"id": HOSTILE, "outcome": "passed"}]
    return ({**texts, "line": 1, "status": "unproven", "blocks": True, "items": items},)


def huge_items():
    """Return 6,000 failing items of 100 services."""
    return [
        item(
            Outcome.FAILED,
            code=f"SEC-{n:04}",
            service=f"service-{n % 100:02}",
            severity=Severity.CRITICAL if n == 4711 else Severity.ERROR,
            violations=(
                violation(f"SEC-{n:04}", Severity.CRITICAL if n == 4711 else Severity.ERROR, file="a.py", line=n),
            ),
        )
        for n in range(6000)
    ]


def hostile_work():
    """Return what agents built and mended, its every text hostile, with figures that can't be."""
    many = (HOSTILE,) * 60
    evidence = Evidence(
        -1, -1, many, -1, many, tests=TestCounts(-1, many), tests_error=HOSTILE, untouched=many, outside=many
    )
    claim = Claim("success", HOSTILE, -9, HOSTILE)
    nan = float("nan")
    build = BuildResult(
        HOSTILE,
        HOSTILE,
        Path(),
        success=False,
        error=HOSTILE,
        seconds=nan,
        evidence=evidence,
        claim=claim,
        instead_of=HOSTILE,
    )
    changes = (FileChange(HOSTILE, -1, -1, "removed"),) * 60
    fixed = FixedService(HOSTILE, HOSTILE, many, "refused", HOSTILE, changes, -1, nan, seconds=nan)
    attempt = FixAttempt(-1, -1, (fixed,) * 2, many, (HOSTILE, "new"), many)
    return {"builds": (build,) * 3, "fixes": (attempt,) * 3, "fix_end": HOSTILE}


@pytest.fixture
def reports():
    """Return the reports by name."""
    services = tuple(f"service-{n:02}" for n in range(100))
    return {
        "good": assembled(good_items()),
        "bad": assembled(bad_items(), requirements=({"id": "R-1", "line": 3, "status": "failing"},), costs=bad_costs()),
        "hostile": replace(
            assembled(
                hostile_items(),
                title=HOSTILE,
                repeat=HOSTILE,
                phases={HOSTILE: 1.0},
                requirements=hostile_requirements(),
                costs=hostile_costs(),
            ),
            **hostile_work(),
        ),
        "huge": assembled(huge_items(), services=services, costs=huge_costs()),
        "empty": assembled([]),
    }


@pytest.fixture
def make():
    """Return the functions that make items, violations and reports."""
    from types import SimpleNamespace

    return SimpleNamespace(item=item, violation=violation, report=assembled, cost=cost, hostile=HOSTILE)
