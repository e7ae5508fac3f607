"""What crosses the modules of one JavaScript service: where an imported name is defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript import module_candidates
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["defined", "definition_js", "function_js", "imported_module"]

_HOPS = 5
_ALIASES = ("@/", "~/", "#/", "src/", "app/", "lib/", "@app/", "@src/", "$lib/")


def imported_module(tree: SourceTree, path: str) -> JavaScriptModule | None:
    """Return the module of the service at a path without suffix, an alias of the source folder included."""
    for candidate in module_candidates(path):
        file = tree.by_path.get(candidate)
        if file is not None:
            return file.javascript
    alias = next((a for a in _ALIASES if path.startswith(a)), None)
    if alias is None:
        return None
    tails = tuple("/" + candidate for candidate in module_candidates(path.removeprefix(alias)))
    return next((f.javascript for f in tree.files if ("/" + f.path).endswith(tails) and f.javascript is not None), None)


def defined(
    tree: SourceTree, module: JavaScriptModule, name: str, hops: int = 0
) -> tuple[JavaScriptModule, Node] | None:
    """Return module and node of what `module` exports as `name` (`default` for the default), re-exports followed."""
    node = module.exported_names.get(name)
    if node is not None:
        if node.type in {"identifier", "shorthand_property_identifier"}:
            found = definition_js(tree, module, node, hops + 1)
            return found or (module, node)
        return module, node
    if hops > _HOPS:
        return None
    for statement in module.of("export_statement"):
        source = module.string(statement.child_by_field_name("source"))
        other = imported_module(tree, module.resolve_relative(source)) if source is not None else None
        if other is not None and other is not module:
            found = _handed_on(tree, module, statement, other, name, hops)
            if found is not None:
                return found
    return None


def _handed_on(
    tree: SourceTree, module: JavaScriptModule, statement: Node, other: JavaScriptModule, name: str, hops: int
) -> tuple[JavaScriptModule, Node] | None:
    """Return what `export * from` or `export { a as b } from` hands on as `name`."""
    clause = next((c for c in module.children(statement) if c.type == "export_clause"), None)
    if clause is None:
        return defined(tree, other, name, hops + 1)
    for item in module.children(clause):
        inner = item.child_by_field_name("name")
        if inner is not None and module.key(item.child_by_field_name("alias") or inner) == name:
            return defined(tree, other, module.key(inner) or "", hops + 1)
    return None


def definition_js(
    tree: SourceTree, module: JavaScriptModule, node: Node | None, hops: int = 0
) -> tuple[JavaScriptModule, Node] | None:
    """Return module and node of what `node` stands for within the service: a function, class, call or other value."""
    node = module.unwrap(node)
    if node is None or hops > _HOPS:
        return None
    target = module.resolve(node)
    if target is None:
        return None
    specifier = module.required(target) if target.type == "call_expression" else None
    if specifier is not None:
        other = imported_module(tree, module.resolve_relative(specifier))
        return defined(tree, other, "default", hops + 1) if other is not None and other is not module else None
    if target.type in {"identifier", "shorthand_property_identifier", "member_expression"}:
        return _outside(tree, module, target, hops)
    return module, target


def _outside(tree: SourceTree, module: JavaScriptModule, node: Node, hops: int) -> tuple[JavaScriptModule, Node] | None:
    """Return what an imported name, or a member of an imported module or class, is in the module that defines it."""
    member = ""
    if node.type == "member_expression":
        owner = module.unwrap(node.child_by_field_name("object"))
        member = module.member_name(node) or ""
        if owner is None or owner.type != "identifier" or not member:
            return None
        node = owner
    origin = module.imports.get(module.text(node))
    if origin is None or (module.lookup(node) and module.binding(node) is None):
        return None
    for path, name in _splits(origin):
        other = imported_module(tree, path)
        if other is None or other is module:
            continue
        if member:
            found = defined(tree, other, name, hops + 1) if name != "default" else None
            return _member(tree, other, found, member, hops) or defined(tree, other, member, hops + 1)
        return defined(tree, other, name, hops + 1)
    return None


def _splits(origin: str) -> list[tuple[str, str]]:
    """Return module path and name of an origin; the default export's has no name."""
    head, dot, name = origin.rpartition(".")
    found = [(origin, "default")]
    if dot and "/" not in name and head:
        found.append((head, name))
    return found


def _member(
    tree: SourceTree, module: JavaScriptModule, found: tuple[JavaScriptModule, Node] | None, name: str, hops: int
) -> tuple[JavaScriptModule, Node] | None:
    if found is None:
        default = module.exported_names.get("default")
        found = (module, default) if default is not None else None
    if found is None:
        return None
    home, node = found
    inner = home.option(node, name)
    if inner is None:
        return None
    return definition_js(tree, home, inner, hops + 1) or (home, inner)


def function_js(tree: SourceTree, module: JavaScriptModule, node: Node | None) -> tuple[JavaScriptModule, Node] | None:
    """Return module and node of the function of the service that `node` names."""
    found = definition_js(tree, module, node)
    if found is not None and found[1].type in FUNCTIONS:
        return found
    return None
