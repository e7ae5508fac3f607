"""Data models drawn with Mermaid: entities and relations of erDiagram and classDiagram, moves of stateDiagram."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, RelationFact, StateFact
from pytest_superteam.architect.names import fold, pascal
from pytest_superteam.architect.notations.common import Column, entity, is_wrapper
from pytest_superteam.architect.notations.mermaid import diagram_kind, diagram_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["read_mermaid_entities", "read_mermaid_relations", "read_mermaid_states"]

_NAME = r"(\"[^\"\n]{1,80}\"|[\w.-]{1,80}?)(?:\[(\"?[^\[\]\n]{1,80}\"?)\])?"
_ER_OPEN = re.compile(rf"^{_NAME}\s{{0,8}}\{{(.{{0,2000}})$")
_ER_TIE = re.compile(
    rf"^{_NAME}\s{{0,8}}([|}}][|o])?\s{{0,2}}(--|\.\.)\s{{0,2}}([|o][|{{])?\s{{0,8}}{_NAME}\s{{0,8}}"
    rf"(?::\s{{0,8}}(.{{0,200}}))?$"
)
_ER_ALONE = re.compile(rf"^{_NAME}$")
_KEYS = re.compile(r"^(?:PK|FK|UK)(?:,(?:PK|FK|UK))*,?$", re.IGNORECASE)
_REMARK = re.compile(r"\"([^\"\n]{0,300})\"")
_TYPE = re.compile(
    r"^(?:string|str|text|varchar|char|n?varchar2?|u?int(?:eger)?\d{0,2}|bigint|smallint|serial|bigserial|long"
    r"|float\d{0,2}"
    r"|double|real|decimal|numeric|number|money|bool(?:ean)?|date|date-?time|timestamp(?:tz)?|time|uuid|guid|ulid|cuid"
    r"|objectid|jsonb?|enum|list|array|map|object|email|url|blob|bytea|vector|point|geo\w{0,12}|any|id)"
    r"(?:\(.{0,100}\)|\[\]|<.{0,60}>)?$",
    re.IGNORECASE,
)
_CLASS_OPEN = re.compile(
    r"^class\s+`?([\w.]{1,80})`?(?:~\w{1,40}~)?(?:\[\"([^\"\n]{1,80})\"\])?(?::::\w{1,40})?\s{0,8}(\{)?\s*(.{0,2000})$"
)
_CLASS_LINE = re.compile(r"^`?([\w.]{1,80})`?\s{0,8}:\s{0,8}(.{1,300})$")
_CLASS_TIE = re.compile(
    r"^`?([\w.]{1,80})`?\s{0,8}(?:\"([^\"\n]{1,20})\")?\s{0,8}([<*o|]{0,2}(?:--|\.\.)[>*o|]{0,2})\s{0,8}"
    r"(?:\"([^\"\n]{1,20})\")?\s{0,8}`?([\w.]{1,80})`?\s{0,8}(?::\s{0,8}(.{0,200}))?$"
)
_STEREOTYPE = re.compile(r"<<\s{0,4}(\w{1,30})\s{0,4}>>")
_ENUMERATION = {"enumeration", "enum"}
_NO_CLASSES = {"interface", "abstract", "service", "controller", "repository", "boundary", "control", "component"}
_MEMBER = re.compile(r"^[+#~-]?\s{0,4}([\w$]{1,80}\??)\s{0,4}(?::\s{0,4}(.{1,200}))?$")
_TYPED = re.compile(
    r"^[+#~-]?\s{0,4}([\w.~<>\[\],?|]{1,120}(?:\s{0,1}\([^()\n]{1,60}\))?)\s{1,8}([\w$]{1,80}\??)"
    r"(?:\s{0,4}[=*$].{0,60})?$"
)
_MOVE = re.compile(r"^(\[\*\]|[\w.-]{1,80})\s{0,8}--?>\s{0,8}(\[\*\]|[\w.-]{1,80})\s{0,8}(?::\s{0,8}(.{0,200}))?$")
_ALIAS = re.compile(r"^state\s+\"([^\"\n]{1,80})\"\s+as\s+([\w.-]{1,80})")
_SAID = re.compile(r"^([\w.-]{1,80})\s{0,4}:\s{0,4}(.{1,80})$")
_PSEUDO = re.compile(r"<<(?:fork|join|choice)>>")
_BY = re.compile(r"(?:\bby|^par|^por|^durch|^von)\s+([\w ,/]{2,60})", re.IGNORECASE)


def read_mermaid_entities(block: Block) -> Iterator[EntityFact]:
    """Yield the entities that an erDiagram or a classDiagram draws."""
    kind = diagram_kind(block)
    if kind == "er":
        yield from _er_entities(block)
    elif kind == "class":
        yield from _class_entities(block)


def read_mermaid_relations(block: Block) -> Iterator[RelationFact]:
    """Yield the ties between the entities of an erDiagram or a classDiagram."""
    kind = diagram_kind(block)
    for line, text in diagram_lines(block) if kind in ("er", "class") else ():
        fact = _er_tie(text, line) if kind == "er" else _class_tie(text, line)
        if fact is not None:
            yield fact


def read_mermaid_states(block: Block) -> tuple[StateFact, ...]:
    """Return the moves of a stateDiagram; those out of the first state come first."""
    if diagram_kind(block) != "state":
        return ()
    names: dict[str, str] = {}
    moves: list[tuple[str, str, str, int]] = []
    first: list[str] = []
    for line, text in diagram_lines(block):
        alias, said, move = _ALIAS.match(text), _SAID.match(text), _MOVE.match(text)
        if alias:
            names[alias.group(2)] = alias.group(1)
        elif _PSEUDO.search(text):
            names[text.split()[1]] = ""
        elif move and "[*]" in move.groups()[:2]:
            first += [move.group(2)] if move.group(1) == "[*]" and move.group(2) != "[*]" else []
        elif move:
            who = _BY.search(move.group(3) or "")
            moves.append((move.group(1), move.group(2), who.group(1).strip() if who else "", line))
        elif said:
            names.setdefault(said.group(1), said.group(2))
    moves.sort(key=lambda m: m[0] not in first)
    named = tuple(
        (names.get(a, a), names.get(b, b), who, n)
        for a, b, who, n in moves
        if names.get(a, a) and names.get(b, b) and a != b
    )
    return (StateFact(None, named, block.line),) if named else ()


# ---------------------------------------------------------------- erDiagram


def _er_entities(block: Block) -> Iterator[EntityFact]:  # noqa: C901 - one line of a picture after the other
    open_at: tuple[str, int] | None = None
    columns: list[Column] = []
    described: dict[str, EntityFact] = {}
    mentioned: dict[str, int] = {}
    for line, text in diagram_lines(block):
        if open_at is not None:
            body, closed, _ = text.partition("}") if not _REMARK.search(text) else (text, "", "")
            columns += _er_columns(body, line)
            if closed:
                _add(described, entity(*open_at, columns))
                open_at, columns = None, []
            continue
        head = _ER_OPEN.match(text)
        tie = _ER_TIE.match(text)
        if tie:
            for key, shown in ((1, 2), (6, 7)):
                mentioned.setdefault(_shown(tie.group(key), tie.group(shown)), line)
        elif head:
            name = _shown(head.group(1), head.group(2))
            mentioned.setdefault(name, line)
            body, closed, _ = head.group(3).partition("}")
            columns = _er_columns(body, line)
            open_at = (name, line)
            if closed:
                _add(described, entity(*open_at, columns))
                open_at, columns = None, []
        elif (alone := _ER_ALONE.match(text)) and text.lower() not in ("erdiagram", "end"):
            mentioned.setdefault(_shown(alone.group(1), alone.group(2)), line)
    if open_at is not None:
        _add(described, entity(*open_at, columns))
    yield from described.values()
    for name, line in mentioned.items():
        title = pascal(name)
        if title and title not in described:
            yield EntityFact(title, line, rank=1)


def _add(found: dict[str, EntityFact], fact: EntityFact | None) -> None:
    if fact is not None:
        found.setdefault(fact.name, fact)


def _shown(key: str, label: str | None) -> str:
    name = (label or key).strip('" ')
    # An alias in another script than Latin leaves its key.
    return name if fold(name).strip() else key.strip('"')


def _er_columns(body: str, line: int) -> list[Column]:
    found = []
    for part in body.split(";"):
        remark = _REMARK.search(part)
        words = _REMARK.sub(" ", part).replace("'", "").split()
        keys = {k.upper() for w in words if _KEYS.match(w) for k in w.split(",") if k}
        words = [w for w in words if not _KEYS.match(w)]
        if not words or not re.match(r"[\w*]", words[0]):
            continue
        kind, name = (words[0], words[1]) if len(words) > 1 else ("", words[0])
        if len(words) > 1 and _TYPE.match(name) and not _TYPE.match(kind):
            kind, name = name, kind
        note = remark.group(1) if remark else " ".join(words[2:])
        found.append(
            Column(
                name.rstrip(":").lstrip("*"),
                kind.rstrip(":").replace("_", " ") if "_" in kind else kind.rstrip(":"),
                "fk" if "FK" in keys else "",
                line,
                key="PK" in keys and "FK" not in keys,
                unique="UK" in keys,
                note=note,
            )
        )
    return found


def _er_tie(text: str, line: int) -> RelationFact | None:
    match = _ER_TIE.match(text)
    if match is None or not (match.group(3) or match.group(5)):
        return None
    left, right = match.group(3) or "||", match.group(5) or "||"
    one, other = pascal(_shown(match.group(1), match.group(2))), pascal(_shown(match.group(6), match.group(7)))
    label = (match.group(8) or "").strip().strip('"')
    many_left, many_right = left.startswith("}"), right.endswith("{")
    if not one or not other:
        return None
    if many_left and many_right:
        return RelationFact(one, other, line, "many-to-many", label=label)
    if many_left:
        return RelationFact(other, one, line, required=right == "||", label=label)
    if many_right:
        return RelationFact(one, other, line, required=left == "||", label=label)
    return RelationFact(one, other, line, "one-to-one", required=left == "||", label=label)


# ---------------------------------------------------------------- classDiagram


def _class_entities(block: Block) -> Iterator[EntityFact]:
    bodies, kinds, lines = _classes(block)
    enums = {n.lower(): tuple(b[0] for b in body) for n, body in bodies.items() if kinds.get(n) in _ENUMERATION}
    for name, body in bodies.items():
        if kinds.get(name) in _ENUMERATION | _NO_CLASSES or is_wrapper(name):
            continue
        columns = [
            c
            for text, line in body
            if "(" not in text or ")" not in text.rstrip()[-12:]
            for c in _class_column(text, line)
        ]
        columns += [
            c for text, line in body if re.match(r"^[+#~-]?\s*\w+\s*\(\d", text) for c in _class_column(text, line)
        ]
        own = [c for c in columns if c.kind.strip("[]") not in bodies or c.kind.lower() in enums]
        fact = entity(name, lines[name], own, enums=enums, least=2)
        if fact is not None:
            yield fact


def _classes(block: Block) -> tuple[dict[str, list[tuple[str, int]]], dict[str, str], dict[str, int]]:
    bodies: dict[str, list[tuple[str, int]]] = {}
    kinds: dict[str, str] = {}
    lines: dict[str, int] = {}
    current: str | None = None
    for line, text in diagram_lines(block):
        mark = _STEREOTYPE.search(text)
        if current is not None:
            if mark:
                kinds[current] = mark.group(1).lower()
            elif text.startswith("}"):
                current = None
            else:
                bodies[current].append((text.rstrip("}").strip(), line))
                current = None if text.endswith("}") else current
            continue
        head = _CLASS_OPEN.match(text)
        said = _CLASS_LINE.match(text)
        if head:
            name = head.group(1)
            bodies.setdefault(name, [])
            lines.setdefault(name, line)
            if mark:
                kinds[name] = mark.group(1).lower()
            current = name if head.group(3) and "}" not in head.group(4) else None
        elif mark and len(text.split()) >= 2:
            kinds[text.split()[-1]] = mark.group(1).lower()
        elif said and not _CLASS_TIE.match(text):
            bodies.setdefault(said.group(1), []).append((said.group(2), line))
            lines.setdefault(said.group(1), line)
    return bodies, kinds, lines


def _class_column(text: str, line: int) -> list[Column]:
    plain = text.strip().rstrip(",;")
    member = _MEMBER.match(plain)
    if member:
        return [Column(member.group(1), (member.group(2) or "").replace("~", " "), "", line)]
    typed = _TYPED.match(plain)
    return [Column(typed.group(2), typed.group(1).replace("~", " "), "", line)] if typed else []


def _class_tie(text: str, line: int) -> RelationFact | None:
    match = _CLASS_TIE.match(text)
    if match is None:
        return None
    one, left, sign, right, other, label = match.groups()
    # A triangle is inheritance, a dotted arrow a use; neither ties rows.
    if "|" in sign or sign.startswith("..") or sign.endswith(".."):
        return None
    many_left, many_right = bool(re.search(r"[*nm]", left or "")), bool(re.search(r"[*nm]", right or ""))
    label = (label or "").strip()
    first, second = pascal(one), pascal(other)
    if not first or not second or not (left or right or "*" in sign or "o" in sign):
        return None
    if many_left and many_right:
        return RelationFact(first, second, line, "many-to-many", label=label)
    if many_left:
        return RelationFact(second, first, line, label=label)
    whole_right = sign.endswith(("*", "o"))
    if many_right or (left and not right):
        return RelationFact(first, second, line, "one-to-many" if many_right else "one-to-one", label=label)
    if left or right:
        return RelationFact(first, second, line, "one-to-one", label=label)
    return (
        RelationFact(second, first, line, label=label)
        if whole_right
        else RelationFact(first, second, line, label=label)
    )
