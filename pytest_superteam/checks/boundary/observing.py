"""The answers of one service, had once in a run: what it reads, lists, creates and tells of the caller."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pytest_superteam.checks.callers.auth import token_for
from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError
from pytest_superteam.checks.seeding import parameter_entities, reference_entities, rows_by_entity
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.contracts.registry import ContractOperation
    from pytest_superteam.models import Operation

__all__ = ["can_observe", "observe"]

_ROWS = 12  # rows of a list that are kept
_DEEP = 40  # lists and objects in each other that are kept
_ASKED = 10  # rows of a list that are asked for
_SILENT = 2  # requests without an answer before no more are sent
_SAMPLES = 2  # rows of an entity that are read
_KINDS = ("create", "list", "read", "register", "login", "me", "update")


def can_observe(operation: Operation) -> bool:
    """Return whether an operation is one whose answers are looked at."""
    return operation.kind in _KINDS or (
        operation.kind == "action" and operation.method.upper() == "GET" and "{" not in operation.path
    )


def observe(system: RunningSystem, service: str) -> list[dict[str, Any]]:
    """Return what a service answered, JSON-ready: `operation`, `status`, `body`, `step` and the body `sent`.

    Raises:
        CheckError: it is not deployed, or no token could be had.
    """
    found: list[dict[str, Any]] = system.once(
        f"boundary answers of {service}", lambda: _Observer(system, service).look()
    )
    return found


class _Observer:
    def __init__(self, system: RunningSystem, service: str) -> None:
        self._system = system
        self._service = service
        self._ids = rows_by_entity(system.samples)
        self._account: dict[str, Any] = {}
        self._url = system.url(service)

    def look(self) -> list[dict[str, Any]]:
        operations = [o for o in self._system.architecture.operations_of(self._service) if can_observe(o)]
        order = sorted(operations, key=lambda o: _KINDS.index(o.kind) if o.kind in _KINDS else len(_KINDS))
        # Logging in needs who has registered, and a change is read afterwards.
        order.sort(key=lambda o: {"register": 0, "create": 1, "update": 2}.get(o.kind, 3))
        with Exchanges(self._system.config.timeouts.request) as exchanges:
            found: list[dict[str, Any]] = []
            for operation in order:
                found += self._of(operation, exchanges)
                if sum(not answer["status"] for answer in found) >= _SILENT:
                    break  # each further one would cost a time limit
        return found

    def _of(self, operation: Operation, exchanges: Exchanges) -> Iterator[dict[str, Any]]:
        contract = self._system.registry.find(self._service, operation.id)
        for paths in self._paths(operation)[:_SAMPLES]:
            try:
                sent = self._body(operation, contract)
                token = token_for(self._system.tokens, operation)
                path = operation.path
                for name, value in paths.items():
                    path = path.replace(f"{{{name}}}", quote(value, safe=""))
                url = f"{self._url}{path}{_query(operation, contract)}"
                answer = exchanges.send(operation.method.upper(), url, token=token, body=sent)
            except NoAnswerError as error:
                yield {"operation": operation.id, "status": 0, "body": None, "step": str(error), "sent": None}
                return
            except CheckError:
                return  # no token of its role, or no body: conformance says so
            body = answer.json() if not answer.cut else None
            yield {
                "operation": operation.id,
                "status": answer.status,
                "body": _kept(body),
                "step": str(exchanges.made[-1]),
                "sent": sent,
            }
            self._remember(operation, body)
            if operation.kind not in {"read", "list"}:
                return

    def _remember(self, operation: Operation, body: Any) -> None:
        """Read the new row first: it has only what is required, where the samples have everything."""
        if operation.kind == "create" and operation.entity and isinstance(body, dict) and body.get("id") is not None:
            self._ids = {**self._ids, operation.entity: [str(body["id"]), *self._ids.get(operation.entity, [])]}

    def _paths(self, operation: Operation) -> Sequence[Mapping[str, str]]:
        """Return values of the path's parameters, by the rows that there are; none where one has no row."""
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{") and part.endswith("}")]
        targets = parameter_entities(self._system.architecture, operation)
        if any(not self._ids.get(targets.get(name, "")) for name in names):
            return []
        if not names:
            return [{}]
        first = {name: self._ids[targets[name]] for name in names}
        count = min(len(ids) for ids in first.values())
        if operation.kind == "read" and len(names) == 1:
            return [{name: first[name][n] for name in names} for n in range(count)]
        return [{name: first[name][0] for name in names}]

    def _body(self, operation: Operation, contract: ContractOperation) -> Any:
        """Return the least body that is valid, with references to rows that there are."""
        if contract.request_schema is None:
            return None
        known = self._account if operation.kind == "login" else {}
        salt = uuid.uuid4().hex
        made = example_for(contract.request_schema, contract.document, optional=False, overrides=known, salt=salt)
        entity = self._system.architecture.entity_named(operation.entity) if operation.entity else None
        names = reference_entities(self._system.architecture, entity) if entity else {}
        body = self._with_ids(made, names)
        if operation.kind == "register" and isinstance(body, dict):
            self._account = {name: value for name, value in body.items() if isinstance(value, str)}
        return body

    def _with_ids(self, value: Any, names: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            return {
                name: self._ids[names[name]][-1]
                if isinstance(part, str) and self._ids.get(names.get(name, ""))
                else self._with_ids(part, names)
                for name, part in value.items()
            }
        return [self._with_ids(part, names) for part in value] if isinstance(value, list) else value


def _query(operation: Operation, contract: ContractOperation) -> str:
    """Return the query of a list: few rows, and what is required."""
    chosen: dict[str, Any] = {}
    for parameter in contract.parameters:
        if parameter.get("in") != "query":
            continue
        if parameter.get("name") == "limit" and operation.kind == "list":
            chosen["limit"] = _ASKED
        elif parameter.get("required"):
            chosen[str(parameter["name"])] = example_for(parameter.get("schema", True), contract.document)
    return f"?{urlencode(chosen)}" if chosen else ""


def _kept(value: Any, depth: int = 0) -> Any:
    """Return a body with its lists cut to what is looked at, and nothing of what lies deeper than anybody looks."""
    if depth > _DEEP:
        return None
    if isinstance(value, list):
        return [_kept(part, depth + 1) for part in value[:_ROWS]]
    return {name: _kept(part, depth + 1) for name, part in value.items()} if isinstance(value, dict) else value
