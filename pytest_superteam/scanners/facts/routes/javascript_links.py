"""What crosses the modules of a JavaScript service: which function, class or call a name stands for, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_imports import SUFFIXES
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Links", "Named", "links"]

Named = tuple["JavaScriptModule", "Node"]
"""A node, and the module that holds it."""

_NAMES = frozenset({"identifier", "shorthand_property_identifier", "member_expression", "type_identifier"})
_ALIASES = ("@/", "~/", "#/", "@app/", "@src/", "$lib/", "src/", "app/", "/")
_HOPS = 8


class Links:
    """Follows names from module to module."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.paths: dict[str, str] = {}
        files = [f.path for f in tree.service_files("javascript", "typescript")]
        for path in sorted(files, key=lambda p: (p.count("/"), p)):
            suffix = next((s for s in SUFFIXES if path.endswith(s)), "")
            plain = path.removesuffix(suffix)
            for name in (plain, plain.removesuffix("/index")) if plain.endswith("/index") else (plain,):
                self.paths.setdefault(name, path)
        self.tails: dict[str, str] = {}
        for plain, path in self.paths.items():
            parts = plain.split("/")
            for start in range(1, min(len(parts), 6)):
                self.tails.setdefault("/".join(parts[start:]), path)

    def module(self, name: str) -> JavaScriptModule | None:
        """Return the module at a path without suffix; an alias of the source folder leads to the tail of a path."""
        path = self.paths.get(name)
        if path is None:
            alias = next((a for a in _ALIASES if name.startswith(a)), None)
            tail = name.removeprefix(alias) if alias is not None else ""
            path = self.paths.get(tail) or self.tails.get(tail) if tail else None
        file = self.tree.by_path.get(path) if path is not None else None
        return file.javascript if file is not None else None

    def follow(self, module: JavaScriptModule, node: Node | None, hops: int = 0) -> Named | None:
        """Return what an expression stands for; the expression reached last where the way ends outside the service."""
        target = module.resolve(node)
        if target is None or hops > _HOPS:
            return None
        if target.type == "call_expression" and module.required(target) is not None:
            other = self.module(module.resolve_relative(module.required(target) or ""))
            found = self.exported(other, [], hops + 1) if other is not None and other is not module else None
            return found or (module, target)
        if target.type not in _NAMES:
            return module, target
        name = module.qualname(target)
        for path, rest in _splits(name):
            other = self.module(path)
            if other is not None and other is not module:
                return self.exported(other, rest, hops + 1) or (module, target)
        if target.type == "member_expression":
            owner = self.follow(module, target.child_by_field_name("object"), hops + 1)
            inner = self.member(*owner, module.member_name(target) or "", hops + 1) if owner is not None else None
            if inner is not None:
                return inner
        return module, target

    def exported(self, module: JavaScriptModule, names: list[str], hops: int = 0) -> Named | None:
        """Return what a module exports under a dotted name; of no name its default."""
        if hops > _HOPS:
            return None
        first, rest = (names[0], names[1:]) if names else ("default", [])
        found = self._export(module, first, hops)
        if found is None and names:
            found, rest = self._export(module, "default", hops), names
        for name in rest:
            found = self.member(*found, name, hops + 1) if found is not None else None
        return found

    def _export(self, module: JavaScriptModule, name: str, hops: int) -> Named | None:
        node = module.exported_names.get(name)
        if node is not None:
            return self.follow(module, node, hops + 1)
        origins = [origin for key, origin in module.reexports.items() if key == name or key.startswith("*")]
        for origin in origins[:20]:
            wanted = [] if origin.startswith("*") else [name]
            other = self.module(origin)
            if other is not None and other is not module:
                found = self.exported(other, wanted, hops + 1)
                if found is not None:
                    return found
            for path, rest in _splits(origin):
                other = self.module(path)
                if other is not None and other is not module and rest:
                    return self.exported(other, rest, hops + 1)
        return None

    def member(self, module: JavaScriptModule, node: Node, name: str, hops: int = 0) -> Named | None:
        """Return what an object, a class or an instance of one has under a name."""
        if hops > _HOPS or not name:
            return None
        if node.type == "object":
            inner = module.option(node, name)
            return self.follow(module, inner, hops + 1) if inner is not None else None
        if node.type == "new_expression":
            cls = self.follow(module, module.callee(node), hops + 1)
            return self.member(*cls, name, hops + 1) if cls is not None and cls[1].type in CLASSES else None
        if node.type in CLASSES:
            return self._class_member(module, node, name, hops)
        return None

    def _class_member(self, module: JavaScriptModule, cls: Node, name: str, hops: int) -> Named | None:
        binding = module.member(cls, name)
        if binding is not None and binding.value is not None:
            return self.follow(module, binding.value, hops + 1)
        method = self.method(module, cls, name)
        if method is not None:
            return module, method
        base = self.base(module, cls, hops + 1)
        return self._class_member(*base, name, hops + 1) if base is not None and hops < _HOPS else None

    @staticmethod
    def method(module: JavaScriptModule, cls: Node, name: str) -> Node | None:
        """Return a method of a class, or a function that one of its fields holds."""
        for item in module.children(cls.child_by_field_name("body")):
            said = item.child_by_field_name("name") or item.child_by_field_name("property")
            if said is not None and module.key(said) == name:
                if item.type == "method_definition":
                    return item
                value = module.unwrap(item.child_by_field_name("value"))
                if value is not None and value.type in FUNCTIONS:
                    return value
        return None

    def base(self, module: JavaScriptModule, cls: Node, hops: int = 0) -> Named | None:
        """Return the class that a class extends, where it is of the service."""
        node = self.heritage(module, cls)
        found = self.follow(module, node, hops + 1) if node is not None else None
        return found if found is not None and found[1].type in CLASSES and found[1].id != cls.id else None

    @staticmethod
    def heritage(module: JavaScriptModule, cls: Node) -> Node | None:
        """Return the expression behind `extends`."""
        for child in cls.named_children:
            if child.type == "class_heritage":
                inner = next(iter(module.children(child)), None)
                if inner is not None and inner.type == "extends_clause":
                    return inner.child_by_field_name("value")
                return inner
        return None


def _splits(name: str) -> list[tuple[str, list[str]]]:
    """Return each way to take a dotted origin as a module's path and names in it, the longest path first."""
    if "." not in name:
        return [(name, [])] if name else []
    parts = name.split(".")
    return [(".".join(parts[:cut]), parts[cut:]) for cut in range(len(parts), 0, -1)]


def links(tree: SourceTree) -> Links:
    """Return the links of a tree, made once."""
    known = tree.facts.get("javascript links")
    if not isinstance(known, Links):
        known = tree.facts["javascript links"] = Links(tree)
    return known
