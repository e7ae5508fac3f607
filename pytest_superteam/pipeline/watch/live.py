"""The live view: a table below what the terminal shows, redrawn in place and taken away at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from pytest_superteam.pipeline.watch.rows import headline, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, RenderableType
    from rich.live import Live

    from pytest_superteam.pipeline.watch.view import View

__all__ = ["LiveTable"]

_STYLES = {
    "running": "cyan",
    "building": "cyan",
    "retrying": "yellow",
    "done": "green",
    "kept": "green",
    "failed": "red",
    "stopped": "yellow",
    "review": "yellow",
}
_SPARE = 2
"""Lines of the terminal that stay free: the one above the table and the one that the cursor is on."""


class LiveTable:
    """Draws on a stream that leads to a terminal, whose cursor is at the beginning of a line."""

    def __init__(self, stream: TextIO, *, color: bool, size: Callable[[], tuple[int, int]]) -> None:
        """Draw on `stream`; `size` tells columns and lines of the terminal as they are now."""
        self._stream, self._color, self._size = stream, color, size
        self._live: Live | None = None

    def show(self, lines: Sequence[str], view: View, now: float, began: float) -> None:
        """Write `lines` above the table, to stay there, and draw the table anew."""
        console = self._started().console
        columns, height = self._size()
        console.size = _dimensions(columns, height)
        for line in lines:
            console.print(line, soft_wrap=True)
        self._started().update(_table(view, now, began, height - _SPARE), refresh=True)

    def close(self) -> None:
        """Take the table away; the cursor is where it was before, below the lines that stay."""
        live, self._live = self._live, None
        if live is not None:
            live.update("", refresh=True)  # the last drawing of all is not held to the terminal's height
            live.stop()

    def _started(self) -> Live:
        if self._live is None:
            from rich.live import Live  # a tenth of a second, only where somebody looks on

            self._live = Live(
                console=self._console(),
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()
            self._live.console.show_cursor(show=True)  # a run that is killed can't bring it back
        return self._live

    def _console(self) -> Console:
        """Return a console that asks nobody for its size: the standard streams are captured."""
        from rich.console import Console

        columns, height = self._size()
        return Console(
            file=self._stream,
            force_terminal=True,
            width=columns - 1,
            height=height,
            no_color=not self._color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )


def _dimensions(columns: int, height: int) -> tuple[int, int]:
    """Return the part that is drawn on: a character in the last column would make some terminals begin a line."""
    from rich.console import ConsoleDimensions

    return ConsoleDimensions(max(1, columns - 1), max(1, height))


def _table(view: View, now: float, began: float, height: int) -> RenderableType:
    """Return headline and table, in no more than `height` lines, none of them wrapped."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    found = rows(view, now, height - 1)[: max(1, height - 1)]
    table = Table.grid(padding=(0, 2))
    for name in ("name", "status", "elapsed", "cost", "note"):
        right = name in {"elapsed", "cost"}
        table.add_column(no_wrap=True, overflow="crop", justify="right" if right else "left")
    for row in found:
        cells = (row.name, Text(row.status, _STYLES.get(row.status, "dim")), row.elapsed, row.cost, row.note)
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return Group(Text(f"superteam: {headline(view, now, began)}", no_wrap=True, overflow="crop"), table)
