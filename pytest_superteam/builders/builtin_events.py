"""What a generated service makes of the events that it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.builtin_model import default_source
from pytest_superteam.builders.builtin_names import literal
from pytest_superteam.contracts.schemas import field_schema

if TYPE_CHECKING:
    from pytest_superteam.builders.builtin_model import EntityNames, ServiceModel
    from pytest_superteam.models import Event, Field

__all__ = ["reactions"]

_TELLS_PEOPLE = re.compile(r"notif|alert|message|audit|activit|history|feed|log", re.IGNORECASE)


def reactions(model: ServiceModel) -> list[dict[str, Any]]:
    """Return, for each entity that looks like a notification, the events that become rows of it, and how."""
    found = []
    for names in model.entities:
        if not _TELLS_PEOPLE.search(names.entity.name):
            continue
        groups: dict[tuple[str, ...], list[str]] = {}
        for event in model.surface.consumed:
            values = _values(model, names, event)
            if values:
                groups.setdefault(values, []).append(event.name)
        for number, (values, events) in enumerate(groups.items()):
            suffix = f"_{number + 1}" if number else ""
            function = f"_write_{names.module}{suffix}"
            listed = "{" + ", ".join(literal(name) for name in events) + "}"
            found.append({"function": function, "model": names.model, "arguments": list(values), "events": listed})
    return found


def _values(model: ServiceModel, names: EntityNames, event: Event) -> tuple[str, ...]:
    """Return the arguments of the row that tells of `event`; none if it lacks something that a row needs."""
    about = model.surface.architecture.entity_named(event.entity) if event.entity else None
    fields = [f for f in names.entity.fields if f.name not in {"id", "created_at", "updated_at"}]
    link = next((f for f in fields if about and f.type == "reference" and f.references == about.name), None)
    if about is None or link is None:
        return ()
    parts = [f'{names.columns[link.name]}=UUID(str(message.data["id"]))']
    known = {f.name for f in about.fields}
    for field in fields:
        if field == link or not field.required:
            continue
        if field.type == "reference" and model.target(field) is None:
            source = field.name if field.name in known else about.owner_field
            value = f"UUID(str(message.data[{literal(source)}]))" if source and _same(field, source, about) else None
        else:
            value = _value(field, event, names)
        if value is None:
            return ()
        parts.append(f"{names.columns[field.name]}={value}")
    return tuple(parts)


def _same(field: Field, source: str, about: Any) -> bool:
    """Return whether the event's entity holds in `source` what `field` refers to."""
    if field.name == source:
        return True
    held = about.field_named(source)
    return held is not None and held.references == field.references


def _value(field: Field, event: Event, names: EntityNames) -> str | None:
    states = names.entity.states
    if states and field.name == states.field:
        return literal(states.initial)
    if field.default is not None:
        return default_source(field)
    if field.unique:
        return None
    schema = field_schema(field)
    if field.type in {"string", "text"}:
        fits = schema["minLength"] <= min(len(event.name), schema["maxLength"])
        return f"message.type[:{schema['maxLength']}]" if fits else None
    simple = {
        "enum": literal(field.enum[0]) if field.enum else None,
        "boolean": "False",
        "date": "message.time.date()",
        "datetime": "message.time",
        "list": "[]" if not schema.get("minItems") else None,
        "json": "message.data",
    }
    return simple.get(field.type)
