"""Events: `test_event[<Event>-EVENT-001]`, `[<Event>-<consumer>-EVENT-002]` and `[<consumer>-EVENT-003]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem

__all__ = ["FAMILY"]

PUBLISHED = Rule(
    id="EVENT-001",
    name="Event is not published as its message says",
    severity=Severity.ERROR,
    category="events",
    layer=2,
    languages=(),
    help="Publish the event with the names and types of the AsyncAPI document, when the operation succeeds.",
    what="An operation that publishes an event by its contract, and no subscriber gets it within 10 seconds, or its "
    "body is not as the message describes it.",
    why="Consumers are written against the message; what departs from it is lost without a word.",
)
ARRIVED = Rule(
    id="EVENT-002",
    name="Event does not arrive",
    severity=Severity.ERROR,
    category="events",
    layer=2,
    languages=(),
    help="Deliver each event to every subscriber, and accept it there; log that it was taken.",
    what="A published event that is not seen at a consumer within 10 seconds: in no log line and no span of its trace, "
    "and by no row that refers to what it tells of.",
    why="What should follow from the event never happens, and nobody is told.",
)
REFUSED = Rule(
    id="EVENT-003",
    name="Malformed event does harm",
    severity=Severity.ERROR,
    category="events",
    layer=2,
    languages=(),
    help="Validate events before acting on them, answer 4xx to what is none, and remember the ids that were taken.",
    what="A malformed event that is accepted, breaks the consumer or takes it down; an event without a token that is "
    "let in; one that is taken twice.",
    why="One bad message, or one sent again after a time-out, stops the consumer or is acted on twice.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    from pytest_superteam.checks.tracing.choosing import by_event, receiver

    system = planning.architecture
    tried = {} if planning.found else by_event(system)  # what others deploy has no subscriber of ours
    takers: dict[str, str] = {}
    names: set[str] = set()
    for event in system.events:
        if event.name not in tried or event.name in names:
            continue
        names.add(event.name)
        publisher = tried[event.name][0].service
        yield CheckItem(publisher, f"{event.name}-{PUBLISHED.id}", PUBLISHED.id, subject=event.name)
        for consumer in dict.fromkeys(event.consumers):
            if receiver(system, consumer):
                takers.setdefault(consumer, event.name)
                param = f"{event.name}-{consumer}-{ARRIVED.id}"
                yield CheckItem(consumer, param, ARRIVED.id, subject=event.name)
    for consumer, name in takers.items():
        yield CheckItem(consumer, f"{consumer}-{REFUSED.id}", REFUSED.id, subject=name)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.events.malformed import check_malformed
    from pytest_superteam.checks.events.messaging import check_arrival, check_published

    if item.code == PUBLISHED.id:
        return check_published(system, item.subject)
    if item.code == ARRIVED.id:
        return check_arrival(system, item.subject, item.service)
    return check_malformed(system, item.service, item.subject)


FAMILY = Family("test_event", (PUBLISHED, ARRIVED, REFUSED), _plan, _check)
