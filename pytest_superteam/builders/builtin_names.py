"""Text of requirements turned into identifiers, literals and docstrings that are safe in Python source."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import TYPE_CHECKING

from pytest_superteam.contracts.surface import snake

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Names", "docstring", "identifier", "literal"]

_LONGEST = 40
_PYTHON = frozenset({*keyword.kwlist, *keyword.softkwlist})
# What the generated modules call their own: imports, builtins in annotations, and attributes of the base classes.
_MODULES = frozenset(
    [
        "auth",
        "auths",
        "caller",
        "clients",
        "database",
        "date",
        "datetime",
        "events",
        "fields",
        "health",
        "main",
        "models",
        "now",
        "problems",
        "queries",
        "router",
        "schemas",
        "secrets",
        "select",
        "settings",
        "telemetry",
        "tests",
        "time",
        "update",
        "uuid4",
        "func",
        "index",
        "json",
        "logging",
        "or_",
        "re",
    ]
)
_BUILTINS = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "dict",
        "float",
        "getattr",
        "hash",
        "int",
        "isinstance",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "print",
        "property",
        "range",
        "round",
        "self",
        "cls",
        "set",
        "setattr",
        "sorted",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    ]
)
_BASES = frozenset(
    [
        "construct",
        "copy",
        "from_orm",
        "mapped_column",
        "metadata",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "registry",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
        "values",
        "changes",
    ]
)
# PostgreSQL has columns of these names in every table.
_COLUMNS = frozenset(["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"])
_LOCALS = frozenset(
    [
        "answer",
        "body",
        "id",
        "items",
        "limit",
        "offset",
        "query",
        "row",
        "rows",
        "session",
        "total",
        "client",
        "headers",
        "providers",
    ]
)
_CLASSES = frozenset(
    "AfterValidator Annotated Any APIRouter Base BaseModel BeforeValidator BigInteger Body Boolean Caller Cents "
    "ConfigDict Conflict Date Datetime DateTime DeclarativeBase Decimal Depends Double EventType Exception False "
    "Field FastAPI Float ForeignKey Forbidden InboxEvent Integer Iterator JSON JsonText Literal Mapped MetaData Money "
    "None NotFound Number OutboxEvent Path Problem Query Record Request Response RevokedToken Select Session String "
    "Text Time True Unauthorized Union UUID Uuid UtcDateTime Url Email Boolean".lower().split()
)


def identifier(text: str, *, fallback: str = "value") -> str:
    """Return a lower-case ASCII identifier that resembles `text`; it may be a reserved word."""
    plain = unicodedata.normalize("NFKD", snake(text)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:_LONGEST].strip("_")
    if not name:
        name = fallback
    return f"n{name}" if name[0].isdigit() else name


class Names:
    """Identifiers handed out once each; `reserved` adds to those that are never handed out."""

    def __init__(self, reserved: Iterable[str] = (), *, local: bool = False) -> None:
        self._taken = {*_PYTHON, *_MODULES, *_BUILTINS, *_BASES, *_COLUMNS, *reserved, *(_LOCALS if local else ())}

    def take(self, text: str, *, fallback: str = "value") -> str:
        """Return a free identifier that resembles `text`."""
        stem = identifier(text, fallback=fallback)
        if stem.startswith("model_"):
            stem = f"the_{stem}"
        choices = (stem, f"{stem}_", *(f"{stem}_{number}" for number in range(2, 10_000)))
        name = next(choice for choice in choices if choice not in self._taken)
        self._taken.add(name)
        return name


def class_names(names: Iterable[str]) -> dict[str, str]:
    """Return a distinct Python class name for each of `names`, which are ASCII letters and digits."""
    taken = set(_CLASSES) | {word.lower() for word in _PYTHON}
    found: dict[str, str] = {}
    for name in names:
        stem = name[0].upper() + name[1:]
        choices = (stem, f"{stem}Record", *(f"{stem}{number}" for number in range(2, 10_000)))
        found[name] = next(choice for choice in choices if choice.lower() not in taken)
        taken.add(found[name].lower())
    return found


def literal(value: object) -> str:
    """Return Python source of a plain value, with double quotes where they save escapes."""
    if isinstance(value, str):
        source = ascii(value) if not value.isprintable() else repr(value)
        if source[0] == "'" and '"' not in value:
            return f'"{source[1:-1]}"'
        return source
    if isinstance(value, (list, tuple)):
        inner = ", ".join(literal(item) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return repr(value)


def docstring(text: str, *, limit: int = 100) -> str:
    """Return `text` as one line that can stand between three double quotes or in a comment."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text if c not in '"\\').split())
    line = line if len(line) <= limit else f"{line[: limit - 3].rstrip()}..."
    line = line.strip() or "Do what the contract says"
    return line if line[-1] in ".!?" else f"{line}."
