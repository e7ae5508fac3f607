"""The channels that AsyncAPI documents of a system name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.engine import member_prefix
from pytest_superteam.scanners.languages.yaml_nodes import mapping, read_yaml, scalar
from pytest_superteam.scanners.source import source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["channels"]

_DOCUMENT = re.compile(rb"^\s{0,4}[\"']?asyncapi[\"']?\s{0,2}:", re.MULTILINE)


def channels(target: ScanTarget) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and address of each channel, each document once."""
    seen: set[str] = set()
    for member in (*target.members, target):
        prefix = member_prefix(target, member) if member is not target else ""
        for file in source_tree(member).files:
            path = prefix + file.path
            if file.path.endswith((".yaml", ".yml", ".json")) and path not in seen and _DOCUMENT.search(file.data):
                seen.add(path)
                yield from ((path, line, name) for line, name in _channels(file))


def _channels(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Yield line and address: the key in version 2, `address` in version 3."""
    root = next(iter(read_yaml(file.text).documents), None)
    for name, (line, node) in mapping(mapping(root).get("channels", (0, None))[1]).items():
        address = scalar(mapping(node).get("address", (0, None))[1])
        yield line, address or name
