"""The outlines of parts, around their middle: what a part is can be seen without its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import NodeKind

__all__ = ["outline"]

Paths = list[tuple[str, str]]
"""Data and class of each path: `gs-shape` is filled, `gs-detail` is a line on it."""


def outline(kind: NodeKind, size: tuple[float, float]) -> Paths:
    """Return the paths of a part: a service is a card, a datastore a drum, a broker a pipe, a gateway a hexagon."""
    x, y = size[0] / 2, size[1] / 2
    return _OUTLINES[kind](x, y)


def _card(x: float, y: float) -> Paths:
    return [(_rounded(x, y, 8), "gs-shape")]


def _pill(x: float, y: float) -> Paths:
    return [(_rounded(x, y, y), "gs-shape")]


def _window(x: float, y: float) -> Paths:
    return [(_rounded(x, y, 5), "gs-shape"), (f"M{-x:g},{-y + 9:g} H{x:g}", "gs-detail")]


def _drum(x: float, y: float) -> Paths:
    body = f"M{-x:g},{-y + 7:g} A{x:g},7 0 0 1 {x:g},{-y + 7:g} V{y - 7:g} A{x:g},7 0 0 1 {-x:g},{y - 7:g} Z"
    return [(body, "gs-shape"), (f"M{-x:g},{-y + 7:g} A{x:g},7 0 0 0 {x:g},{-y + 7:g}", "gs-detail")]


def _pipe(x: float, y: float) -> Paths:
    body = (
        f"M{-x + 7:g},{-y:g} H{x - 7:g} A7,{y:g} 0 0 1 {x - 7:g},{y:g} H{-x + 7:g} A7,{y:g} 0 0 1 {-x + 7:g},{-y:g} Z"
    )
    return [(body, "gs-shape"), (f"M{x - 7:g},{-y:g} A7,{y:g} 0 0 0 {x - 7:g},{y:g}", "gs-detail")]


def _hexagon(x: float, y: float) -> Paths:
    return [(f"M{-x:g},0 L{-x + 10:g},{-y:g} H{x - 10:g} L{x:g},0 L{x - 10:g},{y:g} H{-x + 10:g} Z", "gs-shape")]


def _rounded(x: float, y: float, r: float) -> str:
    """Return a rectangle with rounded corners."""
    side = f"a{r:g},{r:g} 0 0 1"
    across, down = 2 * (x - r), 2 * (y - r)
    return (
        f"M{-x + r:g},{-y:g} h{across:g} {side} {r:g},{r:g} v{down:g} {side} {-r:g},{r:g} "
        f"h{-across:g} {side} {-r:g},{-r:g} v{-down:g} {side} {r:g},{-r:g} Z"
    )


_OUTLINES = {
    "service": _card,
    "gateway": _hexagon,
    "datastore": _drum,
    "broker": _pipe,
    "frontend": _window,
    "external": _pill,
}
