"""Whether the pages of a list are parts of one list: its total, its offset, its order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.seen import flat
from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.listed import required_query
from pytest_superteam.checks.flows.lists import rows_of
from pytest_superteam.checks.flows.story import LAWFUL
from pytest_superteam.checks.flows.wording import named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Operation

__all__ = ["Page", "is_reordered", "misfit", "try_pages"]

_TOTALS = ("total", "total_count", "totalCount", "totalElements", "totalItems", "total_items")
"""What the number of all rows is called; a plain `count` may as well be that of the page."""
_PAGE = 20  # rows of the page that is read again and again
_ROWS = 4  # rows that are wanted: the order of two is the same by chance half of the time
_AGAIN = 3  # times that a page must be wrong: others create and delete rows at the same time
_READS = 3  # times that a page is read, and once more as often where two of them differ


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows by id, each as text, and the total that was told, if any."""

    rows: Mapping[str, str]
    total: int | None = None

    @classmethod
    def of(cls, answer: Any) -> Page | None:
        """Read an answer; None where it is no list, or its rows have no ids."""
        rows, _ = rows_of(answer)
        if rows is None or any(row.get("id") is None for row in rows):
            return None
        told = (answer.get(name) for name in _TOTALS) if isinstance(answer, dict) else ()
        total = next((number for number in told if type(number) is int), None)
        return cls({str(row["id"]): json.dumps(row, sort_keys=True) for row in rows}, total)

    @property
    def first(self) -> str:
        """Return the id of the first row, empty without one."""
        return next(iter(self.rows), "")


class _Reader:
    """Reads pages of one list, as one caller."""

    def __init__(self, world: World, operation: Operation, asked: Mapping[str, Any], row: Row | None) -> None:
        self._world = world
        self.operation = operation
        self._asked = asked
        self._row = row
        contract = world.contract(operation)
        known = [p for p in contract.parameters if p.get("in") == "query"]
        self._known = {str(p.get("name")): flat(p.get("schema") or {}, contract.document) for p in known}

    def has(self, name: str, lowest: int) -> bool:
        """Return whether the contract has a number of this name in the query, which may be `lowest`."""
        schema = self._known.get(name)
        least = (schema or {}).get("minimum", lowest)
        return (
            schema is not None
            and "integer" in schema.get("type", "integer")  # the type, or one of several
            and not schema.get("enum")
            and isinstance(least, int | float)
            and least <= lowest
        )

    @property
    def largest(self) -> int:
        """Return the largest page that is asked for."""
        most = self._known["limit"].get("maximum")
        return min(int(most), _PAGE) if isinstance(most, int | float) else _PAGE

    def read(self, limit: int, offset: int | None = None) -> Page | None:
        """Return a page; None where it can't be read, which other steps tell."""
        asked = {**self._asked, "limit": limit, **({} if offset is None else {"offset": offset})}
        title = f"read {limit} of the list" + ("" if offset is None else f" from row {offset}")
        role = self._world.design.role(self.operation) or ANYBODY
        answer = self._world.call(title, self.operation, role=role, row=self._row, query=asked)
        return Page.of(answer.json()) if answer.ok else None


def try_pages(world: World, row: Row, make: Callable[[], object] | None = None) -> None:
    """Read pages of the list that `row` is in, and tell where they can't be pages of one list.

    Args:
        world: who reads.
        row: a row of the list.
        make: what creates another row, where no operation of the kind create does.
    """
    operation = world.design.operation(row.entity, "list")
    asked = required_query(world, operation, row) if operation else {}
    if operation is None or None in asked.values():
        return
    reader = _Reader(world, operation, asked, row if row.id else None)
    if make is None and world.design.creator(row.entity):
        make = partial(world.create, row.entity, "create one more")
    if reader.has("limit", 1) and _filled(reader, make):
        where = f"{named(operation)} of {operation.service}"
        _try_parts(world, reader, where)
        _try_order(world, reader, where)


def _filled(reader: _Reader, make: Callable[[], object] | None) -> bool:
    """See that there are rows to page through, making some where that is possible."""
    page = reader.read(reader.largest)
    missing = min(_ROWS, reader.largest) - len(page.rows) if page else 0
    if make and missing > 0:
        for _ in range(missing):
            make()
        page = reader.read(reader.largest)
    return page is not None and len(page.rows) > 1


def _try_parts(world: World, reader: _Reader, where: str) -> None:
    """Tell of pages of one row that don't fit together, or not with a longer one."""
    seen, offset = 0, 0 if reader.has("offset", 0) else None
    for _ in range(_AGAIN * 2):
        whole, first = reader.read(reader.largest), reader.read(1, offset)
        second = reader.read(1, 1) if offset is not None else None
        if whole is None or first is None or (offset is not None and second is None):
            return
        problem = misfit(whole, first, second)
        if not problem:
            return
        # Where the first row is another one by now, rows came in before it, and the pages need not fit together.
        again = reader.read(1, offset)
        seen += again is not None and again.first == first.first
        if seen == _AGAIN:
            world.story.wrong(LAWFUL, f"{where} with limit=1 {problem}")
            return


def misfit(whole: Page, first: Page, second: Page | None) -> str:
    """Return what is wrong with the pages of the first row, and of the second if given, beside a longer page."""
    if first.total is not None and first.total < len(whole.rows):
        return (
            f"answers a total of {first.total}, and with more of a limit {len(whole.rows)} rows. "
            "Count all rows, whatever page is asked for."
        )
    if second is None or len(whole.rows) < 2:
        return ""
    if not second.rows or second.first == first.first:
        told = "the same row as with offset=0" if second.rows else "no row, although there are more"
        return f"and offset=1 answers {told}. Leave out as many rows as offset says."
    if first.total is not None and second.total is not None and second.total < first.total:
        return (
            f"answers a total of {first.total}, and with offset=1 one of {second.total}. "
            "Count all rows, whatever page is asked for."
        )
    return ""


def _try_order(world: World, reader: _Reader, where: str) -> None:
    """Tell of a page whose rows are in another order each time."""
    for most in (0, 1):  # differing neighbours that may be chance, at first and when it is looked at more closely
        pages = [reader.read(reader.largest) for _ in range(_READS + most)]
        read = [page for page in pages if page is not None]
        if len(read) < len(pages) or sum(is_reordered(a, b) for a, b in pairwise(read)) <= most:
            return
    world.story.wrong(
        LAWFUL,
        f"{where} answers the same page in another order each time, so that pages overlap and rows are missed. "
        "Order the rows, last by what is unique, such as the id.",
    )


def is_reordered(before: Page, after: Page) -> bool:
    """Return whether two readings of a page can't be of one order.

    Rows that are new, gone or changed say nothing; but where as many rows are there as before, most of a page stays.
    """
    unchanged = {name for name, text in before.rows.items() if after.rows.get(name) == text}
    if [name for name in before.rows if name in unchanged] != [name for name in after.rows if name in unchanged]:
        return True
    common = len(before.rows.keys() & after.rows.keys())
    return before.total is not None and before.total == after.total and common * 2 < len(before.rows)
