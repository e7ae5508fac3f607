"""Servers compared: what stands before every path, and who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_superteam.contracts.diff.parameters import TEMPLATE
from pytest_superteam.contracts.diff.reading import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["compare_servers", "prefixes"]


def _urls(root: Mapping[str, Any]) -> dict[str, str]:
    """Return the path of each server by its URL, variables as their defaults."""
    found = {}
    for server in sequence(root.get("servers")):
        given = mapping(server)
        variables = mapping(given.get("variables"))
        url = TEMPLATE.sub(
            lambda hit, known=variables: str(mapping(known.get(hit[1])).get("default", hit[0])),  # type: ignore[misc]  # a default binds the loop's value
            text(given.get("url")),
        )
        try:
            found[url] = urlsplit(url).path.rstrip("/")
        except ValueError:
            found[url] = url
    return found


def prefixes(root: Mapping[str, Any]) -> frozenset[str]:
    """Return what stands before the paths of a document; `""` where it says nothing."""
    return frozenset(_urls(root).values()) or frozenset({""})


def compare_servers(scene: Scene, *, moved: bool) -> None:
    """Report servers that came and went; `moved`: what left their paths is found in the document's paths."""
    before, after = _urls(scene.old.root), _urls(scene.new.root)
    lost = prefixes(scene.old.root).isdisjoint(prefixes(scene.new.root)) and not moved
    if lost:
        old, new = (tuple(sorted({path or "/" for path in paths.values()})) or ("/",) for paths in (before, after))
        scene.add("server-path-changed", "the servers", old, new)
    for url in sorted(before.keys() - after.keys()):
        if not lost and after and url not in {"", "/"}:
            scene.add("server-removed", "the servers", old=url)
    for url in sorted(after.keys() - before.keys()):
        if before:
            scene.add("server-added", "the servers", new=url)
