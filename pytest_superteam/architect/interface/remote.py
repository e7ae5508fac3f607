"""What is called over the network and is no operation here: remote procedures, GraphQL, HEAD and OPTIONS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.routes import PATH
from pytest_superteam.models import Ignored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["PROBE", "PROCEDURE", "open_procedures", "probes_in", "procedures_in", "procedures_in_code"]

PROCEDURE = "a remote procedure, and no method on a path is given for it"
"""Reason why a remote procedure or an operation of GraphQL is none of the contract."""
PROBE = "HEAD and OPTIONS are answered by what serves GET"

_RPC = re.compile(r"^\s{0,20}rpc\s{1,4}(\w{1,80})\s{0,4}\(")
_ROOT = re.compile(r"^\s{0,8}(?:extend\s{1,4})?type\s{1,4}(Query|Mutation|Subscription)\b[^{\n]{0,80}\{?")
_FIELD = re.compile(r"^\s{1,12}([a-z_]\w{0,80})\s{0,4}(?:\([^()\n]{0,400}\))?\s{0,4}:\s{0,4}[\[A-Z]")
_NAMED = re.compile(r"^[\W\d_]{0,8}(query|mutation|subscription)\s{1,4}`{0,2}([a-z]\w{1,80})\b", re.IGNORECASE)
_DOTTED = re.compile(r"^[-*\s\d.)]{0,8}[`*]{1,4}([a-z]\w{0,40}\.[a-z][A-Za-z]{1,40})(?:\([^()\n]{0,200}\))?[`*]{1,4}")
_SPEAKS = re.compile(r"\bt?rpc\b|remote procedure|\bprocedures?\b|\bgraphql\b|json-?rpc", re.IGNORECASE)
_PROBE = re.compile(rf"(?<![\w/.-])(HEAD|OPTIONS)[\s:|*`]{{1,6}}({PATH})")
_MOST = 60


def procedures_in(raw: str, line: int, heading: str) -> Iterator[Ignored]:
    """Yield the procedure that an item names, where what stands above it speaks of procedures or GraphQL.

    Elsewhere a dotted name is that of an event or a field.
    """
    if not _SPEAKS.search(heading):
        return
    named = _NAMED.match(raw[:200])
    dotted = None if named else _DOTTED.match(raw[:300])
    if named:
        yield Ignored(f"{named.group(1).lower()} {named.group(2)}", line, PROCEDURE)
    elif dotted:
        yield Ignored(dotted.group(1), line, PROCEDURE)


def procedures_in_code(block: Block) -> Iterator[Ignored]:
    """Yield the procedures of an interface definition, and the operations of a GraphQL schema."""
    text = block.text
    graph = "type Query" in text or "type Mutation" in text or "type Subscription" in text
    if not graph and "rpc " not in text:
        return
    root = ""
    count = 0
    for line, whole in block.lines():
        found = _RPC.match(whole[:400])
        opened = _ROOT.match(whole[:400]) if graph else None
        root = opened.group(1).lower() if opened else "" if whole.strip().startswith("}") else root
        field = _FIELD.match(whole[:600]) if root and not opened else None
        if count < _MOST and (found or field):
            count += 1
            name = f"rpc {found.group(1)}" if found else f"{root} {field.group(1)}" if field else ""
            yield Ignored(name, line, PROCEDURE)


def probes_in(text: str, line: int) -> Iterator[Ignored]:
    """Yield the HEAD and OPTIONS of a line: whatever answers GET answers them."""
    for found in _PROBE.finditer(text[:2000]) if "HEAD" in text or "OPTIONS" in text else ():
        yield Ignored(f"{found.group(1)} {found.group(2)}"[:200], line, PROBE)


def open_procedures(ignored: Iterable[Ignored]) -> tuple[str, ...]:
    """Return the question that remote procedures leave open, if the text names any."""
    found = [i for i in ignored if i.reason == PROCEDURE]
    if not found:
        return ()
    names = ", ".join(i.text for i in found[:5]) + (", ..." if len(found) > 5 else "")
    return (f"On which methods and paths are {names} called (line {found[0].line})? The text gives procedures only.",)
