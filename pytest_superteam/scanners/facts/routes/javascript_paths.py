"""Paths in JavaScript code, as far as they are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.routes.model import PartialPath

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["path_texts"]


def path_texts(module: JavaScriptModule, node: Node | None) -> list[str]:
    """Return the paths that an argument stands for: one, several of an array, none where it is no path.

    Parts that nobody knows (`${prefix}/orders`) are left out; a regular expression is given as written.
    """
    node = module.unwrap(node)
    if node is None:
        return []
    if node.type == "regex":
        return ["/" + module.text(node).strip("/").removeprefix("^").removeprefix("\\/").replace("\\/", "/")]
    value = module.literal(node)
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    if node.type == "template_string":
        known, whole = _parts(module, node)
        return ["".join(known) if whole else PartialPath("".join(known))]
    if node.type == "binary_expression":
        known = [module.literal(node.child_by_field_name(field)) for field in ("left", "right")]
        texts = [text for text in known if isinstance(text, str)]
        found = "".join(texts)
        return [found if len(texts) == len(known) else PartialPath(found)] if texts else []
    return []


def _parts(module: JavaScriptModule, node: Node) -> tuple[list[str], bool]:
    """Return the known parts of a template, and whether they are all of it."""
    found: list[str] = []
    whole = True
    for child in node.named_children:
        if child.type == "string_fragment":
            found.append(module.text(child))
        elif child.type == "template_substitution":
            value = module.literal(next(iter(module.children(child)), None))
            whole = whole and isinstance(value, str)
            found.append(value if isinstance(value, str) else "")
    return found, whole
