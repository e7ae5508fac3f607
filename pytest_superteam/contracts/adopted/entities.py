"""The things that a found system keeps, read off the paths and bodies of its documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.adopted.kinds import account_kind
from pytest_superteam.contracts.adopted.reading import part, properties, record
from pytest_superteam.contracts.plans import snake
from pytest_superteam.models import Entity, Field

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from pytest_superteam.contracts.adopted.reading import FoundOperation
    from pytest_superteam.models import FieldType

__all__ = ["collection_of", "collections_of", "entities_of", "entity_name"]

_NO_THINGS = frozenset(
    {"login", "logout", "register", "signup", "me", "auth", "token", "search", "health", "verify", "confirm", "admin"}
)
_OWNERS = (
    "owner",
    "owner_id",
    "user_id",
    "author_id",
    "author",
    "created_by",
    "creator_id",
    "account_id",
    "customer_id",
)
_OWNER_NAMES = frozenset(_OWNERS) | {name.replace("_id", "") for name in _OWNERS} | {"user", "username"}
_USERS = frozenset({"User", "Account", "Customer", "Member", "Author"})
_TAKEN = re.compile(r"(?i)already|exists|duplicate|unique|taken|conflict")
_FORMATS: Mapping[str, FieldType] = {
    "uuid": "uuid", "email": "email", "date": "date", "date-time": "datetime", "time": "time", "uri": "url",
    "password": "password",
}  # fmt: skip
_TYPES: Mapping[str, FieldType] = {
    "integer": "integer", "number": "number", "boolean": "boolean", "array": "list", "object": "json",
}  # fmt: skip


def entity_name(segment: str) -> str:
    """Return `order-items` as `OrderItem`."""
    return "".join(word.capitalize() for word in _singular(snake(segment)).split("_"))


_IRREGULAR = {"people": "person", "children": "child", "media": "media", "data": "data", "news": "news"}


def _singular(word: str) -> str:
    stem, _, last = word.rpartition("_")
    if last in _IRREGULAR:
        return f"{stem}_{_IRREGULAR[last]}".lstrip("_")
    for ending, stem in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + stem
    return word.removesuffix("s") if len(word) > 3 and not word.endswith(("ss", "us", "is")) else word


def collections_of(operations: Iterable[FoundOperation]) -> tuple[str, ...]:
    """Return the path segments that rows are kept under, in the documents' order.

    `books` is one if rows are addressed below it (`/books/{id}`) by more than a single reading call, or if it is both
    listed and added to.
    """
    addressed: dict[str, set[str]] = {}
    itself: dict[str, set[str]] = {}
    for operation in operations:
        segments = operation.segments
        for place, segment in enumerate(segments):
            if segment.startswith("{") or snake(segment) in _NO_THINGS:
                continue
            after = segments[place + 1 : place + 3]
            if after and after[0].startswith("{"):
                if after[-1].startswith("{") and len(after) > 1:
                    continue  # a place in a grid, say: no single key names a row
                addressed.setdefault(segment, set()).add(operation.method)
            elif place + 1 == len(segments) and account_kind(operation) is None:
                itself.setdefault(segment, set()).add(operation.method)
    found = dict.fromkeys((*addressed, *itself))
    return tuple(s for s in found if _is_collection(s, addressed.get(s, set()), itself.get(s, set())))


def _is_collection(segment: str, below: set[str], itself: set[str]) -> bool:
    plural = _singular(snake(segment)) != snake(segment)
    return bool(below and (plural or len(below) > 1 or itself & {"POST", "PUT"})) or {"GET", "POST"} <= itself


def collection_of(operation: FoundOperation, collections: Container[str]) -> str | None:
    """Return the last collection on the operation's path: what the operation is about."""
    return next((segment for segment in reversed(operation.segments) if segment in collections), None)


def entities_of(service: str, operations: Sequence[FoundOperation], names: Mapping[str, str]) -> tuple[Entity, ...]:
    """Return the entities of a service.

    Args:
        service: Its name.
        operations: Its operations.
        names: Entity names by path segment.
    """
    found = []
    about: dict[str | None, list[FoundOperation]] = {}
    for operation in operations:
        about.setdefault(collection_of(operation, names), []).append(operation)
    entities = frozenset(names.values())
    for segment, name in names.items():
        fields = _fields(about.get(segment, []), segment, name, entities)
        found.append(
            Entity(
                name,
                service,
                fields,
                plural=segment,
                owner_field=_owner(fields) if name not in _USERS else None,
                reason=f"rows are kept under /{segment}",
            )
        )
    return tuple(found)


def _fields(
    operations: Sequence[FoundOperation], collection: str, name: str, entities: frozenset[str]
) -> tuple[Field, ...]:
    """Return what the bodies and answers of an entity's operations have in common: its fields, the key first."""
    answered: dict[str, Mapping[str, Any]] = {}
    taken: dict[str, Mapping[str, Any]] = {}
    required: set[str] = set()
    for operation in operations:
        kind = account_kind(operation)
        if kind == "login":
            continue
        inner, several = _row(operation, operation.answer, name)
        if kind not in {"logout", "register"} and _shows_rows(operation, several=several):
            answered |= {n: value for n, value in inner.items() if n not in answered}
        if kind not in {"register", "update_me"} and not _addresses_rows(operation, collection):
            continue
        inner, _ = _row(operation, operation.body, name)
        taken |= {n: value for n, value in inner.items() if n not in taken}
        if operation.method == "POST" and not operation.segments[-1].startswith("{"):
            required |= _required(operation, name)
    keys = _keys(operations)
    unique = _unique(operations) | {key for key in keys if key in taken}
    listed = sorted({**answered, **taken}.items(), key=lambda pair: pair[0] != "id" and pair[0] not in keys)
    return tuple(
        _field(n, schema, entities - {name}, unique=n in unique, required=n in required, read_only=n not in taken)
        for n, schema in listed
    )


def _row(operation: FoundOperation, schema: Mapping[str, Any], name: str) -> tuple[dict[str, Mapping[str, Any]], bool]:
    names = frozenset({snake(name), snake(operation.segments[-1])})
    inner, several = record(operation.document, schema, names)
    return properties(operation.document, inner), several


def _addresses_rows(operation: FoundOperation, collection: str) -> bool:
    """Return whether the path ends with the collection or one row of it; what lies below takes something else."""
    return operation.segments[-1] == collection or operation.segments[-1].startswith("{")


def _required(operation: FoundOperation, name: str) -> set[str]:
    names = frozenset({snake(name), snake(operation.segments[-1])})
    inner, _ = record(operation.document, operation.body, names)
    listed = inner.get("required")
    return {str(n) for n in listed} if isinstance(listed, list) else set()


def _shows_rows(operation: FoundOperation, *, several: bool) -> bool:
    """Return whether an answer is made of rows; other answers are messages, counts or reports about them."""
    if operation.method == "GET":
        return several or operation.segments[-1].startswith("{")
    shared = set(properties(operation.document, operation.answer)) & set(properties(operation.document, operation.body))
    return operation.method in {"POST", "PUT", "PATCH"} and bool(shared)


def _keys(operations: Sequence[FoundOperation]) -> set[str]:
    """Return the names of the path parameters that rows are addressed by."""
    return {o.segments[-1][1:-1] for o in operations if o.segments and o.segments[-1].startswith("{")}


def _unique(operations: Sequence[FoundOperation]) -> set[str]:
    """Return the properties that a second row may not repeat, by what the documents say of refusals."""
    found = set()
    for operation in operations:
        if operation.method != "POST":
            continue
        taken = dict(operation.leaves(operation.body))
        for status in ("409", "400", "422"):
            answer = part(operation.document, operation.answers.get(status))
            text = str(answer.get("description", ""))
            if status == "409" or _TAKEN.search(text):
                found |= {name for name in taken if re.search(rf"(?i)\b{re.escape(name)}\b", text)}
        found |= {n for n, schema in taken.items() if _TAKEN.search(str(schema.get("description", ""))[:300])}
        if account_kind(operation) == "register":
            found |= {name for name in taken if snake(name) in {"username", "email", "login", "phone"}}
    return found


def _field(
    name: str, schema: Mapping[str, Any], entities: frozenset[str], *, unique: bool, required: bool, read_only: bool
) -> Field:
    target = _reference(name, entities)
    values = schema.get("enum")
    options = tuple(str(value) for value in values) if isinstance(values, list) else ()
    kind: FieldType = "reference" if target else "enum" if options else _type(name, schema)
    return Field(
        name,
        kind,
        required=required,
        unique=unique,
        read_only=read_only or schema.get("readOnly") is True,
        enum=options,
        references=target,
        minimum=_number(schema.get("minimum")),
        maximum=_number(schema.get("maximum")),
        min_length=_whole(schema.get("minLength")),
        max_length=_whole(schema.get("maxLength")),
        description=str(schema.get("description", ""))[:200],
    )


def _type(name: str, schema: Mapping[str, Any]) -> FieldType:
    form = str(schema.get("format", ""))
    if snake(name) in {"password", "passwd", "pwd"}:
        return "password"
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    if kind in _TYPES:
        return _TYPES[str(kind)]
    return _FORMATS.get(form, "email" if snake(name) == "email" else "string")


def _reference(name: str, entities: frozenset[str]) -> str | None:
    """Return the entity whose key a property such as `book_id` or `bookId` holds."""
    stem = re.sub(r"_(?:id|uuid|key)$", "", snake(name))
    if stem == snake(name):
        return None
    wanted = "".join(word.capitalize() for word in stem.split("_"))
    return wanted if wanted in entities else None


def _owner(fields: Sequence[Field]) -> str | None:
    """Return the field that says whose the row is: set by the service, and called like it."""
    for wanted in (*_OWNERS, "user", "username"):
        for field in fields:
            if (
                snake(field.name) == wanted
                and field.name != "id"
                and field.read_only
                and snake(field.name) in _OWNER_NAMES
            ):
                return field.name
    return None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
