"""What a JavaScript or TypeScript module imports: `import`, `require`, `import()`, `import x = require()`."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.javascript_tree import JavaScriptTree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["SUFFIXES", "Import", "JavaScriptImports", "module_candidates"]

SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")
_INTEROP = frozenset({
    "__importDefault", "__importStar", "_interopRequireDefault", "_interopRequireWildcard", "__toESM",
    "_interopDefault", "_interopNamespace", "_interop_require_default", "_interop_require_wildcard",
})  # fmt: skip
"""What compilers wrap around `require`."""


@dataclass(frozen=True)
class Import:
    """One imported name. `module` is the package, or the path from the scanned root without its suffix."""

    local: str
    module: str
    name: str
    """What of the module: empty for the default export, the namespace or the whole of a CommonJS module."""
    relative: bool
    node: Node

    @property
    def origin(self) -> str:
        """Return the dotted origin, as `jsonwebtoken.verify` or `src/auth.verifyToken`."""
        return f"{self.module}.{self.name}" if self.name else self.module


def module_candidates(module: str) -> tuple[str, ...]:
    """Return the paths of files that a module path without suffix may stand for, in the order to try them."""
    files = tuple(module + suffix for suffix in SUFFIXES)
    return files + tuple(f"{module}/index{suffix}" for suffix in SUFFIXES)


class JavaScriptImports(JavaScriptTree):
    """One parsed module with what it imports."""

    def resolve_relative(self, specifier: str) -> str:
        """Return what `./x` means: a path from the scanned root without suffix. Other specifiers stay as they are.

        `node:` is cut off the names of the runtime's own modules.
        """
        if not specifier.startswith("."):
            return specifier.removeprefix("node:")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), specifier))
        suffix = next((s for s in SUFFIXES if path.endswith(s)), "")
        return path.removesuffix(suffix)

    def required(self, node: Node | None) -> str | None:
        """Return the specifier where `node` is `require("x")`, `import("x")` or a compiler's wrapper around them."""
        for _ in range(4):
            node = self.unwrap(node)
            if node is None or node.type != "call_expression":
                return None
            name, given = self.dotted(self.unwrap(self.callee(node))), self.arguments(node)
            if not given:
                return None
            if name in {"require", "import", "module.require"}:
                return self.string(self.unwrap(given[0]))
            if name.rpartition(".")[2] not in _INTEROP:
                return None
            node = given[0]
        return None

    def _import(self, local: Node, specifier: str, name: str) -> Import:
        module = self.resolve_relative(specifier)
        return Import(self.text(local), module, "" if name == "default" else name, specifier.startswith("."), local)

    @cached_property
    def import_statements(self) -> tuple[Import, ...]:
        """Return the names that `import` statements bind, in source order."""
        found: list[Import] = []
        for node in self.of("import_statement"):
            specifier = self.string(node.child_by_field_name("source"))
            for clause in self.children(node):
                if clause.type == "import_require_clause":
                    local = next((c for c in self.children(clause) if c.type == "identifier"), None)
                    specifier = self.string(clause.child_by_field_name("source"))
                    if local is not None and specifier is not None:
                        found.append(self._import(local, specifier, ""))
                elif clause.type == "import_clause" and specifier is not None:
                    found += self._clause(clause, specifier)
        return tuple(found)

    def _clause(self, clause: Node, specifier: str) -> list[Import]:
        found: list[Import] = []
        for part in self.children(clause):
            if part.type == "identifier":
                found.append(self._import(part, specifier, ""))
            elif part.type == "namespace_import":
                found += [self._import(local, specifier, "") for local in self.children(part)[:1]]
            elif part.type == "named_imports":
                for item in self.children(part):
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    local = alias or name
                    if local is not None:
                        said = self.key(name) if name is not None else "default"  # the grammar hides `default`
                        found.append(self._import(local, specifier, said or ""))
        return found
