"""The tables of the page: layers by service, requirements, costs; each bounded, each with its links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.cost_chains import chains
from pytest_superteam.reports.costs import EXPLAINED, any_cost, chain_line, cost_tables, headline
from pytest_superteam.reports.findings import STATUSES, Cell, matrix
from pytest_superteam.reports.page.links import cell_link, item_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.models import GateReport, LayerResult
    from pytest_superteam.reports.costs import Sum

__all__ = ["Costs", "Grid", "Traced", "costs_of", "grid_of", "traced_of"]

_SERVICES_OPEN, _SERVICES = 40, 1000
_TRACED, _CHECKS = 500, 50
_CHAINS = 100
LAYERS = {1: "Each service", 2: "Running system", 3: "Source", 4: "As an adversary"}
_STATES = ("failed", "advisory", "passed", "skipped", "none")


@dataclass(frozen=True)
class Square:
    """One cell of the matrix; without a link where there is nothing to show."""

    state: str
    words: tuple[str, ...]
    link: str


@dataclass(frozen=True)
class Grid:
    """The matrix: its columns, the rows that are open, those that are folded, and how many are left out."""

    layers: tuple[tuple[LayerResult, str], ...]
    rows: tuple[tuple[str, tuple[Square, ...]], ...]
    folded: tuple[tuple[str, tuple[Square, ...]], ...]
    more: int


def grid_of(report: GateReport) -> Grid:
    """Return the matrix in the report's order; where it is long, services in which something failed come first."""
    found = matrix(report)
    rows = list(found.rows)
    if len(rows) > _SERVICES_OPEN:
        rows.sort(key=lambda row: min((_STATES.index(cell.state) for cell in row[1]), default=len(_STATES)))
    shown = [(name, tuple(map(_square, found.layers, [name] * len(cells), cells))) for name, cells in rows[:_SERVICES]]
    layers = tuple((layer, LAYERS.get(layer.layer, "")) for layer in report.layers)
    return Grid(layers, tuple(shown[:_SERVICES_OPEN]), tuple(shown[_SERVICES_OPEN:]), len(rows) - len(shown))


def _square(layer: int, service: str, cell: Cell) -> Square:
    return Square(cell.state, cell.words, "" if cell.state == "none" else cell_link(layer, service))


@dataclass(frozen=True)
class Check:
    """A gate item that a requirement rests on."""

    id: str
    outcome: str
    link: str


@dataclass(frozen=True)
class Requirement:
    """A row of the matrix of requirements."""

    id: str
    place: str
    status: str
    text: str
    reason: str
    checks: tuple[Check, ...]
    count: int


@dataclass(frozen=True)
class Traced:
    """The matrix of requirements, those that need a look first."""

    rows: tuple[Requirement, ...]
    more: int


def traced_of(report: GateReport) -> Traced:
    """Return the requirements: failing, unproven, proven."""
    rows = sorted(report.requirements, key=lambda row: STATUSES.index(str(row["status"])))
    shown = tuple(map(_requirement, rows[:_TRACED]))
    return Traced(shown, len(rows) - len(shown))


_ENDS = ("error", "failed", "skipped", "advisory", "passed")


def _requirement(row: Mapping[str, Any]) -> Requirement:
    items = [(str(item["id"]), str(item["outcome"])) for item in row.get("items", ())]
    items.sort(key=lambda item: _ENDS.index(item[1]) if item[1] in _ENDS else len(_ENDS))
    place = str(row.get("place") or (f"line {row['line']}" if row.get("line") else ""))
    return Requirement(
        id=str(row["id"]),
        place=place,
        status=str(row["status"]),
        text=str(row.get("text", "")),
        reason=str(row.get("reason", "")),
        checks=tuple(Check(name, outcome, item_link(name)) for name, outcome in items[:_CHECKS]),
        count=len(items),
    )


@dataclass(frozen=True)
class Costs:
    """What was paid for: sums by phase, by other names, and the chains."""

    headline: str
    phases: Mapping[str, Sum]
    tables: Sequence[tuple[str, Mapping[str, Sum]]]
    chains: Sequence[str]
    more: int
    note: str


def costs_of(report: GateReport) -> Costs | None:
    """Return what was paid for, None where there is nothing to tell."""
    if not any_cost(report.costs):
        return None
    (_, phases), *tables = cost_tables(report.costs)
    bounded = [(title, dict(list(rows.items())[:_SERVICES])) for title, rows in tables]
    followed = chains(report.costs)
    lines = [chain_line(chain) for chain in followed[:_CHAINS]]
    return Costs(headline(report.costs), phases, bounded, lines, len(followed) - len(lines), EXPLAINED)
