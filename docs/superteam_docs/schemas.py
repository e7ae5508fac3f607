"""The pages of files that others read, made of their JSON schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_superteam
from superteam_docs.markdown import anchor, page, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SCHEMAS", "schema_page"]

PACKAGE = Path(pytest_superteam.__file__).parent
SCHEMAS = {
    "report.md": "reports/schemas/gate-report.schema.json",
    "service-map.md": "architect/schemas/service-map.schema.json",
    "domain-model.md": "architect/schemas/domain-model.schema.json",
    "pipeline-state.md": "pipeline/state/schemas/pipeline-state.schema.json",
    "events.md": "pipeline/watch/event.schema.json",
}
"""Page to schema, below the package."""
_COLUMNS = ("key", "is", "meaning")
_LONGEST_LIST = 12  # values of an enumeration that are shown in a cell


def schema_page(name: str) -> str:
    """Return a page, in Markdown: the keys of the document, then those of each of its parts."""
    path = SCHEMAS[name]
    schema = json.loads((PACKAGE / path).read_text(encoding="utf-8"))
    parts = _Parts(schema)
    where = f"Its JSON schema is `pytest_superteam/{path}` in the package."
    head = f"# {schema['title']}\n\n{schema.get('description', '')}\n\n{where}"
    keys = "Keys marked * are always there." if any(node.get("required") for node in parts.found.values()) else ""
    return page(head, keys, *(_section(title, node, parts) for title, node in parts.found.items()))


class _Parts:
    """The objects of a schema by the titles of their sections: the document, what it defines, what stands within."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.definitions = schema.get("$defs", {})
        self.found: dict[str, Mapping[str, Any]] = {}
        self._titles: dict[int, str] = {}
        self._add("The document", schema)
        for name, node in self.definitions.items():
            if "properties" in node:
                self._add(f"Part {name}", node)

    def _add(self, title: str, node: Mapping[str, Any]) -> None:
        self.found[title] = node
        self._titles[id(node)] = title
        for key, child in node.get("properties", {}).items():
            for inner in _inner(child):
                self._add(f"{key}" if title == "The document" else f"{title.removeprefix('Part ')}.{key}", inner)

    def title(self, node: Mapping[str, Any]) -> str:
        """Return the title of an object's section; empty where it has none."""
        reference = str(node.get("$ref", "")).rpartition("/")[2]
        target = self.definitions.get(reference, node)
        return self._titles.get(id(target), "")


def _inner(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects with keys of their own that a value is, or holds."""
    if "properties" in node:
        yield node
        return
    for part in (node.get("items"), node.get("additionalProperties"), *node.get("oneOf", []), *node.get("anyOf", [])):
        if isinstance(part, dict):
            yield from _inner(part)


def _section(title: str, node: Mapping[str, Any], parts: _Parts) -> str:
    required = node.get("required", ())
    rows = []
    for key, value in node.get("properties", {}).items():
        star = " *" * (key in required)
        rows.append((f"`{key}`{star}", _kind(value, parts), _meaning(value, parts)))
    text = node.get("description", "") if title != "The document" else ""
    return f"## {title}\n\n{text}\n\n{table(_COLUMNS, rows)}".replace("\n\n\n\n", "\n\n")


def _meaning(node: Mapping[str, Any], parts: _Parts) -> str:
    """Return what a key is about; of a part that is only named, what that says of itself."""
    reference = str(node.get("$ref", "")).rpartition("/")[2]
    text = node.get("description") or parts.definitions.get(reference, {}).get("description", "")
    return str(text)


def _kind(node: Mapping[str, Any], parts: _Parts) -> str:
    """Return in words what a value is."""
    title = parts.title(node)
    if title:
        return f"[{title.removeprefix('Part ')}](#{anchor(title)})"
    if "$ref" in node:
        return _kind(parts.definitions[node["$ref"].rpartition("/")[2]], parts)
    for several in ("oneOf", "anyOf"):
        if several in node and "type" not in node:
            return " or ".join(dict.fromkeys(_kind(part, parts) for part in node[several]))
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        shown = [f"`{value}`" if value else "empty" for value in node["enum"]]
        more = f" and {len(shown) - _LONGEST_LIST} more" if len(shown) > _LONGEST_LIST else ""
        return ", ".join(shown[:_LONGEST_LIST]) + more
    kinds = node.get("type", "anything")
    return " or ".join(_named(kind, node, parts) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _named(kind: str, node: Mapping[str, Any], parts: _Parts) -> str:
    if kind == "array":
        return f"list of {_kind(node['items'], parts)}" if node.get("items") else "list"
    if kind == "object":
        values = node.get("additionalProperties")
        return f"{_kind(values, parts)} by name" if isinstance(values, dict) and values else "mapping"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    form = f" ({node['format']})" if kind == "string" and "format" in node else ""
    return words.get(kind, kind) + form
