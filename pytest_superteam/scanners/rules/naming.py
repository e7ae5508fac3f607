"""ADV-004: one field in two spellings, on the two sides of a boundary."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, SystemCheck, member_prefix
from pytest_superteam.scanners.facts.fields.contracts import contract_shapes
from pytest_superteam.scanners.facts.fields.javascript import javascript_shapes, javascript_wanted, maps_all_js
from pytest_superteam.scanners.facts.fields.model import Shape, Wanted, declared_keys, other_spelling, shape_key
from pytest_superteam.scanners.facts.fields.python import maps_all, python_shapes, python_wanted
from pytest_superteam.scanners.facts.system_links import SystemLinks
from pytest_superteam.scanners.source import CODE_LANGUAGES, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-004",
    "Naming inconsistency",
    Severity.INFO,
    "adversarial",
    4,
    'Spell a field alike on both sides, or map it on purpose: `Field(alias="orderId")`.',
    languages=("python", "javascript", "typescript"),
    scope="system",
    applies_to=CODE_LANGUAGES,
    what="A field that one service reads, sends or declares in camelCase and the other side of the boundary has in "
    "snake_case, or the other way round. Alias generators, camel-case renderers, `@Expose({name})` and code that uses "
    "both spellings map on purpose and are none.",
    why="The reader gets `undefined` or a validation error for a field that is there under its other name.",
    bad={
        "users/app.py": "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    first_name: str\n",
        "web/app.js": "const axios = require('axios');\n\nexports.greet = async () => {\n  const { data } = await axios.get('http://users/me');\n"
        "  return data.firstName;\n};\n",
    },
    good={
        "users/app.py": "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    first_name: str\n",
        "web/app.js": "const axios = require('axios');\n\nexports.greet = async () => {\n  const { data } = await axios.get('http://users/me');\n"
        "  return data.first_name;\n};\n",
    },
)


_SMALL = 20
"""Services of a system in which each may be the one that an answer comes from."""


class _Member:
    """What one service says about fields."""

    def __init__(self, target: ScanTarget, prefix: str) -> None:
        self.name, self.prefix = target.name, prefix
        self.tree: SourceTree = source_tree(target)
        self.contract = list(contract_shapes(self.tree, target))
        files = self.tree.service_files("python", "typescript")
        self.keys = frozenset[str]().union(*(declared_keys(file.data) for file in files))
        self.keys |= {shape_key(shape.name) for shape in self.contract}
        self.shapes: list[Shape] = []
        self.wanted: list[Wanted] = []
        self._said: dict[str, bool] = {}

    def read(self, shared: frozenset[str]) -> None:
        """Read the models whose names others have too, and what is read from answers and sent."""
        keys = shared | {shape_key(shape.name) for shape in self.contract}
        shapes = [*python_shapes(self.tree, keys), *javascript_shapes(self.tree, keys), *self.contract] if keys else []
        self.shapes = [shape for shape in shapes if any(map(other_spelling, shape.fields))]
        self.wanted = [w for w in (*python_wanted(self.tree), *javascript_wanted(self.tree)) if other_spelling(w.name)]

    @cached_property
    def mapped(self) -> bool:
        """Return whether something turns the names of all fields of the service into the other spelling."""
        return maps_all(self.tree) or maps_all_js(self.tree)

    def says(self, name: str) -> bool:
        """Return whether the code or the contract of the service has a word."""
        if name not in self._said:
            self._said[name] = self._has(name)
        return self._said[name]

    def _has(self, name: str) -> bool:
        word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])")
        files = (
            f
            for f in self.tree.files
            if f.service_code
            and f.path.endswith((".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".json", ".yaml", ".yml", ".vue"))
        )
        return any(name.encode() in file.data and word.search(file.data) is not None for file in files)


def _missed(reader: _Member, givers: list[_Member]) -> Iterator[Hit]:
    """Yield the fields that `reader` reads from or sends to one of `givers`, which has them in the other spelling."""
    for wanted in reader.wanted:
        other = other_spelling(wanted.name)
        for giver in givers:
            if giver.says(other) and not giver.says(wanted.name) and not giver.mapped and not reader.says(other):
                message = f"{wanted.name} is {other} in {giver.name}. {RULE.help}"
                yield Hit(reader.prefix + wanted.file, wanted.line, message, 1, wanted.name)
                break


def _givers(reader: _Member, members: list[_Member], links: set[tuple[str, str]]) -> list[_Member]:
    """Return the services that a service calls; where no address says whom, all others of a small system."""
    called = {callee for caller, callee in links if caller == reader.name}
    others = [member for member in members if member is not reader]
    if called:
        return [member for member in others if member.name in called]
    return others if len(members) <= _SMALL else []


def _differing(one: _Member, other: _Member) -> Iterator[Hit]:
    """Yield the fields of models that both have, under one name, and spell differently; told at the second."""
    known: dict[str, list[Shape]] = {}
    for shape in other.shapes:
        known.setdefault(shape_key(shape.name), []).append(shape)
    for shape in one.shapes:
        for twin in known.get(shape_key(shape.name), ()):
            if one is other and shape.contract == twin.contract:
                continue
            for name, line in shape.fields.items():
                spelled = other_spelling(name)
                differs = spelled in twin.fields and name not in twin.fields and spelled not in shape.fields
                if differs and (one is other or (not one.says(spelled) and not other.says(name))):
                    message = f"{name} of {shape.name} is {spelled} in {other.name}. {RULE.help}"
                    yield Hit(one.prefix + shape.file, line, message, 1, name)


def _find(target: ScanTarget) -> Iterator[Hit]:
    """Find fields that the two sides of a boundary spell differently."""
    members = [_Member(member, member_prefix(target, member)) for member in target.members]
    counts = Counter(key for member in members for key in member.keys)
    shared = frozenset(key for key, count in counts.items() if count > 1)
    for member in members:
        if len(members) > 1 or member.contract:
            member.read(shared)
    speaking = [member for member in members if (member.shapes or member.wanted) and not member.mapped]
    for member in speaking:  # its contract against its code
        yield from (hit for hit in _differing(member, member) if not hit.file.endswith((".yaml", ".yml", ".json")))
    if not speaking or len(members) < 2:
        return
    links = set(SystemLinks(target).calls())
    told: set[tuple[str, str]] = set()
    for reader in speaking:
        for hit in _missed(reader, _givers(reader, members, links) if reader.wanted else []):
            told.add((reader.name, hit.evidence))
            yield hit
    for reader, giver in _pairs(speaking, links):
        yield from (hit for hit in _differing(reader, giver) if (reader.name, hit.evidence) not in told)


def _pairs(members: list[_Member], links: set[tuple[str, str]]) -> Iterator[tuple[_Member, _Member]]:
    """Yield each two members with a model in common once, the one that calls the other first."""
    holders: dict[str, set[int]] = {}
    for index, member in enumerate(members):
        for shape in member.shapes:
            holders.setdefault(shape_key(shape.name), set()).add(index)
    seen = {(a, b) for found in holders.values() if len(found) < 20 for a in found for b in found if a < b}
    for a, b in sorted(seen):
        one, other = members[a], members[b]
        yield (one, other) if (one.name, other.name) in links else (other, one)


SCANNER = RuleScanner((SystemCheck(RULE, _find),))
