"""pytest-html's table: the gate's columns, a form that chooses rows, and a script that draws only those in sight."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.reports.page.links import COLUMN
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "header_cells", "name_cell", "row_cells", "table"]

COLUMNS = ("layer", "code", "severity", "service")
"""The properties of an item that get a column, in order."""
_CHOICES = ("layer", "severity", "service", "code", "outcome")
_HERE = Path(__file__).parent
_SCRIPTS = ("table_rows.js", "table_window.js", "table.js")


def header_cells() -> list[str]:
    """Return the sortable headers of the gate's columns; `data-column-type` names the `col-` class of the cells."""
    return [f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in COLUMNS]


def row_cells(properties: Mapping[str, str]) -> list[str]:
    """Return a row's cells of the gate's columns, escaped; empty ones for a test that is no gate item.

    They are short, for there are thousands of rows and pytest-html writes a quotation mark as six characters.
    """
    return [_cell(name, str(properties.get(name, ""))) for name in COLUMNS]


@lru_cache(maxsize=4096)  # thousands of rows share some hundred cells
def _cell(name: str, value: str) -> str:
    return f"<td class=col-{name}>{escape(one_line(value, COLUMN))}</td>"


def name_cell(nodeid: str) -> str:
    """Return the cell with a test's name as text: pytest-html's own takes it for HTML."""
    return f"<td class=col-testId>{escape(one_line(nodeid, 600))}</td>"


def table() -> list[str]:
    """Return what makes pytest-html's table ours: the form, the style and the script."""
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    style = (_HERE / "table.css").read_text(encoding="utf-8")
    return [_form(), f"<style>{style}</style>", f'<script>(() => {{\n"use strict";\n{script}}})();</script>']


def _form() -> str:
    """Return the form, which the script fills, shows and puts above the table."""
    choices = "".join(
        f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option></select></label>'
        for name in _CHOICES
    )
    search = '<label class="gt-search">Search <input type="search" name="q"></label>'
    clear = '<button type="reset">Show all rows</button>'
    form = '<form id="gs-filters" class="gt-filters" role="search" aria-label="Gate items" autocomplete="off" hidden>'
    return f'{form}{choices}{search}{clear}</form><p id="gs-shown" class="gt-shown" role="status" hidden></p>'
