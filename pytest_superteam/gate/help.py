"""What the first hour asks for: the options by task, an example of a document, the schema of the settings."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.options import OPTIONS, TASKS
from pytest_superteam.settings import SCHEMA_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["EXAMPLE", "example_lines", "help_lines", "schema_lines"]

EXAMPLE = Path(__file__).with_name("prd_example.md")
COMMANDS = (
    ("pytest --prd-example > PRD.md", "write an example of a requirements document"),
    ("pytest --prd PRD.md --until architect", "show what is understood of it, without building anything"),
    ("pytest --prd PRD.md", "design, build, run and gate the system that it asks for"),
    ("pytest --prd PRD.md -m layer3 -k auth", "one layer, one service, from what is built already"),
    ("pytest --prd PRD.md --status", "how far the run is, and what it has cost"),
    ("pytest --system . --init", "write a superteam.yaml for a system that is there"),
    ("pytest --system .", "gate that system; nothing of it is changed"),
    ("pytest --prd PRD.md --html gate.html --self-contained-html", "the report as a page (extra: html)"),
    ("pytest --prd PRD.md -n auto --junitxml gate.xml --sarif gate.sarif", "in CI (extra: xdist)"),
)
"""The commonest command lines."""
END = (
    "Exit codes: 0 passed, 1 something blocks, 2 interrupted or waiting for review, 4 a usage error.",
    "Most options are settings of superteam.yaml as well; pytest --superteam-config-show lists them all.",
    "Documentation: docs/index.md in the project's source; docs/reference/options.md says more about each option.",
)
_COLUMN, _NARROW = 30, 64
"""Where the second column begins, and the width below which there is none."""
_WIDEST = 110


def help_lines() -> list[str]:
    """Return the options by task, the commonest command lines first, as wide as the terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = [
        "pytest-superteam: from a requirements document to a running system, and a verdict whether it may ship.",
        "",
    ]
    lines += ["Most wanted:", *(line for line, about in COMMANDS for line in (f"  {line}", f"      {about}"))]
    for task in TASKS:
        rows = [(option.shown, option.help) for option in OPTIONS if option.task == task]
        lines += ["", f"{task}:", *_rows(rows, width)]
    return [*lines, *(line for text in END for line in ("", *textwrap.wrap(text, width, break_on_hyphens=False)))]


def _rows(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield two columns, or where there is no room for two, one below the other."""
    column = _COLUMN if width >= _NARROW else 6
    for name, about in rows:
        text = textwrap.wrap(about, max(width - column, 20), break_long_words=False, break_on_hyphens=False)
        beside = f"  {name}".ljust(column)
        if not beside.endswith(" ") or column < _COLUMN:
            yield f"  {name}"
            beside = " " * column
        yield f"{beside}{text[0]}"
        yield from (f"{' ' * column}{line}" for line in text[1:])


def example_lines() -> list[str]:
    """Return the example of a requirements document."""
    return EXAMPLE.read_text(encoding="utf-8").splitlines()


def schema_lines() -> list[str]:
    """Return the JSON schema of superteam.yaml."""
    return SCHEMA_FILE.read_text(encoding="utf-8").splitlines()
