"""State machines: tables of moves, arrows between states, and which verb leads to which state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, StateFact
from pytest_superteam.architect.model.entities import entity_name
from pytest_superteam.architect.names import fold, singular, words
from pytest_superteam.architect.notations.pictures import read_mermaid_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["read_states", "same_state", "state_of_verb"]

_FROM = re.compile(r"^(?:from|current|source|de|von|depuis|statut actuel|現在)(?: state| status)?$")
_TO = re.compile(r"^(?:to|next|target|vers|nach|a|new|nouveau statut)(?: states?| status)?$")
_WHO = re.compile(r"^(?:who|roles?|by|actor|allowed roles?|performed by|qui|wer|triggered by)$")
_ALLOWED = re.compile(r"^(?:allowed|autorisee?|permitted|valid|erlaubt)\b")
_NO = re.compile(r"❌|\bno\b|\bnon\b|forbidden|not allowed|\bnein\b|✗")
_ARROW = re.compile(r"\s*(?:->|→|⟶|-->|=>|➜|➔)\s*")
_STATE = re.compile(r"^[\w-]+(?: [\w-]+)?$")
_TITLE = re.compile(
    r"\b(?:states?|status(?:es)?|lifecycle|life cycle|state machine|transitions?|workflow|flow|statuts?)\b",
    re.IGNORECASE,
)
_MOST = 10  # entities that share a state; a document with more is no document about states
_Choices = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
"""Entities with the values of a field, by the last word of each value."""
_IRREGULAR = {
    "activate": ("active", "activated"),
    "begin": ("begun", "started", "in_progress"),
    "break": ("broken",),
    "build": ("built",),
    "buy": ("bought",),
    "choose": ("chosen",),
    "check_out": ("checked_out", "completed"),
    "close": ("closed", "done"),
    "complete": ("completed", "complete", "done"),
    "deactivate": ("inactive", "deactivated"),
    "disable": ("disabled", "inactive"),
    "draw": ("drawn",),
    "enable": ("enabled", "active"),
    "find": ("found",),
    "finish": ("finished", "completed", "done"),
    "freeze": ("frozen",),
    "give": ("given",),
    "hide": ("hidden",),
    "hold": ("held", "on_hold"),
    "leave": ("left",),
    "lend": ("lent",),
    "lose": ("lost",),
    "make": ("made",),
    "pay": ("paid",),
    "pause": ("paused",),
    "reopen": ("reopened", "open"),
    "run": ("running", "run"),
    "sell": ("sold",),
    "send": ("sent",),
    "show": ("shown",),
    "spend": ("spent",),
    "start": ("started", "in_progress", "active", "running"),
    "take": ("taken",),
    "win": ("won",),
    "withdraw": ("withdrawn",),
    "write": ("written",),
}


def read_states(document: Document, entities: Iterable[EntityFact] = ()) -> tuple[StateFact, ...]:
    """Return the moves between states that the text gives, a fact for each place.

    Outside sections about states, arrows count between the values of one field of `entities`.
    """
    found: list[StateFact] = []
    values = _by_last_word(entities)
    for section in document.live():
        about = _TITLE.search(section.title) or section.kind == "states"
        for block in section.blocks:
            drawn = read_mermaid_states(block) if block.kind == "code" else ()
            if drawn:
                found += [replace(fact, entity=_subject(section)) for fact in drawn]
                continue
            moves = tuple(_table(block) if block.kind == "table" else _arrows(block) if about else ())
            if moves:
                found.append(StateFact(_subject(section), moves, block.line))
            elif block.kind in ("paragraph", "item") and not about:
                found += _said(block, values)
    return tuple(found)


def _subject(section: Section) -> str | None:
    for title in section.titles[:3]:
        rest = _TITLE.sub("", title)
        name = entity_name(
            re.sub(r"\b(?:management|allowed|valid|gestion des|of|the|machine)\b", "", rest, flags=re.IGNORECASE)
        )
        if name:
            return name
    return None


def _table(block: Block) -> Iterator[tuple[str, str, str, int]]:
    headers = [fold(h).strip() or h for h in block.header]
    source = next((i for i, h in enumerate(headers) if _FROM.match(h)), None)
    target = next((i for i, h in enumerate(headers) if _TO.match(h) and i != source), None)
    who = next((i for i, h in enumerate(headers) if _WHO.match(h)), None)
    allowed = next((i for i, h in enumerate(headers) if _ALLOWED.match(h)), None)
    for row in block.rows:
        cells = row.cells
        if allowed is not None and allowed < len(cells) and _NO.search(fold(cells[allowed]) + cells[allowed]):
            continue
        roles = cells[who] if who is not None and who < len(cells) else ""
        if source is not None and target is not None and max(source, target) < len(cells):
            for start in re.split(r"[,/]", cells[source]):
                for end in re.split(r"[,/]", cells[target]):
                    if _is_state(start.strip()) and _is_state(end.strip()):
                        yield start.strip(), end.strip(), roles, row.line
        elif headers and "transition" in headers[0] and cells:
            yield from _chain(cells[0], roles, row.line)


def _arrows(block: Block) -> Iterator[tuple[str, str, str, int]]:
    for line, text in block.lines():
        if _ARROW.search(text):
            yield from _chain(re.sub(r"^[\w ]{1,30}:\s", "", text.strip()), "", line)


def _chain(text: str, roles: str, line: int) -> Iterator[tuple[str, str, str, int]]:
    parts = [re.sub(r"\s*[(\[].{0,200}[)\]].*$", "", p).strip(" .`*'\"") for p in _ARROW.split(text[:500])]
    for start, end in pairwise(parts):
        for target in re.split(r"\s*[/|]\s*", end):
            if _is_state(start) and _is_state(target) and start != target:
                yield start, target, roles, line


def _by_last_word(entities: Iterable[EntityFact]) -> _Choices:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for entity in entities:
        for choice in (f.field.enum for f in entity.fields):
            for word in {words(state)[-1] for state in choice if words(state)}:
                found.setdefault(word, []).append((entity.name, choice))
    return found


def _said(block: Block, values: _Choices) -> Iterator[StateFact]:
    """Read arrows in a sentence, such as "An order goes open -> paid -> sent; open -> cancelled."."""
    if not values or not _ARROW.search(block.text[:2000]):
        return
    start = 0
    for sentence in re.split(r"(?<=[.!?])\s", block.text[:2000]):
        line = block.line + block.text.count("\n", 0, start)
        start += len(sentence) + 1
        if _ARROW.search(sentence):
            fact = _in_sentence(" ".join(sentence.split()), line, values)
            if fact is not None:
                yield fact


def _in_sentence(text: str, line: int, values: _Choices) -> StateFact | None:
    clauses = [parts for clause in re.split(r"[;,.]", text) if len(parts := _ARROW.split(clause)) > 1]
    firsts = [words(parts[0]) for parts in clauses]
    candidates = dict.fromkeys(c for first in firsts if first for c in values.get(first[-1], ())[:_MOST])
    # Of two entities with the same states it is the one that the sentence names.
    named = set(words(text)) | {singular(w) for w in words(text)}
    for name, states in sorted(candidates, key=lambda c: not set(words(c[0])) <= named):
        moves: list[tuple[str, str, str, int]] = []
        for parts in clauses:
            known = [_known(part, states, last=i == 0) for i, part in enumerate(parts)]
            # An arrow to anything else makes the clause one about something else.
            if all(known):
                moves += [(a, b, "", line) for a, b in pairwise(k for k in known if k) if a != b]
        if moves:
            return StateFact(name, tuple(dict.fromkeys(moves)), line)
    return None


def _known(part: str, states: tuple[str, ...], *, last: bool) -> str | None:
    """Return the state that `part` is, or with `last` the one that it ends in."""
    said = words(part)
    for state in sorted(states, key=lambda s: (-len(words(s)), s)):
        parts = words(state)
        if parts and (said[-len(parts) :] == parts if last else said == parts):
            return state
    return None


def _is_state(text: str) -> bool:
    return bool(_STATE.match(text)) and len(text) <= 40 and bool(words(text))


def same_state(one: str, other: str) -> bool:
    """Return whether two spellings mean one state: `In Progress`, `in_progress` and `IN-PROGRESS`."""
    return "".join(words(one.lower())) == "".join(words(other.lower()))


def state_of_verb(verb: str, states: tuple[str, ...]) -> str | None:
    """Return the state that `verb` (as in `/orders/{id}/pay`) leads to, if one of `states` is."""
    key = "_".join(words(verb.lower()))
    base = key.split("_")[0]
    candidates = [key, *_IRREGULAR.get(key, ()), *(w for w in _participles(base) if key == base)]
    candidates += ["_".join([p, *key.split("_")[1:]]) for p in _participles(base) if key != base]
    for candidate in candidates:
        for state in states:
            if same_state(candidate, state):
                return state
    return None


def _participles(verb: str) -> tuple[str, ...]:
    if verb.endswith("e"):
        return (verb + "d",)
    if verb.endswith("y"):
        return (verb[:-1] + "ied", verb + "ed")
    return (verb + "ed", verb + verb[-1:] + "ed", verb)
