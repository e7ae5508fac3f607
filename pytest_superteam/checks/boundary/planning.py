"""Which codes have something to say about which services, by their contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture

__all__ = ["plan_boundaries"]

_DEPTH = 14  # levels of a schema that are looked at
_MOST = 20_000  # parts of a contract that are looked at


def plan_boundaries(architecture: Architecture) -> Iterator[tuple[str, str]]:
    """Yield (service, code), each where the contract has answers with what the code is about."""
    for service in architecture.services:
        codes = _codes(architecture, service.name)
        yield from ((service.name, code) for code in sorted(codes))


def _codes(architecture: Architecture, service: str) -> set[str]:
    from pytest_superteam.checks.boundary.observing import can_observe
    from pytest_superteam.contracts.registry import ContractRegistry

    codes: set[str] = set()
    try:
        contracts = {o.id: o for o in ContractRegistry.of(architecture).operations(service)}
        for operation in architecture.operations_of(service):
            contract = contracts.get(operation.id)
            schema = contract.response_schema(contract.success) if contract else None
            if contract is None or schema is None or not can_observe(operation):
                continue
            codes |= {"BOUNDARY-007"} if operation.kind == "list" else set()
            for part in _parts(schema, contract.document):
                codes |= _of_part(part)
    except (CheckError, AttributeError, TypeError, KeyError, ValueError):
        return codes  # a contract that can't be read is told by conformance
    return codes


def _of_part(part: Mapping[str, Any]) -> set[str]:
    kind = part.get("type")
    kinds = set(kind) if isinstance(kind, list) else {kind}
    found = {"BOUNDARY-001", "BOUNDARY-003"} if part.get("properties") else set()
    found |= {"BOUNDARY-002"} if part.get("format") in {"date-time", "date"} else set()
    found |= {"BOUNDARY-004"} if kinds & {"integer", "number", "boolean"} else set()
    found |= {"BOUNDARY-005"} if isinstance(part.get("enum"), list) else set()
    return found | ({"BOUNDARY-006"} if part.get("format") == "uuid" else set())


def _parts(schema: Any, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas within a schema, each reference followed once."""
    from pytest_superteam.contracts.references import resolve

    todo, seen = [(schema, 0)], set()
    for _ in range(_MOST):
        if not todo:
            return
        part, depth = todo.pop()
        if not isinstance(part, Mapping) or depth > _DEPTH:
            continue
        reference = part.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            todo.append((resolve(document, reference), depth + 1))
        yield part
        todo += [(v, depth + 1) for v in (part.get("properties") or {}).values()]
        todo += [(v, depth + 1) for w in ("allOf", "anyOf", "oneOf") for v in part.get(w) or ()]
        todo.append((part.get("items"), depth + 1))
