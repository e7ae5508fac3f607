# ruff: noqa: RUF001 - dashes of other scripts are what authors write
"""Ties drawn with signs: `User 1──* Order`, `User → Order (1:N)`, `users ||--o{ orders`, `User --< Post`."""

from __future__ import annotations

import re
from typing import Literal

from pytest_superteam.architect.facts import RelationFact
from pytest_superteam.architect.names import fold, pascal, vocabulary

__all__ = ["NAME", "RATIO", "ends_of", "tie", "tie_of_signs"]

Cardinality = Literal["one-to-one", "one-to-many", "many-to-many"]

NAME = r"[`*\"]{0,3}([A-Z]\w{1,40}(?:[ ][A-Z]\w{1,30}){0,2}|[a-z]\w{1,40})[`*\"]{0,3}"
_END = r"(?:1\.\.1|0\.\.1|[01]\.\.[*NnMm∞]|[1NnMm*∞]|one|many|uno|muchos|un|plusieurs)"
_SIGNED = re.compile(
    rf"^[\W_]{{0,12}}{NAME}\s{{0,8}}[(\[\"]?({_END})[)\]\"]?\s{{0,8}}(?:[─━═—–\-=<>→←↔│|:.~►◄▶◀]{{1,40}}|to)\s{{0,8}}"
    rf"[(\[\"]?({_END})[)\]\"]?\s{{1,8}}{NAME}(?:\s{{0,8}}(?:[:(,;—–-].{{0,200}})?)?$"
)
_CROW = re.compile(
    rf"^[\W_]{{0,12}}?{NAME}\s{{0,8}}([|}}][|o])(?:--|\.\.)([|o][|{{])\s{{0,8}}{NAME}\s{{0,8}}(?::\s{{0,4}}"
    rf"(.{{0,100}}))?$"
)
_FOOT = re.compile(
    rf"^[\W_]{{0,12}}{NAME}\s{{0,8}}(?:[─-]{{1,20}}<|[─-]{{0,20}}∈)\s{{0,8}}{NAME}\s{{0,8}}(?:[(:].{{0,100}})?$"
)
RATIO = (
    r"(1\s?[:\-–]\s?1|1\s?[:\-–]\s?[NnMm*∞]|[NnMm*]\s?[:\-–]\s?1|[NnMm*]\s?[:\-–]\s?[NnMm*]|one[- ]to[- ]one"
    r"|one[- ]to[- ]many"
    r"|many[- ]to[- ]one|many[- ]to[- ]many|uno a muchos|muchos a muchos|um para muitos|muitos para muitos|1 a N"
    r"|N a N|1-n|n-n"
    r"|一对多|一對多|多对多|多對多|一对一|多对一|一対多|多対多|一対一|1対多|多対1|1対1|일대다|다대다|일대일|1대다|다대일)"
)
_LABELLED = re.compile(
    rf"^[\W_]{{0,12}}{NAME}\s{{0,8}}(?:↔|<->|<-->|→|->|-->|—|–|-|─{{1,20}}|:|/|and|to|with|&|y|e|et|und|x|×|与"
    rf"|和)\s{{0,8}}{NAME}\s{{0,8}}[:(\[—–=,-]{{0,3}}\s{{0,4}}"
    rf"(?:is |are )?(?:a )?{RATIO}",
    re.IGNORECASE,
)
_INFIX = re.compile(
    rf"^[\W_]{{0,12}}{NAME}\s{{0,8}}[(\[]?{RATIO}[)\]]?\s{{0,8}}(?:[─→>-]{{1,4}}\s{{0,4}})?{NAME}(?:\s{{0,8}}"
    rf"(?:[:(,—–-].{{0,200}})?)?$",
    re.IGNORECASE,
)
_DETERMINERS = re.compile(
    r"^(?:(?:one|each|every|an?|the|un|una|um|uma|une|ein|eine|jeder|jede|cada|chaque|its|their) )+|(?: (?:can"
    r"|may|will|puede|pode|peut|kann))+$",
    re.IGNORECASE,
)
_MAX = 400
_NO_NAMES = vocabulary(
    "It They This That These Those There He She We You Each Every One Many The And Or Multiple System Table Page"
    " Screen Option Way Time Item"
    " Thing Feature Step Relationship Relation Which Who"
)


def tie_of_signs(text: str, line: int) -> RelationFact | None:
    """Return the tie that a line such as `User 1──* Order`, `User → Order (1:N)` or `users ||--o{ orders` draws."""
    text = text[:_MAX].strip().replace("`", "")
    signed = _SIGNED.match(text)
    if signed:
        return tie(signed.group(1), signed.group(4), (_is_many(signed.group(2)), _is_many(signed.group(3))), line)
    crow = _CROW.match(text)
    if crow:
        return tie(
            crow.group(1), crow.group(4), (crow.group(2)[0] == "}", crow.group(3)[1] == "{"), line, crow.group(5) or ""
        )
    foot = _FOOT.match(text)
    if foot:
        return tie(foot.group(1), foot.group(2), (False, True), line)
    infix = _INFIX.match(text)
    if infix:
        return tie(infix.group(1), infix.group(3), ends_of(infix.group(2)), line)
    labelled = _LABELLED.match(text)
    if labelled:
        return tie(labelled.group(1), labelled.group(2), ends_of(labelled.group(3)), line)
    return None


def _is_many(end: str) -> bool:
    return end.lower() not in {"1", "one", "uno", "un", "0..1", "1..1"}


def ends_of(ratio: str) -> tuple[bool, bool]:
    """Return whether the left and the right end of `1:N`, `many-to-one` or the like are many."""
    low = fold(ratio).strip() or ratio
    for word, ends in (
        ("many-to-many", (True, True)),
        ("many to many", (True, True)),
        ("one-to-many", (False, True)),
        ("one to many", (False, True)),
        ("many-to-one", (True, False)),
        ("many to one", (True, False)),
        ("muchos a muchos", (True, True)),
        ("muitos para muitos", (True, True)),
        ("uno a muchos", (False, True)),
        ("um para muitos", (False, True)),
    ):
        if word in low:
            return ends
    parts = re.findall(r"[1nm*∞一多일다]|one", low if low.isascii() else ratio)
    if len(parts) < 2:
        return False, True
    one = {"1", "one", "一", "일"}
    return parts[0] not in one, parts[-1] not in one


def tie(
    left: str, right: str, many: tuple[bool, bool], line: int, label: str = "", *, required: bool = False
) -> RelationFact | None:
    """Return the tie of two names, `many` saying which of its ends are many; None when one can be no entity."""
    many_left, many_right = many
    one, other = pascal(_DETERMINERS.sub("", left)), pascal(_DETERMINERS.sub("", right))
    if not one or not other or one in _NO_NAMES or other in _NO_NAMES or len(one) < 3 or len(other) < 3:
        return None
    if many_left and many_right:
        return RelationFact(one, other, line, "many-to-many", label=label)
    if many_left:
        return RelationFact(other, one, line, required=required, label=label)
    kind: Cardinality = "one-to-many" if many_right else "one-to-one"
    return RelationFact(one, other, line, kind, required=required, label=label)


# ---------------------------------------------------------------- what ties do to entities
