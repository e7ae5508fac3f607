"""What of an OTLP export matters here: which spans and log records of which service carry which trace.

Reads the two encodings of OTLP/HTTP, protobuf (the few fields that are needed, by number, after
opentelemetry-proto's trace.proto and logs.proto) and JSON. Standard library only: the collector runs it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_RECORDS", "OtlpError", "records"]

MOST_RECORDS = 10_000
"""Spans or log records of one export that are read; the rest is left."""
_TEXT = 200  # characters of a name that are kept

# (field numbers) of the resource, its scopes and their records; alike for traces and logs.
_RESOURCE, _SCOPES, _RECORDS = 1, 2, 2
_SPAN_FIELDS = {1: "trace_id", 2: "span_id", 4: "parent_id", 5: "name"}
_LOG_FIELDS = {9: "trace_id", 10: "span_id"}
_JSON_NAMES = {
    "traces": ("resourceSpans", "scopeSpans", "spans"),
    "logs": ("resourceLogs", "scopeLogs", "logRecords"),
}


class OtlpError(ValueError):
    """An export is not what its content type says."""


def records(signal: str, body: bytes, *, as_json: bool) -> list[dict[str, str]]:
    """Return the spans (`signal` "traces") or log records ("logs") of one export.

    Each has `service`, `trace_id`, `span_id`, `parent_id` and `name`; ids in lower-case hexadecimal, or empty.

    Raises:
        OtlpError: the body can't be read.
    """
    try:
        found = _from_json(signal, json.loads(body)) if as_json else _from_protobuf(signal, memoryview(body))
        return [record for record, _ in zip(found, range(MOST_RECORDS), strict=False)]
    except (ValueError, RecursionError, AttributeError, TypeError, IndexError) as error:
        raise OtlpError(f"not readable: {error}") from error


# ---------------------------------------------------------------- JSON


def _from_json(signal: str, data: Any) -> Iterator[dict[str, str]]:
    outer, scopes, inner = _JSON_NAMES[signal]
    for part in data.get(outer) or ():
        attributes = (part.get("resource") or {}).get("attributes") or ()
        named = (a["value"].get("stringValue") for a in attributes if a.get("key") == "service.name")
        service = _short(next(named, "") or "")
        for scope in part.get(scopes) or ():
            for item in scope.get(inner) or ():
                yield _record(
                    service,
                    trace_id=str(item.get("traceId") or "").lower(),
                    span_id=str(item.get("spanId") or "").lower(),
                    parent_id=str(item.get("parentSpanId") or "").lower(),
                    name=str(item.get("name") or ""),
                )


# ---------------------------------------------------------------- protobuf


def _from_protobuf(signal: str, body: memoryview) -> Iterator[dict[str, str]]:
    wanted = _SPAN_FIELDS if signal == "traces" else _LOG_FIELDS
    for number, part in _fields(body):
        if number != 1 or part is None:
            continue
        service = ""
        for inner, value in _fields(part):
            if value is not None and inner == _RESOURCE:
                service = _service(value) or service
        for inner, value in _fields(part):
            if value is not None and inner == _SCOPES:
                yield from (_decoded(service, item, wanted) for n, item in _fields(value) if n == _RECORDS and item)


def _decoded(service: str, item: memoryview, wanted: dict[int, str]) -> dict[str, str]:
    values = {}
    for number, value in _fields(item):
        if value is not None and number in wanted:
            name = wanted[number]
            values[name] = _text(value) if name == "name" else bytes(value[:16]).hex()
    return _record(service, **values)


def _service(resource: memoryview) -> str:
    """Return `service.name` of a Resource message: attributes (1) are KeyValue {key 1, value 2 {string 1}}."""
    for number, attribute in _fields(resource):
        if number != 1 or attribute is None:
            continue
        pair = {n: v for n, v in _fields(attribute) if v is not None}
        if 1 in pair and 2 in pair and bytes(pair[1][:64]) == b"service.name":
            return next((_text(v) for n, v in _fields(pair[2]) if n == 1 and v is not None), "")
    return ""


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | None]]:
    """Yield (number, bytes) of each field of a message; None for fields that are no bytes."""
    place, end = 0, len(message)
    while place < end:
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            _, place = _varint(message, place)
            yield key >> 3, None
        elif kind == 2:
            size, place = _varint(message, place)
            if place + size > end:
                raise OtlpError("a field ends behind the message")
            yield key >> 3, message[place : place + size]
            place += size
        elif kind in {1, 5}:
            place += 8 if kind == 1 else 4
            if place > end:
                raise OtlpError("a number ends behind the message")
            yield key >> 3, None
        else:
            raise OtlpError(f"wire type {kind}")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise OtlpError("a number without an end")


def _record(service: str, trace_id: str = "", span_id: str = "", parent_id: str = "", name: str = "") -> dict[str, str]:
    return {
        "service": service,
        "trace_id": trace_id[:32],
        "span_id": span_id[:16],
        "parent_id": parent_id[:16],
        "name": _short(name),
    }


def _text(value: memoryview) -> str:
    return _short(bytes(value[: _TEXT * 4]).decode("utf-8", "replace"))


def _short(text: str) -> str:
    return str(text)[:_TEXT]
