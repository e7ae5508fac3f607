"""The figure of the report page: the picture, what its signs mean, and the same in words for who can't see it."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes here; nothing is parsed

from pytest_superteam.reports.page.links import service_link
from pytest_superteam.reports.picture.data import KINDS, RUNS, parts, said
from pytest_superteam.reports.picture.drawing import draw, sign
from pytest_superteam.reports.picture.layout import NotLaidOutError
from pytest_superteam.reports.picture.reading import readable
from pytest_superteam.reports.picture.style import STYLE
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.models import EdgeKind, GateReport, PictureEdge
    from pytest_superteam.reports.picture.data import Part
    from pytest_superteam.reports.picture.reading import Shown

__all__ = ["picture_svg"]

_STATES = {
    "failed": "failed",
    "advisory": "advisory findings",
    "passed": "passed",
    "skipped": "skipped",
    "none": "not tried",
}
_LINES = {"calls": "calls", "publishes": "publishes events", "stores": "keeps data in", "routes": "routes to"}
_NOUNS: dict[EdgeKind, str] = {
    "calls": "line of calls",
    "publishes": "line of events",
    "stores": "use of a datastore",
    "routes": "route",
}
_ROWS = 400
"""Parts in the table of words at most."""
_WORDS = 60
"""Lines of a part in that table at most."""


def picture_svg(report: GateReport) -> str:
    """Return the picture of a report's system as a `<figure>`, safe to stand in a page; empty without any part.

    Where Graphviz is missing or fails, a line says so and the words stand alone.
    """
    if not report.picture.nodes:
        return ""
    known = parts(report)
    shown = readable(report.picture, known)
    about = f"{_counted(report, known)}. {_verdicts(known)}."
    words = _words(report.picture.edges, known)
    try:
        drawing = draw(shown, f"Picture of the system {one_line(report.title, 120)}", about)
    except NotLaidOutError as error:
        note = f"<p>No picture: {escape(str(error))}. The same in words:</p>"
        return f'<figure class="gs-picture"><style>{STYLE}</style>{note}{_folded(about, words, is_open=True)}</figure>'
    box = f'<div class="gs-picture-box">{drawing}</div>'
    legend = f"<figcaption>{''.join(_legend(shown))}</figcaption>"
    return f'<figure class="gs-picture">{box}{legend}{_folded(about, words)}</figure>'


def _counted(report: GateReport, known: Mapping[str, Part]) -> str:
    """Return what there is, in words: `4 services, 1 datastore, 2 calls`."""
    nodes = Counter(KINDS[part.node.kind] for part in known.values())
    lines = Counter(edge.kind for edge in report.picture.edges)
    told = [plural(count, kind) for kind, count in nodes.items()]
    return ", ".join([*told, *(_plural(lines[kind], noun) for kind, noun in _NOUNS.items() if lines[kind])])


def _plural(count: int, noun: str) -> str:
    first, of, rest = noun.partition(" of ")
    return f"{plural(count, first)}{of}{rest}"


def _verdicts(known: Mapping[str, Part]) -> str:
    """Return how many services have which verdict."""
    states = Counter(part.state for part in known.values() if part.asked)
    return (
        ", ".join(f"{states[state]} {words}" for state, words in _STATES.items() if states[state]) or "None was asked"
    )


# ------------------------------------------------------------ what signs mean


def _legend(shown: Shown) -> Iterable[str]:
    """Yield what the signs and the lines that there are mean, and what is not drawn."""
    states = {part.state for part in shown.parts.values()}
    for state, words in _STATES.items():
        if state in states:
            yield f"<span>{_sample_sign(state)}{words}</span>"
    kinds = {edge.kind for edge in shown.edges}
    for kind, words in _LINES.items():
        if kind in kinds:
            yield f"<span>{_sample_line(kind)}{words}</span>"
    if not shown.labelled:
        yield "<span>What runs on a line shows where a pointer rests on it, and in the words below</span>"
    for note in shown.notes:
        yield f"<span><strong>{escape(note)}</strong></span>"


def _sample_sign(state: str) -> str:
    root = ET.Element("svg", {"viewBox": "-10 -10 20 20", "width": "16", "height": "16", "aria-hidden": "true"})
    sign(ET.SubElement(root, "g"), state)
    return ET.tostring(root, encoding="unicode")


def _sample_line(kind: str) -> str:
    root = ET.Element("svg", {"viewBox": "0 0 40 10", "width": "40", "height": "10", "aria-hidden": "true"})
    group = ET.SubElement(root, "g", {"class": f"gs-edge gs-{kind}"})
    ET.SubElement(group, "path", {"class": "gs-line", "d": "M1,5 H32"})
    if kind != "stores":
        ET.SubElement(group, "path", {"class": "gs-arrow", "d": "M31,1.5 L39,5 L31,8.5 Z"})
    return ET.tostring(root, encoding="unicode")


# ------------------------------------------------------------ in words


def _folded(about: str, words: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return f'<details class="gs-picture-words"{state}><summary>In words: {escape(about)}</summary>{words}</details>'


def _words(edges: Sequence[PictureEdge], known: Mapping[str, Part]) -> str:
    """Return the parts and what runs from each as a table."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("part", "what it is", "gate", "what runs from it"))
    own: dict[str, list[PictureEdge]] = {}
    for edge in edges:
        own.setdefault(edge.source, []).append(edge)
    rows = "".join(_row(part, own.get(name, [])) for name, part in list(known.items())[:_ROWS])
    left = len(known) - _ROWS
    more = f"<p>{plural(left, 'part')} more in gate-report.json.</p>" if left > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _row(part: Part, edges: Sequence[PictureEdge]) -> str:
    name = escape(part.label)
    named = f'<a href="{service_link(part.node.name)}">{name}</a>' if part.tried else name
    listed = "".join(f"<li>{escape(_line(edge))}</li>" for edge in edges[:_WORDS])
    left = len(edges) - _WORDS
    listed += f"<li>{left} more</li>" if left > 0 else ""
    cells = (KINDS[part.node.kind], part.words if part.asked else "", f"<ul>{listed}</ul>" if listed else "")
    return f'<tr><th scope="row">{named}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _line(edge: PictureEdge) -> str:
    """Return a line as its source says it: `calls catalog-service: read_book`."""
    what = said(edge)
    return f"{RUNS[edge.kind]} {one_line(edge.target, 120)}" + (f": {what}" if what else "")
