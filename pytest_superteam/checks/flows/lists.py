"""Looking for a row in a list, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Operation

__all__ = ["Listing", "rows_of", "walk"]

_ARRAYS = ("items", "data", "results", "content", "records", "rows")
_COUNTS = ("total", "count", "total_count", "totalCount", "totalElements")
_PAGES = 25  # pages of one list that are read
_LIMIT = 100  # rows of a page that are asked for, where the contract has no bound


@dataclass
class Listing:
    """What was seen of a list. `whole` says that nothing was left out, `readable` that the last answer was a list."""

    status: int = 200
    rows: list[dict[str, Any]] = field(default_factory=list)
    whole: bool = False
    readable: bool = True


def rows_of(answer: Any) -> tuple[list[dict[str, Any]] | None, int | None]:
    """Return the rows of a list's answer and how many there are in all, None where it does not say."""
    if isinstance(answer, list):
        return [row for row in answer if isinstance(row, dict)], len(answer)
    if not isinstance(answer, dict):
        return None, None
    arrays = [answer[name] for name in _ARRAYS if isinstance(answer.get(name), list)]
    arrays += [value for value in answer.values() if isinstance(value, list)]
    total = next((answer[n] for n in _COUNTS if isinstance(answer.get(n), int)), None)
    return ([row for row in arrays[0] if isinstance(row, dict)], total) if arrays else (None, total)


def walk(
    world: World,
    title: str,
    operation: Operation,
    enough: Callable[[list[dict[str, Any]]], bool],
    *,
    role: str,
    row: Row | None = None,
    query: Mapping[str, Any] | None = None,
) -> Listing:
    """Read a list until `enough` of its rows are seen: the first page, then from the last one backwards."""
    limit, pages = _paging(world, operation)
    seen = Listing()

    def page(offset: int) -> tuple[int, int | None]:
        """Read the rows from `offset` on; returns how many came and how many there are in all."""
        asked = {**(query or {}), **({"limit": limit} if limit else {}), **({"offset": offset} if offset else {})}
        name = f"{title}, from row {offset}" if offset else title
        answer = world.call(name, operation, role=role, row=row, query=asked)
        rows, total = rows_of(answer.json())
        seen.status = answer.status
        seen.readable = answer.ok and rows is not None
        seen.rows += rows or []
        return len(rows or ()), total

    step, total = page(0)
    if not seen.readable or enough(seen.rows):
        return seen
    if total is None or step >= total or not pages or not step:
        seen.whole = step >= total if total is not None else limit is None or step < limit
        return seen
    offsets = list(range(((total - 1) // step) * step, 0, -step))
    for offset in offsets[:_PAGES]:
        page(offset)
        if not seen.readable or enough(seen.rows):
            return seen
    seen.whole = len(offsets) <= _PAGES
    return seen


def _paging(world: World, operation: Operation) -> tuple[int | None, bool]:
    """Return the largest page that may be asked for, and whether a list can be read from a row on."""
    known = {
        p.get("name"): p.get("schema") or {} for p in world.contract(operation).parameters if p.get("in") == "query"
    }
    if "limit" not in known:
        return None, "offset" in known
    most = known["limit"].get("maximum")
    return (min(int(most), _LIMIT) if isinstance(most, int) else _LIMIT), "offset" in known
