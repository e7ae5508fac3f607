"""The picture as SVG: made as a tree of elements, so that no text of a document can be taken for one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes here; nothing is parsed

from pytest_superteam.reports.page.links import service_link
from pytest_superteam.reports.picture.data import RUNS, said
from pytest_superteam.reports.picture.layout import Wire, lay_out
from pytest_superteam.reports.picture.shapes import outline
from pytest_superteam.reports.picture.style import STYLE
from pytest_superteam.reports.picture.texts import broken, cut, width
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.models import PictureEdge
    from pytest_superteam.reports.picture.data import Part
    from pytest_superteam.reports.picture.layout import Box, Curve, Layout, Point
    from pytest_superteam.reports.picture.reading import Shown

__all__ = ["draw", "sign"]

_NAME_SIZE, _WORDS_SIZE, _LABEL_SIZE = 15.0, 11.5, 11.0
"""Pixels of fonts: of a part's name (13, and as wide as bold letters are), of what is said of it, of labels."""
_ROOM, _LABEL_ROOM = 216.0, 128.0
"""Pixels that a line of text has in a part, and on a line."""
_SIGN = 26.0
"""Pixels that the sign of the verdict takes, left of the texts."""
_ABOVE = {"datastore": 5, "frontend": 4}
"""Pixels that an outline takes above the texts."""
_BESIDE = {"broker": 12, "gateway": 12, "external": 8}
"""Pixels that it takes beside them."""
_MARGIN = 8.0
_SIGNS = {
    "failed": "M-3.5,-3.5 L3.5,3.5 M3.5,-3.5 L-3.5,3.5",
    "advisory": "M0,-4.5 L0,0.8 M0,3.6 L0,4.4",
    "passed": "M-4,0.2 L-1.2,3.2 L4,-3.2",
    "skipped": "M-3.5,0 L3.5,0",
    "none": "",
}
"""What is drawn into the disc beside a name: a cross, an exclamation mark, a tick, a dash, nothing."""


@dataclass(frozen=True)
class _Card:
    """What is written on a part."""

    part: Part
    lines: tuple[str, ...]
    words: str
    size: Box


def draw(shown: Shown, title: str, description: str) -> str:
    """Return the picture as an `<svg>` element.

    Raises:
        NotLaidOutError: it can't be laid out.
    """
    cards = [_card(part, shown) for part in shown.parts.values()]
    at = {name: index for index, name in enumerate(shown.parts)}
    labels = [_label(edge) if shown.labelled else [] for edge in shown.edges]
    wires = [
        Wire(at[edge.source], at[edge.target], _label_box(lines), edge.kind != "stores")
        for edge, lines in zip(shown.edges, labels, strict=True)
    ]
    layout = lay_out([card.size for card in cards], wires)
    root = _root(layout, title, description)
    _draw_edges(root, shown, labels, layout.curves)
    for card, center in zip(cards, layout.centers, strict=True):
        _draw_part(root, card, center)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _root(layout: Layout, title: str, description: str) -> ET.Element:
    """Return the element that everything is drawn in.

    It is a group for readers of screens, no image: its services are links.
    """
    wide, high = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    box = f"{-_MARGIN:g} {-_MARGIN:g} {wide:.1f} {high:.1f}"
    # it shrinks with the page down to what can be read, and scrolls from there on
    style = f"width:100%;height:auto;max-width:{wide:.0f}px;min-width:{min(wide, max(320.0, 0.72 * wide)):.0f}px"
    names = {"role": "group", "aria-labelledby": "gs-picture-title", "aria-describedby": "gs-picture-description"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "style": style, **names})
    _element(root, "title", id="gs-picture-title").text = title
    _element(root, "desc", id="gs-picture-description").text = description
    _element(root, "style").text = STYLE
    return root


# ------------------------------------------------------------ parts


def _card(part: Part, shown: Shown) -> _Card:
    """Return what is written on a part, and how large that makes it."""
    lines = broken(part.label, _NAME_SIZE, _ROOM)
    stores = (shown.stores or {}).get(part.node.name, ())
    words = cut(f"{part.words} · {', '.join(stores)}" if stores else part.words, _WORDS_SIZE, _ROOM)
    wide = max([width(line, _NAME_SIZE) for line in lines] + [1.12 * width(words, _WORDS_SIZE)])
    wide += 26 + (_SIGN if part.asked else 0) + _BESIDE.get(part.node.kind, 0)
    high = 16 + 17 * len(lines) + 16 + 2 * _ABOVE.get(part.node.kind, 0)
    return _Card(part, tuple(lines), words, (max(96.0, math.ceil(wide)), float(high)))


def _draw_part(root: ET.Element, card: _Card, center: Point) -> None:
    part = card.part
    name = one_line(part.node.name, 300)
    about = f"{name}: {part.words}"
    if part.tried:
        group = _element(
            root, "a", href=str(service_link(part.node.name)), **{"aria-label": f"{about}; show its gate items"}
        )
        group = _element(group, "g")
    else:
        group = _element(root, "g", role="img", **{"aria-label": about})
    group.set("class", f"gs-node gs-{part.node.kind}" + (f" gs-{part.state}" if part.asked else ""))
    group.set("transform", f"translate({center[0]:g},{center[1]:g})")
    _element(group, "title").text = about
    for path, kind in outline(part.node.kind, card.size):
        _element(group, "path", d=path, **{"class": kind})
    left = -card.size[0] / 2 + 13 + (4 if part.node.kind == "gateway" else 0)
    if part.asked:
        sign(_element(group, "g", transform=f"translate({left + 7:g},{0:g})"), part.state)
        left += _SIGN
    _write(group, card, left)


def _write(group: ET.Element, card: _Card, left: float) -> None:
    """Write a part's name and what is said of it, one below the other around its middle."""
    high = 17 * len(card.lines) + 15
    top = -high / 2 + 13 + _ABOVE.get(card.part.node.kind, 0)
    for number, line in enumerate(card.lines):
        _element(group, "text", x=f"{left:g}", y=f"{top + 17 * number:g}", **{"class": "gs-name"}).text = line
    low = top + 17 * len(card.lines) - 1
    _element(group, "text", x=f"{left:g}", y=f"{low:g}", **{"class": "gs-words"}).text = card.words


def sign(group: ET.Element, state: str) -> None:
    """Draw the sign of a verdict into a group, around its origin."""
    group.set("class", f"gs-sign gs-{state}")
    _element(group, "circle", r="9")
    if _SIGNS[state]:
        _element(group, "path", d=_SIGNS[state])


# ------------------------------------------------------------ lines


def _label(edge: PictureEdge) -> list[str]:
    """Return what is written on a line: two of its operations or events, and how many more there are."""
    shown = [cut(one_line(label, 200), _LABEL_SIZE, _LABEL_ROOM) for label in edge.labels[:2]]
    more = len(edge.labels) - len(shown)
    return [*shown, f"+ {more} more"] if more else shown


def _label_box(lines: Sequence[str]) -> Box | None:
    if not lines:
        return None
    return math.ceil(max(width(line, _LABEL_SIZE) for line in lines)) + 18.0, 14.0 * len(lines) + 4


def _draw_edges(
    root: ET.Element, shown: Shown, labels: Sequence[Sequence[str]], curves: Sequence[Curve | None]
) -> None:
    """Draw the lines, then what is written on them: no line crosses a text.

    Readers of screens have the words below the picture instead.
    """
    group = _element(root, "g", **{"aria-hidden": "true"})
    texts = _element(root, "g", **{"aria-hidden": "true"})
    for edge, lines, curve in zip(shown.edges, labels, curves, strict=True):
        if curve is None or len(curve.points) < 4:
            continue
        about = _told(edge)
        one = _element(group, "g", **{"class": f"gs-edge gs-{edge.kind}"})
        _element(one, "title").text = about
        _element(one, "path", d=_path(curve), **{"class": "gs-line"})
        if curve.tip is not None:
            _element(one, "path", d=_arrow(curve.points[-1], curve.tip), **{"class": "gs-arrow"})
        if lines and curve.label is not None:
            _write_label(_element(texts, "g", **{"class": f"gs-label gs-{edge.kind}"}), lines, curve.label, about)


def _told(edge: PictureEdge) -> str:
    """Return what a line says, in words."""
    source, target = one_line(edge.source, 120), one_line(edge.target, 120)
    what = said(edge)
    return f"{source} {RUNS[edge.kind]} {target}" + (f": {what}" if what else "")


def _write_label(group: ET.Element, lines: Sequence[str], middle: Point, about: str) -> None:
    _element(group, "title").text = about
    top = middle[1] - 7 * len(lines) + 10.5
    for number, line in enumerate(lines):
        _element(group, "text", x=f"{middle[0]:g}", y=f"{top + 14 * number:g}").text = line


def _path(curve: Curve) -> str:
    """Return the curve as the data of a path, up to where its arrow begins."""
    first, *rest = (f"{x:g},{y:g}" for x, y in curve.points)
    return f"M{first} C{' '.join(rest)}"


def _arrow(start: Point, tip: Point) -> str:
    """Return the head of an arrow as the data of a path."""
    long = math.hypot(tip[0] - start[0], tip[1] - start[1]) or 1.0
    x, y = (tip[0] - start[0]) / long, (tip[1] - start[1]) / long
    sides = ((start[0] - 3.6 * y, start[1] + 3.6 * x), tip, (start[0] + 3.6 * y, start[1] - 3.6 * x))
    return "M" + " L".join(f"{px:.1f},{py:.1f}" for px, py in sides) + " Z"


def _element(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)
