"""What the consumers of a service read: the service map, their own pact files, their own copies of its schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary import enums, ids, stamps, types
from pytest_superteam.checks.boundary.finding import Finding, shown
from pytest_superteam.checks.boundary.names import bare, renamed
from pytest_superteam.checks.boundary.seen import MISSING, flat

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.boundary.finding import Look
    from pytest_superteam.models import Architecture

__all__ = ["Reading", "compare", "misnamed_in_pacts", "readings"]

_LARGEST = 4 * 1024 * 1024  # bytes of a pact file that is read
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Reading:
    """A field that a consumer reads. `operation` is empty where it reads the rows of `entity` wherever they stand."""

    consumer: str
    operation: str
    entity: str
    name: str
    schema: Mapping[str, Any]
    source: str
    """Where that is said, for messages: `the service map`, `its pact`, `its contract`."""
    strict: bool = True
    """Whether the field has to be there."""


def readings(system: RunningSystem, provider: str) -> list[Reading]:
    """Return what the consumers of `provider` read of its answers."""
    architecture = system.architecture
    found = [
        Reading(d.consumer, d.operation, d.entity or "", name, {}, "the service map")
        for d in architecture.dependencies
        if d.provider == provider
        for name in d.fields
    ]
    for consumer in dict.fromkeys(d.consumer for d in architecture.dependencies if d.provider == provider):
        found += _of_pact(system, consumer, provider)
        found += _of_contract(architecture, consumer, provider)
    return found


def _interactions(system: RunningSystem, consumer: str, provider: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the interactions of the consumer's own pact, each with the id of the operation that it calls."""
    from pytest_superteam.contracts.pacts import pact_name

    folder = system.sources.get(consumer)
    document = _loaded(folder / "pacts" / pact_name(consumer, provider)) if folder else None
    interactions = document.get("interactions") if isinstance(document, Mapping) else None
    for interaction in interactions if isinstance(interactions, list) else ():
        operation = _called(system, provider, interaction)
        if operation:
            yield operation, interaction


def _of_pact(system: RunningSystem, consumer: str, provider: str) -> Iterator[Reading]:
    for operation, interaction in _interactions(system, consumer, provider):
        for name, value in (_row(_content(interaction.get("response"))) or {}).items():
            yield Reading(consumer, operation, "", str(name), _schema_like(value), "its pact")


def misnamed_in_pacts(system: RunningSystem, provider: str) -> Iterator[Finding]:
    """Yield the fields that consumers send by their own pacts under another name than the provider takes."""
    for consumer, other in system.architecture.pairs:
        for operation, interaction in _interactions(system, consumer, provider) if other == provider else ():
            contract = system.registry.find(provider, operation)
            taken = flat(contract.request_schema, contract.document).get("properties") or {}
            sent = _content({**interaction["request"], "status": 200})
            for name, sent_as in renamed(taken, sent) if isinstance(sent, Mapping) else ():
                message = (
                    f"{contract.method} {contract.path} of {provider} takes `{name}`, and {consumer} sends `{sent_as}` "
                    "(its pact). Send the field by the name of the contract."
                )
                yield Finding(f"{consumer} {operation} {name}", message, service=consumer)


def _loaded(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None  # the pact's own check says so


def _called(system: RunningSystem, provider: str, interaction: Any) -> str:
    """Return the id of the provider's operation that an interaction calls, `""` if there is none."""
    request = interaction.get("request") if isinstance(interaction, Mapping) else None
    if not isinstance(request, Mapping):
        return ""
    parts = str(request.get("path", "")).strip("/").split("/")
    for operation in system.architecture.operations_of(provider):
        wanted = operation.path.strip("/").split("/")
        fits = len(parts) == len(wanted) and all("{" in w or w == p for w, p in zip(wanted, parts, strict=True))
        if fits and operation.method.upper() == str(request.get("method", "GET")).upper():
            return operation.id
    return ""


def _content(part: Any) -> Any:
    """Return the example body of a pact's response with success, as V2 to V4 write it."""
    if not isinstance(part, Mapping) or not str(part.get("status", 200)).startswith("2"):
        return None
    body = part.get("body")
    return body["content"] if isinstance(body, Mapping) and "content" in body and "contentType" in body else body


def _row(content: Any) -> Mapping[str, Any] | None:
    """Return the row that a body holds: itself, or the first of its list."""
    if isinstance(content, list):
        return _row(content[0]) if content else None
    if not isinstance(content, Mapping):
        return None
    rows = [v for v in content.values() if isinstance(v, list) and v and isinstance(v[0], Mapping)]
    return rows[0][0] if len(content) <= 4 and len(rows) == 1 and "id" not in content else content


def _schema_like(value: Any) -> dict[str, Any]:
    """Return a schema that the example of a pact is one of."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if not isinstance(value, str):
        return {}
    if _UUID.fullmatch(value):
        return {"type": "string", "format": "uuid"}
    form = stamps.form_of(value)
    return {"type": "string", "format": "date-time"} if form.kind == "iso" and form.zone else {"type": "string"}


def _of_contract(architecture: Architecture, consumer: str, provider: str) -> Iterator[Reading]:
    """Yield the fields of the consumer's own schema of an entity that the provider keeps, if it has one."""
    document = architecture.contracts.get(consumer, {})
    schemas = (document.get("components") or {}).get("schemas") or {}
    own = {e.name for e in architecture.entities_of(consumer)}
    for entity in architecture.entities_of(provider):
        copy = flat(schemas.get(entity.name), document) if entity.name not in own else {}
        for name, part in (copy.get("properties") or {}).items():
            yield Reading(consumer, "", entity.name, str(name), flat(part, document), "its contract", strict=False)


def compare(reading: Reading, look: Look) -> Iterator[tuple[str, Finding]]:
    """Yield what a consumer can't read of one answer as it reads it, each with its code."""
    if look.operation != reading.operation and not (not reading.operation and look.entity == reading.entity):
        return
    for row in _rows(look):
        value = row.get(reading.name, MISSING)
        if value is MISSING:
            yield from _absent(reading, look, row)
        for code, wrong in _wrong(reading, value):
            message = (
                f"{look.label} answers {reading.name} = {shown(value)}, and {reading.consumer} reads it otherwise "
                f"({reading.source}): {wrong}. Agree on one form, in the contract and in both services."
            )
            yield code, Finding(f"{reading.consumer} {reading.name} {wrong}", message, look.step)


def _rows(look: Look) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of an answer: those of its list, else itself."""
    if look.kind == "list" or isinstance(look.body, list):
        lists = [look.body] if isinstance(look.body, list) else list((look.body or {}).values())
        yield from (r for rows in lists if isinstance(rows, list) for r in rows if isinstance(r, Mapping))
    elif isinstance(look.body, Mapping):
        yield look.body


def _absent(reading: Reading, look: Look, row: Mapping[str, Any]) -> Iterator[tuple[str, Finding]]:
    other = next((str(n) for n in row if bare(str(n)) == bare(reading.name)), None)
    if other is not None:
        message = (
            f"{look.label} answers `{other}`, and {reading.consumer} reads `{reading.name}` ({reading.source}). "
            "Give the field one name on both sides."
        )
        yield "BOUNDARY-001", Finding(f"{reading.consumer} {reading.name}", message, look.step)
    elif reading.strict:
        message = (
            f"{look.label} answers no `{reading.name}`, which {reading.consumer} reads ({reading.source}). "
            "Answer the field, or let the consumer do without it."
        )
        yield "BOUNDARY-003", Finding(f"{reading.consumer} {reading.name} missing", message, look.step)


def _wrong(reading: Reading, value: Any) -> Iterator[tuple[str, str]]:
    if value is MISSING or value is None:
        return
    schema = reading.schema
    if schema.get("type") == "integer" and isinstance(value, str) and ids.form_of(value) == ids.GOOD:
        yield "BOUNDARY-006", "a whole number as an id"
        return
    checks = (
        ("BOUNDARY-002", stamps.problem(reading.name, schema, value) if "format" in schema else ""),
        ("BOUNDARY-004", types.problem(schema, value)),
        ("BOUNDARY-005", enums.problem(schema, value)),
        ("BOUNDARY-006", ids.problem(schema, value)),
    )
    yield from ((code, wrong) for code, wrong in checks if wrong)
