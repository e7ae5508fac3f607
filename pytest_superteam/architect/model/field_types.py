"""The type of a field: from the words of its type column, else from its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import FieldType

__all__ = ["type_of"]


# Order is precedence.
_TYPE_WORDS: dict[FieldType, re.Pattern[str]] = {
    "email": re.compile(r"\bemail(?: address)?\b"),
    "url": re.compile(r"\b(?:url|uri|link|href)\b"),
    "uuid": re.compile(r"\b(?:uuid|guid|ulid|cuid|objectid)\b"),
    "boolean": re.compile(r"\b(?:bool(?:ean)?|tinyint\(1\)|flag|yes/no|true/false|booleen)\b"),
    "datetime": re.compile(
        r"\b(?:timestamp(?:tz)?|date-?time|datetime2?|date and time|time\.time|iso ?8601|instant|offsetdatetime)\b"
    ),
    "date": re.compile(r"\b(?:date|localdate)\b"),
    "time": re.compile(r"\btime\b"),
    "money": re.compile(r"\b(?:money|currency|monetary|cents)\b|\b(?:decimal|numeric)\(\d+, ?2\)"),
    "integer": re.compile(
        r"\b(?:int(?:eger)?(?:4|8|32|64)?|bigint|smallint|tinyint|(?:big|small)?serial|long|auto.?increment"
        r"|whole number|entier)\b"
    ),
    "number": re.compile(r"\b(?:float(?:32|64)?|double(?: precision)?|real|number|numeric|decimal|percent(?:age)?)\b"),
    "json": re.compile(r"\b(?:jsonb?|object|map|dict(?:ionary)?|record<|hash)\b"),
    "list": re.compile(r"\b(?:list|array|set of|tags)\b|\[\]"),
    "text": re.compile(r"\b(?:(?:long|medium|rich)?text|markdown|clob|texte)\b"),
    "string": re.compile(r"\b(?:str(?:ing)?|n?varchar2?|n?char|character varying|slug|phone|chaine)\b"),
}
_NAME_TYPES: dict[FieldType, re.Pattern[str]] = {
    "password": re.compile(r"^(?:user_)?(?:password|passwd|mot_de_passe|hashed_password)(?:_hash)?$"),
    "email": re.compile(r"(?:^|_)e?mail$|^email_address$"),
    "datetime": re.compile(
        r"_at$|_timestamp$|^timestamp$|_datetime$|^(?:start|end|check_in|check_out|join|leave|due"
        r"|scheduled)_time$|^last_login$"
    ),
    "date": re.compile(r"(?:^|_)date$|_on$|^birthday$"),
    "boolean": re.compile(
        r"^(?:is|has|can|should|allow)_|^(?:active|enabled|verified|popular|read|archived|published|deleted)$"
    ),
    "money": re.compile(
        r"(?:^|_)(?:price|amount|cost|fee|salary|budget|subtotal|balance)$|^(?:total|hourly_rate)$|^price_"
    ),
    "integer": re.compile(
        r"(?:^|_)(?:count|quantity|qty|stock|capacity|age|year|slots|floors|seats|position|size"
        r"|priority_order)$|^(?:max|min|num|total)_\w+s$|^rating$"
    ),
    "number": re.compile(r"(?:^|_)(?:latitude|longitude|lat|lng|weight|height|width|percentage|score|rate)$"),
    "url": re.compile(r"(?:^|_)(?:url|link|website|avatar|photo|image|thumbnail)$"),
    "text": re.compile(r"^(?:description|notes?|bio|biography|body|content|comment|message|text|summary|details)$"),
    "list": re.compile(r"^(?:tags|images|photos|attachments|skills|keywords)$"),
    "json": re.compile(r"^(?:metadata|settings|preferences|payload|config)$"),
}
_MONEY_NAME = re.compile(r"price|amount|cost|total|balance|fee|salary|budget|revenue|payment|deposit|rate$")


def type_of(name: str, kind: str, said: str, *, has_values: bool, target: str | None) -> FieldType:  # noqa: C901 - rules in order
    """Return the type of the field called `name`.

    Args:
        name: snake_case.
        kind: the type column, folded to lower-case ASCII.
        said: everything that is known, folded likewise.
        has_values: whether the text lists the values that are allowed.
        target: the entity that the text says it refers to.
    """
    by_name = next((t for t, p in _NAME_TYPES.items() if p.search(name)), None)
    if by_name == "password":
        return "password"
    if target and not re.search(r"_(?:name|code|type)$", name):
        return "reference"
    if has_values:
        return "enum"
    by_word = next((t for t, p in _TYPE_WORDS.items() if p.search(kind)), None)
    if by_word is None and said.strip(" ;") and by_name is None:
        by_word = next((t for t, p in _TYPE_WORDS.items() if p.search(said)), None)
    if re.search(r"\bfk\b|\bforeign key\b", said) and name.endswith("_id"):
        return "reference"
    if by_word in {"number", "integer"} and _MONEY_NAME.search(name) and re.search(r"decimal|numeric|cents", kind):
        return "money"
    if by_word == "number" and by_name == "money":
        return "money"
    if by_word == "string" and by_name in {"email", "url"}:
        return by_name
    if by_word == "time" and by_name == "datetime":
        return by_name
    if by_word:
        return by_word
    return by_name or ("uuid" if name.endswith("_id") else "string")
