"""The end of a log, as it goes into an error message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["LINE_CHARACTERS", "TAIL_LINES", "last_lines", "masked", "tail"]

TAIL_LINES = 15
_TAIL_BYTES = 64 * 1024
LINE_CHARACTERS = 400


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
    return last_lines(masked(text, (hide,)).splitlines(), most=lines)


def last_lines(lines: Iterable[str], hide: Iterable[str] = (), most: int = TAIL_LINES) -> tuple[str, ...]:
    """Return the last of `lines` that say something, printable characters only, the texts `hide` masked."""
    kept = [line for line in (_printable(masked(line, hide)) for line in lines) if line.strip()]
    return tuple(kept[-most:])


def masked(text: str, hide: Iterable[str]) -> str:
    """Return `text` with each of `hide` replaced by its first four characters and asterisks."""
    for secret in hide:
        if len(secret) >= 8:  # what is shorter is no generated secret, and may be a word
            text = text.replace(secret, f"{secret[:4]}****")
    return text


def _printable(line: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in line[: LINE_CHARACTERS + 1]).rstrip()
    return shown if len(shown) <= LINE_CHARACTERS else f"{shown[:LINE_CHARACTERS]}..."
