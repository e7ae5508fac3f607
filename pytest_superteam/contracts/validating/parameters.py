"""Parameters as they stand in a request, back and forth: the styles of OpenAPI, and the types that text can be.

See the table of "Style Examples" of the OpenAPI specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

__all__ = ["Pairs", "candidates", "deserialise", "pairs_of", "serialise", "style_of"]

Pairs = list[tuple[str, str]]
_DEFAULT = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,3})?\Z")
_JOINTS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_DEPTH = 8  # levels of references and alternatives that are looked through for types


def style_of(parameter: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the style and whether it explodes, by default as the specification says."""
    style = str(parameter.get("style") or _DEFAULT.get(str(parameter.get("in")), "form"))
    return style, bool(parameter.get("explode", style in {"form", "cookie"}))


def pairs_of(query: str | Mapping[str, Any] | Iterable[tuple[str, str]] | None) -> Pairs:
    """Return a query or form (raw, or parsed by any client) as pairs of name and text, in order."""
    if query is None:
        return []
    if isinstance(query, str):
        return parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=10_000)
    items = query.items() if isinstance(query, Mapping) else query
    found: Pairs = []
    for name, value in items:
        many = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        found += [(str(name), _text(one)) for one in many]
    return found


def deserialise(parameter: Mapping[str, Any], document: Mapping[str, Any], pairs: Pairs) -> tuple[bool, Any]:
    """Return whether the parameter was given, and its value: text, a list or a mapping of text.

    Args:
        parameter: Dereferenced; one with `content` holds JSON.
        document: What its schema refers into.
        pairs: Everything given in the parameter's place (query, header, cookie, path), by name.

    Raises:
        CheckError: its schema's reference leads nowhere.
        ValueError: the text is not of the parameter's style.
    """
    name = str(parameter["name"])
    given = [text for key, text in pairs if key == name]
    if isinstance(parameter.get("content"), Mapping):
        return (True, _of_json(given[0])) if given else (False, None)
    kinds = types_of(document, parameter.get("schema", {}))
    style, explode = style_of(parameter)
    if "object" in kinds and style in {"form", "cookie", "deepObject"} and (explode or style == "deepObject"):
        return _exploded(parameter, document, pairs, style, kinds)
    if not given:
        return False, None
    if "array" in kinds:
        return True, _array(given, name, style, explode=explode)
    if "object" in kinds:
        return True, _object(given[0], name, style, explode=explode)
    return True, _stripped(given[0], name, style)


def serialise(parameter: Mapping[str, Any], value: Any) -> Pairs:
    """Return a value (text, number, truth value, or a flat list or mapping of them) as pairs of name and text.

    Names and values are as they stand before percent-encoding, which the HTTP client does, but for what the style
    itself would take for a sign between two parts.

    Raises:
        CheckError: the style can't say such a value.
    """
    name = str(parameter["name"])
    style, explode = style_of(parameter)
    if isinstance(parameter.get("content"), Mapping):
        return [(name, json.dumps(value))]
    if isinstance(value, Mapping):
        flat = {str(key): _text(inner) for key, inner in value.items()}
        return _serialised_object(name, flat, style, explode=explode)
    if isinstance(value, list):
        return _serialised_array(name, [_text(inner) for inner in value], style, explode=explode)
    return [(name, {"label": ".", "matrix": f";{name}="}.get(style, "") + _text(value))]


def candidates(document: Mapping[str, Any], schema: Any, value: Any, depth: int = 0) -> list[Any]:
    """Return what `value`, as text gives it, may mean by `schema`: the likeliest first, the text itself last."""
    schema = _followed(document, schema)
    if isinstance(value, dict):
        properties = _properties(document, schema, 0)
        extra = schema.get("additionalProperties", {})
        return [{key: candidates(document, properties.get(key, extra), v, depth + 1)[0] for key, v in value.items()}]
    if isinstance(value, list):
        items = _items(document, schema, 0)
        choices = [candidates(document, items, v, depth + 1) for v in value]
        first = [choice[0] for choice in choices]
        return [first] if first == value else [first, value]
    if not isinstance(value, str):
        return [value]
    return _scalars(value, types_of(document, schema))


def types_of(document: Mapping[str, Any], schema: Any, depth: int = 0) -> frozenset[str]:
    """Return the types that `schema` allows, as far as it names them; empty means any."""
    schema = _followed(document, schema)
    kind = schema.get("type")
    found = (
        {one for one in kind if isinstance(one, str)}
        if isinstance(kind, list)
        else {kind}
        if isinstance(kind, str)
        else set()
    )
    if schema.get("nullable") is True:
        found.add("null")
    if not found and depth < _DEPTH:
        for word in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(word) or () if isinstance(schema.get(word), list) else ():
                found |= types_of(document, part, depth + 1)
        values = (
            schema.get("enum")
            if isinstance(schema.get("enum"), list)
            else [schema["const"]]
            if "const" in schema
            else []
        )
        found |= {_json_type(value) for value in values}
    return frozenset(str(one) for one in found)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _scalars(text: str, kinds: frozenset[str]) -> list[Any]:
    found: list[Any] = []
    if kinds & {"integer", "number"} and _INTEGER.match(text):
        found.append(int(text))
    elif kinds & {"integer", "number"} and _NUMBER.match(text):
        number = float(text)
        found.append(int(number) if "number" not in kinds and number.is_integer() else number)
    if "boolean" in kinds and text in {"true", "false"}:
        found.append(text == "true")
    if "null" in kinds and text in {"", "null"}:
        found.append(None)
    return [*found, text]


def _followed(document: Mapping[str, Any], schema: Any) -> Mapping[str, Any]:
    found = deref(document, schema)
    return found if isinstance(found, Mapping) else {}


def _properties(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    own = schema.get("properties")
    found = dict(own) if isinstance(own, Mapping) else {}
    for word in ("allOf", "anyOf", "oneOf") if depth < _DEPTH else ():
        for part in schema.get(word) or () if isinstance(schema.get(word), list) else ():
            found = _properties(document, _followed(document, part), depth + 1) | found
    return found


def _items(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    if "items" in schema:
        return schema["items"]
    for word in ("allOf", "anyOf", "oneOf") if depth < _DEPTH else ():
        for part in schema.get(word) or () if isinstance(schema.get(word), list) else ():
            found = _items(document, _followed(document, part), depth + 1)
            if found:
                return found
    return {}


def _exploded(
    parameter: Mapping[str, Any], document: Mapping[str, Any], pairs: Pairs, style: str, kinds: frozenset[str]
) -> tuple[bool, Any]:
    """Return an object whose properties stand as parameters of their own: `name[key]=` or `key=`."""
    name = str(parameter["name"])
    if style == "deepObject":
        deep = {key[len(name) + 1 : -1]: v for key, v in pairs if key.startswith(f"{name}[") and key.endswith("]")}
        return bool(deep), deep or None
    schema = _followed(document, parameter.get("schema", {}))
    known = _properties(document, schema, 0)
    found = {key: text for key, text in pairs if key in known}
    given = [text for key, text in pairs if key == name]
    if not found and given and kinds != {"object"}:
        return True, given[0]
    return bool(found), found or None


def _array(given: list[str], name: str, style: str, *, explode: bool) -> list[str]:
    if style in {"form", "cookie"} and explode:
        return given
    if style in {"spaceDelimited", "pipeDelimited"} and (explode or len(given) > 1):
        return given
    text = _stripped(given[0], name, style)
    if style == "matrix" and explode:
        return [unquote(part.partition("=")[2]) for part in given[0].removeprefix(";").split(";")]
    if style == "label":
        return [unquote(part) for part in text.split("." if explode else ",")]
    if text == "":
        return []
    joint = _JOINTS.get(style, ",")
    return [unquote(part) for part in text.split(joint)]


def _object(text: str, name: str, style: str, *, explode: bool) -> dict[str, str]:
    if style == "matrix" and explode:
        parts = text.removeprefix(";").split(";")
    elif style == "label" and explode:
        parts = text.removeprefix(".").split(".")
    else:
        parts = _stripped(text, name, style).split(_JOINTS.get(style, ","))
    if explode:
        if not all("=" in part for part in parts):
            raise ValueError("it is not written as key=value")
        return {unquote(key): unquote(value) for key, _, value in (p.partition("=") for p in parts)}
    if len(parts) % 2:
        raise ValueError("it is not written as key,value,key,value")
    even = list(pairwise([unquote(part) for part in parts]))[::2]
    return dict(even)


def _stripped(text: str, name: str, style: str) -> str:
    if style == "label":
        if not text.startswith("."):
            raise ValueError("it does not start with a dot")
        return text[1:]
    if style == "matrix":
        if not text.startswith(f";{name}"):
            raise ValueError(f"it does not start with ;{name}")
        return text.removeprefix(f";{name}").removeprefix("=")
    return text


def _serialised_array(name: str, parts: list[str], style: str, *, explode: bool) -> Pairs:
    if style in {"form", "cookie", "spaceDelimited", "pipeDelimited"} and explode:
        return [(name, part) for part in parts]
    if style == "matrix":
        joined = (
            "".join(f";{name}={_quoted(p)}" for p in parts) if explode else f";{name}=" + ",".join(map(_quoted, parts))
        )
        return [(name, joined)]
    if style == "label":
        return [(name, "." + ("." if explode else ",").join(map(_quoted, parts)))]
    if style == "deepObject":
        raise CheckError(f"The style deepObject of {name!r} is for objects, not for lists. Correct it.")
    return [(name, _JOINTS.get(style, ",").join(map(_quoted, parts)))]


def _serialised_object(name: str, parts: dict[str, str], style: str, *, explode: bool) -> Pairs:
    if style == "deepObject":
        return [(f"{name}[{key}]", text) for key, text in parts.items()]
    if style in {"form", "cookie"} and explode:
        return list(parts.items())
    if style in {"spaceDelimited", "pipeDelimited"} and explode:
        raise CheckError(f"The style {style} of {name!r} can't explode an object. Correct it.")
    quoted = [(_quoted(key), _quoted(text)) for key, text in parts.items()]
    if explode:
        joined = [f"{key}={text}" for key, text in quoted]
        return [
            (name, {"label": "." + ".".join(joined), "matrix": ";" + ";".join(joined)}.get(style, ",".join(joined)))
        ]
    flat = [text for pair in quoted for text in pair]
    start = {"label": ".", "matrix": f";{name}="}.get(style, "")
    return [(name, start + _JOINTS.get(style, ",").join(flat))]


def _quoted(text: str) -> str:
    """Return `text` with the signs that stand between parts percent-encoded."""
    return quote(text, safe="").replace(".", "%2E")


def _of_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON") from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
