"""The same field under two names: `order_id` here, `orderId` there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.boundary.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pytest_superteam.checks.boundary.finding import View

__all__ = ["judge", "renamed", "spelled_otherwise"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}(?:[_-][A-Za-z0-9]{1,40}){0,8}")


def bare(name: str) -> str:
    """Return a name without case, underscores and dashes: `OrderID` and `order_id` are one."""
    return name.replace("_", "").replace("-", "").lower()


def renamed(declared: Collection[str], present: Collection[str]) -> list[tuple[str, str]]:
    """Return the declared names that are absent, each with the undeclared one that is there in its place."""
    spare = {bare(name): name for name in present if name not in declared}
    return [(name, spare[bare(name)]) for name in declared if name not in present and bare(name) in spare]


def spelled_otherwise(names: Collection[str], text: str) -> list[tuple[str, str]]:
    """Return the names of several words that `text` speaks of in another spelling, each with that spelling."""
    words = {bare(word): word for word in _WORD.findall(text[:20_000]) if word not in names}
    several = [n for n in names if re.search(r"[_-]|[a-z0-9][A-Z]", n)]
    return [(name, words[bare(name)]) for name in several if bare(name) in words]


def judge(view: View) -> Iterator[Finding]:
    """Find declared fields that answers have under another name; a page's own fields are for the page's check."""
    for look in view.looks:
        for thing in look.objects:
            if look.listing and not thing.place:
                continue
            for name, other in renamed(thing.declared, thing.value):
                where = f"{thing.place}.{name}" if thing.place else name
                message = (
                    f"{look.label} answers `{other}` where the contract has `{where}`. "
                    "Name the field as the contract does: consumers read that name."
                )
                yield Finding(f"{thing.name or look.operation} {name}", message, look.step)
