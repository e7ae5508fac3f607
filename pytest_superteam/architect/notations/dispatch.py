"""Which reader a block is for, by what stands in it: the label of a fence is often missing or wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EntityFact
from pytest_superteam.architect.names import vocabulary
from pytest_superteam.architect.notations.jsonschema import fragment
from pytest_superteam.architect.notations.mermaid import diagram_kind
from pytest_superteam.architect.notations.objects import is_objects, is_typed_object, read_objects, read_plain_objects
from pytest_superteam.architect.notations.pictures import read_mermaid_entities
from pytest_superteam.architect.notations.python import is_python, read_python
from pytest_superteam.architect.notations.samples import is_sample, read_samples
from pytest_superteam.architect.notations.schemas import (
    is_dbml,
    is_graphql,
    is_prisma,
    is_protobuf,
    read_dbml,
    read_graphql,
    read_prisma,
    read_protobuf,
)
from pytest_superteam.architect.notations.sketches import read_sketches
from pytest_superteam.architect.notations.sql import is_sql, read_sql
from pytest_superteam.architect.notations.ties import tie_of_signs
from pytest_superteam.architect.notations.types import is_types, read_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["read_code"]

_MAX = 200_000
_COMMANDS = vocabulary(
    "bash sh shell zsh console terminal powershell cmd bat http curl html css scss dockerfile docker nginx hcl"
    " terraform toml ini "
    "makefile diff log env dotenv plantuml"
)
_BARE = re.compile(r"\bcreate\s{1,9}table\b|[({]|[A-Za-z]\w*\s{0,4}[:=]\s{0,4}[a-z_]\w*\s{0,4},", re.IGNORECASE)
_KEYWORD = re.compile(
    r"^[ \t]{0,8}(?:create\s|model\s|interface\s|export\s|type\s|class\s|struct\s|table\s|message\s|const\s|enum\s"
    r"|pub\s|public\s|data class\s|schema|@)",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~\-])")
_OPENAPI = re.compile(r"(?:^|[{,])[ \t]{0,20}[\"']?(?:openapi|swagger)[\"']?[ \t]{0,4}:", re.MULTILINE)
_PROPERTIES = re.compile(r"^\s{0,20}[\"']?properties[\"']?\s{0,4}:", re.MULTILINE)
_ENDPOINT = re.compile(r"^\s{0,8}(?:GET|POST|PUT|PATCH|DELETE)\s+/", re.MULTILINE)

_SCHEMAS: tuple[tuple[Callable[[str], bool], Callable[[str, int], Iterator[EntityFact]]], ...] = (
    (is_sql, read_sql),
    (is_dbml, read_dbml),
    (is_prisma, read_prisma),
    (is_protobuf, read_protobuf),
    (is_graphql, read_graphql),
)
"""Notations that are about data wherever they stand."""


def read_code(block: Block, *, in_data: bool, title: str = "") -> Iterator[EntityFact]:
    """Yield the entities that a block of code, or code that stands bare in a paragraph, defines.

    Args:
        block: the block.
        in_data: whether its section is about data. Elsewhere only what can be nothing else counts: tables, models of
            schema languages and of mappers, types with an id.
        title: the title of its section, which may name what a sample shows.
    """
    text = block.text[:_MAX]
    if block.kind == "paragraph":
        if not (_BARE if in_data else _KEYWORD).search(text):
            return
        text = _ESCAPE.sub(r"\1", block.raw[:_MAX])
    elif block.info.split(" ")[0] in _COMMANDS:
        return
    if diagram_kind(block):
        yield from read_mermaid_entities(block)
        return
    found = False
    for reader in _readers(block, text, title, in_data=in_data):
        for fact in reader:
            found = True
            yield fact
        if found:
            return


def _readers(block: Block, text: str, title: str, *, in_data: bool) -> Iterator[Iterator[EntityFact]]:
    """Yield the readers to try, most certain first."""
    line = block.line
    if "properties" in text and block.kind == "code":
        # A whole document is read elsewhere, as the contract that it is.
        # The mapping of a search index repeats entities that live elsewhere.
        yield (
            iter(())
            if _OPENAPI.search(text) or '"mappings"' in text
            else fragment(text, line, name=(block.lead or title) if in_data else "")
        )
    for test, read in _SCHEMAS:
        if test(text):
            yield read(text, line)
    if is_objects(text):
        yield read_objects(text, line, in_data=in_data)
    if is_python(text):
        yield read_python(text, line, in_data=in_data)
    yield from _typed(block, text, title, in_data=in_data)
    if not in_data or _ENDPOINT.search(text) or _PROPERTIES.search(text) or _OPENAPI.search(text):
        return
    if is_sample(text):
        yield read_samples(text, line, names=(block.lead, title))
        return
    if "{" in text:
        yield read_plain_objects(text, line, block.lead or title)
    yield read_sketches(text, line, sure=block.kind == "code")
    yield _tied(text, line)


def _typed(block: Block, text: str, title: str, *, in_data: bool) -> Iterator[Iterator[EntityFact]]:
    if in_data and is_typed_object(text):
        yield read_plain_objects(text, block.line, block.lead or title)
    if is_types(text):
        yield read_types(text, block.line, in_data=in_data)


def _tied(text: str, line: int) -> Iterator[EntityFact]:
    """Read the names of a picture such as `User 1──* Order`; one such line alone may be about anything."""
    found: dict[str, int] = {}
    ties = 0
    for number, row in enumerate(text.split("\n"), line):
        relation = tie_of_signs(row, number) if len(row) < 200 and row.strip() else None
        if relation is not None:
            ties += 1
            found.setdefault(relation.parent, number)
            found.setdefault(relation.child, number)
    if ties >= 2:
        yield from (EntityFact(name, number, rank=1) for name, number in found.items())
