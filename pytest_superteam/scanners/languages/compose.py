"""Compose files with line numbers: YAML nodes, anchors and merges followed, list and map forms read alike."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.source import NotAnalysed, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ComposeService", "compose_services", "mapping", "scalar", "sequence"]

_MAX_MERGES = 20
"""Nested `<<` that are followed; compose files have one or two."""


@dataclass(frozen=True)
class ComposeService:
    """One service of a compose file. `node` is its YAML mapping."""

    file: SourceFile
    name: str
    line: int
    node: Any

    @property
    def keys(self) -> dict[str, tuple[int, Any]]:
        """Return line and value node by key."""
        return mapping(self.node)

    def get(self, key: str) -> Any:
        """Return the value node of `key`, or None."""
        return self.keys.get(key, (0, None))[1]

    @property
    def environment(self) -> Iterator[tuple[str, str | None, int]]:
        """Yield name, value (None where it comes from the caller's environment) and line."""
        node = self.get("environment")
        for name, (line, value) in mapping(node).items():
            yield name, scalar(value), line
        for line, item in sequence(node):
            name, equals, value = (scalar(item) or "").partition("=")
            yield name, value if equals else None, line

    @property
    def dockerfile(self) -> str | None:
        """Return the path, from the scanned root, of the Dockerfile that it is built from; None where it is not."""
        build = self.get("build")
        if build is None:
            return None
        keys = mapping(build)
        context = scalar(build) or scalar(keys.get("context", (0, None))[1]) or "."
        name = scalar(keys.get("dockerfile", (0, None))[1]) or "Dockerfile"
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.file.path), context, name))


def scalar(node: Any) -> str | None:
    """Return the text of a scalar node; None for null and for anything else."""
    if node is None or getattr(node, "id", "") != "scalar" or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)


def sequence(node: Any) -> Iterator[tuple[int, Any]]:
    """Yield line and node of each item of a sequence node."""
    if node is not None and getattr(node, "id", "") == "sequence":
        for item in node.value:
            yield item.start_mark.line + 1, item


def mapping(node: Any, depth: int = 0) -> dict[str, tuple[int, Any]]:
    """Return line and value node by key of a mapping node, `<<` merged in; empty for anything else."""
    found: dict[str, tuple[int, Any]] = {}
    if node is None or getattr(node, "id", "") != "mapping" or depth > _MAX_MERGES:
        return found
    merged: dict[str, tuple[int, Any]] = {}
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            for part in [value] if value.id == "mapping" else [item for _, item in sequence(value)]:
                merged = {**mapping(part, depth + 1), **merged}
        elif key.id == "scalar":
            found[str(key.value)] = (key.start_mark.line + 1, value)
    return {**merged, **found}


def compose_services(tree: SourceTree) -> tuple[ComposeService, ...]:
    """Return the services of all compose files of `tree`; a file that is no YAML is recorded as unparsed."""
    known = tree.facts.get("compose")
    if known is None:
        found = [service for file in tree.files if file.language == "compose" for service in _read(file, tree)]
        known = tree.facts["compose"] = tuple(found)
    return known  # type: ignore[return-value]  # the key holds nothing else


def _read(file: SourceFile, tree: SourceTree) -> Iterator[ComposeService]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(file.text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        tree.unparsed.append(NotAnalysed(file.path, f"is no valid YAML: {reason}"))
        return
    for name, (line, node) in mapping(mapping(root).get("services", (0, None))[1]).items():
        yield ComposeService(file, name, line, node)
