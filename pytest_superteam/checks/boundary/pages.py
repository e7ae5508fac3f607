"""Pages of lists: the declared shape, and one shape in a system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.finding import Finding
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.boundary.finding import Look, View

__all__ = ["judge", "problems", "shape_of"]

_COUNTS = ("total", "count", "total_count", "totalCount", "totalItems", "total_items", "totalElements")


def problems(schema: Mapping[str, Any], body: Any, asked: int | None = None) -> list[str]:
    """Return what is wrong with the shape of a list's answer. `asked` is the `limit` of the request."""
    if schema.get("type") == "array":
        return [] if isinstance(body, list) else ["an object where a plain list is declared"]
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return []
    if isinstance(body, list):
        return [f"a plain list where a page with {', '.join(properties)} is declared"]
    if not isinstance(body, Mapping):
        return ["no page"]
    found = [_absent(name, body, properties) for name in schema.get("required") or properties if name not in body]
    rows = next((body[n] for n in properties if isinstance(body.get(n), list)), None)
    if rows is not None:
        total = next((body[n] for n in _COUNTS if n in properties and type(body.get(n)) is int), None)
        if total is not None and total < len(rows):
            found.append(f"a total of {total} with {len(rows)} rows on the page")
        if asked is not None and len(rows) > asked:
            found.append(f"{len(rows)} rows where `limit={asked}` was asked for")
    return found


def _absent(name: str, body: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """Return that a field of the page is not there, and what seems to stand in its place."""
    declared = properties.get(name)
    rows = isinstance(declared, Mapping) and declared.get("type") == "array"
    spare = [n for n, v in body.items() if n not in properties and isinstance(v, list) == rows]
    return f"no `{name}`" + (f", but {', '.join(f'`{n}`' for n in sorted(spare)[:4])}" if spare else "")


def shape_of(body: Any) -> str:
    """Return the shape of a list's answer: `list`, or the names of a page's rows and numbers (links don't count)."""
    if isinstance(body, list):
        return "list"
    parts = body.items() if isinstance(body, Mapping) else ()
    return ", ".join(sorted(str(name) for name, value in parts if isinstance(value, list) or type(value) is int))


def _lists(looks: tuple[Look, ...]) -> list[Look]:
    return [look for look in looks if look.kind == "list"]


def judge(view: View) -> Iterator[Finding]:
    """Find pages of another shape than declared, and shapes that differ from those of other services."""
    for look in _lists(view.looks):
        asked = _asked(look.step)
        for wrong in problems(look.schema, look.body, asked):
            message = f"{look.label} answers {wrong}. Answer the page that the contract declares."
            yield Finding(f"{look.operation} {wrong}", message, look.step)
    yield from _beside_others(view)


def _asked(step: str) -> int | None:
    """Return the `limit` that a request asked for."""
    number = step.partition("limit=")[2][:4]
    digits = number[: len(number) - len(number.lstrip("0123456789"))]
    return int(digits) if digits else None


def _beside_others(view: View) -> Iterator[Finding]:
    own = _lists(view.looks)
    if not own:
        return
    shapes = {name: _usual(_lists(looks)) for name, looks in view.others.items() if _lists(looks)}
    shapes[view.service] = shape = _usual(own)
    counted = Counter(shapes.values())
    usual = next(shapes[name] for name in sorted(shapes) if counted[shapes[name]] == max(counted.values()))
    if shape == usual:
        return
    name = min((n for n in shapes if shapes[n] != shape), key=lambda n: (n not in view.partners, n))
    message = (
        f"{own[0].label} answers lists as `{shape}`, {name} as `{shapes[name]}`. Use one shape in the system: "
        "items, total, limit, offset."
    )
    severity = Severity.ERROR if name in view.partners else Severity.WARNING
    yield Finding("shape", message, own[0].step, severity)


def _usual(looks: list[Look]) -> str:
    return Counter(shape_of(look.body) for look in looks).most_common(1)[0][0]
