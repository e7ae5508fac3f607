"""Events between services: what is published against its message, and whether it arrives where it is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.checks.exchanges import Exchanges
from pytest_superteam.checks.tracing.choosing import by_event, receiver
from pytest_superteam.checks.tracing.hops import follows, journeys_of
from pytest_superteam.checks.tracing.records import ARRIVES_IN
from pytest_superteam.checks.tracing.words import untried, violation
from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.tracing.records import Arrival, Journey, Seen
    from pytest_superteam.models import Architecture, Event, Operation

__all__ = ["ARRIVED", "PUBLISHED", "check_arrival", "check_published", "event_named", "message_of", "rows_about"]

PUBLISHED, ARRIVED = "EVENT-001", "EVENT-002"
_MOST = 3  # violations of one message that are told
_PAGE = 100  # rows at each end of a list that are looked through


# ---------------------------------------------------------------- what is published


def check_published(system: RunningSystem, name: str) -> CheckResult:
    """Hold the event `name`, as the operation that publishes it sends it, against its message.

    Raises:
        CheckError: the operation can't be called.
    """
    told = journeys_of(system)
    if not told.recording:
        return CheckResult(skipped="this deployment records no events")
    made = told.made_for(f"!{name}")
    if not made or not made[0].ok:
        return untried(system, made, f"publishes {name}")
    journey = made[0]
    arrival = _arrival(journey, name)
    if arrival is None:
        if told.full:
            raise CheckError("The recorder of events is full, so that an absent one proves nothing.")
        message = (
            f"`{journey.label}` of {journey.service} publishes {name} by its contract, and no subscriber got it within "
            f"{ARRIVES_IN:g} s. Deliver what is published to every URL of EVENT_SUBSCRIBERS."
        )
        return CheckResult((violation(PUBLISHED, journey.service, message, journey, journey.service),))
    found = tuple(_message_violations(system, event_named(system.architecture, name), journey, arrival))
    return CheckResult(found, detail=f"{journey.label} published {name} after {arrival.seconds:g} s")


def _message_violations(system: RunningSystem, event: Event, journey: Journey, arrival: Arrival) -> Iterator[Violation]:
    start = f"{event.name}, as `{journey.label}` of {journey.service} publishes it, is not as its message says: "
    if "json" not in arrival.content_type:
        problems = [f"its content type is {arrival.content_type or 'none'!r} and not application/json"]
    elif not isinstance(arrival.body, dict):
        problems = ["its body is no JSON object"]
    else:
        problems = _problems(_message_schema(system.architecture, event), arrival.body)
        data = arrival.body.get("data")
        schema = _data_schema(system, event)
        if not problems and schema is not None and isinstance(data, dict):
            problems = [f"in `data`, {problem}" for problem in _problems(schema, data)]
    for problem in problems[:_MOST]:
        message = f"{start}{problem}. Publish what the AsyncAPI document describes."
        evidence = f"{journey.shown}\npublished: {shortened(masked(arrival.text), 400)}"
        yield Violation(PUBLISHED, Severity.ERROR, journey.service, message, evidence=evidence)


def _problems(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Return what is wrong with `value`, a phrase each.

    Raises:
        CheckError: `schema` is no valid schema.
    """
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
        errors = list(validator.iter_errors(value))
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise CheckError(f"The message's schema can't be used: {shortened(str(error), 200)}.") from error
    return [f"at `{'/'.join(map(str, e.instance_path)) or 'its root'}`, {shortened(e.message, 160)}" for e in errors]


def message_of(asyncapi: Mapping[str, Any] | None, event: Event) -> Mapping[str, Any] | None:
    """Return the message that the AsyncAPI document has for `event`, by its name or its channel's address."""
    document = asyncapi or {}
    messages = (document.get("components") or {}).get("messages") or {}
    for key, written in messages.items():
        message: Mapping[str, Any] = deref(document, written)
        if event.name in (key, message.get("name")):
            return message
    for channel in (document.get("channels") or {}).values():
        if isinstance(channel, dict) and event.channel and channel.get("address") == event.channel:
            for written in (channel.get("messages") or {}).values():
                found: Mapping[str, Any] = deref(document, written)
                return found
    return None


def _message_schema(architecture: Architecture, event: Event) -> Mapping[str, Any]:
    """Return the schema of the event's body, with what its references name beside it.

    Raises:
        CheckError: the document has no message for the event.
    """
    message = message_of(architecture.asyncapi, event)
    if message is None:
        raise CheckError(f"The AsyncAPI document has no message for {event.name}.")
    payload = message.get("payload", True)
    if not isinstance(payload, dict):
        return {}
    return {**payload, "components": (architecture.asyncapi or {}).get("components", {})}


def _data_schema(system: RunningSystem, event: Event) -> Mapping[str, Any] | None:
    """Return the schema of the entity that the event tells of, where its message leaves `data` open.

    The message names the entity (`x-entity`); its schema is the one of the publisher's contract.
    """
    message = message_of(system.architecture.asyncapi, event) or {}
    entity = message.get("x-entity")
    properties = message.get("payload", {}).get("properties", {}) if isinstance(message.get("payload"), dict) else {}
    data = properties.get("data", {})
    if not entity or not isinstance(data, dict) or set(data) - {"type", "description"}:
        return None
    publisher = next(iter(by_event(system.architecture)[event.name])).service
    document = system.registry.document(publisher)
    schemas = (document.get("components") or {}).get("schemas") or {}
    if entity not in schemas or not _answers_entity(system, event, publisher, str(entity)):
        return None
    return {"$ref": f"#/components/schemas/{entity}", "components": {"schemas": schemas}}


def _answers_entity(system: RunningSystem, event: Event, publisher: str, entity: str) -> bool:
    """Return whether the operation that publishes has the entity's row: a sign-out has none."""
    return any(
        o.service == publisher and event.name in o.publishes and o.entity == entity and o.kind not in _ROWLESS
        for o in system.architecture.operations
    )


_ROWLESS = frozenset({"logout", "action", "list"})


# ---------------------------------------------------------------- whether it arrives


def check_arrival(system: RunningSystem, name: str, consumer: str) -> CheckResult:
    """Look whether the event `name` came to `consumer`: in what it tells, or by a row that it makes of it.

    Raises:
        CheckError: the operation that publishes it can't be called.
    """
    told = journeys_of(system)
    if not told.recording:
        return CheckResult(skipped="this deployment records no events")
    if consumer not in told.told:
        return CheckResult(skipped=f"what {consumer} logs can't be read")
    made = told.made_for(f"!{name}")
    if not made or not made[0].ok:
        return untried(system, made, f"publishes {name}")
    journey, event = made[0], event_named(system.architecture, name)
    lines = _lines(system, journey, name, consumer)
    taken = [line for line in lines if line.status < 400]
    if taken:
        return CheckResult(detail=f"{consumer} took {name}: its {taken[0].kind} tells of it ({taken[0].shown[:160]})")
    row = _row_made(system, event, journey, consumer)
    if row:
        return CheckResult(detail=f"{consumer} took {name}: {row}")
    arrival = _arrival(journey, name)
    if not lines and arrival is not None and told.told.get(consumer) and not follows(told, consumer):
        raise CheckError(
            f"{name} was published, and whether it came to {consumer} can't be told: {consumer} keeps no trace id "
            "(see TRACE-002) and makes no row of it."
        )
    fault, why = _blame(system, event, journey, consumer, lines)
    message = (
        f"{name}, published by `{journey.label}` of {journey.service}, does not arrive at {consumer} within "
        f"{ARRIVES_IN:g} s: {why}."
    )
    return CheckResult((violation(ARRIVED, fault, message, journey, journey.service, consumer),))


def _blame(system: RunningSystem, event: Event, journey: Journey, consumer: str, lines: list[Seen]) -> tuple[str, str]:
    """Return who is at fault where an event did not arrive, and why."""
    arrival = _arrival(journey, event.name)
    if arrival is None and not lines:
        return journey.service, f"{journey.service} delivers it to nobody. Deliver what is published"
    if lines:
        refused = f"{consumer} answers {lines[0].status} to it"
        if arrival is not None and next(_message_violations(system, event, journey, arrival), None):
            return (
                journey.service,
                f"{refused}, and it is not as its message says (EVENT-001). Publish what is described",
            )
        return consumer, f"{refused}. Accept what the message describes"
    if journeys_of(system).told.get(consumer):
        return journey.service, f"nothing of it is seen in {consumer}. Deliver it to every subscriber"
    return consumer, f"{consumer} tells nothing and makes no row of it. Log each event that is taken"


def _lines(system: RunningSystem, journey: Journey, name: str, consumer: str) -> list[Seen]:
    """Return where `consumer` tells of the event, in the trace that it was sent in.

    What has the path that takes events and a status outweighs all else: it says how the event was answered.
    """
    arrival = _arrival(journey, name)
    traces = {arrival.trace_id} - {""} if arrival is not None else set()
    taking = receiver(system.architecture, consumer)
    path = taking.path if taking is not None else "/events"
    lines = [s for s in journey.seen if s.service == consumer and (s.traced or s.other in traces)]
    at_path = [seen for seen in lines if any(p.rstrip("/").endswith(path) for p in seen.paths)]
    answered = [seen for seen in at_path if seen.status]
    called = consumer in {d.provider for d in system.architecture.dependencies_of(journey.service)}
    return answered or at_path or ([] if called else [seen for seen in lines if not seen.status])


def _row_made(system: RunningSystem, event: Event, journey: Journey, consumer: str) -> str:
    """Return a phrase about a row of `consumer` that refers to what the event tells of, empty where there is none."""
    if not journey.row or not event.entity:
        return ""
    with Exchanges(system.config.timeouts.request) as exchanges:
        counted = rows_about(system, exchanges, consumer, event.entity, journey.row)
    return f"{counted[0]} {counted[1]} refers to it" if counted and counted[0] else ""


def rows_about(
    system: RunningSystem, exchanges: Exchanges, consumer: str, entity: str, row: str
) -> tuple[int, str] | None:
    """Return how many rows of `consumer` refer to the row `row` of `entity`, and of what; None if that can't be seen.

    Raises:
        CheckError: the service does not answer.
    """
    for own in system.architecture.entities_of(consumer):
        fields = [f.name for f in own.fields if f.references == entity]
        listing = next(
            (o for o in system.architecture.operations_of(consumer) if o.kind == "list" and o.entity == own.name), None
        )
        if fields and listing is not None and "{" not in listing.path:
            items = _outer_rows(system, exchanges, listing)
            return sum(1 for item in items if any(item.get(f) == row for f in fields)), own.name
    return None


def _outer_rows(system: RunningSystem, exchanges: Exchanges, listing: Operation) -> list[dict[str, Any]]:
    """Return the rows at both ends of a list: the newest stand at one of them."""
    from pytest_superteam.checks.callers.auth import token_for

    token, url = token_for(system.tokens, listing), system.url(listing.service) + listing.path
    names = {p.get("name") for p in system.registry.find(listing.service, listing.id).parameters}
    if not {"limit", "offset"} <= names:
        return _items(exchanges.send("GET", url, token=token).json())
    first = exchanges.send("GET", f"{url}?limit={_PAGE}", token=token).json()
    total = first.get("total") if isinstance(first, dict) else None
    if not isinstance(total, int) or total <= _PAGE:
        return _items(first)
    last = exchanges.send("GET", f"{url}?limit={_PAGE}&offset={max(_PAGE, total - _PAGE)}", token=token).json()
    return [*_items(first), *_items(last)]


def _items(page: Any) -> list[dict[str, Any]]:
    items = page.get("items") if isinstance(page, dict) else page
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def event_named(architecture: Architecture, name: str) -> Event:
    """Return the event called `name`.

    Raises:
        CheckError: there is none.
    """
    for event in architecture.events:
        if event.name == name:
            return event
    raise CheckError(f"There is no event {name}.")


def _arrival(journey: Journey, name: str) -> Arrival | None:
    return next((arrival for arrival in journey.events if arrival.type == name), None)
