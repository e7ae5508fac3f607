# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""One field of an entity from the words of the text: type, constraints, reference, default.

`Field.required` means that a stored row always has a value; a field with a default may still be left out of a request.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import FieldFact
from pytest_superteam.architect.model.field_types import type_of
from pytest_superteam.architect.model.field_words import in_english, said_in_english
from pytest_superteam.architect.names import fold, pascal, snake
from pytest_superteam.models import Field, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["STANDARD", "parse_field", "parse_line", "split_outside", "without_own_key"]

STANDARD = {
    "id": Field("id", "uuid", read_only=True),
    "created_at": Field("created_at", "datetime", read_only=True),
    "updated_at": Field("updated_at", "datetime", read_only=True),
}
"""The fields that every entity has: the first comes first, the others last."""

_ENUM = re.compile(r"\benum(?:eration)?\b\s*[:=]?\s*[(\[{<]?\s*([^()\[\]{}<>\n]{1,600})", re.IGNORECASE)
_ONE_OF = re.compile(
    r"\b(?:one of|values?|allowed|either|valeurs)\s*:?\s*[(\[{]?\s*([^()\[\]{}\n.;]{3,400})", re.IGNORECASE
)
_QUOTED = re.compile(r"""["'][\w +.&/-]{1,40}["'](?:\s*[|,/]\s*["'][\w +.&/-]{1,40}["']){1,100}""")
_VALUE = re.compile(r"""["']([\w +.&/-]{1,40})["']""")
_GROUP = re.compile(r"[(\[]([^()\[\]\n]{3,300})[)\]]")
_NAME_TARGET = r"[`'\"]?([A-Za-z_][A-Za-z0-9_]{1,60})[`'\"]?(?:\s*[.(]\s*\w{1,40}\)?)?"
_REFERENCE = re.compile(
    r"(?:\breferences?|\brefs?(?:erencing)?\b|\bforeign key(?: to| of)?|\bfk\b(?: to)?|\blinks? to"
    r"|\bbelongs to(?: an?| the)?|\bpoints to)"
    r"\s*(?:->|→|=>|:|\(|=)?\s*" + _NAME_TARGET,
    re.IGNORECASE,
)
_ARROW = re.compile(r"(?:->|→|=>)\s*" + _NAME_TARGET)
_BETWEEN = re.compile(
    r"(?:\bbetween|\brange|\bfrom)?\s*(-?\d{1,12}(?:\.\d{1,6})?)\s*(?:and|to|–|—|-|~|〜|～|\.\.\.?|…|et"
    r"|bis)\s*(-?\d{1,12}(?:\.\d{1,6})?)(\s*(?:char|caract|zeichen|letter|digit))?",
    re.IGNORECASE,
)
_LONGEST = re.compile(
    r"(?:\bmax(?:imum|\.)?(?: length)?|\bup to|\bat most|<="
    r"|≤)\s*:?\s*(?:of\s+)?(-?\d{1,12}(?:\.\d{1,6})?)(\s*(?:char|caract|zeichen|letter))?",
    re.IGNORECASE,
)
_SHORTEST = re.compile(
    r"(?:\bmin(?:imum|\.)?(?: length)?|\bat least|>="
    r"|≥)\s*:?\s*(?:of\s+)?(-?\d{1,12}(?:\.\d{1,6})?)(\s*(?:char|caract|zeichen|letter))?",
    re.IGNORECASE,
)
_BEYOND = re.compile(r"(?:^|[;,(]|\b(?:must be|value|(\w{1,63})))\s{0,4}([<>])\s{0,4}(-?\d{1,12}(?:\.\d{1,6})?)")
_CHAINED = re.compile(
    r"(-?\d{1,12}(?:\.\d{1,6})?)\s{0,2}(?:≤|<=)\s{0,2}\w{1,40}\s{0,2}(?:≤|<=)\s{0,2}(-?\d{1,12}(?:\.\d{1,6})?)()"
)
_LENGTH = re.compile(r"\blength\b", re.IGNORECASE)
_PLACES = re.compile(
    r"(?:\b(?:up to|max(?:imum)?|at most|with)\s)?\b(?:\d{1,2}|one|two|three)\s(?:decimal(?: place"
    r"| digit)?s?|decimals|digits after)\b"
    r"|\b\d{4}-\d\d(?:-\d\d)?\b",
    re.IGNORECASE,
)
_STEPS = {"integer": 1.0, "money": 0.01, "number": 0.0}
"""The smallest difference of two values of a type: what turns an exclusive bound into an inclusive one."""
_SIZED = re.compile(r"\bn?(?:var)?char(?:2|acter varying)?\s*\(\s*(\d{1,6})\s*\)", re.IGNORECASE)
_DEFAULT = re.compile(
    r"""\bdefaults?(?: to| value)?\s*[:=]?\s*(?:"([^"\n]{0,100})"|'([^'\n]{0,100})'|([\w.+-]{1,60}))""", re.IGNORECASE
)
_OPTIONAL = re.compile(
    r"\b(?:optional|nullable|facultatif|opcional|may be (?:null|empty)|can be null)\b|(?<!not )\bnull\b"
)
_MARKED = re.compile(r"^\s{0,4}`?[A-Za-z][\w<>\[\]]{0,40}(?:\(\d[\d, ]{0,9}\))?\?(?:\s|[`;,]|$)")
_REQUIRED = re.compile(r"\b(?:required|mandatory|not null|obligatoire|obligatorio|non-null)\b")
_UNIQUE = re.compile(r"\bunique\b")
_READ_ONLY = re.compile(r"\bread-?only\b|\bset by the (?:server|system|service)\b|\bcomputed\b|\bcalculated\b")
_OWNER = re.compile(r"\bthe owner\b|\bowner of (?:the|this)\b|\bowned by\b")
_PIPED = re.compile(r"[\w -]{1,30}(?:\s*\|\s*[\w -]{1,30}){1,20}")
_PIECES = re.compile(r"\(?[\w-]{1,30}(?: [\w-]{1,30})?(?:\s?[,/|、]\s?(?:or )?[\w-]{1,30}(?: [\w-]{1,30})?){1,30}\)?")
_IS_ENUM = re.compile(r"^\s*enum\b", re.IGNORECASE)
_CHOICE = re.compile(
    r"(?:type|status|state|role|category|kind|priority|level|method|channel|genre|gender|severity|mode"
    r"|visibility|tier)$"
)
_NOT_VALUES = re.compile(
    r"\b(?:required|optional|nullable|unique|default|fk|pk|primary|foreign|max|min|string|int(?:eger)?"
    r"|uuid|text|date|bool(?:ean)?|"
    r"number|float|decimal|references?|not null|e\.g|auto|future|indexed|links?)\b|->|→|\d{3}",
    re.IGNORECASE,
)
_LINE_NAME = r"([A-Za-z\u00c0-\u024f_][\w\u00c0-\u024f ./'-]{0,50}?)"
_LINE = re.compile(
    rf"^{_LINE_NAME}\s*(\?)?\s*(?:\(([^()]{{0,300}}(?:\([^()]{{0,200}}\)[^()]{{0,200}}){{0,3}})\)"
    rf"|\[([^\[\]]{{1,200}})\]|:|\s[–—-](?=\s)|(?<=[iI][dD])\s+(?=(?:->|→|=>)\s)|$)\s*(.*)$",
    re.DOTALL,
)
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,60}\??$")


def split_outside(text: str, marks: str = ",") -> list[str]:
    """Return the parts of `text` between `marks`, leaving brackets whole."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(depth - 1, 0)
        elif char in marks and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def parse_line(text: str, line: int) -> FieldFact | None:
    """Read a field written on one line: `name (type)`, `name: type, constraints`, `name - text` or `snake_case`."""
    match = _LINE.match(text.strip()[:1000])
    if not match or len(match.group(1).split()) > 4:
        return None
    name, mark, inside, bracket, rest = match.groups()
    described = inside or ""
    if bracket:
        described = f"enum({bracket.replace('|', ',')})" if re.search(r"[|,]", bracket) else bracket
    fact = parse_field(name, " ".join(f"{described} ; {rest}".split()).strip(" ;"), "", line)
    return replace(fact, field=replace(fact.field, required=False)) if fact and mark else fact


def parse_field(name: str, kind: str, constraints: str, line: int) -> FieldFact | None:
    """Return the field called `name`, of the type and constraints that the two texts say; None without a name.

    Args:
        name: as written; becomes snake_case.
        kind: the type column, or everything that is known.
        constraints: the constraints column, may be empty.
        line: 1-based line of the text.
    """
    fact = _parsed(name, kind, constraints)
    return replace(fact, field=replace(fact.field, source=Source(line))) if fact else None


@lru_cache(maxsize=4096)
def _parsed(name: str, kind: str, constraints: str) -> FieldFact | None:
    # Documents say `id: uuid` hundreds of times.
    optional = name.rstrip().endswith("?")
    key = snake(name)[:63].rstrip("_")
    if not key:
        return None
    description = _description(constraints)
    kind, constraints = in_english(kind[:2000], is_type=True), in_english(constraints[:2000])
    optional = optional or bool(_MARKED.match(kind))
    said = f"{kind} ; {constraints}"[:2000]
    lower = said_in_english(fold(said).replace("`", ""))
    field = Field(key, description=description)
    values = _values(kind, constraints, key)
    target = _target(said)
    chosen = type_of(key, fold(kind), lower, has_values=bool(values), target=target)
    if chosen == "password":
        key = "password"
    required = not (optional or _OPTIONAL.search(lower) or (key.startswith("default_") and not _REQUIRED.search(lower)))
    if required and not _REQUIRED.search(lower) and chosen == "datetime" and key.endswith(("_at", "_time", "_login")):
        required = False  # moments that come later, such as `paid_at`, are empty at first
    field = replace(
        field,
        name=key,
        type=chosen,
        required=required,
        unique=bool(_UNIQUE.search(lower)) and key != "id",
        read_only=bool(_READ_ONLY.search(lower)),
        enum=values if chosen == "enum" else (),
        references=target if chosen == "reference" else None,
    )
    return FieldFact(
        _bounded(field, said if lower == fold(said).replace("`", "") else f"{said} ; {lower}"),
        owner=bool(_OWNER.search(lower)),
    )


def without_own_key(entity: str, facts: Iterable[FieldFact]) -> tuple[FieldFact, ...]:
    """Return the fields without `order_id` of Order: that is the `id` that every entity has."""
    own = f"{snake(entity)}_id"
    return tuple(f for f in facts if f.field.name != own or f.field.references not in (None, entity))


def _description(text: str) -> str:
    # A column of bare constraints says nothing beyond them.
    return " ".join(text.split())[:300]


def _target(text: str) -> str | None:
    match = _REFERENCE.search(text) or _ARROW.search(text)
    if (
        not match
        or re.match(r"\s*(?:or\b|/|\|)", text[match.end() :])
        or match.group(1).lower()
        in {
            "the",
            "an",
            "not",
            "to",
            "id",
            "key",
            "null",
            "constraint",
            "required",
            "optional",
            "unique",
        }
    ):
        return None
    return pascal(match.group(1)) or None


def _values(kind: str, constraints: str, name: str) -> tuple[str, ...]:  # noqa: C901 - notations in the order of their certainty
    for text in (kind, constraints):
        match = _ENUM.search(text)
        listed = _split_values(match.group(1)) if match else ()
        if listed:
            return listed
        quoted = _QUOTED.search(text)
        if quoted:
            return _distinct(_VALUE.findall(quoted.group()))
        match = _ONE_OF.search(text)
        if match and re.search(r"[,|/]", match.group(1)):
            return _split_values(match.group(1))
    for text in (kind, constraints):
        if _PIPED.fullmatch(text.strip()) and not _NOT_VALUES.search(text):
            return _split_values(text)
    if _IS_ENUM.search(kind) or _CHOICE.search(name):
        whole = _PIECES.fullmatch(constraints.strip(" ;."))
        if whole and not _NOT_VALUES.search(constraints):
            return _split_values(constraints.strip(" ;."))
    for text in (kind, *(m.group(1) for m in _GROUP.finditer(kind))):
        short = text.strip(" ;")
        if (
            re.search(r"[,/|]", short)
            and not _NOT_VALUES.search(short)
            and not short.lower().startswith(("optional", "for ", "e.g"))
        ):
            parts = re.split(r"\s*[,/|]\s*", short)
            if len(parts) >= 2 and all(re.fullmatch(r"[\w-]+(?: [\w-]+)?", p) for p in parts) and _CHOICE.search(name):
                return _split_values(short)
    return ()


def _split_values(text: str) -> tuple[str, ...]:
    # A slash parts values only where nothing else does: `n/a, done` has two.
    marks = r"[,|、，]|\bor\b" if re.search(r"[,|、，]", text) else r"/|\bor\b"
    return _distinct(v.strip().strip("'\"`() ") for v in re.split(marks, text))


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    stripped = (v.strip() for v in values)
    kept = dict.fromkeys(v for v in stripped if 0 < len(v) <= 60 and v not in {"...", "etc", "etc.", "…"})
    return tuple(kept) if len(kept) >= 2 else ()


def _bounded(field: Field, said: str) -> Field:
    is_text = field.type in {"string", "text", "password", "email", "url"}
    low: float | None = None
    high: float | None = None
    said = _PLACES.sub(" ", said)
    between = _CHAINED.search(said) or _BETWEEN.search(_SIZED.sub(" ", said))
    longest, shortest = _LONGEST.search(said), _SHORTEST.search(said)
    if between and (is_text == bool(between.group(3) or (is_text and _LENGTH.search(said)))):
        low, high = _number(between.group(1)), _number(between.group(2))
    elif longest or shortest:
        low = _number(shortest.group(1)) if shortest else None
        high = _number(longest.group(1)) if longest else None
    if low is not None and high is not None and low > high:
        low = high = None
    if is_text:
        sized = _SIZED.search(said)
        high = high if high is not None else (int(sized.group(1)) if sized else None)
        field = replace(
            field,
            min_length=int(low) if low is not None and 0 <= low <= 100_000 else None,
            max_length=int(high) if high is not None and 0 < high <= 1_000_000 else None,
        )
    elif field.type in {"integer", "number", "money"}:
        if low is None and re.search(r"\bpositive\b", said, re.IGNORECASE):
            low = 1 if field.type == "integer" else 0.01
        if low is None and re.search(r"\bnon-?negative\b", said, re.IGNORECASE):
            low = 0
        low, high = _within(field, said, low, high)
        field = replace(field, minimum=low, maximum=high)
    return _defaulted(field, said)


def _within(field: Field, said: str, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Return the bounds, completed by exclusive ones (`price > 0`) that are said of the field itself."""
    step = _STEPS.get(field.type)
    for name, sign, text in _BEYOND.findall(said) if step is not None else ():
        # "alert when stock < 5" in a remark about another field bounds nothing.
        if name and snake(name) != field.name:
            continue
        if sign == ">" and low is None:
            low = _number(str(round(float(text) + (step or 0), 2)))
        elif sign == "<" and high is None:
            high = _number(str(round(float(text) - (step or 0), 2)))
    return low, high


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value == int(value) else value


def _defaulted(field: Field, said: str) -> Field:
    match = _DEFAULT.search(said)
    if not match:
        return field
    text = next((g for g in match.groups() if g is not None), "")
    default: str | float | bool | None = None
    if field.type == "enum":
        default = next((v for v in field.enum if v.lower() == text.lower()), None)
    elif field.type == "boolean":
        default = {"true": True, "false": False, "0": False, "1": True}.get(text.lower())
    elif field.type in {"integer", "number", "money"} and re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6})?", text):
        default = _number(text)
        if field.type == "integer" and not isinstance(default, int):
            default = None
    elif field.type in {"string", "text"} and text.lower() not in {"null", "none", "now", "empty"}:
        default = text
    return replace(field, default=default) if _fits(field, default) else field


def _fits(field: Field, default: str | float | bool | None) -> bool:  # noqa: FBT001 - a default may be a boolean
    if isinstance(default, str) and field.type != "enum":
        return (field.max_length is None or len(default) <= field.max_length) and len(default) >= (
            field.min_length or 0
        )
    if isinstance(default, (int, float)) and not isinstance(default, bool):
        too_small = field.minimum is not None and default < field.minimum
        return not too_small and (field.maximum is None or default <= field.maximum)
    return default is not None
