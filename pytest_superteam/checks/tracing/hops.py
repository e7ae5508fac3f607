"""The verdicts on hops: was the trace id of a request seen wherever the request went, and its data with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.tracing.choosing import event_hops
from pytest_superteam.checks.tracing.records import Journey, Journeys, Probe, Seen
from pytest_superteam.checks.tracing.traced_data import asked_otherwise, changed_event, changed_rows
from pytest_superteam.checks.tracing.words import distinct, summary, sure_triggers, untried, violation
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import RunningSystem

__all__ = ["LOST", "UNTRACED", "check_call_hop", "check_event_hop", "check_own", "follows", "journeys_of"]

LOST, UNTRACED = "TRACE-002", "TRACE-003"


def journeys_of(system: RunningSystem) -> Journeys:
    """Return what became of the requests that were followed; they are sent once in a run.

    Raises:
        CheckError: no tokens or rows can be had.
    """
    if "journeys" not in system.memory:
        from pytest_superteam.checks.tracing.journeys import travel

        def work() -> dict[str, Any]:
            try:
                return {"journeys": to_data(travel(system))}
            except CheckError as error:  # kept too: what takes its time to fail must not do so for each item
                return {"problem": str(error)}

        made = system.once("journeys", work)
        if "problem" in made:
            raise CheckError(made["problem"])
        system.memory["journeys"] = from_data(Journeys, made["journeys"])
    found: Journeys = system.memory["journeys"]
    return found


def _unreadable(told: Journeys, *services: str) -> CheckResult | None:
    """Return a skip where what a service tells can't be had: nobody gave us its log."""
    absent = [service for service in services if service not in told.told]
    return CheckResult(skipped=f"what {' and '.join(absent)} logs can't be read") if absent else None


# ---------------------------------------------------------------- items


def check_call_hop(system: RunningSystem, consumer: str, provider: str) -> CheckResult:
    """Judge the hop from `consumer` to `provider`.

    Raises:
        CheckError: no request that makes the call could be sent.
    """
    told = journeys_of(system)
    made = told.made_for(f"{consumer}>{provider}")
    sure = sure_triggers(system, consumer, provider)
    if unreadable := _unreadable(told, consumer, provider):
        return unreadable
    if not made or not made[0].ok:
        return untried(system, made, f"makes {consumer} call {provider}")
    journey = next((j for j in made if j.ok and j.seen_in(provider)), made[0])
    if not sure and not journey.seen_in(provider):
        return CheckResult(skipped=f"{len(made)} operations of {consumer} were called; none made it call {provider}")
    found = [
        *_own_violations(told, journey, consumer),
        *_lost_on_call(told, journey, consumer, provider),
        *_same_parent(journey, consumer, provider),
        *_untraced(journey, consumer, provider),
        *changed_rows(system, journey),
    ]
    if journey.operation in sure:
        found += asked_otherwise(system, journey, provider)
    if provider == min(p for c, p in system.architecture.pairs if c == consumer):
        found += _probe_violations(told, consumer)  # of the service itself, so once
    return CheckResult(tuple(found), detail=f"{journey.label} followed: {summary(journey, consumer, provider)}")


def check_own(system: RunningSystem, service: str) -> CheckResult:
    """Judge whether a request to `service` can be found in what it tells.

    Raises:
        CheckError: no request to it succeeded.
    """
    told = journeys_of(system)
    made = told.made_for(service)
    if unreadable := _unreadable(told, service):
        return _header_only(told, service) or unreadable
    if not made or not made[0].ok:
        return untried(system, made, f"{service} answers with success")
    found = [*_own_violations(told, made[0], service), *_probe_violations(told, service), *_untraced(made[0], service)]
    return CheckResult(tuple(found), detail=f"{made[0].label} followed: {summary(made[0], service)}")


def _header_only(told: Journeys, service: str) -> CheckResult | None:
    """Judge what can be judged without the log of `service`: what a malformed header does to requests."""
    tried = [probe for probe in told.probes if probe.service == service and not probe.problem]
    if len(tried) < 2 or tried[0].what:
        return None
    detail = f"what {service} logs can't be read: tried were {len(tried) - 1} malformed `traceparent` headers only"
    return CheckResult(tuple(_probe_violations(told, service)), detail=detail)


def check_event_hop(system: RunningSystem, publisher: str, consumer: str) -> CheckResult:
    """Judge whether trace and data of a request go on with the events that it makes `publisher` send to `consumer`.

    Raises:
        CheckError: no request that publishes one could be sent, or nothing was published.
    """
    told = journeys_of(system)
    names = event_hops(system.architecture)[publisher, consumer]
    followed: list[str] = []
    found: list[Violation] = []
    if unreadable := _unreadable(told, publisher, consumer):
        return unreadable
    for name in names:
        journey = next((j for j in told.made_for(f"!{name}") if j.ok), None)
        arrival = next((a for a in journey.events if a.type == name), None) if journey else None
        if journey is None or arrival is None:
            continue
        followed.append(name)
        found += _lost_on_event(told, journey, consumer, name)
        found += changed_rows(system, journey)
        found += changed_event(system, journey, name)
        found += _untraced(journey, consumer)
    if not followed:
        if not told.recording:
            return CheckResult(skipped="this deployment records no events")
        made = [journey for name in names for journey in told.made_for(f"!{name}")]
        if any(journey.ok for journey in made):
            raise CheckError(f"{' and '.join(names)} did not come, so there is nothing to follow. See EVENT-001.")
        return untried(system, made, f"publishes {' or '.join(names)}")
    return CheckResult(distinct(found), detail=f"{', '.join(followed)} followed from {publisher} to {consumer}")


# ---------------------------------------------------------------- the trace


def _own_violations(told: Journeys, journey: Journey, service: str) -> Iterator[Violation]:
    """Yield a violation where `service` itself does not tell of the request that it got from us."""
    if journey.seen_in(service):
        return
    if not told.told.get(service):
        why, what = "logs nothing and exports no spans", "Log a line for each request, with the trace id"
    elif any(s.service == service and s.other for s in journey.seen):
        why, what = "goes on under a trace id of its own", "Take the trace id from the `traceparent` header"
    else:
        why, what = "tells of it nowhere under the trace id that it was sent", "Log the trace id of `traceparent`"
    message = f"A request to `{journey.label}` of {service} can't be followed: {service} {why}. {what}."
    yield violation(LOST, service, message, journey, service)


def _lost_on_call(told: Journeys, journey: Journey, consumer: str, provider: str) -> Iterator[Violation]:
    if journey.seen_in(provider):
        return
    lost = f"The trace id of `{journey.label}` of {consumer} is lost on the way to {provider}: "
    other = any(s.service == provider and s.other and s.marked for s in journey.seen)
    if not told.told.get(provider):
        fault, why = (
            provider,
            f"{provider} logs nothing and exports no spans. Log each request with its trace id.",
        )
    elif not follows(told, provider):
        fault, why = provider, f"{provider} does not take it from the `traceparent` header. Let it."
    elif other:
        fault, why = consumer, f"{provider} was asked under another one. Send `traceparent` on with the call."
    else:
        fault, why = consumer, f"{provider} tells of no such call. Send `traceparent` on with the call."
    yield violation(LOST, fault, lost + why, journey, consumer, provider)


def follows(told: Journeys, service: str) -> bool:
    """Return whether `service` tells the trace id of requests that come from us."""
    own = any(journey.service == service and journey.ok and journey.seen_in(service) for journey in told.journeys)
    return own or any(p.service == service and not p.what and any(s.traced for s in p.seen) for p in told.probes)


def _same_parent(journey: Journey, consumer: str, provider: str) -> Iterator[Violation]:
    """Yield a warning where the provider's span has our own as its parent: the consumer has none of its own."""
    told = [s for s in journey.seen_in(provider) if s.parent_id]
    if told and all(s.parent_id == journey.span_id for s in told):
        message = (
            f"{consumer} hands the `traceparent` of `{journey.label}` to {provider} as it came, so its own part of the "
            "trace is missing. Put a span id of its own into the header."
        )
        yield violation(LOST, consumer, message, journey, consumer, provider, severity=Severity.WARNING)


def _untraced(journey: Journey, *services: str) -> Iterator[Violation]:
    """Yield a warning for each of `services` with a log line about the request's rows that has no trace id."""
    for service in services:
        if not journey.seen_in(service):
            continue
        bare = [s for s in journey.seen if s.service == service and _bare(s)]
        if bare:
            message = (
                f"{service} logs a line about a request (`{journey.label}`) without its trace id. Add the id to every "
                "line that is logged while a request is answered."
            )
            yield Violation(UNTRACED, Severity.WARNING, service, message, evidence=f"log line: {bare[0].shown}")


def _bare(seen: Seen) -> bool:
    return seen.kind == "log" and bool(seen.marked) and not seen.traced and not seen.other


def _lost_on_event(told: Journeys, journey: Journey, consumer: str, name: str) -> Iterator[Violation]:
    arrival = next(a for a in journey.events if a.type == name)
    start = f"The trace id of `{journey.label}` of {journey.service} is lost with its event {name}: "
    if arrival.trace_id != journey.trace_id:
        how = "under another one" if arrival.trace_id else "without a `traceparent` header"
        why = f"it is sent {how}. Keep the header beside the event and send it on."
        yield violation(LOST, journey.service, start + why, journey, journey.service, consumer)
    elif not journey.seen_in(consumer):
        if not told.told.get(consumer):
            fault, why = consumer, f"{consumer} logs nothing and exports no spans. Log each event with its trace id."
        elif follows(told, consumer):
            fault, why = journey.service, f"nothing came to {consumer} under it. Send it on to every subscriber."
        else:
            fault, why = consumer, f"{consumer} tells of it nowhere under that id. Take it from `traceparent`."
        yield violation(LOST, fault, start + why, journey, journey.service, consumer)


def _probe_violations(told: Journeys, service: str) -> Iterator[Violation]:
    """Yield what a malformed header does to requests to `service`."""
    probes = [probe for probe in told.probes if probe.service == service]
    control = next((probe for probe in probes if not probe.what and not probe.problem), None)
    if control is None:
        return
    for probe in probes:
        if not probe.what:
            continue
        ignore = "Ignore a header that is not valid and begin a trace."
        if probe.problem or probe.status != control.status:
            how = probe.problem or f"is answered {probe.status} and not {control.status}"
            message = f"A request to {service} whose `traceparent` has {probe.what} {how}. {ignore}"
            yield Violation(LOST, Severity.ERROR, service, message, evidence=f"{control.shown}\n{probe.shown}")
        elif probe.header_trace in probe.claimed:
            message = f"{service} takes over a trace id from a `traceparent` with {probe.what}. {ignore}"
            yield Violation(LOST, Severity.ERROR, service, message, evidence=_probe_lines(probe))
    yield from _untraced_probe(control, service)


def _untraced_probe(probe: Probe, service: str) -> Iterator[Violation]:
    bare = [s for s in probe.seen if _bare(s)]
    if bare and any(s.traced for s in probe.seen):
        message = f"{service} logs a line about a request without its trace id. Add the id to every line of a request."
        yield Violation(UNTRACED, Severity.WARNING, service, message, evidence=f"log line: {bare[0].shown}")


def _probe_lines(probe: Probe) -> str:
    return "\n".join([probe.shown, *(f"log line: {seen.shown}" for seen in probe.seen[:2])])
