"""Classes of TypeScript with the decorators of class-validator as schemas of what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.limits import limited, nullable
from pytest_superteam.scanners.facts.routes.javascript_links import Links, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Classes", "dto_type"]

_PLAIN: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date-time"},
}
_VALIDATED: dict[str, dict[str, Any]] = {
    "IsString": {"type": "string"}, "IsInt": {"type": "integer"}, "IsNumber": {"type": "number"},
    "IsBoolean": {"type": "boolean"}, "IsEmail": {"type": "string", "format": "email"},
    "IsUUID": {"type": "string", "format": "uuid"}, "IsUrl": {"type": "string", "format": "uri"},
    "IsDateString": {"type": "string", "format": "date-time"}, "IsISO8601": {"type": "string", "format": "date-time"},
    "IsPositive": {"type": "number", "exclusiveMinimum": 0}, "IsObject": {"type": "object"},
}  # fmt: skip
_LIMITS = {
    "Min": "min_value", "Max": "max_value", "MinLength": "min_length", "MaxLength": "max_length",
    "ArrayMinSize": "min_length", "ArrayMaxSize": "max_length",
}  # fmt: skip
_PARTIAL = frozenset({"PartialType", "OmitType", "PickType", "IntersectionType"})
_DEPTH = 6
_MOST = 300


def dto_type(node: Node) -> Node | None:
    """Return the type that a parameter or field is annotated with."""
    annotation = node.child_by_field_name("type")
    return next(iter(annotation.named_children), None) if annotation is not None else None


class Classes:
    """Reads the classes of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.links: Links = links(tree)

    def of_type(self, module: JavaScriptModule, node: Node | None, depth: int = 0) -> dict[str, Any]:
        """Return the schema of a type; `{}` where nothing is known."""
        if node is None or depth > _DEPTH:
            return {}
        text = module.text(node)
        if text in _PLAIN:
            return dict(_PLAIN[text])
        if node.type == "array_type":
            items = self.of_type(module, next(iter(node.named_children), None), depth + 1)
            return {"type": "array", "items": items} if items else {"type": "array"}
        if node.type == "generic_type":
            return {"type": "array"} if text.startswith("Array<") else {}
        if node.type == "union_type":
            return self._union(module, node, depth)
        if node.type == "literal_type":
            value = module.literal(next(iter(node.named_children), None))
            return {"enum": [value]} if isinstance(value, (str, int)) else {}
        found = self._named(module, node) if node.type == "type_identifier" else None
        return self.schema(*found, depth + 1) if found is not None else {}

    def _union(self, module: JavaScriptModule, node: Node, depth: int) -> dict[str, Any]:
        parts = [child for child in node.named_children if module.text(child) != "undefined"]
        values = [self.of_type(module, child, depth + 1) for child in parts if module.text(child) != "null"]
        if not values or any(not value for value in values):
            return {}
        flat = [one for value in values for one in value.get("enum", ())]
        found = {"enum": flat} if all(set(value) == {"enum"} for value in values) else {}
        found = found or (values[0] if len(values) == 1 else {"anyOf": values})
        return nullable(found) if len(values) < len(parts) else found

    def _named(self, module: JavaScriptModule, node: Node) -> tuple[JavaScriptModule, Node] | None:
        """Return the class that a type names, here or in the module that it is imported from."""
        text = module.text(node)
        own = next((c for c in module.classes if module.text(c.child_by_field_name("name")) == text), None)
        if own is not None:
            return module, own
        parts = module.type_name(node).split(".")
        for cut in range(len(parts), 0, -1):
            other = self.links.module(".".join(parts[:cut]))
            if other is not None and other is not module:
                found = self.links.exported(other, parts[cut:])
                return found if found is not None and found[1].type.startswith("class") else None
        return None

    # ------------------------------------------------------------ classes

    def schema(self, module: JavaScriptModule, cls: Node, depth: int = 0) -> dict[str, Any]:
        """Return the schema of what a class takes."""
        fields, complete = self._fields(module, cls, depth)
        if not complete:
            return {"type": "object"}
        required = sorted(name for name, (_, needed) in fields.items() if needed)
        found: dict[str, Any] = {"type": "object"}
        found |= {"properties": {name: part for name, (part, _) in fields.items()}} if fields else {}
        return found | ({"required": required} if required else {})

    def _fields(
        self, module: JavaScriptModule, cls: Node, depth: int
    ) -> tuple[dict[str, tuple[dict[str, Any], bool]], bool]:
        """Return the fields of a class and its bases, and whether these are all of them."""
        found: dict[str, tuple[dict[str, Any], bool]] = {}
        heritage = Links.heritage(module, cls)
        if heritage is not None and depth <= _DEPTH:
            inherited = self._inherited(module, heritage, depth)
            if inherited is None:
                return {}, False
            found |= inherited
        for item in module.children(cls.child_by_field_name("body"))[:_MOST]:
            if item.type == "public_field_definition":
                name = module.key(item.child_by_field_name("name"))
                if name:
                    found[name] = self._field(module, item, depth)
        return found, True

    def _inherited(
        self, module: JavaScriptModule, node: Node, depth: int
    ) -> dict[str, tuple[dict[str, Any], bool]] | None:
        """Return the fields of `Base`, `PartialType(Base)`, `OmitType(Base, ["a"])`; None where they are not known."""
        if node.type != "call_expression":
            base = self.links.follow(module, node)
            if base is None or not base[1].type.startswith("class"):
                return None
            fields, complete = self._fields(*base, depth + 1)
            return fields if complete else None
        kind = module.qualname(module.callee(node)).rsplit(".", 1)[-1]
        given = module.arguments(node)
        if kind not in _PARTIAL or not given:
            return None
        found: dict[str, tuple[dict[str, Any], bool]] = {}
        for base_node in given if kind == "IntersectionType" else given[:1]:
            below = self._inherited(module, base_node, depth + 1) if depth <= _DEPTH else None
            if below is None:
                return None
            found |= below
        named = module.literal(given[1]) if len(given) > 1 else []
        names = set(map(str, named)) if isinstance(named, list) else set()
        if kind == "PartialType":
            return {name: (part, False) for name, (part, _) in found.items()}
        if kind == "IntersectionType":
            return found
        return {name: made for name, made in found.items() if (name in names) == (kind == "PickType")}

    def _field(self, module: JavaScriptModule, item: Node, depth: int) -> tuple[dict[str, Any], bool]:
        marks = dict(self._marks(module, item))
        schema = self.of_type(module, dto_type(item), depth + 1)
        several = schema.get("type") == "array" or "IsArray" in marks
        for name in () if several else marks:
            said = _VALIDATED.get(name)
            if said is not None and not (name == "IsPositive" and "type" in schema and "IsInt" in marks):
                schema = {**schema, **said} if schema.get("type") in {None, said["type"], "number"} else {}
        if several and schema.get("type") != "array":
            schema = {"type": "array"}
        if "IsIn" in marks and isinstance(marks["IsIn"], list) and not several:
            values = [v for v in marks["IsIn"] if isinstance(v, (str, int))]
            schema = {"enum": values} if values and len(values) == len(marks["IsIn"]) else {}
        limits = {_LIMITS[name]: value for name, value in marks.items() if name in _LIMITS}
        if "Length" in marks and isinstance(marks["Length"], (int, float)):
            limits["min_length"] = int(marks["Length"])
        if "IsNotEmpty" in marks and schema.get("type") == "string" and "format" not in schema:
            limits.setdefault("min_length", 1)
        optional = "?" in [child.type for child in item.children] or "IsOptional" in marks
        optional = optional or item.child_by_field_name("value") is not None
        return limited(schema, {k: _whole(v) for k, v in limits.items()}), not optional

    def _marks(self, module: JavaScriptModule, item: Node) -> Iterator[tuple[str, Any]]:
        """Yield the decorators of a field with their first argument; those that this knows nothing of too."""
        for name, call, _ in module.decorators(item):
            given = module.arguments(call) if call is not None else []
            yield name.rsplit(".", 1)[-1], module.literal(given[0]) if given else None


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
