"""The parts of a picture with the verdict on each, as the drawing, the words beside it and the JSON report have it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.findings import Cell, matrix
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport, PictureEdge, PictureNode

__all__ = ["KINDS", "NAME", "RUNS", "Part", "parts", "picture_data", "said"]

NAME = 120
"""Characters of a name or a label that are shown at most."""
KINDS = {
    "service": "service",
    "gateway": "gateway",
    "datastore": "datastore",
    "broker": "broker",
    "frontend": "front end",
    "external": "external system",
}
"""What a part is, in words."""
RUNS = {"calls": "calls", "publishes": "publishes to", "stores": "keeps data in", "routes": "routes to"}
"""What runs from one part to another, in words."""
_ORDER = ("failed", "advisory", "passed", "skipped", "none")
_COUNTED = 5000
"""Parts, and lines, that the JSON report has at most."""


@dataclass(frozen=True)
class Part:
    """A part of the picture and what the gate says of it."""

    node: PictureNode
    state: str
    """`failed`, `advisory`, `passed`, `skipped`, `none` (not tried) or, of what the gate does not ask, empty."""
    words: str
    """The same in a few words: `3 failed`, `passed`; of what the gate does not ask, what it is."""

    @property
    def label(self) -> str:
        """Return what is written on it, fit to be shown."""
        return one_line(self.node.label or self.node.name, NAME) or "(no name)"

    @property
    def asked(self) -> bool:
        """Return whether it is the gate's to ask."""
        return bool(self.state)

    @property
    def tried(self) -> bool:
        """Return whether the table below has rows of it."""
        return self.state not in {"", "none"}


def parts(report: GateReport) -> dict[str, Part]:
    """Return the parts by name, each with the worst that any layer says of it."""
    rows = {name: cells for name, cells in matrix(report).rows if name in report.services}
    return {node.name: _part(node, rows.get(node.name)) for node in report.picture.nodes}


def _part(node: PictureNode, cells: tuple[Cell, ...] | None) -> Part:
    if cells is None:
        return Part(node, "", KINDS[node.kind])
    state = min((cell.state for cell in cells), key=_ORDER.index, default="none")
    return Part(node, state, _words(state, cells))


def _words(state: str, cells: tuple[Cell, ...]) -> str:
    """Return how many items made the state what it is."""
    counts: Counter[str] = Counter()
    for cell in cells:
        counts += Counter({"failed": cell.failed, "error": cell.errors, "advisory": cell.advisory})
    if state == "failed":
        errors = f"{counts['error']} error{'s' if counts['error'] > 1 else ''}" if counts["error"] else ""
        return ", ".join(filter(None, (f"{counts['failed']} failed" if counts["failed"] else "", errors)))
    return {"advisory": f"{counts['advisory']} advisory", "none": "not tried"}.get(state, state)


def said(edge: PictureEdge, limit: int = 20) -> str:
    """Return the operations or events of a line, the first of them, and how many more there are."""
    shown = [one_line(label, NAME) for label in edge.labels[:limit]]
    more = len(edge.labels) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more else shown)


def picture_data(report: GateReport) -> dict[str, Any]:
    """Return the picture as plain data: what is not known is left out; at most 5,000 parts and lines."""
    known = parts(report)
    return {
        "nodes": [
            {"name": part.node.name, "kind": part.node.kind, "label": part.label, "verdict": part.state or None}
            for part in list(known.values())[:_COUNTED]
        ],
        "edges": [
            {"source": edge.source, "target": edge.target, "kind": edge.kind, "labels": list(edge.labels)}
            for edge in report.picture.edges[:_COUNTED]
        ],
    }
