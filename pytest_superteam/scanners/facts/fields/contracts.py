"""Fields of the schemas in a service's OpenAPI documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.contract import documents
from pytest_superteam.scanners.facts.fields.model import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["contract_shapes"]


def contract_shapes(tree: SourceTree, target: ScanTarget) -> Iterator[Shape]:
    """Yield the named schemas with properties."""
    for document in documents(tree, target):
        components = document.content.get("components")
        schemas = components.get("schemas") if isinstance(components, Mapping) else document.content.get("definitions")
        lines = tree.by_path[document.file].lines if document.file in tree.by_path else []
        for name, schema in schemas.items() if isinstance(schemas, Mapping) else ():
            properties = schema.get("properties") if isinstance(schema, Mapping) else None
            if isinstance(properties, Mapping):
                start = next((n for n, line in enumerate(lines) if line.strip().strip("\"'").startswith(f"{name}")), 0)
                fields = {str(field): _line(lines, start, str(field)) for field in properties}
                yield Shape(str(name), document.file, fields, contract=True)


def _line(lines: list[str], start: int, name: str) -> int:
    """Return the line of a property: the first behind its schema's that begins with it."""
    found = (
        n
        for n in range(start, len(lines))
        if lines[n].strip().lstrip("\"'{ ").startswith((f"{name}:", f'{name}"', f"{name}'"))
    )
    return next(found, 0) + 1
