"""Blocks of private keys: a header that is followed by a key, not one that is only named."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.secrets.triggers import Passage
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["private_key_column"]

_HEADER = re.compile(r"-{4,5} ?BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d\b")
_FIELD = re.compile(r"[A-Za-z][A-Za-z-]{2,30}: .{0,200}")
_BODY = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_SHORT = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")
_ENCODED = re.compile(r"LS0tLS[1B]CRUdJTi[A-Za-z0-9+/=]{20,}")
_EDGES = " \t\r\"'`+,;|#*(>.\\&"
_HOLE = re.compile(r"\.\.\.|<|\$|\{|…|(?i:your|insert|replace|example key|redacted|snip|x{8,})|\[")
_MAX_FIELDS = 14


def private_key_column(file: SourceFile, passage: Passage) -> int:
    """Return the column (from 1) at which a private key begins on a passage; 0 where none does.

    A key has lines of base64 below its header, or behind it where line ends are written as escapes. A file that holds
    header and footer with something between them that is no hole to fill holds one too.
    """
    text = passage.text
    for match in _HEADER.finditer(text):
        if _follows(text[match.end() :]) or (
            passage.whole and _below(file, passage.line, bare=text.strip() == match[0])
        ):
            return passage.start + match.start() + 1
    for encoded in _ENCODED.finditer(text):
        head = encoded[0][:80]
        if b"PRIVATE KEY" in base64.b64decode(head[: len(head) // 4 * 4]):
            return passage.start + encoded.start() + 1
    return 0


def _follows(rest: str) -> bool:
    """Return whether the rest of the header's line holds the key."""
    inner, end, _ = rest.partition("-----END")
    inner = re.sub(r"\\{1,3}[nr]|\\$|&#10;|%0[aA]|[\"'+]", " ", inner)
    if any(_BODY.fullmatch(word) for word in inner.split()):
        return True
    return (
        bool(end)
        and not _HOLE.search(inner)
        and any(_SHORT.fullmatch(word) and len(word) >= 8 for word in inner.split())
    )


def _clean(line: str) -> str:
    return re.sub(r"\\{1,3}[nr]", " ", line).strip(_EDGES).removeprefix("//").strip(_EDGES)


def _below(file: SourceFile, number: int, *, bare: bool) -> bool:
    """Return whether the lines below a header are those of a key."""
    for below in range(number + 1, min(number + _MAX_FIELDS, len(file.lines)) + 1):
        line = file.line(below)
        if len(line) > 20000:
            return False
        text = _clean(line)
        if _BODY.fullmatch(text):
            return True
        if "-----END" in line:
            return False
        if text and not _FIELD.fullmatch(text):
            return bare and not _HOLE.search(line) and _ends(file, below)
    return False


def _ends(file: SourceFile, number: int) -> bool:
    """Return whether the footer of a private key stands soon below."""
    return any(
        "-----END" in file.line(below) and "PRIVATE KEY" in file.line(below) for below in range(number, number + 80)
    )
