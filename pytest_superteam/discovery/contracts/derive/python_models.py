"""Classes that describe data (pydantic, SQLModel, dataclasses, typed dictionaries, enumerations) as components.

What a class takes and what it gives differ (serializers, what is excluded, times without a zone), so that there is one
table for each; a component that is alike in both is told once.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.discovery.contracts.derive.limits import limited
from pytest_superteam.discovery.contracts.derive.python_types import Types, field_limits, json_value
from pytest_superteam.scanners.facts.services import definition, literal
from pytest_superteam.scanners.languages.python import keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Models"]

_BASES = frozenset({"BaseModel", "SQLModel", "GenericModel", "BaseSchema", "CamelModel"})
_ENUMS = frozenset({"Enum", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices", "Choices"})
_OPEN = frozenset({"RootModel"})
_RECORDS = frozenset({"TypedDict", "NamedTuple"})
_NO_FIELDS = frozenset({"Relationship", "relationship", "PrivateAttr", "ClassVar"})
_OPENING = frozenset({"model_serializer", "root_serializer"})
_MOST_FIELDS = 300
_MOST_MODELS = 2000
_CAMEL = re.compile(r"camel", re.IGNORECASE)
"""What the name of a function has that makes `tagList` of `tag_list`."""
_DEPTH = 10
_PREFIX = "#/components/schemas/"


@dataclass
class _Field:
    name: str
    schema: dict[str, Any]
    required: bool


class Models:
    """The components of one direction: what is taken, or with `answers` what is given."""

    def __init__(self, tree: SourceTree, *, answers: bool = False) -> None:
        self.tree = tree
        self.answers = answers
        self.types = Types(tree, self)
        self.components: dict[str, dict[str, Any]] = {}
        self._names: dict[ast.AST, str] = {}

    # ------------------------------------------------------------ what a class is

    def bases(self, module: PythonModule, cls: ast.ClassDef) -> list[tuple[PythonModule, ast.ClassDef]]:
        """Return the class and its bases of the service, nearest first."""
        found = [(module, cls)]
        for home, node in found:
            for base in node.bases if len(found) <= _DEPTH else ():
                inner = base.value if isinstance(base, ast.Subscript) else base
                outer = definition(self.tree, home, inner)
                if outer is not None and isinstance(outer[1], ast.ClassDef) and outer[1] not in {c for _, c in found}:
                    found.append((outer[0], outer[1]))
        return found

    def base_names(self, module: PythonModule, cls: ast.ClassDef) -> set[str]:
        """Return the last names of all bases, those outside the service included."""
        lines = self.bases(module, cls)
        names = {
            home.qualname(base.value if isinstance(base, ast.Subscript) else base).rsplit(".", 1)[-1]
            for home, node in lines
            for base in node.bases
        }
        own = {node.name for _, node in lines}
        return {name for name in names if name not in own}

    def kind(self, module: PythonModule, cls: ast.ClassDef) -> Literal["scalar", "model", "unknown"]:
        """Return whether a class describes a record, is an enumeration, or something else."""
        names = self.base_names(module, cls)
        if names & _ENUMS:
            return "scalar"
        return "model" if names & (_BASES | _OPEN | _RECORDS) or self._is_dataclass(module, cls) else "unknown"

    def is_model(self, found: tuple[PythonModule, ast.AST]) -> bool:
        """Return whether a definition describes a record."""
        return isinstance(found[1], ast.ClassDef) and self.kind(found[0], found[1]) == "model"

    def _is_dataclass(self, module: PythonModule, cls: ast.ClassDef) -> bool:
        marks = [d.func if isinstance(d, ast.Call) else d for d in cls.decorator_list]
        return any(module.qualname(mark).rsplit(".", 1)[-1] == "dataclass" for mark in marks)

    # ------------------------------------------------------------ components

    def reference(self, module: PythonModule, cls: ast.ClassDef) -> dict[str, Any]:
        """Return a reference to the component of a class; `{}` for a class that describes no data."""
        kind = self.kind(module, cls)
        if kind == "unknown" or len(self._names) > _MOST_MODELS:
            return {}
        if cls not in self._names:
            name = self._names[cls] = self._unused(re.sub(r"[^\w.-]", "_", cls.name, flags=re.ASCII))
            self.components[name] = {}
            made = self._enumeration(module, cls) if kind == "scalar" else self._record(module, cls)
            self.components[name] = made
        return {"$ref": _PREFIX + self._names[cls]}

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the component that a reference names, anything else as it is."""
        return self.components.get(str(schema.get("$ref", "")).removeprefix(_PREFIX), schema)

    def _unused(self, name: str) -> str:
        number, unused = 2, name
        while unused in self.components:
            unused, number = f"{name}{number}", number + 1
        return unused

    def _enumeration(self, module: PythonModule, cls: ast.ClassDef) -> dict[str, Any]:
        values = []
        for statement in cls.body:
            if isinstance(statement, ast.Assign) and not _target(statement).startswith("_"):
                value = module.literal(statement.value)
                values.append(value[0] if isinstance(value, list) and value else value)
        textual = self.base_names(module, cls) & {"str", "StrEnum", "TextChoices"}
        if values and all(json_value(value) for value in values):
            return {"enum": list(dict.fromkeys(values))}
        return {"type": "string"} if textual else {}

    def _record(self, module: PythonModule, cls: ast.ClassDef) -> dict[str, Any]:
        names = self.base_names(module, cls)
        lines = self.bases(module, cls)
        if names & _OPEN or any(_opens(node) for _, node in lines):
            return {}
        found: dict[str, _Field] = {}
        for home, node in reversed(lines):
            for name, made in self._fields(home, node):
                if made is None:
                    found.pop(name, None)
                else:
                    found[name] = made
        renamed = next((name for home, node in lines if (name := _renames(home, node))), "")
        if not found or (renamed and not _CAMEL.search(renamed)):
            return {"type": "object"}
        shown = {name: _camel(name) if renamed and f.name == name else f.name for name, f in found.items()}
        schema: dict[str, Any] = {"type": "object", "properties": {shown[n]: f.schema for n, f in found.items()}}
        required = sorted({shown[name] for name, f in found.items() if f.required})
        return {**schema, "required": required} if required and not (renamed and self.answers) else schema

    # ------------------------------------------------------------ fields

    def _fields(self, module: PythonModule, cls: ast.ClassDef) -> Iterator[tuple[str, _Field | None]]:
        """Yield the fields of one class by their names in Python; None for one that is not there any more."""
        opened = _serialized(module, cls) if self.answers else frozenset()
        for statement in cls.body[: _MOST_FIELDS * 2]:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name = statement.target.id
            if name.startswith("_") or name == "model_config" or _mentions(module, statement, _NO_FIELDS):
                yield name, None
                continue
            yield name, self._field(module, statement, name, free="*" in opened or name in opened)

    def _field(self, module: PythonModule, statement: ast.AnnAssign, name: str, *, free: bool) -> _Field | None:
        value = statement.value
        calls = [value] if isinstance(value, ast.Call) else []
        calls += _annotated(module, statement.annotation)
        said: dict[str, Any] = {}
        for call in calls:
            said |= field_limits(self.tree, module, call)
        if said.get("exclude") is True and self.answers:
            return None
        schema = {} if free else limited(self.types.schema(module, statement.annotation), said)
        if self.answers:
            schema = _without_zone(schema)
        names = ("serialization_alias", "alias") if self.answers else ("validation_alias", "alias")
        shown = next((said[key] for key in names if isinstance(said.get(key), str)), name)
        if not self.answers and any(keyword(call, "validation_alias") is not None for call in calls):
            schema = {} if not isinstance(said.get("validation_alias"), str) else schema
            return _Field(shown, schema, required=False)
        return _Field(shown, schema, self._is_required(module, statement, calls))

    def _is_required(self, module: PythonModule, statement: ast.AnnAssign, calls: list[ast.Call]) -> bool:
        if _mentions(module, statement, frozenset({"NotRequired"})):
            return False
        if any(keyword(call, "default_factory") is not None for call in calls):
            return False
        for call in calls:
            default = keyword(call, "default")
            positional = call.args[0] if call is statement.value and call.args else None
            given = default if default is not None else positional
            if given is not None:
                return isinstance(given, ast.Constant) and given.value is Ellipsis
        if statement.value is None:
            return True
        if isinstance(statement.value, ast.Call):
            last = module.qualname(statement.value.func).rsplit(".", 1)[-1]
            return last in {"Field", "field"}
        return literal(self.tree, module, statement.value) is Ellipsis


def _annotated(module: PythonModule, node: ast.expr) -> list[ast.Call]:
    """Return the calls in `Annotated[int, Field(ge=1)]`."""
    if not isinstance(node, ast.Subscript) or module.qualname(node.value).rsplit(".", 1)[-1] != "Annotated":
        return []
    parts = node.slice.elts[1:] if isinstance(node.slice, ast.Tuple) else []
    return [part for part in parts if isinstance(part, ast.Call)]


def _target(statement: ast.Assign) -> str:
    first = statement.targets[0]
    return first.id if isinstance(first, ast.Name) else "_"


def _mentions(module: PythonModule, statement: ast.AnnAssign, names: frozenset[str]) -> bool:
    """Return whether the annotation or the value of a field is one of `names`."""
    value = statement.value.func if isinstance(statement.value, ast.Call) else None
    note = statement.annotation
    note = note.value if isinstance(note, ast.Subscript) else note
    return any(module.qualname(node).rsplit(".", 1)[-1] in names for node in (value, note) if node is not None)


def _marks(cls: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for method in cls.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for mark in method.decorator_list:
                called = mark.func if isinstance(mark, ast.Call) else mark
                yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), mark


def _opens(cls: ast.ClassDef) -> bool:
    """Return whether a class says by a function, or not at all, what it looks like."""
    named = {s.target.id for s in cls.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)}
    return "__root__" in named or any(name in _OPENING for name, _ in _marks(cls)) or _reshapes(cls)


def _reshapes(cls: ast.ClassDef) -> bool:
    """Return whether a function sees the data before its fields do, and may take what does not look like them."""
    for name, mark in _marks(cls):
        if name in {"model_validator", "root_validator"} and isinstance(mark, ast.Call):
            values = [k.value for k in mark.keywords if k.arg in {"mode", "pre"}]
            if any(isinstance(v, ast.Constant) and v.value in {"before", "wrap", True} for v in values):
                return True
    return False


def _serialized(module: PythonModule, cls: ast.ClassDef) -> frozenset[str]:
    """Return the fields that a function turns into something else when they are given; `*` for all."""
    found: set[str] = set()
    for name, mark in _marks(cls):
        if name in {"field_serializer", "serializer"} and isinstance(mark, ast.Call):
            found |= {str(v) for arg in mark.args if isinstance(v := module.literal(arg), str)}
    if any(isinstance(node, ast.Constant) and node.value == "json_encoders" for node in ast.walk(cls)):
        found.add("*")
    encoders = (n for n in ast.walk(cls) if isinstance(n, (ast.keyword, ast.Name)))
    if any(getattr(n, "arg", "") == "json_encoders" or getattr(n, "id", "") == "json_encoders" for n in encoders):
        found.add("*")
    return frozenset(found)


def _renames(module: PythonModule, cls: ast.ClassDef) -> str:
    """Return the name of the function that makes the fields' names outside; empty where they are as they are."""
    configs = [c for c in cls.body if isinstance(c, ast.ClassDef) and c.name == "Config"]
    given: list[ast.expr | None] = [v[-1] for c in configs if (v := module.local_bindings(c).get("alias_generator"))]
    for value in module.local_bindings(cls).get("model_config", []):
        if isinstance(value, ast.Call):
            given.append(keyword(value, "alias_generator"))
        elif isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            given += [part for key, part in pairs if module.literal(key) == "alias_generator"]
    named = [module.qualname(node) or "something" for node in given if node is not None]
    return named[0] if named else ""


def _camel(name: str) -> str:
    """Return `tag_list` as `tagList`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _without_zone(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the format of a time, which a time without a zone does not have."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_without_zone(part) for part in schema["anyOf"]]}
    if schema.get("type") == "array" and "items" in schema:
        return {**schema, "items": _without_zone(schema["items"])}
    return {k: v for k, v in schema.items() if k != "format" or v != "date-time"}
