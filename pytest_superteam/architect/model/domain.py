"""The domain model: which entities there are, where each lives, and their finished fields and references."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.paths import entity_of_segment, segments
from pytest_superteam.architect.model.fields import STANDARD, without_own_key
from pytest_superteam.architect.names import kebab, pascal, plural, snake, vocabulary, words
from pytest_superteam.models import Entity, Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.architect.facts import EndpointFact, EntityFact

__all__ = ["finished", "plural_of"]

_OWNERS = (
    "owner_id",
    "user_id",
    "customer_id",
    "client_id",
    "member_id",
    "buyer_id",
    "patient_id",
    "student_id",
    "account_owner_id",
)
_PEOPLE = vocabulary(
    "user rider passenger owner customer buyer seller member patient student teacher host author creator assignee "
    "driver employee reviewer sender recipient"
)


def plural_of(name: str, endpoints: Iterable[EndpointFact] = ()) -> str:
    """Return the path segment of an entity: as the author's paths have it, else its plural in kebab-case."""
    for fact in endpoints:
        for part in segments(fact.path):
            if not part.startswith("{") and entity_of_segment(part, (name,)):
                return part
    parts = words(name)
    return "-".join([*parts[:-1], plural(parts[-1])]) if parts else kebab(name)


def finished(
    fact: EntityFact, service: str, known: Iterable[str], endpoints: Sequence[EndpointFact], roles: tuple[str, ...]
) -> tuple[Entity, list[str]]:
    """Return the entity with id and timestamps, resolved references and its owner, and the questions that remain."""
    known = set(known)
    questions: list[str] = []
    fields: dict[str, Field] = {}
    owner: str | None = None
    for item in without_own_key(fact.name, fact.fields):
        field = _resolved(item.field, known, roles, fact.name, questions)
        if field.name not in STANDARD and field.name not in {"created", "updated", "createdat", "updatedat"}:
            fields[field.name] = field
            if item.owner and field.references == "User":
                owner = field.name
    if owner is None and fact.name != "User":
        owner = next((n for n in _OWNERS if n in fields and fields[n].references == "User"), None)
    if owner is None and fact.name != "User" and _asks_for_own(fact.name, endpoints):
        # `GET /loans/me` needs to know whose a loan is: the one user that every loan names.
        whose = [n for n, f in fields.items() if f.references == "User" and f.required]
        owner = whose[0] if len(whose) == 1 else None
    if owner:
        fields[owner] = replace(fields[owner], read_only=True, required=True)
    if not fields:
        line = fact.line
        fields["name"] = Field("name", max_length=200, source=Source(line, "derived"))
        questions.append(
            f"Which fields has {fact.name} (line {line})? None were found, so it has a name only. A bullet "
            f"`- **{fact.name}**: one field, another (integer)` or a table below its name says them."
        )
    lines = {f.field.name: f.field.source for f in fact.fields}
    standard = {n: replace(f, source=lines.get(n) or Source(fact.line, "derived")) for n, f in STANDARD.items()}
    everything = (standard["id"], *fields.values(), standard["created_at"], standard["updated_at"])
    return (
        Entity(
            name=fact.name,
            service=service,
            fields=everything,
            plural=plural_of(fact.name, endpoints),
            owner_field=owner,
            description=fact.description,
            source=Source(fact.line, "explicit" if fact.explicit else "derived"),
        ),
        questions,
    )


def _asks_for_own(name: str, endpoints: Iterable[EndpointFact]) -> bool:
    """Return whether an endpoint lists the caller's own rows, such as `/loans/me` or `/my/loans`."""
    for fact in endpoints:
        parts = [p.lower() for p in segments(fact.path)]
        if {"me", "mine", "my"} & set(parts) and any(entity_of_segment(p, (name,)) for p in parts):
            return True
    return False


def _resolved(field: Field, known: set[str], roles: tuple[str, ...], entity: str, questions: list[str]) -> Field:
    """Return the field with its reference pointing to an entity that exists, or with none."""
    if field.type == "password" or (field.type not in {"reference", "uuid", "integer", "string"}):
        return field
    said = field.references
    target = _entity_called(said, known) if said else None
    if target is None and field.name.endswith("_id") and field.name != "id":
        target = _from_field_name(field.name, known, roles)
    if target is None and said and "User" in known and (snake(said) in roles or snake(said) in _PEOPLE):
        target = "User"
    if target:
        return replace(
            field,
            type="reference",
            references=target,
            enum=(),
            minimum=None,
            maximum=None,
            default=None,
            max_length=None,
        )
    if field.type == "reference":
        line = field.source.line if field.source else 0
        questions.append(
            f"What does {entity}.{field.name} refer to (line {line})? "
            f"No entity {said or 'of that name'} is described; it is a plain id."
        )
        return replace(field, type="uuid", references=None)
    return field


def _entity_called(name: str, known: set[str]) -> str | None:
    if name in known:
        return name
    near = sorted(k for k in known if k.endswith(name) or name.endswith(k))
    return near[0] if len(near) == 1 else None


def _from_field_name(name: str, known: set[str], roles: tuple[str, ...]) -> str | None:
    parts = name.removesuffix("_id").split("_")
    for start in range(len(parts)):
        target = pascal("_".join(parts[start:]))
        if target in known:
            return target
    if "User" in known and (parts[-1] in _PEOPLE or "_".join(parts) in roles):
        return "User"
    return None
