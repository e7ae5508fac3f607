"""The verdicts on data: what was sent is what was stored, published and asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.tracing.data import changed
from pytest_superteam.checks.tracing.words import operation_of, violation
from pytest_superteam.contracts.references import deref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.tracing.records import Journey
    from pytest_superteam.models import Operation, Violation

__all__ = ["DATA", "asked_otherwise", "changed_event", "changed_rows"]

DATA = "DATA-001"
_WRITES_ROW = frozenset({"create", "replace", "update"})
_MOMENTS = ("created_at", "updated_at")


def changed_rows(system: RunningSystem, journey: Journey) -> Iterator[Violation]:
    """Yield a violation where the row that the service made of a request does not say what was sent."""
    operation = operation_of(system, journey)
    if operation is None or operation.kind not in _WRITES_ROW:
        return
    must = _properties(system, operation) & set(journey.sent)
    for row, how in ((journey.answer, "answers"), (journey.stored, "reads back")):
        found = changed(journey.sent, row, must=must) if row else []
        if found:
            message = (
                f"What is sent to `{journey.label}` of {journey.service} arrives changed: it {how} a row whose "
                f"{', '.join(found[:3])}. Store and answer what was sent."
            )
            yield violation(DATA, journey.service, message, journey, journey.service)
            return


def changed_event(system: RunningSystem, journey: Journey, name: str) -> Iterator[Violation]:
    """Yield a violation where the data of an event differ from the row that it tells of."""
    arrival = next(a for a in journey.events if a.type == name)
    event = next(e for e in system.architecture.events if e.name == name)
    operation = operation_of(system, journey)
    data = arrival.body.get("data") if isinstance(arrival.body, dict) else None
    if operation is None or not isinstance(data, dict) or event.entity != operation.entity:
        return
    row = {k: v for k, v in {**journey.answer, **journey.sent}.items() if k not in _MOMENTS}
    found = changed(row, data)
    if found:
        message = (
            f"{name} tells something else than `{journey.label}` of {journey.service}: in its data "
            f"{', '.join(found[:3])}. Publish the row as it is."
        )
        yield violation(DATA, journey.service, message, journey, journey.service)


def asked_otherwise(system: RunningSystem, journey: Journey, provider: str) -> Iterator[Violation]:
    """Yield a violation where the provider was asked in our trace, and for none of the ids that were sent."""
    ids = {row for name, row in journey.rows.items() if _home(system, journey, name) == provider}
    lines = [s for s in journey.seen_in(provider) if s.kind == "log" and s.paths]
    if not ids or not lines or any(ids & set(s.marked) for s in lines):
        return
    names = ", ".join(f"`{n}`" for n, row in journey.rows.items() if row in ids)
    message = (
        f"{journey.service} asks {provider} for something else than what `{journey.label}` was sent: the id in {names} "
        f"is in none of the paths that {provider} logs. Ask for that id."
    )
    yield violation(DATA, journey.service, message, journey, journey.service, provider)


def _home(system: RunningSystem, journey: Journey, name: str) -> str:
    """Return the service that stores what the field `name` of the request refers to."""
    from pytest_superteam.checks.seeding import reference_entities

    operation = operation_of(system, journey)
    entity = system.architecture.entity_named(operation.entity) if operation and operation.entity else None
    target = reference_entities(system.architecture, entity).get(name) if entity else None
    stored = system.architecture.entity_named(target) if target else None
    return stored.service if stored else ""


def _properties(system: RunningSystem, operation: Operation) -> set[str]:
    """Return the properties that the contract's answer of `operation` has."""
    contract = system.registry.find(operation.service, operation.id)
    schema: Any = contract.response_schema(contract.success)
    schema = deref(contract.document, schema) if schema else {}
    properties: Mapping[str, Any] = schema.get("properties") or {}
    return {name for name, part in properties.items() if not (isinstance(part, dict) and part.get("writeOnly"))}
