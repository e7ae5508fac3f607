"""Links into pytest-html's table, which its script follows: to the row of an item, or to a choice of rows."""

from __future__ import annotations

from urllib.parse import quote

from markupsafe import Markup

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line

__all__ = ["COLUMN", "cell_link", "item_link", "service_link"]

COLUMN = 80
"""Characters of a value that its column in the table shows; by these it is found."""
_LONGEST = 600


def item_link(item: str) -> Markup:
    """Return the link to an item's row; empty without an item, or where its id can't be shown."""
    return _hash(f"item={_quoted(item)}") if item and _may_be_shown(item) else Markup("")


def cell_link(layer: int, service: str) -> Markup:
    """Return the link to the rows of one service in one layer."""
    return _hash(f"layer={layer}&service={_quoted(one_line(service, COLUMN))}")


def service_link(service: str) -> Markup:
    """Return the link to the rows of one service."""
    return _hash(f"service={_quoted(one_line(service, COLUMN))}")


def _may_be_shown(name: str) -> bool:
    """Return whether a name is no longer than any of ours, and holds nothing that looks like a secret."""
    return len(name) <= _LONGEST and mask(name) == name


def _hash(query: str) -> Markup:
    """Return a fragment, ready for an attribute: it holds ASCII only, so that `&` is all there is to escape."""
    return Markup("#") + query


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
