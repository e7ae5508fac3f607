"""The keyword options of a Python call, those that come in by `**` from a dictionary included."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.services import value_of

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Options"]


class Options:
    """Options by name. `unknown` says that some may come from a dictionary that is not in the source."""

    def __init__(self, given: dict[str, ast.expr], *, unknown: bool = False) -> None:
        self.given = given
        self.unknown = unknown

    @classmethod
    def of_call(cls, module: PythonModule, call: ast.Call, tree: SourceTree) -> Options:
        """Return the keyword arguments of a call."""
        given: dict[str, ast.expr] = {}
        unknown = False
        for argument in call.keywords:
            if argument.arg is not None:
                given[argument.arg] = argument.value
            else:
                spread = cls.of_table(module, argument.value, tree)
                given |= spread.given if spread is not None else {}
                unknown = unknown or spread is None or spread.unknown
        return cls(given, unknown=unknown)

    @classmethod
    def of_table(cls, module: PythonModule, node: ast.expr | None, tree: SourceTree, depth: int = 0) -> Options | None:
        """Return the entries of a dictionary: a display, a call of `dict`, or a name bound to one; else None."""
        if isinstance(node, (ast.Name, ast.Attribute)):
            found = value_of(tree, module, node)
            home, node = found if found is not None else (module, None)
            module = home
        if depth > 5:
            return None
        given: dict[str, ast.expr] = {}
        if isinstance(node, ast.Dict):
            unknown = False
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    given[key.value] = value
                elif key is None:
                    spread = cls.of_table(module, value, tree, depth + 1)
                    given |= spread.given if spread is not None else {}
                    unknown = unknown or spread is None or spread.unknown
            return cls(given, unknown=unknown)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            return cls.of_call(module, node, tree)
        return None

    def get(self, name: str) -> ast.expr | None:
        """Return the value of an option; None where it is not given, or `name` is empty."""
        return self.given.get(name)

    def __contains__(self, name: str) -> bool:
        """Return whether an option is given."""
        return name in self.given
