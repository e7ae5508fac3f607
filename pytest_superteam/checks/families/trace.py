"""Requests followed over the services that they pass: `test_trace[<consumer>-<provider>]`, `test_trace[<service>]`.

A hop by events is `test_trace[<publisher>-<consumer>-events]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem

__all__ = ["FAMILY"]

LOST = Rule(
    id="TRACE-002",
    name="Trace id lost at a hop",
    severity=Severity.ERROR,
    category="tracing",
    layer=2,
    languages=(),
    help="Take the trace id from `traceparent`, log it with each line, and send the header on with calls and events.",
    what="A request with a `traceparent` whose trace id is not seen in the logs or exported spans of a service that it "
    "passes; a malformed `traceparent` that breaks the request or is taken over.",
    why="When something fails in production, what happened in the other services can't be found.",
)
UNTRACED = Rule(
    id="TRACE-003",
    name="Log line of a request without trace id",
    severity=Severity.WARNING,
    category="tracing",
    layer=2,
    languages=(),
    help="Put the trace id into every line that is logged while a request is answered.",
    what="A log line about a row that only the followed request names, which has no trace id, in a service whose other "
    "lines have it.",
    why="Lines without the id are not found when a request is looked into.",
)
DATA = Rule(
    id="DATA-001",
    name="A traced field arrives changed",
    severity=Severity.ERROR,
    category="data flow",
    layer=2,
    languages=(),
    help="Store, publish and ask for what was sent, under the names and in the types of the contracts.",
    what="A value of a request that the stored row, the published event or the call to a provider has otherwise.",
    why="The next service works on something that nobody has sent.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    from pytest_superteam.checks.tracing.choosing import event_hops, simple_operations

    system = planning.architecture
    if planning.found:  # nobody gives us its logs: what a malformed header does can be tried all the same
        named = [service.name for service in system.services]
        yield from (
            CheckItem(name, name, LOST.id, subject=name)
            for name in dict.fromkeys(named)
            if any(operation.method == "GET" for operation in system.operations_of(name))
        )
        return
    names: set[str] = set()
    calls = [(c, p) for c, p in system.pairs if _can_call(planning, c, p)]
    calling = {consumer for consumer, _ in calls}
    planned = [
        *(CheckItem(c, f"{c}-{p}", LOST.id, subject=f"{c}>{p}") for c, p in calls),
        *(
            CheckItem(s.name, s.name, LOST.id, subject=s.name)
            for s in system.services
            if s.name not in calling and simple_operations(system, s.name)
        ),
        *(CheckItem(p, f"{p}-{c}-events", LOST.id, subject=f"{p}!{c}") for p, c in sorted(event_hops(system))),
    ]
    for item in planned:
        if item.param not in names:
            names.add(item.param)
            yield item


def _can_call(planning: Planning, consumer: str, provider: str) -> bool:
    """Return whether an operation of `consumer` may make it call `provider`."""
    from pytest_superteam.checks.tracing.choosing import triggers

    system = planning.architecture
    operations = system.operations_of(consumer)
    if any(o.kind == "action" and o.method != "GET" for o in operations):
        return bool(operations)
    return any(triggers(system, d) for d in system.dependencies_of(consumer) if d.provider == provider)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.tracing.hops import check_call_hop, check_event_hop, check_own

    for mark, check in ((">", check_call_hop), ("!", check_event_hop)):
        if mark in item.subject:
            sender, _, other = item.subject.partition(mark)
            return check(system, sender, other)
    return check_own(system, item.subject)


FAMILY = Family("test_trace", (LOST, UNTRACED, DATA), _plan, _check)
