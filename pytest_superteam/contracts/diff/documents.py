"""Two OpenAPI documents compared from the top: paths, webhooks, components, servers, security, version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.graph import SchemaGraph
from pytest_superteam.contracts.diff.lifecycle import Policy, versioning
from pytest_superteam.contracts.diff.operations import (
    METHODS,
    Endpoint,
    compare_endpoints,
    compare_webhooks,
    report_removed,
)
from pytest_superteam.contracts.diff.parameters import TEMPLATE
from pytest_superteam.contracts.diff.reading import Document, mapping
from pytest_superteam.contracts.diff.scene import Scene
from pytest_superteam.contracts.diff.security import compare_global_security, compare_schemes
from pytest_superteam.contracts.diff.servers import compare_servers, prefixes
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from datetime import date

    from pytest_superteam.contracts.diff.changes import Change

__all__ = ["breaking", "diff", "scene_of"]


def diff(
    old: Mapping[str, Any], new: Mapping[str, Any], *, today: date | None = None, deprecation_days: int = 0
) -> tuple[Change, ...]:
    """Return every difference between two versions of an OpenAPI 3 document that a consumer can meet.

    Args:
        old: the version that consumers are written against.
        new: the version that is to replace it.
        today: the date that announced ends (`x-sunset`) are held against, by default now in UTC.
        deprecation_days: days between a deprecation and its end that the project demands; 0 demands no date.

    Returns:
        The changes, the worst first, in an order that depends on the documents only. What cannot be read on either
        side is a change of its own, `not-comparable`, where it is not the same on both sides.

    Raises:
        CheckError: one of them is no OpenAPI 3 document, or is nested beyond all measure.
    """
    for document, which in ((old, "old"), (new, "new")):
        _demand_openapi(document, which)
    scene = scene_of(old, new, Policy.at(today, deprecation_days))
    try:
        _compare(scene)
        return _version(scene, scene.finish())
    except (RecursionError, ValueError) as error:  # JSON that holds itself, nesting without end
        raise CheckError("The documents can't be compared: they are nested too deeply, or in a circle.") from error


def breaking(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes with which a consumer of the old version can stop working."""
    return tuple(change for change in changes if change.breaking)


def scene_of(old: Mapping[str, Any], new: Mapping[str, Any], policy: Policy) -> Scene:
    """Return two documents ready to be compared."""
    before, after = Document(old), Document(new)
    return Scene(before, after, SchemaGraph(before, after, policy), policy)


def _demand_openapi(document: Any, which: str) -> None:
    if not isinstance(document, Mapping):
        raise CheckError(f"The {which} version is no OpenAPI document, but {type(document).__name__}.")
    if not str(document.get("openapi", "")).startswith("3."):
        said = f"Swagger {document['swagger']}" if "swagger" in document else "no version of OpenAPI 3"
        raise CheckError(f"The {which} version says {said}. Convert it to OpenAPI 3 to compare it.")


def _compare(scene: Scene) -> None:
    moved = _paths(scene)
    compare_servers(scene, moved=moved)
    compare_webhooks(scene, mapping(scene.old.root.get("webhooks")), mapping(scene.new.root.get("webhooks")))
    compare_global_security(scene)
    compare_schemes(scene)
    _components(scene)


def _paths(scene: Scene) -> bool:
    """Compare the paths; return whether they are found by the servers' paths before them and only so."""
    plain = _items(scene.old, ""), _items(scene.new, "")
    before, after = prefixes(scene.old.root), prefixes(scene.new.root)
    moved = False
    if len(before) == len(after) == 1 and before != after:
        whole = _items(scene.old, *before), _items(scene.new, *after)
        moved = len(whole[0].keys() & whole[1].keys()) > len(plain[0].keys() & plain[1].keys())
        plain = whole if moved else plain
    for key, (path, item) in plain[0].items():
        _path(scene, (path, item), plain[1].get(key))
    for key in plain[1].keys() - plain[0].keys():
        path, item = plain[1][key]
        for method in _methods(item):
            replace(scene, operation=f"{method.upper()} {path}").add("endpoint-added")
    return moved


def _items(document: Document, prefix: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return (path, path item) by the path without the names of its parameters."""
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for path, value in mapping(document.root.get("paths")).items():
        if path.startswith("/"):
            found.setdefault(TEMPLATE.sub("{}", prefix + path), (path, _item(document, value)))
    return found


def _item(document: Document, value: Any) -> Mapping[str, Any]:
    """Return a path item, its reference followed; what stands beside the reference is its own."""
    target = document.part(value)
    own = {key: part for key, part in mapping(value).items() if key != "$ref"}
    return {**target, **own} if own and target is not value else target


def _methods(item: Mapping[str, Any]) -> list[str]:
    return [method for method in METHODS if isinstance(item.get(method), Mapping)]


def _path(scene: Scene, old: tuple[str, Mapping[str, Any]], new: tuple[str, Mapping[str, Any]] | None) -> None:
    path, item = old
    if new is None:
        for method in _methods(item):
            report_removed(scene, Endpoint(method, path, item), path_too=True)
        return
    for method in METHODS:
        before, after = method in _methods(item), method in _methods(new[1])
        if before and after:
            compare_endpoints(scene, Endpoint(method, path, item), Endpoint(method, *new))
        elif before:
            report_removed(scene, Endpoint(method, path, item), path_too=not _methods(new[1]))
        elif after:
            replace(scene, operation=f"{method.upper()} {new[0]}").add("endpoint-added")


def _components(scene: Scene) -> None:
    before, after = (document.at("components", "schemas") for document in (scene.old, scene.new))
    for name in sorted(before.keys() - after.keys()):
        scene.add("api-schema-removed", f"the component schema `{name}`")


def _version(scene: Scene, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes, and one more where they break consumers and the version does not tell."""
    if not breaking(changes):
        return changes
    versions = [str(mapping(document.root.get("info")).get("version", "")) for document in (scene.old, scene.new)]
    kind = versioning(*versions)
    if kind:
        scene.add(kind, "the version", *versions)
    return scene.found.sorted()
