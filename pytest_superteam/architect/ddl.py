"""Entities in code: SQL and pseudo-DDL, and blocks such as `model User { ... }` or `interface User { ... }`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, FieldFact
from pytest_superteam.architect.fields import parse_field, split_outside
from pytest_superteam.architect.names import fold, pascal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.blocks import Block

__all__ = ["read_code"]

_TABLE = re.compile(
    r"^[ \t]{0,8}(?:CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?)?[`\"\[]?(?:\w{1,40}\.)?([A-Za-"
    r"z_]\w{1,60})[`\"\]]?\s{0,8}\(",
    re.IGNORECASE | re.MULTILINE,
)
_BRACED = re.compile(
    r"^[ \t]{0,8}(?:export\s+)?(?:interface|model|type|entity|table|struct|class|message)\s+(\w{2,60})[^\n{]{0,80}\{",
    re.MULTILINE,
)
_CONSTRAINT = re.compile(r"^(?:primary|foreign|unique|constraint|check|key|index|exclude)\b", re.IGNORECASE)
_COLUMN = re.compile(r"^[`\"\[]?([A-Za-z_]\w{0,60})[`\"\]]?\s*(\?)?\s*:?\s*(.*)$", re.DOTALL)
_COMMENT = re.compile(r"(?:--|//|#)[^\n]{0,500}")
_FOREIGN = re.compile(
    r"foreign\s+key\s*\(\s*[`\"]?(\w{1,60})[`\"]?\s*\)\s*references\s+[`\"]?(\w{1,60})", re.IGNORECASE
)
_NOT_NULL = re.compile(r"\bnot\s+null\b", re.IGNORECASE)
_SET = re.compile(r"\bnot\s+null\b|\bprimary\s+key\b|\bdefault\b|\bserial\b", re.IGNORECASE)
_NO_SCHEMA = (
    "json",
    "bash",
    "sh",
    "shell",
    "http",
    "yaml",
    "yml",
    "python",
    "py",
    "js",
    "javascript",
    "mermaid",
    "html",
    "css",
    "dockerfile",
)
_MAX = 200_000


def read_code(block: Block, *, in_data: bool) -> Iterator[EntityFact]:
    """Yield the entities that a code block defines, with all fields that it gives them."""
    text = block.text[:_MAX]
    if block.info.split(" ")[0] in _NO_SCHEMA:
        return
    created = bool(re.search(r"\bcreate\s+table\b", text, re.IGNORECASE))
    if in_data or created:
        yield from _blocks(block, text, _TABLE, "()", created=created)
    if in_data:
        yield from _blocks(block, text, _BRACED, "{}", created=False)


def _blocks(block: Block, text: str, opening: re.Pattern[str], marks: str, *, created: bool) -> Iterator[EntityFact]:
    position = 0
    while match := opening.search(text, position):
        if created and not re.match(r"\s*create\s", match.group(), re.IGNORECASE):
            position = match.end()
            continue
        body, position = _body(text, match.end(), marks)
        line = block.line + text.count("\n", 0, match.start(1))
        first = line + text.count("\n", match.start(1), match.end())
        fields = _columns(body, first, by_line=marks == "{}")
        name = pascal(match.group(1))
        if len(fields) >= 2 and name:
            yield EntityFact(name, line, fields, rank=3)


def _body(text: str, start: int, marks: str) -> tuple[str, int]:
    """Return what stands up to the closing mark and the position behind it."""
    depth = 1
    for i in range(start, len(text)):
        if text[i] == marks[0]:
            depth += 1
        elif text[i] == marks[1]:
            depth -= 1
            if depth == 0:
                return text[start:i], i + 1
    return text[start:], len(text)


def _columns(body: str, line: int, *, by_line: bool) -> tuple[FieldFact, ...]:
    # Where some columns say NOT NULL, the others may be null.
    strict = bool(_NOT_NULL.search(body)) and not by_line
    foreign = {m.group(1).lower(): m.group(2) for m in _FOREIGN.finditer(body)}
    found: dict[str, FieldFact] = {}
    for number, part in _parts(body, line, by_line=by_line):
        match = _COLUMN.match(part)
        if match and not _CONSTRAINT.match(part):
            name, optional, rest = match.groups()
            if name.lower() in foreign:
                rest += f" references {foreign[name.lower()]}"
            if strict and not _SET.search(rest):
                rest += " nullable"
            fact = parse_field(name + (optional or ""), rest, "", number)
            if (fact and not re.match(r"^\w+\[\]", rest)) or (fact and fold(rest).startswith("string[]")):
                found.setdefault(fact.field.name, fact)
    return tuple(found.values())


def _parts(body: str, line: int, *, by_line: bool) -> Iterator[tuple[int, str]]:
    if by_line:
        for i, text in enumerate(body.split("\n")):
            clean = _COMMENT.sub("", text).strip().rstrip(",;")
            if clean and not clean.startswith(("@@", "}", "{", "/")):
                yield line + i, clean
        return
    position = 0
    clean_body = _COMMENT.sub(lambda m: " " * len(m.group()), body)
    for part in split_outside(clean_body):
        position = max(clean_body.find(part, position), position)
        yield line + clean_body.count("\n", 0, position), " ".join(part.split())
