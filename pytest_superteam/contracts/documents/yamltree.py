"""YAML as the tree of JSON values that it stands for: one pass over the parser's events, with bounds.

PyYAML's own constructor makes dates of text, truth values of `no` and numbers of keys, follows aliases however much
they unfold to, and recurses as deep as the text says. Contracts are written by anybody, so none of this.
"""

from __future__ import annotations

import math
import re
from typing import Any

from pytest_superteam.errors import CheckError

__all__ = ["DEPTH", "parse_yaml", "too_deep"]

DEPTH = 200  # levels; the validators behind end at 255
_NODES = 4_000_000  # values that a document may hold, aliases unfolded
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,4})?\Z")
_PLAIN: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_PLAIN |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def parse_yaml(text: str, name: str) -> Any:
    """Return the value of a YAML text of one document.

    Raises:
        CheckError: it is malformed, nests too deep, unfolds to too much or holds something that JSON has not.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree = _Tree(name)
    try:
        for event in yaml.parse(text, Loader=loader):
            tree.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())[:200]
        raise CheckError(f"{name}{place}: is no YAML: {problem}.") from None
    return tree.value


def too_deep(value: Any) -> bool:
    """Return whether `value` nests more than `DEPTH` levels."""
    level = [value]
    for _ in range(DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


class _Tree:
    """Builds the value from events. `_open` holds the containers around, each with its key, anchor and size."""

    def __init__(self, name: str) -> None:
        self.value: Any = None
        self._name = name
        self._documents = 0
        self._open: list[_Container] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._nodes = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._scalar(event)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._start(event, {} if kind == "MappingStartEvent" else [])
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._end(event)
        elif kind == "AliasEvent":
            self._alias(event)
        elif kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise self._error(event, "holds a second document. Put it into a file of its own")

    def _error(self, event: Any, problem: str) -> CheckError:
        return CheckError(f"{self._name}:{event.start_mark.line + 1}: {problem}.")

    def _start(self, event: Any, value: Any) -> None:
        if len(self._open) > DEPTH:
            raise self._error(event, f"nests more than {DEPTH} levels deep. Flatten it")
        if self._open and self._open[-1].wants_key:
            raise self._error(event, "has a mapping or a list as a key. Keys are text")
        self._open.append(_Container(value, event.anchor))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        if done.merges:
            done.merge()
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.size, done.depth)
        self._put(event, done.value, done.size, done.depth)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:  # unknown, or still open: a value that holds itself
            raise self._error(event, f"the alias *{event.anchor[:60]} names nothing that stands before it")
        value, size, depth = self._anchors[event.anchor]
        if len(self._open) + depth > DEPTH:
            raise self._error(event, f"nests more than {DEPTH} levels deep. Flatten it")
        self._put(event, value, size, depth)

    def _scalar(self, event: Any) -> None:
        if self._open and self._open[-1].wants_key:
            self._key(event, event.value)
            return
        value = self._plain(event) if event.implicit[0] else event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(event, value, 1, 0)

    def _key(self, event: Any, key: str) -> None:
        around = self._open[-1]
        if key in around.value:
            raise self._error(event, f"the key {key[:80]!r} stands here twice. Drop one")
        if event.anchor:
            self._anchors[event.anchor] = (key, 1, 0)
        around.key, around.wants_key = key, False

    def _put(self, event: Any, value: Any, size: int, depth: int) -> None:
        if not self._open:
            self.value = value
            return
        around = self._open[-1]
        if around.wants_key:  # an alias as a key
            if not isinstance(value, str):
                raise self._error(event, "has something else than text as a key")
            self._key(event, value)
            return
        around.size += size
        around.depth = max(around.depth, depth + 1)
        if around.size > _NODES:
            raise self._error(event, f"unfolds to more than {_NODES} values. Use fewer aliases")
        if isinstance(around.value, list):
            around.value.append(value)
            return
        around.wants_key = True
        if around.key == "<<" and isinstance(value, (dict, list)):
            around.merges += value if isinstance(value, list) else [value]
        else:
            around.value[around.key] = value

    def _plain(self, event: Any) -> Any:
        text: str = event.value
        if text in _PLAIN:
            return _PLAIN[text]
        if text[:1] not in "+-.0123456789":
            return text
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text) and (text[0] != "0" or not text.isdecimal()):  # 007 is a text
            number = float(text)
            if math.isinf(number):
                raise self._error(event, f"the number {text[:40]} is too large")
            return number
        return text


class _Container:
    """A mapping or list that is being read."""

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.wants_key = isinstance(value, dict)
        self.key = ""
        self.size = 1
        self.depth = 0
        self.merges: list[Any] = []

    def merge(self) -> None:
        """Put what `<<:` names below what is written out; of several, the first wins."""
        for other in self.merges:
            for key, value in other.items() if isinstance(other, dict) else ():
                self.value.setdefault(key, value)
