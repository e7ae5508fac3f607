"""Bodies by content type: which of the documented ones was sent, and the value that the bytes stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.parser import BytesParser
from typing import Any

from pytest_superteam.contracts.validating.parameters import Pairs, pairs_of, types_of

__all__ = ["FORM", "MULTIPART", "form_value", "is_json", "media_type", "parsed_body", "plain_type"]

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_PARTS = 1000


def plain_type(content_type: str | None) -> str:
    """Return a content type without its parameters, in lower case."""
    return (content_type or "").split(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Return whether bodies of that type are JSON."""
    return content_type.endswith(("/json", "+json"))


def media_type(content: Any, content_type: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the documented (type, media type object) that `content_type` is: itself, `text/*` or `*/*`."""
    if not isinstance(content, Mapping):
        return None
    known = {plain_type(str(name)): (str(name), media) for name, media in content.items()}
    wanted = plain_type(content_type)
    found = known.get(wanted) or known.get(f"{wanted.split('/')[0]}/*") or known.get("*/*")
    return (found[0], found[1] if isinstance(found[1], Mapping) else {}) if found else None


def parsed_body(body: Any, content_type: str) -> Any:
    """Return the value of a body: bytes are read by their type, anything else is a value already.

    Raises:
        ValueError: the bytes are not of that type.
    """
    if not isinstance(body, bytes):
        return body
    kind = plain_type(content_type)
    if is_json(kind):
        try:
            return json.loads(body)
        except RecursionError:
            raise ValueError("it nests too deep") from None
        except ValueError as error:
            raise ValueError(f"it is no JSON ({str(error)[:100]})") from None
    if kind == FORM:
        return pairs_of(body.decode("utf-8", "replace"))
    if kind == MULTIPART:
        return _parts(body, content_type)
    return body.decode("utf-8", "replace") if kind.startswith("text/") else body


def form_value(document: Mapping[str, Any], media: Mapping[str, Any], body: Any) -> Any:
    """Return the object that a form's fields stand for; fields that are lists by the schema become lists."""
    from pytest_superteam.contracts.references import deref
    from pytest_superteam.contracts.validating.parameters import deserialise

    pairs = body if isinstance(body, list) else pairs_of(body) if isinstance(body, (Mapping, str)) else []
    schema = deref(document, media.get("schema", {}))
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    encodings = media.get("encoding")
    found: dict[str, Any] = {}
    for name, part in properties.items() if isinstance(properties, Mapping) else ():
        encoding = encodings.get(name, {}) if isinstance(encodings, Mapping) else {}
        style = {key: encoding[key] for key in ("style", "explode") if key in encoding}
        kinds = types_of(document, part)
        if "object" in kinds and not style:  # by default as JSON
            style = {"content": {"application/json": {"schema": part}}}
        given, value = deserialise({"name": name, "in": "query", "schema": part, **style}, document, pairs)
        if given:
            found[name] = value
    return {key: text for key, text in pairs if key.split("[")[0] not in properties} | found


def _parts(body: bytes, content_type: str) -> Pairs:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + body)
    if not message.is_multipart():
        raise ValueError("it is no multipart body of its boundary")
    found: Pairs = []
    for part in list(message.walk())[1:_MOST_PARTS]:
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found.append((name, payload.decode("utf-8", "replace")))
    return found
