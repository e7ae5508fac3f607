"""Whether a row is in its list, and the list's filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.lists import walk
from pytest_superteam.checks.flows.story import LAWFUL
from pytest_superteam.checks.flows.values import same
from pytest_superteam.checks.flows.wording import named
from pytest_superteam.checks.flows.world import NOBODY
from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Operation

__all__ = ["find_in_list", "required_query", "try_filters"]


def find_in_list(world: World, row: Row, query: Mapping[str, Any] | None = None, *, there: bool = True) -> None:
    """Tell where a row is not in the list although it should be, or is although it is gone."""
    operation = world.design.operation(row.entity, "list")
    if operation is None:
        return
    role = world.design.role(operation) or ANYBODY
    asked = {**required_query(world, operation, row), **(query or {})}
    if None in asked.values():
        return
    which = f" with {', '.join(f'{k}={v}' for k, v in query.items())}" if query else ""
    for attempt in ("", " once more"):  # rows that others make meanwhile may have moved it over a page's end
        listing = walk(
            world, f"list{which}{attempt}", operation, lambda rows: _has(rows, row), role=role, row=row, query=asked
        )
        if _has(listing.rows, row) == there:
            return
        if not listing.readable:
            world.story.wrong(
                LAWFUL, f"{named(operation)}{which} answered {listing.status} and no list. Answer a page."
            )
            return
        unnamed = listing.rows and not any(row.key in one for one in listing.rows)
        if (there and not listing.whole) or (world.system.found and unnamed):
            return  # it may be on a page that was not read, or under a name that the list does not tell
    why = "lacks the" if there else "still has the"
    rule = "List every row that the caller may see" if there else "List no row that was deleted"
    world.story.wrong(
        LAWFUL,
        f"{named(operation)} of {operation.service}{which} {why} {row.entity.name} {row.id}. {rule}.",
    )


def _has(rows: list[dict[str, Any]], row: Row) -> bool:
    return any(same(row.id, str(one.get(row.key))) for one in rows)


def required_query(world: World, operation: Operation, row: Row) -> dict[str, Any]:
    """Return the query parameters that a list asks for, as the row has them; None where it has none."""
    wanted = [p for p in world.contract(operation).parameters if p.get("in") == "query" and p.get("required")]
    return {str(p["name"]): row.got.get(snake(str(p["name"]))) for p in wanted}


def try_filters(world: World, row: Row) -> None:
    """List by each filter that compares an enum, a reference or a boolean: by the row's value, and by another."""
    operation = world.design.operation(row.entity, "list")
    if operation is None or None in required_query(world, operation, row).values():
        return
    for parameter in world.contract(operation).parameters:
        name = snake(str(parameter.get("name", "")))
        field = row.entity.field_named(name) or row.entity.field_named(f"{name}_id")
        if parameter.get("in") != "query" or field is None or row.got.get(field.name) is None:
            continue
        if field.type in {"enum", "boolean", "reference"}:
            _filter(world, row, operation, str(parameter["name"]), field.name, _other(parameter, row.got[field.name]))


def _other(parameter: Mapping[str, Any], value: Any) -> Any:
    """Return another value of a filter than `value`: of an enum another member, else an id that no row has."""
    if isinstance(value, bool):
        return not value
    schema = parameter.get("schema") or {}
    return next((v for v in schema.get("enum") or [] if v not in {value, None}), None if schema.get("enum") else NOBODY)


def _filter(world: World, row: Row, operation: Operation, name: str, field: str, other: Any) -> None:
    find_in_list(world, row, {name: row.got[field]})
    if other is None:
        return
    role = world.design.role(operation) or ANYBODY
    asked = {**required_query(world, operation, row), name: other}
    found = walk(
        world,
        f"list with {name}={other}",
        operation,
        lambda rows: _strays(rows, field, other),
        role=role,
        row=row,
        query=asked,
    )
    if _strays(found.rows, field, other):
        world.story.wrong(
            LAWFUL,
            f"{named(operation)} of {operation.service} with {name}={other} lists rows whose {field} is another. "
            f"Filter by {name}.",
        )


def _strays(rows: list[dict[str, Any]], field: str, value: Any) -> bool:
    return any(field in row and not same(value, row[field]) for row in rows)
