"""Printing an answer to standard output, and nothing else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["print_lines"]


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, whatever the encoding of the output; a reader that has seen enough (`| head`) is no error."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stdout.flush()  # what is left in the buffer would be complained about once pytest has restored the output
