"""Made-up results of a gate, and what becomes of them in the fix loop."""

from pytest_superteam.models import (
    Architecture,
    FixAttempt,
    FixedService,
    GateReport,
    ItemResult,
    Outcome,
    Service,
    Severity,
    Violation,
)
from pytest_superteam.pipeline.fix.decision import Round, Situation, decide
from pytest_superteam.pipeline.fix.findings import find

SERVICES = ("auth", "catalog", "orders")
LAYERS = {"CONFORM": 2, "TEST": 1, "SEC": 3, "EVENT": 2, "BREAK": 2, "ADV": 4, "BUILD": 1}


def violation(service="orders", code="SEC-001", message="is open. Protect it.", **more):
    more.setdefault("severity", Severity.ERROR)
    return Violation(code=code, service=service, message=message, **more)


def item(service="orders", code="SEC-001", *violations, outcome=None, reason="", test="test_scan", **more):
    """Return the result of an item that failed where it has violations, that could not run where it has a reason."""
    if outcome is None:
        outcome = Outcome.FAILED if violations else Outcome.ERROR if reason else Outcome.PASSED
    layer = LAYERS[code.partition("-")[0]]
    known = {"severity": Severity.ERROR, "blocking": layer < 4} | more
    key = f"PRD.md::layer{layer}::{test}[{service}-{code}]"
    return ItemResult(key, layer, code, service=service, outcome=outcome, reason=reason, violations=violations, **known)


def report(*items, requirements=()):
    return GateReport("shop", "r1", "failed", items, (), SERVICES, 1.0, requirements=requirements)


def found(*items, **more):
    return find(report(*items, requirements=more.pop("requirements", ())), SERVICES, **more)


def system(*dependencies, events=(), operations=(), issuer="", names=SERVICES):
    services = tuple(Service(name, issuer=name == issuer) for name in names)
    return Architecture("shop", "0", services, dependencies=dependencies, events=events, operations=operations)


def blocked(*services):
    """Return what blocks where a finding of the given text is in each service; `orders:text`."""
    pairs = [each.partition(":") for each in services]
    return found(*(item(name, "SEC-001", violation(name, message=f"{text or 'open'}.")) for name, _, text in pairs))


def situation(what, rounds=(), *, limit=3, builders=None, **more):
    known = dict.fromkeys(SERVICES, "agent") if builders is None else builders
    return Situation(what, "s1", limit, known, rounds=tuple(rounds), **more)


def played(*acts, limit=9, **more):
    """Play attempts: each act is what blocks before, and (outcome, reason) by service; return their rounds."""
    rounds = []
    for what, ends in acts:
        plan = decide(situation(what, rounds, limit=limit, **more)).plan
        services = tuple(
            FixedService(fix.service, fix.builder, fix.findings, *ends.get(fix.service, ("changed", "")))
            for fix in plan.services
        )
        rounds.append(Round(plan, FixAttempt(plan.number, plan.of, services, plan.before, after=())))
    return rounds
