"""Which fields of an entity the contracts of the found system know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.convergence.naming import field_key, singular, squashed
from pytest_superteam.contracts.adopted.reading import part, properties
from pytest_superteam.contracts.derived import is_derived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pytest_superteam.models import Architecture, Entity, Field

__all__ = ["missing_fields"]

_STANDARD = frozenset({"id", "created_at", "updated_at"})
_AROUND = re.compile(
    r"^(?:create|update|new|get|read|base|patch|replace)|(?:create|update|read|base|in|out|input|output|request|response"
    r"|dto|model|schema|entity|payload|body|public|private|detail|details|summary|record|register|item|view)$"
)


def missing_fields(entity: Entity, system: Architecture, services: Sequence[str]) -> tuple[Field, ...]:
    """Return the fields of an asked entity that no schema of it has; none where its fields are not known at all.

    Keys, times and what we concluded ourselves are no demands of the text; of a contract that we derived from routes
    nobody said that it is complete.
    """
    known = _known(entity, system, services) or _known(entity, system, tuple(system.contracts))
    if not known:
        return ()
    return tuple(f for f in entity.fields if _is_demanded(f, entity) and field_key(f.name) not in known)


def _is_demanded(field: Field, entity: Entity) -> bool:
    concluded = field.source is not None and field.source.kind == "derived"
    return not concluded and field.name not in _STANDARD and field.name != entity.owner_field


def _known(entity: Entity, system: Architecture, services: Sequence[str]) -> set[str]:
    """Return the keys of the fields that `services` have for the entity, in bodies, answers and named schemas."""
    name = singular(entity.name)
    known: set[str] = set()
    for service in services:
        document = system.contracts.get(service, {})
        if is_derived(document):
            continue
        for other in system.entities:
            if other.service == service and singular(other.name) == name:
                known |= {field_key(f.name) for f in other.fields}
        known |= _in_schemas(document, name)
    return known


def _in_schemas(document: Mapping[str, Any], name: str) -> set[str]:
    schemas = part(document, part(document, document.get("components")).get("schemas"))
    schemas = schemas or part(document, document.get("definitions"))
    found: set[str] = set()
    for title, schema in schemas.items():
        if _bare(str(title)) == name:
            found |= {field_key(key) for key in properties(document, schema)}
    return found


def _bare(title: str) -> str:
    """Return the name of a schema without the words that say when it is used: `BookCreateRequest` is `book`."""
    text = squashed(title)
    while (rest := _AROUND.sub("", text)) and rest != text:
        text = rest
    return singular(text)
