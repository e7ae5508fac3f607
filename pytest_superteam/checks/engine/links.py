"""Links of a contract that the engine does not see by itself: from what makes a row to what takes its id."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["with_links"]

_METHODS = ("get", "patch", "put", "delete")
_WRAPPERS = ("data", "result", "item")


def with_links(contract: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `contract` with a link from each POST of a collection to the operations on its items.

    A link is added where the answer has the id under a name that says so and the contract has no link of its own: the
    parameter's own name, or `id`, at the top of the answer or in its envelope. The contract itself is not changed.
    """
    paths = contract.get("paths")
    if not isinstance(paths, Mapping):
        return contract
    result: dict[str, Any] | None = None
    for path, status, links in _found(contract, paths):
        if result is None:
            result = copy.deepcopy(dict(contract))
        result["paths"][path]["post"]["responses"][status]["links"] = links
    return contract if result is None else result


def _found(contract: Mapping[str, Any], paths: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in paths.items():
        operation = item.get("post") if isinstance(item, Mapping) else None
        responses = operation.get("responses") if isinstance(operation, Mapping) else None
        if not isinstance(path, str) or not isinstance(responses, Mapping):
            continue
        for status, answer in responses.items():
            if not str(status).startswith("2") or not isinstance(answer, Mapping) or {"links", "$ref"} & answer.keys():
                continue
            links = dict(_links(contract, paths, path, answer))
            if links:
                yield path, status, links


def _links(
    contract: Mapping[str, Any], paths: Mapping[str, Any], path: str, answer: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for other, item in paths.items():
        name = _item_of(path, other)
        pointer = _pointer(contract, answer, name) if name and isinstance(item, Mapping) else ""
        for method in _METHODS if pointer else ():
            if isinstance(item.get(method), Mapping):
                place = other.replace("~", "~0").replace("/", "~1")
                yield (
                    f"superteam-{method}-{name}",
                    {"operationRef": f"#/paths/{place}/{method}", "parameters": {name: f"$response.body#{pointer}"}},
                )


def _item_of(collection: str, path: Any) -> str:
    """Return the parameter's name where `path` is an item of `collection` (`/books`, `/books/{id}`), else nothing."""
    head, _, last = str(path).rstrip("/").rpartition("/")
    is_item = head == collection.rstrip("/") and last.startswith("{") and last.endswith("}")
    return last[1:-1] if is_item else ""


def _pointer(contract: Mapping[str, Any], answer: Mapping[str, Any], name: str) -> str:
    """Return the JSON pointer of the id in the answer, empty where none is found."""
    content = answer.get("content")
    media = next(iter(content.values()), None) if isinstance(content, Mapping) else None
    schema = media.get("schema") if isinstance(media, Mapping) else None
    top = _properties(contract, schema)
    for wrapper in ("", *_WRAPPERS):
        properties = _properties(contract, top.get(wrapper)) if wrapper else top
        for key in (name, "id"):
            if key in properties:
                return f"/{wrapper}/{key}" if wrapper else f"/{key}"
    return ""


def _properties(contract: Mapping[str, Any], schema: Any) -> Mapping[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    try:
        found = deref(contract, schema).get("properties")
    except (CheckError, AttributeError):
        return {}
    return found if isinstance(found, Mapping) else {}
