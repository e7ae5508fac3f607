"""The algorithms that a call or its options name in JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.facts.jwt.shown import Shown
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["Lists"]

_OPTIONS = ("algorithms", "algorithm", "alg", "allowedAlgorithms", "tokenSigningAlg")


class Lists:
    """Answers about the algorithms in one module."""

    def __init__(self, module: JavaScriptModule) -> None:
        self.module = module

    def nodes(self, options: Shown | None, algorithm: Node | None) -> list[Node]:
        """Return the expressions that limit the algorithms: options, or an argument."""
        nodes = [options.fields[name] for name in _OPTIONS if options is not None and name in options.fields]
        if algorithm is not None:
            target = self.module.unwrap(self.module.resolve(algorithm))
            if target is None or (target.type != "object" and target.type not in FUNCTIONS):
                nodes.append(algorithm)
        return [node for node in nodes if self.module.text(node) not in {"undefined", "null"}]

    def named(self, nodes: list[Node]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return the algorithms that they name, and the lists of which a condition chooses one."""
        names: list[str] = []
        alternatives: list[tuple[str, ...]] = []
        for node in nodes:
            target = self.module.unwrap(self.module.resolve(node))
            if target is not None and target.type == "ternary_expression":
                parts = ("consequence", "alternative")
                alternatives += [self.names(target.child_by_field_name(part)) for part in parts]
            else:
                names += self.names(node)
        return tuple(names), tuple(alternatives)

    def names(self, node: Node | None) -> tuple[str, ...]:
        """Return the algorithms that one expression names."""
        target = self.module.unwrap(self.module.resolve(node))
        if target is not None and target.type == "array":
            return tuple(name for item in self.module.children(target) for name in self._item_names(item))
        value: Any = self.module.literal(node)
        return tuple(v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))

    def _item_names(self, item: Node) -> tuple[str, ...]:
        if item.type == "spread_element":
            inner = next(iter(self.module.children(item)), None)
            return self.names(inner)
        value = self.module.literal(item)
        if isinstance(value, str):
            return (value,)
        text = self.module.text(item).rsplit(".", 1)[-1]  # jwt.Algorithm.HS256, ALGORITHMS.RS256
        return (text,) if len(text) < 7 and text[-3:].isdigit() else ()
