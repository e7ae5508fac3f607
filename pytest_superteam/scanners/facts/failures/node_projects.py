"""What the nearest package.json says of a JavaScript file: a page for the browser or a service, and which Express."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.outgoing import is_browser

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["dependencies", "express_major", "is_page"]

_BROWSER = re.compile(rb"\b(?:document|window|jQuery)\.|\$\(")
_MAJOR = re.compile(r"\d+")


def dependencies(tree: SourceTree, path: str) -> dict[str, Any]:
    """Return the dependencies that the nearest package.json above `path` names, with their versions."""
    table = tree.facts.setdefault("package.json", {})
    folder = posixpath.dirname(path)
    if not isinstance(table, dict):
        return {}
    if folder not in table:
        table[folder] = _read(tree, folder)
    found: dict[str, Any] = table[folder]
    return found


def _read(tree: SourceTree, folder: str) -> dict[str, Any]:
    while True:
        file = tree.by_path.get(posixpath.join(folder, "package.json"))
        if file is not None:
            try:
                content = json.loads(file.data)
            except (ValueError, RecursionError):
                return {}
            parts = (
                (content.get(key) for key in ("dependencies", "devDependencies")) if isinstance(content, dict) else ()
            )
            return {name: version for part in parts if isinstance(part, dict) for name, version in part.items()}
        if not folder:
            return {}
        folder = posixpath.dirname(folder)


def express_major(tree: SourceTree, path: str) -> int | None:
    """Return the major version of Express; None where nothing says it."""
    said = _MAJOR.search(str(dependencies(tree, path).get("express", "")))
    return int(said[0][:4]) if said is not None else None


def is_page(tree: SourceTree, module: JavaScriptModule) -> bool:
    """Return whether a module runs in a browser, where there is no request to answer."""
    if module.path.endswith((".tsx", ".jsx")) or (_BROWSER.search(module.data) and not module.imports):
        return True
    file = tree.by_path.get(module.path)
    return file is not None and is_browser(tree, file)
