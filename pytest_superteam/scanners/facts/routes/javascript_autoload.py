"""Fastify's autoload: the folder of a plugin below the loaded one is the prefix of its routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.scanners.facts.routes.model import Router
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["hang_prefixes"]

_USED = re.compile(rb"[\"'](?:@fastify/autoload|fastify-autoload)[\"']")
_FOLDER = re.compile(rb"\bdir\s*:\s*(?:[\w.]{1,40}\(\s*[\w.]{1,60}\s*,\s*)?[\"'](?:\./)?([\w./-]{1,100})[\"']")


def hang_prefixes(tree: SourceTree, routers: Mapping[tuple[str, str], Router]) -> None:
    """Give routers their folders' prefixes.

    Args:
        tree: The source.
        routers: Those that nobody makes, by file and name: the parameters of plugins among them.
    """
    for file in tree.service_files("javascript", "typescript"):
        if not _USED.search(file.data):
            continue
        home = file.path.rpartition("/")[0]
        for match in _FOLDER.finditer(file.data):
            loaded = "/".join(part for part in (home, match[1].decode().strip("/")) if part) + "/"
            for (path, _), router in routers.items():
                below = path.removeprefix(loaded).rpartition("/")[0] if path.startswith(loaded) else ""
                if below and not router.prefix:
                    router.prefix = "/" + re.sub(r"(^|/)__?(\w+)", r"\1:\2", below)
