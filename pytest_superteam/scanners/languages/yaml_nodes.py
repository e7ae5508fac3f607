"""YAML as nodes with line numbers, built from the parser's events without recursion, so that no file can harm.

Aliases share the node of their anchor and are never expanded; merges are done once, when a mapping ends. What stands
before an error is kept: a fragment or a template is read as far as it is YAML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Node", "YamlText", "check_size", "mapping", "read_yaml", "scalar", "sequence", "walk"]

_MAX_DEPTH = 200
_MAX_MERGED = 20_000
_MAX_EXPANDED = 2_000_000
"""Nodes of a document once all aliases are written out; the longest contracts have half a million."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NULL_TAG = "tag:yaml.org,2002:null"


@dataclass(eq=False, slots=True)
class Node:
    """One scalar, sequence or mapping; `line` and `column` from 1."""

    id: Literal["scalar", "sequence", "mapping"]
    line: int
    column: int = 1
    value: str = ""
    """The text of a scalar."""
    plain: bool = False
    """Whether a scalar has neither quotes nor a tag, so that `null` is null."""
    style: str = ""
    """How a scalar is written: `|` and `>` are blocks, empty is plain."""
    items: list[Node] = field(default_factory=list, repr=False)
    """Of a sequence; of a mapping keys and values in turn."""
    entries: dict[str, tuple[int, Node]] = field(default_factory=dict, repr=False)
    """Line and value by key of a mapping, merges included."""


@dataclass(frozen=True)
class YamlText:
    """The documents of a text, as far as they could be read, and what is wrong with it."""

    documents: tuple[Node, ...]
    problems: tuple[str, ...] = ()


def check_size(text: str) -> None:
    """Refuse what would harm a loader that calls itself for each level, or writes out merged aliases.

    Raises:
        ValueError: it is nested deeper than 200 levels, or its aliases stand for millions of nodes.
        yaml.YAMLError: it is no YAML.
    """
    import yaml

    sizes, anchors = [0], [""]  # of the collections that are open
    known: dict[str, int] = {}
    events: Iterator[Any] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for event in events:
        name = type(event).__name__
        if name in {"MappingStartEvent", "SequenceStartEvent"}:
            sizes.append(1)
            anchors.append(event.anchor or "")
            if len(sizes) > _MAX_DEPTH:
                raise ValueError(f"line {event.start_mark.line + 1} is nested deeper than {_MAX_DEPTH} levels")
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            size, anchor = sizes.pop(), anchors.pop()
            known[anchor] = size
            sizes[-1] += size
        elif name in {"ScalarEvent", "AliasEvent"}:
            sizes[-1] += known.get(event.anchor, 1) if name == "AliasEvent" else 1
        if sizes[-1] > _MAX_EXPANDED:
            raise ValueError(f"line {event.start_mark.line + 1}: its aliases stand for more than {_MAX_EXPANDED} nodes")


class _Builder:
    """Takes events and makes nodes of them."""

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self.problems: list[str] = []
        self._open: list[Node] = []
        self._anchors: dict[str, Node] = {}
        self._merged = 0

    def event(self, name: str, event: Any) -> bool:
        """Take one event; return whether to go on."""
        if name == "ScalarEvent":
            plain = bool(event.implicit[0]) and event.tag is None
            plain = plain or event.tag == _NULL_TAG
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            self._add(Node("scalar", line, column, event.value, plain, event.style or ""), event.anchor)
        elif name in {"MappingStartEvent", "SequenceStartEvent"}:
            kind: Literal["mapping", "sequence"] = "mapping" if name == "MappingStartEvent" else "sequence"
            node = Node(kind, event.start_mark.line + 1, event.start_mark.column + 1)
            self._add(node, event.anchor)
            self._open.append(node)
            if len(self._open) > _MAX_DEPTH:
                self.problems.append(f"line {node.line} is nested deeper than {_MAX_DEPTH} levels")
                return False
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            self._close()
        elif name == "AliasEvent":
            unknown = Node("scalar", event.start_mark.line + 1, plain=True)
            self._add(self._anchors.get(event.anchor, unknown), None)
        elif name == "DocumentStartEvent":
            self._anchors = {}
        return True

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].items.append(node)
        else:
            self.documents.append(node)

    def _close(self) -> None:
        node = self._open.pop()
        if node.id == "mapping":
            node.entries = self._entries(node)

    def _entries(self, node: Node) -> dict[str, tuple[int, Node]]:
        own: dict[str, tuple[int, Node]] = {}
        merged: dict[str, tuple[int, Node]] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=False):
            if key.id != "scalar":
                continue
            if key.value == "<<" and key.plain:
                for part in [value] if value.id == "mapping" else value.items:
                    self._merged += len(part.entries)
                    merged = part.entries | merged if self._merged <= _MAX_MERGED else merged
            elif key.value in own:
                first = own[key.value][0]
                self.problems.append(f"the key {key.value[:40]!r} stands in line {first} and again in {key.line}")
                own[key.value] = (key.line, value)
            else:
                own[key.value] = (key.line, value)
        return merged | own

    def finish(self) -> YamlText:
        """Return what was read; mappings that an error left open end here."""
        while self._open:
            self._close()
        if self._merged > _MAX_MERGED:
            self.problems.append(f"its merges (`<<`) come to more than {_MAX_MERGED} keys")
        return YamlText(tuple(self.documents), tuple(self.problems[:3]))


@lru_cache(maxsize=2)  # several rules ask for the same file in turn
def read_yaml(text: str) -> YamlText:
    """Return the documents of `text`; one that is no YAML has a problem, and what stands before it."""
    import yaml

    builder = _Builder()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            if not builder.event(type(event).__name__, event):
                break
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        builder.problems.insert(0, f"is no valid YAML: {reason}")
    return builder.finish()


def scalar(node: Node | None) -> str | None:
    """Return the text of a scalar; None for null and for anything else."""
    if node is None or node.id != "scalar" or (node.plain and node.value in _NULLS):
        return None
    return node.value


def sequence(node: Node | None) -> Iterator[tuple[int, Node]]:
    """Yield line and node of each item of a sequence."""
    if node is not None and node.id == "sequence":
        for item in node.items:
            yield item.line, item


def mapping(node: Node | None) -> dict[str, tuple[int, Node]]:
    """Return line and value by key of a mapping, merges included; empty for anything else."""
    return node.entries if node is not None else {}


def walk(text: YamlText) -> Iterator[tuple[str, Node]]:
    """Yield every mapping once, with the key that it is the value of (of a list: the list's key), in order."""
    seen: set[int] = set()
    stack: list[tuple[str, Node]] = [("", node) for node in reversed(text.documents)]
    while stack:
        key, node = stack.pop()
        if node.id == "scalar" or id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "mapping":
            yield key, node
            pairs = zip(node.items[::2], node.items[1::2], strict=False)
            stack.extend(reversed([(k.value if k.id == "scalar" else "", v) for k, v in pairs]))
            stack.extend(("", k) for k in node.items[::2] if k.id != "scalar")
        else:
            stack.extend((key, item) for item in reversed(node.items))
