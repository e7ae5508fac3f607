"""The names and parts of a generated service: its classes, columns, bodies and the tables between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.builtin_names import Names, class_names, docstring, identifier, literal
from pytest_superteam.builders.builtin_types import annotation, answer_annotation, column_parts, column_type

if TYPE_CHECKING:
    from pytest_superteam.contracts.surface import Surface
    from pytest_superteam.models import Entity, Field

__all__ = ["EntityNames", "ServiceModel", "default_source"]

_TABLES = ("outbox_events", "inbox_events", "revoked_tokens")
_STAMPS = {"created_at": ["default=now", "index=True"], "updated_at": ["default=now", "onupdate=now"]}


@dataclass(frozen=True)
class EntityNames:
    """What one entity is called in the source. `attributes` and `columns` are by field name."""

    entity: Entity
    model: str
    module: str
    table: str
    attributes: dict[str, str]
    columns: dict[str, str]
    """As `attributes`, but the hash of a password has a column of its own name."""
    enums: dict[str, str]

    @property
    def noun(self) -> str:
        """Return what one row is called in messages and parameters."""
        return identifier(self.entity.name, fallback="row")


class ServiceModel:
    """The source's view of a service's surface."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    @cached_property
    def classes(self) -> dict[str, str]:
        """Return the class name of each component schema and of each enumeration (`Entity.field`)."""
        components = list(self.surface.schema_names.values())
        enums = {
            f"{entity.name}.{field.name}": self.surface.schema_names["entity", entity.name]
            + identifier(field.name).title().replace("_", "")
            for entity in self.surface.entities
            for field in entity.fields
            if field.type == "enum"
        }
        found: dict[str, str] = {}
        taken = class_names(components)
        found |= taken
        used = {name.lower() for name in taken.values()}
        for key, proposal in enums.items():
            choices = (proposal, f"{proposal}Value", *(f"{proposal}{n}" for n in range(2, 10_000)))
            found[key] = next(c for c in choices if c.lower() not in used)
            used.add(found[key].lower())
        return found

    def schema(self, kind: str, name: str) -> str:
        """Return the class of a component."""
        return self.classes[self.surface.schema_names[kind, name]]

    @cached_property
    def entities(self) -> tuple[EntityNames, ...]:
        """Return the names of every entity."""
        modules, tables = Names(), Names(_TABLES)
        return tuple(
            self._named(entity, modules.take(entity.plural, fallback="rows"), tables.take(entity.plural))
            for entity in self.surface.entities
        )

    def _named(self, entity: Entity, module: str, table: str) -> EntityNames:
        names = Names()
        attributes = {f.name: names.take(f.name, fallback="field") for f in entity.fields}
        passwords = {f.name for f in entity.fields if f.type == "password"}
        columns = {
            name: names.take(f"{attribute}_hash") if name in passwords else attribute
            for name, attribute in attributes.items()
        }
        enums = {f.name: self.classes[f"{entity.name}.{f.name}"] for f in entity.fields if f.type == "enum"}
        model = self.schema("entity", entity.name)
        return EntityNames(entity, model, module, table, attributes, columns, enums)

    def named(self, entity: Entity | None) -> EntityNames | None:
        """Return the names of `entity`."""
        return next((e for e in self.entities if entity is not None and e.entity.name == entity.name), None)

    def target(self, field: Field) -> EntityNames | None:
        """Return the names of the entity of this service that `field` refers to."""
        return self.named(self.surface.referenced(field))

    # ------------------------------------------------------------ tables

    def tables(self) -> list[dict[str, Any]]:
        """Return what `models.py` says of each entity."""
        return [
            {
                "model": e.model,
                "table": e.table,
                "doc": docstring(e.entity.description or f"A row of {e.table}"),
                "columns": [self._column(e, field) for field in e.entity.fields],
            }
            for e in self.entities
        ]

    def _column(self, names: EntityNames, field: Field) -> dict[str, Any]:
        python, _ = column_type(field)
        # Owners are known by their tokens; whether the account is kept here too does not matter.
        target = self.target(field) if field.name != names.entity.owner_field else None
        parts = column_parts(field, target=f"{target.table}.id" if target else None)
        if field.name == "id":
            parts += ["primary_key=True", "default=uuid4"]
        parts += _STAMPS.get(field.name, [])
        optional = not field.required and field.name not in {"id", *_STAMPS}
        return {
            "attr": names.columns[field.name],
            "python": f"{python} | None" if optional else python,
            "parts": parts,
        }

    # ------------------------------------------------------------ schemas

    def enums(self) -> list[dict[str, Any]]:
        """Return the enumerations, each a name and its values as literals."""
        found = [
            {"name": e.enums[f.name], "values": [literal(v) for v in f.enum]}
            for e in self.entities
            for f in e.entity.fields
            if f.type == "enum"
        ]
        if self.surface.consumed and any(p.kind == "receive_event" for p in self.surface.plans):
            found.append({"name": "EventType", "values": [literal(e.name) for e in self.surface.consumed]})
        return found

    def annotate(self, names: EntityNames, field: Field) -> str:
        """Return the annotation of `field` within `schemas.py`."""
        return names.enums.get(field.name) or annotation(field)

    def schemas(self) -> list[dict[str, Any]]:
        """Return what `schemas.py` says of each component, in an order that needs no forward reference."""
        found = [self._record(e) for e in self.entities]
        pages = {p.entity.name: p.entity for p in self.surface.plans if p.answer == "page" and p.entity}
        found += [self._page(entity) for entity in pages.values()]
        bodies: dict[str, dict[str, Any]] = {}
        for plan in self.surface.plans:
            names = self.named(plan.entity)
            if plan.body is None or names is None or plan.kind == "receive_event":
                continue
            key = ("shared", "Credentials") if plan.kind == "login" else ("body", plan.body.schema)
            name = self.schema(*key)
            fields = [self._body_field(names, f, partial=plan.body.partial) for f in plan.body.fields]
            doc = f"What {plan.operation.id} takes"
            bodies.setdefault(name, _schema(name, "Body", doc, fields, partial=plan.body.partial))
        return found + list(bodies.values()) + self._shared()

    def _record(self, names: EntityNames) -> dict[str, Any]:
        fields = []
        for field in names.entity.fields:
            if field.type == "password":
                continue
            source = names.enums.get(field.name) or answer_annotation(field)
            source += "" if field.required or field.name in {"id", *_STAMPS} else " | None"
            fields.append(_line(names.attributes[field.name], source, field.name, "serialization_alias"))
        doc = names.entity.description or f"What the service tells of one {names.noun}"
        return _schema(names.model, "Record", doc, fields)

    def _page(self, entity: Entity) -> dict[str, Any]:
        lines = [f"items: list[{self.schema('entity', entity.name)}]", "total: int", "limit: int", "offset: int"]
        return _schema(self.schema("page", entity.name), "Record", f"A page of {entity.plural}", lines)

    def _body_field(self, names: EntityNames, field: Field, *, partial: bool) -> str:
        source = self.annotate(names, field) + ("" if field.required else " | None")
        default = None
        if partial:
            default = "None"
        elif field.default is not None:
            default = default_source(field)
        elif not field.required:
            default = "None"
        forced = partial and field.required
        return _line(names.attributes[field.name], source, field.name, "alias", default=default, forced=forced)

    def _shared(self) -> list[dict[str, Any]]:
        answers = {p.answer for p in self.surface.plans}
        found = []
        if "token" in answers:
            lines = ["access_token: str", "token_type: str", "expires_in: int"]
            found.append(_schema(self.schema("shared", "Token"), "Record", "A bearer token", lines))
        if "principal" in answers:
            lines = ["id: str", "role: str"]
            found.append(_schema(self.schema("shared", "Principal"), "Record", "Who is calling", lines))
        if "result" in answers:
            lines = ["operation: str", "status: str"]
            found.append(_schema(self.schema("shared", "Result"), "Record", "That something was done", lines))
        if any(p.kind == "receive_event" for p in self.surface.plans):
            found += self._events()
        return found

    def _events(self) -> list[dict[str, Any]]:
        text = "Annotated[fields.Text, Field(min_length=1, max_length=200)]"
        types = [literal(e.name) for e in self.surface.consumed]
        lines = [f"id: {text}", f"type: {'EventType' if types else text}", f"source: {text}"]
        lines += ["time: fields.DateTime", "data: fields.Json"]
        receipt = ["id: str", "status: str"]
        return [
            _schema(self.schema("shared", "Event"), "Body", "Something that another service announces", lines),
            _schema(self.schema("shared", "EventReceipt"), "Record", "That an event was taken", receipt),
        ]


def _schema(name: str, base: str, doc: str, fields: list[str], *, partial: bool = False) -> dict[str, Any]:
    return {"name": name, "base": base, "doc": docstring(doc), "fields": fields, "partial": partial}


def default_source(field: Field) -> str:
    """Return the source of the field's default."""
    if field.type == "money":
        return f'Decimal("{field.default}")'
    return (
        literal(float(field.default))
        if field.type == "number" and field.default is not None
        else literal(field.default)
    )


def _line(
    attribute: str, source: str, name: str, alias: str, *, default: str | None = None, forced: bool = False
) -> str:
    """Return one field of a model; `forced` hides from type checkers that the default is of another type."""
    line = f"{attribute}: {source}"
    parts = [f"default={default}"] if default is not None else []
    if attribute != name:
        return f"{line} = Field({', '.join([*parts, f'{alias}={literal(name)}'])})"
    if default is None:
        return line
    return f"{line} = Field(default=None)" if forced else f"{line} = {default}"
