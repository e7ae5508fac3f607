"""Python's annotations as JSON schemas; what is not known is `{}`, which allows anything."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.discovery.contracts.derive.limits import limited, nullable
from pytest_superteam.scanners.facts.services import definition, literal, value_of
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from pytest_superteam.discovery.contracts.derive.python_models import Models
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Named", "Types", "field_limits", "json_value"]

Named = tuple["PythonModule", ast.expr]
"""An expression, and the module that it stands in."""
Kind = Literal["scalar", "list", "model", "mapping", "unknown"]

_STRING: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_INTEGER: dict[str, Any] = {"type": "integer"}
_UUID = {"type": "string", "format": "uuid"}
_URI = {"type": "string", "format": "uri"}
_SCALARS: dict[str, dict[str, Any]] = {
    "int": _INTEGER, "float": _NUMBER, "str": _STRING, "bool": {"type": "boolean"}, "bytes": _STRING,
    "StrictInt": _INTEGER, "StrictFloat": _NUMBER, "StrictStr": _STRING, "StrictBool": {"type": "boolean"},
    "UUID": _UUID, "UUID1": _UUID, "UUID3": _UUID, "UUID4": _UUID, "UUID5": _UUID,
    "datetime": {"type": "string", "format": "date-time"}, "date": {"type": "string", "format": "date"},
    "time": _STRING, "Decimal": {"anyOf": [_NUMBER, _STRING]}, "EmailStr": {"type": "string", "format": "email"},
    "HttpUrl": _URI, "AnyUrl": _URI, "AnyHttpUrl": _URI, "SecretStr": {"type": "string", "format": "password"},
    "PositiveInt": {"type": "integer", "exclusiveMinimum": 0}, "NonNegativeInt": {"type": "integer", "minimum": 0},
    "NegativeInt": {"type": "integer", "exclusiveMaximum": 0}, "NonPositiveInt": {"type": "integer", "maximum": 0},
    "PositiveFloat": {"type": "number", "exclusiveMinimum": 0}, "NonNegativeFloat": {"type": "number", "minimum": 0},
    "IPv4Address": {"type": "string", "format": "ipv4"}, "IPv6Address": {"type": "string", "format": "ipv6"},
    "AwareDatetime": {"type": "string", "format": "date-time"}, "NaiveDatetime": _STRING,
    "conint": _INTEGER, "confloat": _NUMBER, "constr": _STRING, "condecimal": {"anyOf": [_NUMBER, _STRING]},
}  # fmt: skip
_HOMES = frozenset({"builtins", "uuid", "datetime", "decimal", "pydantic", "ipaddress", "typing", "typing_extensions"})
_LISTS = frozenset(
    {"list", "List", "Sequence", "Iterable", "set", "Set", "frozenset", "FrozenSet", "conlist", "Collection"}
)
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})
_THROUGH = frozenset({"Annotated", "Final", "Required", "NotRequired", "ReadOnly", "Mapped", "Awaitable"})
_DEPTH = 12


def json_value(value: object) -> bool:
    """Return whether a value of the source can stand in a document as it is."""
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")  # noqa: PLR0124  # no number equals itself but NaN doesn't
    return isinstance(value, (str, int)) or value is None


def field_limits(tree: SourceTree, module: PythonModule, call: ast.Call) -> dict[str, Any]:
    """Return what the keywords of a call of `Field`, `Query` or their like say, as far as it is written down."""
    found = {k.arg: literal(tree, module, k.value) for k in call.keywords if k.arg}
    return {name: value for name, value in found.items() if value is not UNKNOWN}


class Types:
    """Turns annotations into schemas. Classes become components of `models`."""

    def __init__(self, tree: SourceTree, models: Models) -> None:
        self.tree = tree
        self.models = models

    def schema(self, module: PythonModule, node: ast.AST | None, depth: int = 0) -> dict[str, Any]:
        """Return the schema of an annotation."""
        node = _parsed(node)
        if node is None or depth > _DEPTH:
            return {}
        if isinstance(node, ast.Constant):
            return {"type": "null"} if node.value is None else {}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union(module, [node.left, node.right], depth)
        if isinstance(node, ast.Subscript):
            return self._generic(module, node, depth)
        if isinstance(node, ast.Call):  # conint(gt=0)
            name = _last(module, node.func)
            known = _SCALARS.get(name) if name.startswith("con") else None
            return limited(known, field_limits(self.tree, module, node)) if known else {}
        return self._named(module, node, depth)

    def kind(self, module: PythonModule, node: ast.AST | None, depth: int = 0) -> Kind:
        """Return what sort of thing an annotation is: it decides where FastAPI looks for a parameter."""
        node = _parsed(node)
        if node is None or depth > _DEPTH:
            return "unknown"
        if isinstance(node, (ast.BinOp, ast.Subscript)):
            return self._kind_of_parts(module, node, depth)
        if isinstance(node, ast.Call):
            return "scalar" if _last(module, node.func) in _SCALARS else "unknown"
        name = _scalar_name(module, node)
        if name:
            return "scalar"
        plain = _last(module, node)
        if plain in _LISTS | {"tuple", "Tuple"}:
            return "list"
        if plain in _MAPPINGS:
            return "mapping"
        found = definition(self.tree, module, node)
        if found is not None and isinstance(found[1], ast.ClassDef):
            return self.models.kind(found[0], found[1])
        bound = value_of(self.tree, module, node)
        return self.kind(*bound, depth + 1) if bound is not None and bound[1] is not node else "unknown"

    def _kind_of_parts(self, module: PythonModule, node: ast.BinOp | ast.Subscript, depth: int) -> Kind:
        if isinstance(node, ast.Subscript):
            name = _last(module, node.value)
            if name in _LISTS | {"tuple", "Tuple"}:
                return "list"
            if name in _MAPPINGS:
                return "mapping"
            if name == "Literal":
                return "scalar"
            if name not in _THROUGH | {"Optional", "Union"}:
                return self.kind(module, node.value, depth + 1)
            parts = _elements(node)[: 1 if name in _THROUGH else None]
        else:
            parts = [node.left, node.right]
        kinds = {self.kind(module, part, depth + 1) for part in parts if not _is_none(part)}
        order: tuple[Kind, ...] = ("unknown", "model", "mapping", "list", "scalar")
        return next((kind for kind in order if kind in kinds), "unknown")

    # ------------------------------------------------------------ parts

    def _named(self, module: PythonModule, node: ast.AST, depth: int) -> dict[str, Any]:
        name = _scalar_name(module, node)
        if name:
            return dict(_SCALARS[name])
        last = _last(module, node)
        if definition(self.tree, module, node) is None and last in _LISTS:
            return {"type": "array"}
        if definition(self.tree, module, node) is None and last in _MAPPINGS:
            return {"type": "object"}
        found = definition(self.tree, module, node)
        if found is not None:
            return self.models.reference(found[0], found[1]) if isinstance(found[1], ast.ClassDef) else {}
        bound = value_of(self.tree, module, node)
        return self.schema(*bound, depth + 1) if bound is not None and bound[1] is not node else {}

    def _union(self, module: PythonModule, nodes: list[ast.expr], depth: int) -> dict[str, Any]:
        parts = [self.schema(module, node, depth + 1) for node in nodes]
        if any(not part for part in parts):
            return {}
        flat: list[dict[str, Any]] = []
        for part in parts:
            flat += [one for one in (part["anyOf"] if set(part) == {"anyOf"} else [part]) if one not in flat]
        return flat[0] if len(flat) == 1 else {"anyOf": flat}

    def _generic(self, module: PythonModule, node: ast.Subscript, depth: int) -> dict[str, Any]:
        name, parts = _last(module, node.value), _elements(node)
        if not parts:
            return {}
        if name == "Optional":
            return nullable(self.schema(module, parts[0], depth + 1))
        if name == "Union":
            return self._union(module, parts, depth)
        if name in _THROUGH:
            found = self.schema(module, parts[0], depth + 1)
            for extra in parts[1:]:
                if isinstance(extra, ast.Call):
                    found = limited(found, field_limits(self.tree, module, extra))
            return found
        if name == "Literal":
            values = [literal(self.tree, module, part) for part in parts]
            return {"enum": values} if all(json_value(v) for v in values) and values else {}
        return self._container(module, node, name, depth)

    def _container(self, module: PythonModule, node: ast.Subscript, name: str, depth: int) -> dict[str, Any]:
        parts = _elements(node)
        if name in _LISTS or (name in {"tuple", "Tuple"} and len(parts) > 1 and _is_ellipsis(parts[-1])):
            items = self.schema(module, parts[0], depth + 1)
            return {"type": "array", "items": items} if items else {"type": "array"}
        if name in {"tuple", "Tuple"}:
            return {"type": "array"}
        if name in _MAPPINGS:
            values = self.schema(module, parts[-1], depth + 1) if len(parts) > 1 else {}
            return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
        found = definition(self.tree, module, node.value)
        return {"type": "object"} if found is not None and self.models.is_model(found) else {}


def _parsed(node: ast.AST | None) -> ast.AST | None:
    """Return an annotation, one in quotation marks parsed."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return node
    try:
        return ast.parse(node.value[:1000].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _elements(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _last(module: PythonModule, node: ast.AST) -> str:
    return module.qualname(node).rsplit(".", 1)[-1]


def _scalar_name(module: PythonModule, node: ast.AST) -> str:
    """Return the key of a scalar that a name is: one of the language or of a library, not of the service."""
    name = module.qualname(node)
    home, _, last = name.rpartition(".")
    if last not in _SCALARS or last.startswith("con"):
        return ""
    if home.split(".")[0] in _HOMES:
        return last
    return last if not home and re.match(r"[a-z]+$", last) and last not in module.definitions else ""


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
