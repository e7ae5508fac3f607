"""Pieces for pytest-html: the gate's columns of its table, and above it the verdict with the matrix of layers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.builds import any_build, build_rows, build_title
from pytest_superteam.reports.cost_chains import chains
from pytest_superteam.reports.costs import EXPLAINED, any_cost, chain_line, cost_tables, headline
from pytest_superteam.reports.findings import STATUSES, Cell, advisory, blocking, matrix, requirement_counts, suppressed
from pytest_superteam.reports.fixes import any_fix, fix_rows, fix_title
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.models import GateReport
    from pytest_superteam.reports.fixes import Row

__all__ = ["header_cells", "row_cells", "summary"]

COLUMNS = ("layer", "code", "severity", "service")
"""The properties of an item that get a column, in order."""
_COLORS = {"failed": "#b00020", "advisory": "#8a5a00", "passed": "#1b6e20", "skipped": "#666", "none": "#666"}
_TD = "padding:2px 10px;border:1px solid #ccc;text-align:left;vertical-align:top"


def header_cells() -> list[str]:
    """Return the sortable headers of the gate's columns; `data-column-type` names the `col-` class of the cells."""
    return [f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in COLUMNS]


def row_cells(properties: Mapping[str, str]) -> list[str]:
    """Return a row's cells of the gate's columns, escaped; empty ones for a test that is no gate item."""
    return [f'<td class="col-{name}">{_text(str(properties.get(name, "")), 80)}</td>' for name in COLUMNS]


def summary(report: GateReport) -> list[str]:
    """Return the verdict and the matrix as escaped HTML fragments; the same for the same report."""
    counts = f"{len(blocking(report))} blocking, {len(advisory(report))} advisory, {len(suppressed(report))} suppressed"
    color = _COLORS.get(report.verdict, "#8a5a00")
    verdict = f'<strong style="color:{color}">{_text(report.verdict, 20)}</strong>'
    head = f"<h2>Gate: {verdict}</h2>"
    of = f" of {report.planned} (a partial run)" if report.partial else ""
    about = f"<p>{_text(report.title, 120)}: {plural(len(report.items), 'gate item')}{of}, {counts}.</p>"
    return [head, about, _table(report), *_fixes(report), *_builds(report), *_requirements(report), *_costs(report)]


def _fixes(report: GateReport) -> list[str]:
    """Return what became of the attempts to mend, folded."""
    return [_folded("fixes", fix_title(report), fix_rows(report, verbose=True))] if any_fix(report) else []


def _builds(report: GateReport) -> list[str]:
    """Return what agents built and what they claim, folded."""
    return [_folded("builds", build_title(report), build_rows(report, verbose=True))] if any_build(report) else []


def _folded(name: str, title: str, rows: Iterable[Row]) -> str:
    """Return lines below a title, each as deep as it stands."""
    listed = "".join(f'<li style="margin-left:{2 * depth}em">{_text(row, 600)}</li>' for depth, row in rows)
    return f'<details class="superteam-{name}"><summary>{_text(title, 120)}</summary><ul>{listed}</ul></details>'


def _requirements(report: GateReport) -> list[str]:
    """Return the matrix of requirements, folded."""
    if not report.requirements:
        return []
    head = "".join(f'<th style="{_TD}" scope="col">{name}</th>' for name in ("requirement", "status", "checks", "text"))
    rows = sorted(report.requirements, key=lambda row: STATUSES.index(str(row["status"])))
    body = "".join(map(_requirement, rows))
    table = f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    title = f"<summary>Requirements: {_text(requirement_counts(report), 80)}</summary>"
    return [f'<details class="superteam-requirements">{title}{table}</details>']


def _requirement(row: Mapping[str, Any]) -> str:
    color = {"failing": _COLORS["failed"], "proven": _COLORS["passed"]}.get(str(row["status"]), _COLORS["advisory"])
    items = row.get("items", ())
    listed = "".join(f"<li>{_text(str(item['id']), 200)}: {_text(str(item['outcome']), 20)}</li>" for item in items)
    checks = f"<details><summary>{plural(len(items), 'check')}</summary><ul>{listed}</ul></details>" if items else ""
    cells = (
        f'<th style="{_TD}" scope="row">{_text(str(row["id"]), 40)}</th>',
        f'<td style="{_TD};color:{color}">{_text(str(row["status"]), 20)}</td>',
        f'<td style="{_TD}">{_text(str(row.get("reason", "")), 300)}{checks}</td>',
        f'<td style="{_TD}">{_text(str(row.get("text", "")), 400)}</td>',
    )
    return f"<tr>{''.join(cells)}</tr>"


def _costs(report: GateReport) -> list[str]:
    """Return what was paid for, folded: a table of sums and the chains."""
    if not any_cost(report.costs):
        return []
    head = "".join(f'<th style="{_TD}" scope="col">{name}</th>' for name in ("sum", "of", "cost", "steps"))
    rows = [
        (title, name, row.price, row.details) for title, each in cost_tables(report.costs) for name, row in each.items()
    ]
    body = "".join(f"<tr>{''.join(map(_plain_cell, row))}</tr>" for row in rows)
    table = f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    listed = "".join(f"<li>{_text(chain_line(chain), 600)}</li>" for chain in chains(report.costs))
    more = f"<ul>{listed}</ul><p>{_text(EXPLAINED, 300)}</p>"
    title = f"<summary>Costs: {_text(headline(report.costs), 120)}</summary>"
    return [f'<details class="superteam-costs">{title}{table}{more}</details>']


def _plain_cell(content: str) -> str:
    return f'<td style="{_TD}">{_text(content, 200)}</td>'


def _table(report: GateReport) -> str:
    head = "".join(f'<th style="{_TD}">layer {r.layer}<br>{_text(r.verdict, 20)}</th>' for r in report.layers)
    rows = "".join(
        f'<tr><th style="{_TD}" scope="row">{_text(name, 63)}</th>{"".join(map(_cell, cells))}</tr>'
        for name, cells in matrix(report).rows
    )
    top = f'<thead><tr><th style="{_TD}">service</th>{head}</tr></thead>'
    return f'<table class="superteam-matrix" style="border-collapse:collapse">{top}<tbody>{rows}</tbody></table>'


def _cell(cell: Cell) -> str:
    return f'<td style="{_TD};color:{_COLORS[cell.state]}">{"<br>".join(cell.words)}</td>'


def _text(content: str, limit: int) -> str:
    return escape(one_line(content, limit), quote=True)
