"""Rows in the running system, made through its own create operations, for the checks to refer to."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.checks.callers.accounts import credible
from pytest_superteam.checks.callers.auth import ANY, Tokens, http_client, subject_of, token_for
from pytest_superteam.checks.callers.credentials import headers_for, query_for
from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.contracts.adopted.reading import properties
from pytest_superteam.contracts.plans import snake
from pytest_superteam.contracts.registry import ContractOperation, ContractRegistry
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    import httpx

    from pytest_superteam.models import Architecture, Deployment, Entity, Operation

__all__ = ["NOTES", "Rows", "Seeder", "key_in", "key_names"]
__all__ += ["parameter_entities", "reference_entities", "rows_by_entity", "seed"]

NOTES = ""
"""Key under which `seed` tells, by entity, what could not be created and why."""

Rows = Mapping[str, Mapping[str, Sequence[str]]]
"""Ids by service and entity."""

_VERSION = re.compile(r"v\d{1,3}")
_COUNT = 2  # rows of an entity
_TAKEN = 409  # the status of a row that is there already
_TELLING = 6  # characters of a text that tells a row from others


def seed(
    architecture: Architecture, deployment: Deployment, tokens: Tokens, account: Mapping[str, str] | None = None
) -> dict[str, dict[str, list[str]]]:
    """Create two rows of each entity, referenced entities first, and return their keys by service and entity.

    An entity of which no row could be created is left out; `result[NOTES][entity]` says why. The key of a row is what
    its path parameter takes: an id, or a name in systems that address their rows so.

    Args:
        architecture: The system's.
        deployment: Where it runs.
        tokens: Credentials by role.
        account: What the user behind the tokens signed up with, by property.
    """
    rows: dict[str, dict[str, list[str]]] = {}
    notes: dict[str, list[str]] = {}
    with http_client() as client:
        seeder = Seeder(architecture, deployment, tokens, client, rows, account)
        for entity in _in_order(architecture):
            ids, problem = seeder.create(entity, _COUNT)
            if ids:
                rows.setdefault(entity.service, {})[entity.name] = ids
            else:
                notes[entity.name] = [problem]
    return {**rows, NOTES: notes} if notes else rows


class Seeder:
    """Creates rows by the services' own operations. `rows` are those that new ones may refer to; it may grow."""

    def __init__(
        self,
        architecture: Architecture,
        deployment: Deployment,
        tokens: Tokens,
        client: httpx.Client,
        rows: Rows,
        account: Mapping[str, str] | None = None,
    ) -> None:
        """Create rows as the caller of `tokens`, who signed up with `account`."""
        self._architecture = architecture
        self._deployment = deployment
        self._tokens = tokens
        self._client = client
        self._rows = rows
        self._account = account or {}
        self._found = not deployment.jwt_secret  # somebody else's system: earlier runs may have left rows in it
        self._registry = ContractRegistry.of(architecture)

    def create(self, entity: Entity, count: int, *, fresh: bool = False) -> tuple[list[str], str]:
        """Create up to `count` rows; returns their keys, or why there is none. `fresh` varies the values."""
        users = self._own_user(entity)
        operation = self._create_operation(entity)
        if operation is None:
            return users, f"{entity.service} has no operation that creates a {entity.name}."
        ids, problem = list(users), ""
        for number in range(count):
            try:
                ids.append(self._row(operation, entity, self._salt(number, fresh=fresh)))
            except CheckError as error:
                problem = str(error)
                break
        return ids, problem

    def _own_user(self, entity: Entity) -> list[str]:
        """Return the key of the user whom the tokens are for, where the entity is what a registration creates."""
        registered = any(
            o.kind == "register" and o.service == entity.service and o.entity in (entity.name, None)
            for o in self._architecture.operations
        )
        if not registered or ANY not in self._tokens:
            return []
        for name in key_names(self._architecture, entity) if self._found else ():
            if name in self._account:
                return [self._account[name]]
        try:
            return [subject_of(self._tokens[ANY])]
        except CheckError:
            if self._found:
                return []  # their tokens may tell nothing
            raise

    @staticmethod
    def _salt(number: int, *, fresh: bool) -> str:
        return uuid.uuid4().hex if fresh else f"row {number}"

    def _create_operation(self, entity: Entity) -> Operation | None:
        own = [o for o in self._architecture.operations_of(entity.service) if o.entity == entity.name]
        kinds = ("create", "register")
        return next((o for kind in kinds for o in own if o.kind == kind), None)

    def _row(self, operation: Operation, entity: Entity, salt: str) -> str:
        """Create one row and return its key.

        Where the same row is there already, another one is made. A service that we did not build may say so with any
        status, and may take examples of its contract only.
        """
        contract = self._registry.find(operation.service, operation.id)
        answer, body = None, None
        for body in self._bodies(operation, contract, entity, salt):
            answer = self.call(operation, {}, body)
            if answer.is_success or not (self._found or answer.status_code == _TAKEN):
                break
        if answer is None or not answer.is_success:
            status, told = (answer.status_code, answer.text) if answer is not None else (0, "")
            raise CheckError(
                f"{operation.id} of {operation.service} answered {status} to a valid body: {shortened(masked(told))}"
            )
        return self._key(operation, entity, body, answer)

    def _bodies(self, operation: Operation, contract: ContractOperation, entity: Entity, salt: str) -> Iterator[Any]:
        """Yield bodies to try, one after the other, until one is taken."""
        if self._found and operation.kind == "register":
            fresh = uuid.uuid4().hex
            yield credible(contract.document, contract.request_schema, self._body(contract, entity, fresh) or {}, fresh)
        yield self._body(contract, entity, salt)
        yield self._body(contract, entity, uuid.uuid4().hex)
        if self._found:
            yield self._exemplary(contract, entity)

    def _key(self, operation: Operation, entity: Entity, body: Any, answer: httpx.Response) -> str:
        """Return the key of a new row: from the answer, else from what was sent, where it went, or the list of rows."""
        try:
            got = answer.json() if answer.content else None
        except ValueError:
            got = None
        names = key_names(self._architecture, entity)
        if not self._found:
            names = names[:1]
        _, key = key_in(names, got, body)
        if key:
            return key
        place = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        key = place or self._listed(entity, body, names)
        if not key:
            raise CheckError(f"{operation.id} of {operation.service} answered no `{names[0]}`.")
        return key

    def _listed(self, entity: Entity, body: Any, names: Sequence[str]) -> str:
        """Return the key of the row in the list of its entity that has what was sent; empty where there is none."""
        own = self._architecture.operations_of(entity.service)
        operation = next((o for o in own if o.kind == "list" and o.entity == entity.name and "{" not in o.path), None)
        if operation is None or not isinstance(body, dict):
            return ""
        try:
            got = self.call(operation, {}).json()
        except (CheckError, ValueError):
            return ""
        sent = {name: value for name, value in body.items() if isinstance(value, str) and len(value) >= _TELLING}
        for row in _rows(got):
            if sent and sent.items() <= row.items():
                return next((str(row[name]) for name in names if row.get(name) is not None), "")
        return ""

    def _exemplary(self, contract: ContractOperation, entity: Entity) -> Any:
        """Return a body with the contract's own examples where it has some, and a name that is still free."""
        body = self._body(contract, entity, uuid.uuid4().hex)
        if not isinstance(body, dict) or contract.request_schema is None:
            return body
        unique = {field.name for field in entity.fields if field.unique}
        for name, said in properties(contract.document, contract.request_schema).items():
            if name in body and "example" in said and name not in unique:
                body[name] = said["example"]
        return body

    def _body(self, contract: ContractOperation, entity: Entity, salt: str) -> Any:
        """Return a valid body that refers to known rows, or None where the operation takes none."""
        if contract.request_schema is None:
            return None
        names = {n: i[0] for n, i in self.ids_for(reference_entities(self._architecture, entity)).items()}
        body = example_for(contract.request_schema, contract.document, salt=salt)
        if isinstance(body, dict):
            # The first row of a tree has no parent: what may be left out and has no row to refer to is left out.
            spare = {f.name for f in entity.fields if f.references and not f.required and f.name not in names}
            body = {k: v for k, v in body.items() if k not in spare}
        return _with_ids(body, names)

    def move(self, operation: Operation, entity: Entity, row: str) -> bool:
        """Call a transition on one row; returns whether it was accepted."""
        contract = self._registry.find(operation.service, operation.id)
        own = {n: row for n, e in parameter_entities(self._architecture, operation).items() if e == entity.name}
        try:
            return self.call(operation, own, self._body(contract, entity, row)).is_success
        except CheckError:
            return False

    def call(self, operation: Operation, paths: Mapping[str, str], body: Any = None) -> httpx.Response:
        """Call an operation with the token it needs; path parameters not in `paths` take known rows.

        Raises:
            CheckError: a path parameter has no value, or the service does not answer.
        """
        import httpx

        path = operation.path
        known = {n: i[0] for n, i in self.ids_for(parameter_entities(self._architecture, operation)).items()}
        for name, value in {**known, **paths}.items():
            path = path.replace(f"{{{name}}}", quote(value, safe="") if self._found else value)
        if "{" in path:
            raise CheckError(f"{operation.id} of {operation.service}: no row is known for {path}.")
        token = token_for(self._tokens, operation)
        url = self._deployment.url(operation.service) + path
        try:
            return self._client.request(
                operation.method, url, json=body, headers=headers_for(token), params=query_for(token) or None
            )
        except httpx.HTTPError as error:
            raise CheckError(f"{operation.method} {url} could not be called: {error}.") from error

    def ids_for(self, names: Mapping[str, str]) -> dict[str, list[str]]:
        """Return known ids for `names`, a mapping of parameter or property names to entities."""
        known = rows_by_entity(self._rows)
        return {name: list(known[entity]) for name, entity in names.items() if known.get(entity)}


def key_names(architecture: Architecture, entity: Entity) -> tuple[str, ...]:
    """Return the properties that may hold the key of a row, the likeliest first.

    It is the field that a path parameter at the end of its operations is called like (`/users/{username}`), else `id`.
    """
    own = {snake(f.name): f.name for f in entity.fields if not f.references and (f.unique or f.read_only)}
    ends = [o.path.rstrip("/").rpartition("/")[2] for o in _keyed(architecture, entity)]
    named = [own[snake(end[1:-1])] for end in ends if end.startswith("{") and snake(end[1:-1]) in own]
    usual = ("id", "_id", "uuid", f"{_snake(entity.name)}_id", f"{entity.name[:1].lower()}{entity.name[1:]}Id", "slug")
    return tuple(dict.fromkeys((*named, *usual)))


def key_in(names: Sequence[str], *values: Any) -> tuple[str, str]:
    """Return the name and the value of the first of `names` that one of `values` has, the first value first.

    Both are empty where there is none.
    """
    found = ((name, _leaf(value, name)) for value in values for name in names)
    return next(((name, key) for name, key in found if key is not None), ("", ""))


def _keyed(architecture: Architecture, entity: Entity) -> list[Operation]:
    kinds = {"read", "update", "replace", "delete"}
    return [o for o in architecture.operations_of(entity.service) if o.entity == entity.name and o.kind in kinds]


def rows_by_entity(rows: Rows) -> dict[str, list[str]]:
    """Return the ids of `rows` by entity, whatever service has them."""
    return {entity: list(ids) for service, kept in rows.items() if service != NOTES for entity, ids in kept.items()}


def reference_entities(architecture: Architecture, entity: Entity) -> dict[str, str]:
    """Return which entity each reference field of `entity` refers to, and fields of others that nest in its bodies."""
    own = {f.name: f.references for f in entity.fields if f.references}
    common = {f"{_snake(e.name)}_id": e.name for e in architecture.entities}
    return {**common, **own}


def parameter_entities(architecture: Architecture, operation: Operation) -> dict[str, str]:
    """Return which entity's id each path parameter of `operation` takes: the last one its own, others by name or place.

    `{bookId}` and `{book_id}` name a Book, and so does `{id}` behind `/books`.
    """
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{") and part.endswith("}")]
    entity = architecture.entity_named(operation.entity) if operation.entity else None
    known = reference_entities(architecture, entity) if entity else reference_entities_of_all(architecture)
    found: dict[str, str] = {}
    for name in names:
        target = known.get(name) or known.get(snake(name)) or _parent_of(architecture, operation, name)
        if target:
            found[name] = target
    if names and entity is not None and operation.kind not in {"create", "list"}:
        above = _parent_of(architecture, operation, names[-1])
        if operation.path.endswith("}") or above in {None, entity.name}:
            found[names[-1]] = entity.name
    return found


def reference_entities_of_all(architecture: Architecture) -> dict[str, str]:
    """Return `book_id` -> `Book` for every entity."""
    return {f"{_snake(e.name)}_id": e.name for e in architecture.entities}


def _parent_of(architecture: Architecture, operation: Operation, name: str) -> str | None:
    """Return the entity whose plural stands before `{name}` in the path (`/orders/{id}/items` -> Order)."""
    above = operation.path.split(f"/{{{name}}}")[0].split("/")
    before = next((part for part in reversed(above) if not _VERSION.fullmatch(part)), "")
    return next((e.name for e in architecture.entities if before in {e.plural, f"{_snake(e.name)}s"}), None)


def _leaf(value: Any, name: str, depth: int = 3) -> str | None:
    """Return the value of a property, also of an object within, as text."""
    if not isinstance(value, dict) or not depth:
        return None
    found = value.get(name)
    if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
        return str(found)
    inner = (_leaf(part, name, depth - 1) for part in value.values())
    return next((key for key in inner if key is not None), None)


def _rows(value: Any, depth: int = 3) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, wherever in a page it stands."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))
    elif isinstance(value, dict) and depth:
        for part in value.values():
            yield from _rows(part, depth - 1)


def _with_ids(value: Any, names: Mapping[str, str]) -> Any:
    """Return `value` with the properties called as in `names`, at any depth, set to those ids."""
    if isinstance(value, dict):
        return {k: names[k] if k in names and isinstance(v, str) else _with_ids(v, names) for k, v in value.items()}
    return [_with_ids(part, names) for part in value] if isinstance(value, list) else value


def _in_order(architecture: Architecture) -> Iterator[Entity]:
    """Yield entities after those that they refer to, as far as there is such an order."""
    left = list(architecture.entities)
    names = {entity.name for entity in left}
    done: set[str] = set()
    while left:
        # Where entities refer to each other in a circle, an optional reference may wait.
        ready = (
            [e for e in left if _needs(e, names) <= done]
            or [e for e in left if _needs(e, names, required=True) <= done][:1]
            or left[:1]
        )
        for entity in ready:
            yield entity
            done.add(entity.name)
            left.remove(entity)


def _needs(entity: Entity, names: set[str], *, required: bool = False) -> set[str]:
    """Return those of `names` that `entity` refers to, with `required` only where it has to."""
    return {
        f.references
        for f in entity.fields
        if f.references in names and f.references != entity.name and f.references and (f.required or not required)
    }


def _snake(name: str) -> str:
    """Return `OrderItem` as `order_item`."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
