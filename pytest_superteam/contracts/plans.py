"""The nouns of a service's surface: an operation made concrete, its parameters and its body."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Literal

from pytest_superteam.models import Dependency, Entity, Field, Operation, Parameter

__all__ = [
    "PATH_PARAMETER",
    "Body",
    "Filter",
    "PathParameter",
    "Plan",
    "identifies",
    "parameter_field",
    "snake",
    "template",
]

PATH_PARAMETER = re.compile(r"\{([^{}/]*)\}")


def snake(text: str) -> str:
    """Return `text` in snake_case; letters of other scripts stay."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[\W_]+", "_", parted).strip("_").lower()


@dataclass(frozen=True)
class PathParameter:
    """One `{name}` of a path.

    `role` is `key` where it names the row itself (by `field`), `parent` where it names a row of `parent` that the row
    refers to by `field` (None: only the parent's existence matters; `parent` None: a row kept elsewhere, or a plain
    field), and `free` otherwise.
    """

    name: str
    role: Literal["key", "parent", "free"]
    field: Field | None = None
    parent: Entity | None = None


@dataclass(frozen=True)
class Filter:
    """One query parameter. `mode` says how `field` is compared; `search` looks into every text."""

    parameter: Parameter
    mode: Literal["equals", "minimum", "maximum", "search", "none"]
    field: Field | None = None


@dataclass(frozen=True)
class Body:
    """What a request carries: the `fields` under the schema name `schema`; `partial` makes every one optional."""

    schema: str
    fields: tuple[Field, ...]
    partial: bool = False


@dataclass(frozen=True)
class Plan:
    """An operation made concrete. `kind` is the operation's, or `action` where it lacks what its kind needs."""

    operation: Operation
    kind: str
    entity: Entity | None
    path: tuple[PathParameter, ...]
    filters: tuple[Filter, ...]
    body: Body | None
    answer: Literal["record", "page", "token", "principal", "result", "accepted", "probe", "none"]
    success: int
    errors: tuple[int, ...]
    remote: tuple[tuple[Field, Dependency], ...] = ()
    """References of the request that another service is asked about."""

    @property
    def key(self) -> PathParameter | None:
        """Return the path parameter that names the row, if any."""
        return next((p for p in self.path if p.role == "key"), None)

    @property
    def parents(self) -> tuple[PathParameter, ...]:
        """Return the path parameters that name rows above the row."""
        return tuple(p for p in self.path if p.role == "parent")


def template(path: str) -> str:
    """Return `path` as a valid template: one slash in front, no query, every parameter with a name of its own."""
    seen: list[str] = []

    def named(found: re.Match[str]) -> str:
        stem = re.sub(r"[?#\x00-\x20]", "", found[1]) or "parameter"
        seen.append(next(n for n in chain([stem], (f"{stem}_{i}" for i in count(2))) if n not in seen))
        return f"{{{seen[-1]}}}"

    return "/" + re.sub(r"[?#].*", "", PATH_PARAMETER.sub(named, path), flags=re.DOTALL).lstrip("/")


def identifies(field: Field) -> bool:
    """Return whether somebody can sign in with this field."""
    return field.type == "email" or (field.type == "string" and field.name in {"email", "username", "login", "phone"})


def parameter_field(parameter: Parameter, field: Field | None) -> Field:
    """Return the field that a query parameter takes values of: that of `field` where it compares one, else its own."""
    if field is not None:
        return replace(field, min_length=None, default=None)
    kind = parameter.type if parameter.type not in {"list", "json", "password", "reference"} else "string"
    if kind == "enum" and not parameter.enum:
        kind = "string"
    if parameter.enum:
        kind = "enum"
    return Field(parameter.name, kind, required=parameter.required, enum=tuple(dict.fromkeys(parameter.enum)))
