"""Who walks through a flow and what they have: a fresh user, tokens by role, rows of their own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pytest_superteam.checks.callers.forms import FORM, encoded, form_schema
from pytest_superteam.checks.flows.design import ANYBODY, Design
from pytest_superteam.contracts.plans import snake
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.checks.flows.story import Story
    from pytest_superteam.contracts.registry import ContractOperation
    from pytest_superteam.models import Entity, Operation

__all__ = ["NOBODY", "Row", "World"]

NOBODY = "00000000-0000-4000-8000-00000000dead"
"""An id that no row has."""

_CHANGING = frozenset({"string", "text", "email", "url", "uuid"})
"""Types of fields whose text is new for each row: a service may hold them unique without saying so."""


@dataclass
class Row:
    """A row that the flow made: what was sent, what the service answered, the rows that it hangs on by entity."""

    entity: Entity
    id: str
    sent: dict[str, Any]
    got: dict[str, Any]
    related: dict[str, str] = field(default_factory=dict)
    key: str = "id"
    """The property that holds `id`; of a system that was found it may be a title, say."""


class World:
    """Calls operations of the system as the flow's own user and keeps what it made."""

    def __init__(self, system: RunningSystem, design: Design, story: Story, tokens: Mapping[str, str]) -> None:
        """Walk through `system` with `tokens` by role."""
        self.system = system
        self.design = design
        self.story = story
        self.tokens = tokens
        self._rows: dict[str, Row] = {}
        self._made = 0
        self._making: list[str] = []
        """Entities of the rows that are being made, each for the one before it."""

    # ------------------------------------------------------------ calls

    def call(
        self,
        title: str,
        operation: Operation,
        *,
        role: str = ANYBODY,
        row: Row | None = None,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        paths: Mapping[str, str] | None = None,
        token: str = "",
    ) -> Answer:
        """Call an operation, as a step. `row` is what its path names, `paths` wins over it; `token` over `role`.

        Raises:
            BrokenFlowError: the service did not answer.
            CheckError: there is no token or no row for it.
        """
        path = self._path(operation, row, paths or {})
        asked = f"?{urlencode({k: _text(v) for k, v in query.items()})}" if query else ""
        bearer = token or (None if operation.public else self._token(operation, role))
        return self.story.send(
            title,
            operation.method.upper(),
            f"{self.system.url(operation.service)}{path}{asked}",
            token=bearer,
            caller=(role or "USER").upper().replace("-", "_"),
            **self._body(operation, body),
        )

    def _body(self, operation: Operation, body: Any) -> dict[str, Any]:
        """Return a body as it is sent: in JSON, or as the form that the operation takes."""
        contract = self.design.contract(operation)
        if contract is None or not isinstance(body, dict) or form_schema(contract) is None:
            return {"body": body}
        return {"content": encoded(body), "headers": {"Content-Type": FORM}}

    def _token(self, operation: Operation, role: str) -> str:
        if role not in self.tokens:
            raise CheckError(f"{operation.id}: no token of the role {role!r} could be had.")
        return self.tokens[role]

    def _path(self, operation: Operation, row: Row | None, given: Mapping[str, str]) -> str:
        path = operation.path
        for name, target in self.design.parameters(operation).items():
            value = given.get(name) or self._named(name, target, row)
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path

    def _named(self, name: str, target: str, row: Row | None) -> str:
        if row is not None and row.entity.name == target:
            natural = row.entity.field_named(snake(name))
            if natural is not None and natural.unique and row.got.get(natural.name) is not None:
                return str(row.got[natural.name])
            return row.id
        if row is not None and target in row.related:
            return row.related[target]
        return self.reference(target)

    def contract(self, operation: Operation) -> ContractOperation:
        """Return the contract's operation; planning has seen that it is there."""
        found = self.design.contract(operation)
        if found is None:
            raise CheckError(f"The contract of {operation.service} has no operation {operation.id!r}.")
        return found

    # ------------------------------------------------------------ rows

    def reference(self, name: str) -> str:
        """Return the id of a row of the entity called `name`, made where the flow has none.

        Raises:
            CheckError: it can't be made.
        """
        if name == self.design.account:
            from pytest_superteam.checks.callers.auth import subject_of

            return subject_of(self.tokens[ANYBODY])
        if name not in self._rows:
            entity = self.design.named(name)
            if entity is None:
                raise CheckError(f"There is no entity {name!r} to make a row of.")
            row, answer = self.create(entity, f"make the {name} that it needs")
            if row is None:
                raise CheckError(
                    f"The flow needs a row of {name}, and {_called(self.creator(entity))} of {entity.service} "
                    f"answered {answer.status} to a valid body. See that service's own flow.\n{self.story.shown()}"
                )
        return self._rows[name].id

    def create(self, entity: Entity, title: str, changes: Mapping[str, Any] | None = None) -> tuple[Row | None, Answer]:
        """Create a row with everything that may be sent; None where the service refused or answered no id.

        Args:
            entity: what to create.
            title: of the step.
            changes: properties to send as they are.
        """
        operation = self.creator(entity)
        self._making.append(entity.name)
        try:
            body, related = self.body(entity, operation)
            paths = {n: self.reference(t) for n, t in self.design.parameters(operation).items()}
        finally:
            self._making.pop()
        if isinstance(body, dict):
            body |= changes or {}
        role = self.design.role(operation) or ANYBODY
        related |= {t: paths[n] for n, t in self.design.parameters(operation).items()}
        answer = self.call(title, operation, role=role, body=body, paths=paths)
        got = answer.json()
        sent = body if isinstance(body, dict) else {}
        key, known = self.key_of(entity, got, sent)
        if not answer.ok or not isinstance(got, dict) or not known:
            return None, answer
        row = Row(entity, known, sent, got, related, key)
        self._rows.setdefault(entity.name, row)
        return row, answer

    def key_of(self, entity: Entity, got: Any, sent: Mapping[str, Any]) -> tuple[str, str]:
        """Return the property that names a new row and its value: `id`, which ours answer; both empty without one.

        A system that was found may name its rows by something else, and by what was sent.
        """
        if self.system.found:
            from pytest_superteam.checks.seeding import key_in, key_names

            return key_in(key_names(self.design.architecture, entity), got, sent)
        known = got.get("id") if isinstance(got, dict) else None
        return ("id", str(known)) if known is not None else ("", "")

    def creator(self, entity: Entity) -> Operation:
        """Return the operation that creates a row of `entity`; planning has seen that it is there."""
        found = self.design.creator(entity)
        if found is None:
            raise CheckError(f"{entity.service} has no operation that creates a {entity.name}.")
        return found

    def body(self, entity: Entity, operation: Operation, kept: Row | None = None) -> tuple[Any, dict[str, str]]:
        """Return a valid body for `operation` on `entity` and the rows that it refers to by entity.

        The values are the same for the same seed and step, but for texts, which are new; the state is left to the
        service. References are those of `kept`, if given.
        """
        contract = self.contract(operation)
        if contract.request_schema is None:
            return None, {}
        self._made += 1
        salt = f"{self.system.config.gate.seed} {entity.name} {self._made}"
        body = example_for(contract.request_schema, contract.document, salt=salt)
        fresh = example_for(contract.request_schema, contract.document, salt=uuid.uuid4().hex)
        if not isinstance(body, dict):
            return body, {}
        _, required = self.design.body_properties(operation)
        changing = {f.name for f in entity.fields if f.type in _CHANGING}
        body |= {n: v for n, v in fresh.items() if n in changing and isinstance(v, str)}
        if entity.states and entity.states.field not in required:
            body.pop(entity.states.field, None)
        related: dict[str, str] = {}
        return self._with_references(body, entity, required, related, kept), related

    def _with_references(
        self, body: dict[str, Any], entity: Entity, required: frozenset[str], related: dict[str, str], kept: Row | None
    ) -> dict[str, Any]:
        """Return `body` with each reference set to a row; what may stay away and has none is left out."""
        names = self.design.references(entity)
        done: dict[str, Any] = {}
        for name, value in body.items():
            target = names.get(name)
            if target is None or not isinstance(value, str):
                done[name] = self._nested(value, names)
            elif kept is not None and name in kept.sent:
                done[name] = kept.sent[name]
            elif target != entity.name and self._can_name(target):
                done[name] = related[target] = self.reference(target)
            elif name in required:
                done[name] = value
        return done

    def _can_name(self, target: str) -> bool:
        """Return whether a reference to `target` can be had: not to what is only being made for it."""
        return target in self._rows or (target not in self._making and self.design.has_row(target))

    def _nested(self, value: Any, names: Mapping[str, str]) -> Any:
        """Return `value` with the references within it set to rows, as far as there can be some."""
        if isinstance(value, dict):
            return {
                name: self.reference(names[name])
                if name in names and isinstance(part, str) and self._can_name(names[name])
                else self._nested(part, names)
                for name, part in value.items()
            }
        return [self._nested(part, names) for part in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _called(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"
