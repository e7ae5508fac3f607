"""Serializers of REST framework as schemas of what they take."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.limits import limited, nullable
from pytest_superteam.discovery.contracts.derive.python_types import field_limits
from pytest_superteam.scanners.facts.services import definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Serializers"]

_STRING: dict[str, Any] = {"type": "string"}
_INTEGER: dict[str, Any] = {"type": "integer"}
_FIELDS: dict[str, dict[str, Any]] = {
    "CharField": _STRING, "TextField": _STRING, "SlugField": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "EmailField": {"type": "string", "format": "email"}, "URLField": {"type": "string", "format": "uri"},
    "UUIDField": {"type": "string", "format": "uuid"}, "IntegerField": _INTEGER, "BigIntegerField": _INTEGER,
    "SmallIntegerField": _INTEGER, "PositiveIntegerField": {"type": "integer", "minimum": 0},
    "PositiveSmallIntegerField": {"type": "integer", "minimum": 0}, "FloatField": {"type": "number"},
    "DecimalField": {"type": ["number", "string"]}, "BooleanField": {"type": "boolean"},
    "DateTimeField": {"type": "string", "format": "date-time"}, "DateField": {"type": "string", "format": "date"},
    "DictField": {"type": "object"}, "HStoreField": {"type": "object"},
}  # fmt: skip
_READ_ONLY = frozenset(
    {"ReadOnlyField", "SerializerMethodField", "HyperlinkedIdentityField", "HiddenField", "StringRelatedField"}
)
_MADE = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})
_DEPTH = 6


class Serializers:
    """Reads the serializers of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree

    def bases(self, module: PythonModule, cls: ast.ClassDef) -> list[tuple[PythonModule, ast.ClassDef]]:
        """Return the class and its bases of the service, nearest first."""
        found = [(module, cls)]
        for home, node in found:
            for base in node.bases if len(found) <= _DEPTH * 2 else ():
                outer = definition(self.tree, home, base)
                if outer is not None and isinstance(outer[1], ast.ClassDef) and outer[1] not in {c for _, c in found}:
                    found.append((outer[0], outer[1]))
        return found

    def schema(self, module: PythonModule, cls: ast.ClassDef, depth: int = 0) -> dict[str, Any]:
        """Return the schema of what a serializer takes; `{}` where it decides that by itself."""
        lines = self.bases(module, cls)
        if depth > _DEPTH or not any("erializer" in home.qualname(b) for home, c in lines for b in c.bases):
            return {}
        if any(getattr(m, "name", "") in {"to_internal_value", "get_fields"} for _, c in lines for m in c.body):
            return {}
        found: dict[str, tuple[dict[str, Any], bool] | None] = dict(self._model_fields(lines))
        for home, node in reversed(lines):
            for name, values in home.local_bindings(node).items():
                if isinstance(values[-1], ast.Call) and (made := self._declared(home, values[-1], depth)) is not None:
                    found[name] = made[0]
        fields = {name: made for name, made in found.items() if made is not None}
        required = sorted(name for name, (_, needed) in fields.items() if needed)
        schema: dict[str, Any] = {"type": "object"}
        schema |= {"properties": {name: part for name, (part, _) in fields.items()}} if fields else {}
        return schema | ({"required": required} if required else {})

    def _declared(
        self, module: PythonModule, call: ast.Call, depth: int
    ) -> tuple[tuple[dict[str, Any], bool] | None] | None:
        """Return what a field takes, within a tuple; a tuple of None for one that only gives; None for no field."""
        last = module.qualname(call.func).rsplit(".", 1)[-1]
        inner = definition(self.tree, module, call.func)
        if not last.endswith(("Field", "Serializer", "RelatedField")):
            return None
        said = field_limits(self.tree, module, call)
        if last in _READ_ONLY or said.get("read_only") is True:
            return (None,)
        nested = inner is not None and isinstance(inner[1], ast.ClassDef) and last.endswith("Serializer")
        part = self.schema(inner[0], inner[1], depth + 1) if nested and inner else dict(_FIELDS.get(last, {}))  # type: ignore[arg-type]  # `nested` says it is a class
        if said.get("many") is True:
            part = {"type": "array", "items": part} if part else {"type": "array"}
        needed = said.get("required", True) is True and not any(k.arg == "default" for k in call.keywords)
        if "allow_blank" not in said and part.get("type") == "string" and "format" not in part:
            said.setdefault("min_length", 1)
        part = limited(part, said)
        return ((nullable(part) if said.get("allow_null") is True else part, needed),)

    # ------------------------------------------------------------ models

    def _model_fields(
        self, lines: list[tuple[PythonModule, ast.ClassDef]]
    ) -> Iterator[tuple[str, tuple[dict[str, Any], bool] | None]]:
        """Yield what `class Meta` takes over from a model, as far as the model is of the service."""
        for module, cls in lines:
            meta = next((c for c in cls.body if isinstance(c, ast.ClassDef) and c.name == "Meta"), None)
            if meta is None:
                continue
            said = {name: values[-1] for name, values in module.local_bindings(meta).items()}
            listed, fixed = (module.literal(said.get(key)) for key in ("fields", "read_only_fields"))
            model = definition(self.tree, module, said.get("model"))
            known = (
                dict(self._columns(model[0], model[1]))
                if model is not None and isinstance(model[1], ast.ClassDef)
                else {}
            )
            names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else list(known)
            closed = {name for name in fixed if isinstance(name, str)} if isinstance(fixed, list) else set()
            for name in names:
                automatic = name in closed or name in {"id", "pk"}
                yield name, None if automatic else known.get(name, ({}, False))
            return

    def _columns(
        self, module: PythonModule, model: ast.ClassDef
    ) -> Iterator[tuple[str, tuple[dict[str, Any], bool] | None]]:
        for home, node in reversed(self.bases(module, model)):
            for name, values in home.local_bindings(node).items():
                call = values[-1]
                if not isinstance(call, ast.Call):
                    continue
                last = home.qualname(call.func).rsplit(".", 1)[-1]
                if last.endswith("Field") or last == "ForeignKey":
                    yield name, self._column(home, call, last)

    def _column(self, module: PythonModule, call: ast.Call, last: str) -> tuple[dict[str, Any], bool] | None:
        """Return what a column takes, and whether it must be given; None for one that fills itself."""
        said = field_limits(self.tree, module, call)
        if last in _MADE or said.get("editable") is False or said.get("auto_now") or said.get("auto_now_add"):
            return None
        if "choices" in {k.arg for k in call.keywords} or last in {"ForeignKey", "OneToOneField", "ManyToManyField"}:
            part: dict[str, Any] = {}
        else:
            part = limited(dict(_FIELDS.get(last, {})), said)
        free = said.get("blank") is True or said.get("null") is True or any(k.arg == "default" for k in call.keywords)
        if part.get("type") == "string" and not said.get("blank") and "format" not in part:
            part["minLength"] = 1
        return nullable(part) if said.get("null") is True else part, not free and last != "ManyToManyField"
