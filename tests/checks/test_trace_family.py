"""Requests followed over running services: what is found in broken ones, and that sound ones are left alone."""

import json
from dataclasses import replace

import pytest
from bookshop import bookshop, running

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.families.events import FAMILY as EVENTS
from pytest_superteam.checks.families.trace import FAMILY as TRACE
from pytest_superteam.checks.tracing import hops, journeys
from pytest_superteam.checks.tracing.context import EXAMPLE
from pytest_superteam.config import Config, Timeouts
from pytest_superteam.errors import CheckError

CALL = "order-service-catalog-service"
TOLD = "order-service-mail-service-events"
PUBLISHED = "OrderPlaced-EVENT-001"
ARRIVED = "OrderPlaced-mail-service-EVENT-002"
REFUSED = "mail-service-EVENT-003"


@pytest.fixture
def impatient(monkeypatch):
    """Wait a moment only for what will never come."""
    monkeypatch.setattr(journeys, "SEEN_IN", 0.5)
    monkeypatch.setattr(journeys, "ARRIVES_IN", 1.0)


def items(family, tmp_path):
    """Return the planned items of a family by what stands between the brackets."""
    return {item.param: item for item in family.plan(Planning(bookshop(), Config(), tmp_path))}


def answers(folder, *families, **broken):
    """Return the sorted (param, code, service at fault) of all violations, and (param, "error", "") of errors."""
    found = set()
    with running(folder, **broken) as system:
        for family in families:
            for param, item in items(family, folder).items():
                try:
                    result = family.check(system, item)
                except CheckError:
                    found.add((param, "error", ""))
                    continue
                assert result.violations or result.detail or result.skipped
                found |= {(param, v.code, v.service.removesuffix("-service")) for v in result.violations}
    return sorted(found)


def test_what_is_planned(tmp_path):
    """Each hop is an item: calls that an operation makes, services that call nobody, events from one to another."""
    assert list(items(TRACE, tmp_path)) == [CALL, "catalog-service", "mail-service", TOLD]
    assert list(items(EVENTS, tmp_path)) == [PUBLISHED, ARRIVED, REFUSED]


@pytest.mark.parametrize(
    "near_miss",
    [
        {},
        {"catalog": "plain log", "orders": "plain log", "mail": "plain log ignores unknown"},
        {"mail": "no row"},
    ],
    ids=str,
)
def test_sound_services_pass(tmp_path, near_miss):
    """Nothing is found in services that keep the trace, whatever the shape of their logs, and take events rightly."""
    assert answers(tmp_path, TRACE, EVENTS, **near_miss) == []


CATALOG_LOST = [("catalog-service", "TRACE-002", "catalog"), (CALL, "TRACE-002", "catalog")]
MAIL_LOST = [("mail-service", "TRACE-002", "mail"), (TOLD, "TRACE-002", "mail")]


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ({"orders": "drops header"}, [(CALL, "TRACE-002", "order"), (TOLD, "TRACE-002", "order")]),
        ({"orders": "event without header"}, [(TOLD, "TRACE-002", "order")]),
        ({"orders": "forwards header"}, [(CALL, "TRACE-002", "order")]),
        ({"orders": "ignores header"}, [(CALL, "TRACE-002", "order"), (TOLD, "TRACE-002", "order")]),
        ({"catalog": "ignores header"}, CATALOG_LOST),
        ({"catalog": "silent"}, CATALOG_LOST),
        ({"catalog": "chokes on header"}, [("catalog-service", "TRACE-002", "catalog")]),
        ({"catalog": "takes any header"}, [("catalog-service", "TRACE-002", "catalog")]),
        ({"catalog": "bare line"}, [("catalog-service", "TRACE-003", "catalog"), (CALL, "TRACE-003", "catalog")]),
        ({"orders": "asks another"}, [(CALL, "DATA-001", "order")]),
        ({"orders": "asks nobody"}, [(CALL, "TRACE-002", "order")]),
        ({"orders": "stores another"}, [(CALL, "DATA-001", "order"), (TOLD, "DATA-001", "order")]),
    ],
    ids=str,
)
def test_a_lost_trace_or_value_is_found(tmp_path, impatient, broken, expected):
    """Each fault is found at its hop, with the code for it and the service that has to be mended."""
    assert answers(tmp_path, TRACE, **broken) == sorted(expected)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (
            {"orders": "publishes nothing"},
            [(PUBLISHED, "EVENT-001", "order"), (ARRIVED, "EVENT-002", "order"), (TOLD, "error", "")],
        ),
        ({"orders": "renames data"}, [(PUBLISHED, "EVENT-001", "order"), (ARRIVED, "EVENT-002", "order")]),
        ({"orders": "renames in event"}, [(PUBLISHED, "EVENT-001", "order")]),
        ({"orders": "text in event"}, [(PUBLISHED, "EVENT-001", "order"), (TOLD, "DATA-001", "order")]),
        ({"orders": "only to recorder"}, [(ARRIVED, "EVENT-002", "order"), (TOLD, "TRACE-002", "order")]),
        ({"mail": "silent"}, MAIL_LOST),
        ({"mail": "silent no row"}, [*MAIL_LOST, (ARRIVED, "EVENT-002", "mail")]),
        ({"mail": "ignores header"}, MAIL_LOST),
        ({"mail": "ignores header no row"}, [*MAIL_LOST, (ARRIVED, "error", "")]),
        ({"mail": "refuses"}, [(ARRIVED, "EVENT-002", "mail"), (REFUSED, "error", "")]),
        ({"mail": "breaks on all"}, [(ARRIVED, "EVENT-002", "mail"), (REFUSED, "error", "")]),
        ({"mail": "breaks on malformed"}, [(REFUSED, "EVENT-003", "mail")]),
        ({"mail": "takes anything no row"}, [(REFUSED, "EVENT-003", "mail")]),
        ({"mail": "dies"}, [(REFUSED, "EVENT-003", "mail")]),
        ({"mail": "takes twice"}, [(REFUSED, "EVENT-003", "mail")]),
        ({"mail": "open door"}, [(REFUSED, "EVENT-003", "mail")]),
    ],
    ids=str,
)
def test_a_fault_with_events_is_found(tmp_path, impatient, broken, expected):
    """Each fault of publisher or consumer is found by the item for it, with the service that has to be mended."""
    assert answers(tmp_path, TRACE, EVENTS, **broken) == sorted(expected)


def test_a_finding_shows_the_hops(tmp_path, impatient):
    """The evidence is a table of the hops and the request, without the ids that differ from run to run."""
    with running(tmp_path, orders="drops header") as system:
        (violation,) = TRACE.check(system, items(TRACE, tmp_path)[CALL]).violations
    first, second, request = violation.evidence.splitlines()[:3]
    assert first.split()[:2] == ["order-service", "seen"]
    assert "path=/orders" in first
    assert second.split()[:3] == ["catalog-service", "NOT", "seen"]
    assert "(not this trace)" in second
    assert f"traceparent: {EXAMPLE}" in request
    assert '"Authorization: Bearer $TOKEN"' in request


def test_exported_spans_count_as_seen(tmp_path):
    """A service that logs nothing and exports spans to our collector is followed by them."""
    assert answers(tmp_path, TRACE, catalog="silent exports") == []


def test_a_service_that_hangs_is_not_asked_again(tmp_path):
    """A service that keeps us waiting costs its time limit once; what passes it is an error, and the rest goes on."""
    with running(tmp_path, mail="hangs") as system:
        system.config = Config(timeouts=Timeouts(request=0.3))
        planned = items(TRACE, tmp_path)
        with pytest.raises(CheckError, match=r"no answer within 0\.3 s"):
            TRACE.check(system, planned["mail-service"])
        assert TRACE.check(system, planned[CALL]).violations == ()
        told = hops.journeys_of(system)
    assert [probe.service for probe in told.probes if probe.problem] == []
    assert {probe.service for probe in told.probes} == {"catalog-service", "order-service"}


def test_a_failure_to_send_is_remembered(tmp_path, monkeypatch):
    """Where nothing can be sent, each item says so and only the first one tries."""
    stored, tries = {}, []

    def failing(_system):
        tries.append(1)
        raise CheckError("no token")

    monkeypatch.setattr(journeys, "travel", failing)
    with running(tmp_path) as system:
        system.once = lambda name, work: stored[name] if name in stored else stored.setdefault(name, work())
        for _ in range(2):
            with pytest.raises(CheckError, match="no token"):
                hops.journeys_of(system)
    assert len(tries) == 1


def test_a_service_whose_log_is_not_ours_is_skipped(tmp_path):
    """Where a deployment gives no log of a service, its hops are skipped with that reason."""
    with running(tmp_path) as system:
        services = tuple(replace(s, log=None) if s.name == "catalog-service" else s for s in system.deployment.services)
        system.deployment = replace(system.deployment, services=services)
        planned = items(TRACE, tmp_path)
        assert TRACE.check(system, planned[CALL]).skipped == "what catalog-service logs can't be read"
        assert not TRACE.check(system, planned["mail-service"]).skipped


@pytest.mark.parametrize(("broken", "codes"), [("", []), ("chokes on header", ["TRACE-002", "TRACE-002"])])
def test_a_system_of_somebody_else_gets_malformed_headers_only(tmp_path, broken, codes):
    """A system that we found running can't be followed; its services are asked with bad headers all the same."""
    with running(tmp_path, catalog=broken) as system:
        services = tuple(replace(s, log=tmp_path / "absent.log", pid=0) for s in system.deployment.services)
        system.deployment = replace(system.deployment, services=services, telemetry=None)
        system.found = True
        found = {item.param: item for item in TRACE.plan(Planning(bookshop(), Config(), tmp_path, found=True))}
        assert list(found) == ["catalog-service", "order-service", "mail-service"]
        assert list(EVENTS.plan(Planning(bookshop(), Config(), tmp_path, found=True))) == []
        results = {name: TRACE.check(system, item) for name, item in found.items()}
        assert hops.journeys_of(system).journeys == ()
    assert [violation.code for violation in results["catalog-service"].violations] == codes
    assert "2 malformed `traceparent` headers only" in results["mail-service"].detail


def test_requests_are_sent_once_for_all_items(tmp_path):
    """What the items read is plain data that one process makes: another gets it from the store."""
    stored = {}
    with running(tmp_path) as system:
        system.once = lambda name, work: stored.setdefault(name, None) or stored.update({name: work()}) or stored[name]
        before = hops.journeys_of(system)
        assert json.loads(json.dumps(stored["journeys"])) == stored["journeys"]
        system.memory.clear()
        system.once = lambda name, work: json.loads(json.dumps(stored[name]))
        assert hops.journeys_of(system) == before
