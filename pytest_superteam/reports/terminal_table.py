"""The layer by service table on a terminal: as narrow as it can be, and a list where it would not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.reports.findings import Cell, matrix
from pytest_superteam.reports.terminal_lines import styled
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from pytest_superteam.models import GateReport, LayerResult

__all__ = ["table"]

ROWS = 8
"""Services up to which each has a row of its own; where there are more, those with nothing to tell share one."""
_NAME = 20
"""Columns that a service's name has at least before it is broken."""
_STYLES = {"failed": "red", "advisory": "yellow", "passed": "green", "skipped": "dim", "none": "dim"}
_LAYERS = {"passed": "green", "failed": "red"}
_RULED = "    \n    \n ── \n    \n    \n    \n    \n    \n"
"""A rule below the head, and no other line: eight rows of a box, as rich reads them."""

Row = tuple[str, tuple[Cell, ...]]


def table(report: GateReport, *, width: int, ascii_only: bool, everything: bool) -> Iterator[RenderableType]:
    """Yield the table, without the layers that nothing was run of; `everything` gives each service its row."""
    found = matrix(report)
    shown = [at for at, _ in enumerate(report.layers) if any(cells[at].words != ("-",) for _, cells in found.rows)]
    layers = [report.layers[at] for at in shown]
    rows = [(name, tuple(cells[at] for at in shown)) for name, cells in found.rows]
    rows = rows if everything else list(_merged(rows, report.services))
    if not layers:
        return
    for separator in (", ", "\n"):
        if _needed(rows, layers, separator) <= width:
            yield _table(rows, layers, separator, ascii_only=ascii_only)
            return
    yield from _list(rows, layers)


def _merged(rows: Sequence[Row], services: Sequence[str]) -> Iterator[Row]:
    """Yield the rows; of many services those where all is well as one, behind the others."""
    quiet = [row for row in rows if row[0] in services and all(map(_is_quiet, row[1]))]
    if len(rows) <= ROWS or len(quiet) < 2:
        yield from rows
        return
    told = [row for row in rows if row not in quiet]
    yield from (row for row in told if row[0] in services)
    name = "other service" if len(quiet) < len(services) else "service"
    yield plural(len(quiet), name), tuple(map(_sum, zip(*(cells for _, cells in quiet), strict=True)))
    yield from (row for row in told if row[0] not in services)


def _is_quiet(cell: Cell) -> bool:
    """Return whether there is nothing to tell of a cell but how many items passed."""
    return cell == Cell(passed=cell.passed)


def _sum(cells: Iterable[Cell]) -> Cell:
    return Cell(passed=sum(cell.passed for cell in cells))


def _needed(rows: Sequence[Row], layers: Sequence[LayerResult], separator: str) -> int:
    """Return the columns that the table takes, its names broken where need be."""
    from rich.cells import cell_len

    names = max([cell_len("service"), *(cell_len(one_line(name, 63)) for name, _ in rows)])
    wide = min(names, _NAME)
    for at, layer in enumerate(layers):
        texts = [_head(layer, layers), *(separator.join(cells[at].words) for _, cells in rows)]
        wide += 3 + max(cell_len(line) for text in texts for line in text.split("\n"))
    return wide


def _head(layer: LayerResult, layers: Sequence[LayerResult]) -> str:
    """Return what stands above a column; how the layer ended only where not all passed."""
    name = f"layer {layer.layer}"
    return name if all(other.verdict == "passed" for other in layers) else f"{name}\n{layer.verdict}"


def _table(rows: Sequence[Row], layers: Sequence[LayerResult], separator: str, *, ascii_only: bool) -> RenderableType:
    from rich.box import Box
    from rich.table import Table

    ruled = Box(_RULED.replace("─", "-"), ascii=True) if ascii_only else Box(_RULED)
    shown = Table(box=ruled, show_edge=False, pad_edge=False, header_style="")
    shown.add_column(styled("service", "bold"), overflow="fold")
    for layer in layers:
        head = _head(layer, layers)
        shown.add_column(styled(head, f"bold {_LAYERS.get(layer.verdict, '')}" if "\n" in head else "bold"))
    for name, cells in rows:
        shown.add_row(styled(one_line(name, 63)), *(_cell(cell, separator) for cell in cells))
    return shown


def _cell(cell: Cell, separator: str) -> Text:
    return styled(separator.join(cell.words), _STYLES[cell.state])


def _list(rows: Sequence[Row], layers: Sequence[LayerResult]) -> Iterator[RenderableType]:
    """Yield what the table would say where it does not fit: a line for each service, or for each of its layers."""
    from rich.padding import Padding

    for name, cells in rows:
        shown = one_line(name, 63)
        if all(map(_is_quiet, cells)):
            yield styled(f"{shown}: ") + _cell(_sum(cells), ", ")
            continue
        yield styled(shown, "bold")
        for layer, cell in zip(layers, cells, strict=True):
            if cell.words != ("-",):
                yield Padding(styled(f"layer {layer.layer}: ") + _cell(cell, ", "), (0, 0, 0, 2))
