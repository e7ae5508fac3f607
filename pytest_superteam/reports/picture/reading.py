"""What of a large system is drawn so that it can still be read, and what is said of the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pytest_superteam.models import PictureEdge, SystemPicture
    from pytest_superteam.reports.picture.data import Part

__all__ = ["EDGES", "LABELLED", "NODES", "Shown", "readable"]

NODES = 80
"""Parts that are drawn at most."""
EDGES = 180
"""Lines that are drawn at most."""
LABELLED = 24
"""Lines up to which each has its operations or events written on it; of more, they show when a pointer rests there."""
_FOLDED = 12
"""Lines to datastores up to which these are parts of their own; of more, they are named in the services."""
_WEIGHT = {"failed": 0, "advisory": 1}


@dataclass(frozen=True)
class Shown:
    """What is drawn. Keys of `parts` and ends of `edges` are names of parts."""

    parts: Mapping[str, Part]
    edges: tuple[PictureEdge, ...]
    labelled: bool = True
    stores: Mapping[str, tuple[str, ...]] | None = None
    """What each service keeps data in, where that is written in the services."""
    notes: tuple[str, ...] = ()
    """What is not drawn, a sentence each."""


def readable(picture: SystemPicture, parts: Mapping[str, Part]) -> Shown:
    """Return what is drawn of a picture."""
    edges = [edge for edge in picture.edges if edge.source in parts and edge.target in parts]
    shown = Shown(parts, tuple(edges))
    if len(edges) > LABELLED and sum(edge.kind == "stores" for edge in edges) > _FOLDED:
        shown = _folded(shown)
    if len(shown.edges) > EDGES:
        shown = replace(shown, edges=_merged(shown.edges))
    if len(shown.parts) > NODES:
        shown = _fewer_parts(shown)
    if len(shown.edges) > EDGES:
        shown = _fewer_edges(shown)
    return replace(shown, labelled=sum(bool(edge.labels) for edge in shown.edges) <= LABELLED)


def _folded(shown: Shown) -> Shown:
    """Name the datastores in what keeps data in them, in place of drawing them."""
    kept: dict[str, tuple[str, ...]] = {}
    for edge in shown.edges:
        if edge.kind == "stores":
            kept[edge.source] = (*kept.get(edge.source, ()), shown.parts[edge.target].label)
    edges = tuple(edge for edge in shown.edges if edge.kind != "stores")
    ends = {name for edge in edges for name in (edge.source, edge.target)}
    parts = {
        name: part for name, part in shown.parts.items() if part.node.kind != "datastore" or part.asked or name in ends
    }
    return replace(shown, parts=parts, edges=edges, stores=kept)


def _merged(edges: Iterable[PictureEdge]) -> tuple[PictureEdge, ...]:
    """Return one line in place of several from one part to another."""
    merged: dict[tuple[str, str], PictureEdge] = {}
    for edge in edges:
        known = merged.get((edge.source, edge.target))
        labels = (*known.labels, *edge.labels) if known else edge.labels
        merged[edge.source, edge.target] = replace(known or edge, labels=labels)
    return tuple(merged.values())


def _fewer_parts(shown: Shown) -> Shown:
    """Leave out the parts that matter least: what fails is drawn first, then what is next to it, then the busiest."""
    lines = Counter(name for edge in shown.edges for name in (edge.source, edge.target))
    failing = {name for name, part in shown.parts.items() if part.state == "failed"}
    near = {name for edge in shown.edges for name in (edge.source, edge.target) if failing & {edge.source, edge.target}}

    def rank(name: str) -> tuple[int, int]:
        return min(_WEIGHT.get(shown.parts[name].state, 3), 2 if name in near else 3), -lines[name]

    ranked = sorted(shown.parts, key=rank)  # stable: the order of the design within a rank
    kept = set(ranked[:NODES])
    left = len(shown.parts) - len(kept)
    return replace(
        shown,
        parts={name: part for name, part in shown.parts.items() if name in kept},
        edges=_between(shown.edges, kept),
        notes=(
            *shown.notes,
            f"{plural(left, 'part')} of {len(shown.parts)} not drawn, with what runs to and from them",
        ),
    )


def _between(edges: Iterable[PictureEdge], kept: Collection[str]) -> tuple[PictureEdge, ...]:
    return tuple(edge for edge in edges if edge.source in kept and edge.target in kept)


def _fewer_edges(shown: Shown) -> Shown:
    """Leave out the lines that matter least: those of what fails are drawn first."""

    def weight(edge: PictureEdge) -> int:
        return min(_WEIGHT.get(shown.parts[name].state, 2) for name in (edge.source, edge.target))

    ranked = sorted(range(len(shown.edges)), key=lambda index: weight(shown.edges[index]))
    kept = sorted(ranked[:EDGES])
    left = len(shown.edges) - len(kept)
    edges = tuple(shown.edges[index] for index in kept)
    return replace(shown, edges=edges, notes=(*shown.notes, f"{plural(left, 'line')} of {len(shown.edges)} not drawn"))
