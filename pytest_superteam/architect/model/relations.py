# ruff: noqa: RUF001 - dashes of other scripts are what authors write
"""Ties between entities: signs such as `User 1──* Order`, words such as "an order belongs to a user", pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact, FieldFact, RelationFact
from pytest_superteam.architect.names import fold, pascal, snake
from pytest_superteam.architect.notations.pictures import read_mermaid_relations
from pytest_superteam.architect.notations.ties import NAME, RATIO, ends_of, tie, tie_of_signs
from pytest_superteam.models import Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document

__all__ = ["read_relations", "with_references"]

_LEADING = re.compile(
    rf"{RATIO}(?: relationship| relation)?\s{{0,4}}(?:between|from|entre|zwischen)\s{{1,4}}(?:the "
    rf"|an? )?{NAME}\s{{1,4}}(?:and|to|y|e|et|und)\s{{1,4}}(?:the |an? )?{NAME}",
    re.IGNORECASE,
)
_MANY = re.compile(
    rf"(?:^|[.;:•-]\s{{0,4}}|\b(?:an?|the|each|every|one|un|una|um|uma|une|cada|chaque|ein|eine|jeder"
    rf"|jede)\s{{1,4}}){NAME}\s{{1,4}}(?:\(\w{{1,10}}\)\s{{1,4}})?"
    r"(?:(?:can |may |will |puede |pode |peut |kann )?(?:has|have|contains?|owns?|holds?|includes?|tiene|tener"
    r"|tem|ter|possui|possede|avoir|a|hat|haben|contient|contiene|contem|enthalt)"
    r"\s{1,4}(?:zero or more|one or more|zero or many|one or many|0\.\.[*n]|1\.\.[*n]|many|multiple|several"
    r"|a list of|muchos|muchas|v[aá]ri[oa]s|muitos|muitas|plusieurs|mehrere|viele)"
    rf"|has_?many|1\s?:\s?N)\s{{1,4}}{NAME}",
    re.IGNORECASE,
)
_ONE = re.compile(
    rf"(?:^|[.;:•-]\s{{0,4}}|\b(?:an?|the|each|every)\s{{1,4}}){NAME}\s{{1,4}}(?:(?:can |may )?(?:has"
    rf"|have)\s{{1,4}}(?:exactly one|zero or one|at most one|only one|one)|has_?one)\s{{1,4}}{NAME}",
    re.IGNORECASE,
)
_BELONGS = re.compile(
    rf"(?:^|[.;:•-]\s{{0,4}}|\b(?:an?|the|each|every|un|una|um|uma|une|cada|chaque|ein|eine|jeder"
    rf"|jede)\s{{1,4}}){NAME}\s{{1,4}}"
    r"(?:belongs? to|belongs_?to|pertenece a|pertence a|pertence ao|appartient a|gehort zu(?: einem| einer)?|n\s?:\s?1)"
    rf"\s{{1,4}}(?:(?:exactly |only )?(?:one|an?|the|un|una|um|uma|une|einem|einer|eine)\s{{1,4}})?{NAME}",
    re.IGNORECASE,
)
_EASTERN = re.compile(
    rf"{NAME}\s{{0,4}}(?:可以)?(?:(有多个|有多個|拥有多个|包含多个|は複数の|has多)|(属于|屬於|に属する|은|는))\s{{0,4}}(?:一个)?\s{{0,4}}{NAME}"
)
_ONE_TO_MANY, _ONE_TO_ONE = (False, True), (False, False)
_MAX = 400
_HINT = re.compile(
    r"(?:^|[\W_])(?:[1NnMm*∞]\s{0,2}[)\]]?\s{0,4}[─━═—–\-=:.>→]|1\.\.|0\.\.)|\|\||\}[o|]|[─-]<|\bto[ -](?:many"
    r"|one)\b|\b(?:many|multiple|several|more|belongs?[ _]?to|"
    r"has_?many|has_?one|exactly|zero or one|muchos|muchas|v[aá]ri[oa]s|muitos|muitas|plusieurs|pertenece"
    r"|pertence|appartient|mehrere|viele|geh[oö]rt)\b"
    r"|hasMany|hasOne|belongsTo|一对|多对|一對|多對|対多|対一|対1|일대|다대|대다|多个|属于",
    re.IGNORECASE,
)


def read_relations(document: Document) -> tuple[RelationFact, ...]:
    """Return the ties between entities that the text states outside of foreign keys, each once.

    Signs and words count in sections about data, Mermaid pictures anywhere.
    """
    found: dict[tuple[str, str], RelationFact] = {}
    for section in document.live():
        in_data = "data" in section.kinds
        for block in section.blocks:
            for fact in _of_block(block, in_data=in_data):
                found.setdefault((fact.parent, fact.child), fact)
    return tuple(sorted(found.values(), key=lambda f: f.line))


def _of_block(block: Block, *, in_data: bool) -> Iterator[RelationFact]:
    if block.kind == "code":
        yield from read_mermaid_relations(block)
    if not in_data:
        return
    if block.kind == "table":
        for row in block.rows:
            yield from _of_cells(row.cells, row.line)
        return
    for line, text in block.lines():
        if _HINT.search(text[:_MAX]):
            fact = tie_of_signs(text, line)
            yield from (fact,) if fact else _said(text, line) if block.kind != "code" else ()


def _of_cells(cells: tuple[str, ...], line: int) -> Iterator[RelationFact]:
    """Read a row of names with a cell that holds nothing but a ratio."""
    short = [c.strip() for c in cells if c.strip()][:5]
    ratio = next(
        (i for i, c in enumerate(short) if i and len(c) < 40 and re.fullmatch(rf"\W*{RATIO}\W*", c, re.IGNORECASE)),
        None,
    )
    if ratio is None or len(short) < 3:
        return
    names = [c for i, c in enumerate(short) if i != ratio and re.fullmatch(r"[A-Za-z]\w{1,40}(?: \w{1,30})?", c)]
    if len(names) >= 2:
        match = re.search(RATIO, short[ratio], re.IGNORECASE)
        fact = tie(names[0], names[1], ends_of(match.group(1) if match else ""), line)
        if fact:
            yield fact


def _said(text: str, line: int) -> Iterator[RelationFact]:
    """Read sentences; a name that is no name is dropped later, when no entity is called so."""
    plain = " ".join(text[:_MAX].replace("`", "").split())
    latin = fold(plain) if not plain.isascii() else plain
    for match in _LEADING.finditer(plain):
        yield from _some(tie(match.group(2), match.group(3), ends_of(match.group(1)), line))
    for match in _MANY.finditer(latin):
        yield from _some(tie(match.group(1), match.group(2), _ONE_TO_MANY, line))
    for match in _ONE.finditer(latin):
        yield from _some(tie(match.group(1), match.group(2), _ONE_TO_ONE, line))
    for match in _BELONGS.finditer(latin):
        yield from _some(tie(match.group(2), match.group(1), _ONE_TO_MANY, line, required=True))
    for match in _EASTERN.finditer(plain):
        one, many, of, other = match.groups()
        if many:
            yield from _some(tie(one, other, _ONE_TO_MANY, line))
        elif len(of) > 1:
            yield from _some(tie(other, one, _ONE_TO_MANY, line, required=True))


def _some(fact: RelationFact | None) -> Iterator[RelationFact]:
    if fact is not None:
        yield fact


def with_references(
    facts: Sequence[EntityFact], relations: Iterable[RelationFact]
) -> tuple[list[EntityFact], list[str]]:
    """Return the entities with the reference fields that the ties ask for, and the questions that remain.

    A child that already refers to its parent stays as it is. Of two that have many of each other neither gets a
    field: without an entity that joins them, that is a question.
    """
    known = {f.name: f for f in facts}
    questions: list[str] = []
    for relation in relations:
        if relation.parent not in known or relation.child not in known:
            continue
        if relation.cardinality == "many-to-many":
            if relation.parent != relation.child and not _joined(relation, known):
                questions.append(
                    f"What ties {relation.parent} to {relation.child} (line {relation.line})? Each has many of"
                    f" the other, and the text "
                    "describes no entity that joins them."
                )
        elif not _tied(known[relation.child], relation.parent) and not (
            relation.cardinality == "one-to-one" and _tied(known[relation.parent], relation.child)
        ):
            known[relation.child] = _with_field(known[relation.child], relation)
    return [known[f.name] for f in facts], questions


def _targets(fact: EntityFact) -> set[str]:
    found = set()
    for item in fact.fields:
        if item.field.references:
            found.add(item.field.references)
        if item.field.name.endswith("_id"):
            found.add(pascal(item.field.name.removesuffix("_id")))
    return found


def _tied(fact: EntityFact, parent: str) -> bool:
    targets = _targets(fact)
    people = {"owner_id", "customer_id", "author_id", "created_by", "user"} if parent == "User" else set()
    return (
        parent in targets
        or any(t.endswith(parent) for t in targets)
        or bool(people & {f.field.name for f in fact.fields})
    )


def _joined(relation: RelationFact, known: dict[str, EntityFact]) -> bool:
    for name, fact in known.items():
        if name in (relation.parent, relation.child):
            if _tied(fact, relation.parent if name == relation.child else relation.child):
                return True
        elif _tied(fact, relation.parent) and _tied(fact, relation.child):
            return True
    return False


def _with_field(fact: EntityFact, relation: RelationFact) -> EntityFact:
    name = f"{snake(relation.parent)}_id" if relation.parent != fact.name else "parent_id"
    field = Field(
        name,
        "reference",
        references=relation.parent,
        required=relation.required and relation.parent != fact.name,
        unique=relation.cardinality == "one-to-one",
        source=Source(relation.line, "derived"),
    )
    if any(f.field.name == name for f in fact.fields):
        return fact
    return replace(fact, fields=(*fact.fields, FieldFact(field)))
