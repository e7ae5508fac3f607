"""A JavaScript or TypeScript module as rules want it, with the questions that `languages.python` answers for Python."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_imports import Import, module_candidates
from pytest_superteam.scanners.languages.javascript_literals import JavaScriptLiterals
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS
from pytest_superteam.scanners.languages.javascript_values import ObjectValue, Regex
from pytest_superteam.scanners.languages.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

__all__ = ["Import", "JavaScriptModule", "ObjectValue", "Regex", "module_candidates"]

_GRAMMARS = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"}

_SECOND_TRY = 256 * 1024
"""Bytes of the largest file with errors for which another grammar is tried."""


class JavaScriptModule(JavaScriptLiterals):
    """One parsed module: `.js`, `.jsx`, `.mjs`, `.cjs`, `.ts`, `.mts`, `.cts`, `.tsx`."""

    def _parse(self) -> Tree:
        """Return the tree of the grammar that the suffix names; for JavaScript with types in it that of TSX."""
        suffix = "." + self.path.rpartition(".")[2].lower()
        self.grammar = _GRAMMARS.get(suffix, "javascript")
        tree = parse(self.grammar, self.data)
        if tree.root_node.has_error and len(self.data) <= _SECOND_TRY:
            other = "tsx" if self.grammar != "tsx" else "typescript"
            if self.grammar == "typescript" and b"</" not in self.data and b"/>" not in self.data:
                return tree
            second = parse(other, self.data)
            if _errors(second.root_node) < _errors(tree.root_node):
                self.grammar = other
                return second
        return tree

    @cached_property
    def exported_names(self) -> dict[str, Node]:
        """Return what the module exports by name: the expression, declaration or local name; `default` too.

        `module.exports = {a, b}` exports `a` and `b` besides `default`.
        """
        found: dict[str, Node] = {}
        for statement in self.of("export_statement"):
            if statement.child_by_field_name("source") is None:
                self._exported(statement, found)
        for node in self.of("assignment_expression"):
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if target is None or value is None or target.type != "member_expression":
                continue
            text = self.dotted(target)
            if text == "module.exports":
                self._exported_default(value, found)
            elif text.startswith(("exports.", "module.exports.")):
                found[text.rpartition(".")[2]] = value
        return found

    def _exported_default(self, value: Node, found: dict[str, Node]) -> None:
        found["default"] = value
        target = self.resolve(value)
        if target is not None and target.type == "object":
            for item in self.children(target):
                if item.type == "pair":
                    key, inner = self.key(item.child_by_field_name("key")), item.child_by_field_name("value")
                    if key is not None and inner is not None:
                        found[key] = inner
                elif item.type == "shorthand_property_identifier":
                    found[self.text(item)] = item
                elif item.type == "method_definition":
                    found[self.key(item.child_by_field_name("name")) or ""] = item

    def _exported(self, statement: Node, found: dict[str, Node]) -> None:
        """Add what one `export` statement exports."""
        words = {child.type for child in statement.children}
        declaration = statement.child_by_field_name("declaration")
        if declaration is not None:
            if "default" in words:
                found["default"] = declaration
            self._exported_declaration(declaration, found)
            return
        value = statement.child_by_field_name("value")
        if value is not None:
            self._exported_default(value, found)
        for clause in self.children(statement):
            if clause.type == "export_clause":
                for item in self.children(clause):
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is not None:
                        found[self.key(alias or name) or ""] = name
            elif "=" in words:  # export = something
                self._exported_default(clause, found)

    def _exported_declaration(self, declaration: Node, found: dict[str, Node]) -> None:
        name = declaration.child_by_field_name("name")
        if name is not None:
            found[self.text(name)] = declaration
        for declarator in self.children(declaration):
            target = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
            if target is not None and target.type == "identifier":
                found[self.text(target)] = declarator.child_by_field_name("value") or target

    @cached_property
    def reexports(self) -> dict[str, str]:
        """Return what is exported straight from another module: name to dotted origin."""
        found: dict[str, str] = {}
        for statement, module in self._export_sources:
            for clause in self.children(statement):
                if clause.type == "namespace_export":
                    found[self.text(next(iter(self.children(clause)), None))] = module
                for item in self.children(clause) if clause.type == "export_clause" else ():
                    name = self.key(item.child_by_field_name("name")) or ""
                    alias = self.key(item.child_by_field_name("alias"))
                    found[alias or name] = module if name == "default" else f"{module}.{name}"
        return found

    @cached_property
    def star_exports(self) -> tuple[str, ...]:
        """Return the modules all of whose names are exported: `export * from "./auth"`."""
        return tuple(
            module
            for statement, module in self._export_sources
            if [c.type for c in self.children(statement)] == ["string"]
        )

    @property
    def _export_sources(self) -> Iterator[tuple[Node, str]]:
        for statement in self.of("export_statement"):
            specifier = self.string(statement.child_by_field_name("source"))
            if specifier is not None:
                yield statement, self.resolve_relative(specifier)

    def exported(self, path: str) -> Node | None:
        """Return what another module gets by a dotted path, as `jwt.secret` of what it imports from this one.

        The path is followed from the names that are exported, then from the default export.
        """
        first, *rest = path.split(".") if path else ["default"]
        node = self.exported_names.get(first)
        if node is None:
            node, rest = self.exported_names.get("default"), path.split(".") if path else []
        self._begin()
        for name in rest:
            node = self._inside(node, name, 0)
        return node

    def function_named(self, name: str) -> Node | None:
        """Return the function that a name at the top of the module stands for, exported under it or not."""
        for binding in self.bindings.get(name, ()):
            function = self.function_from(binding.value)
            if function is not None:
                return function
        return self.function_from(self.exported_names.get(name))

    def function_from(self, node: Node | None) -> Node | None:
        """Return the function of this module that an expression stands for."""
        target = self.resolve(node)
        return target if target is not None and target.type in FUNCTIONS else None


def _errors(root: Node) -> int:
    """Return how many places a grammar could not read."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            count += 1
        stack.extend(child for child in node.children if child.has_error or child.is_missing)
    return count
