"""The end of a service's log, as it goes into an error message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["tail"]

TAIL_LINES = 15
_TAIL_BYTES = 64 * 1024
_LINE_CHARACTERS = 400


def tail(path: Path, lines: int = TAIL_LINES, *, hide: str = "") -> tuple[str, ...]:
    """Return the last `lines` non-empty lines of `path`, printable characters only, `hide` replaced by its first four.

    A log that isn't there, or can't be read, has no lines.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = stream.read(_TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    if hide:
        text = text.replace(hide, f"{hide[:4]}****")
    kept = [line for line in map(_printable, text.splitlines()) if line.strip()]
    return tuple(kept[-lines:])


def _printable(line: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in line[: _LINE_CHARACTERS + 1]).rstrip()
    return shown if len(shown) <= _LINE_CHARACTERS else f"{shown[:_LINE_CHARACTERS]}..."
