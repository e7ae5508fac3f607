"""JSON of a program that is not trusted: parsed within bounds, and told apart where it is none."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["CUT_OFF", "MISSING", "NO_JSON", "parse", "parse_last", "read_document"]

NO_JSON = "is no JSON"
CUT_OFF = "was cut off"
MISSING = "is missing"
MOST_FILE_BYTES = 64 << 20
_MOST_STARTS = 64
_MOST_READ = 2
"""How often the length of a text is read in vain: each start may read on to its end."""


def parse(text: str) -> tuple[Any, str]:
    """Return a document, or None and what is wrong with it."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, CUT_OFF if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated") else NO_JSON
    except (ValueError, RecursionError):  # numbers of thousands of digits; brackets within brackets within brackets
        return None, NO_JSON


def parse_last(text: str) -> tuple[Any, str]:
    """Return the last object in what was printed, whatever was printed before and after it."""
    whole, wrong = parse(text)
    if not wrong:
        return (whole, "") if isinstance(whole, dict) else (None, NO_JSON)
    starts = [at for at in _line_starts(text) if text.startswith("{", at)]
    if not starts:
        return None, NO_JSON
    decoder, found, position, cut = json.JSONDecoder(), None, 0, False
    room = _MOST_READ * len(text)
    for start in starts[:_MOST_STARTS]:
        if start < position:
            continue
        if room <= 0:
            break
        try:
            found, position = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            room -= error.pos - start
            cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        except (ValueError, RecursionError):
            room -= len(text) - start
            cut = False
    return (found, "") if found is not None else (None, CUT_OFF if cut else NO_JSON)


def _line_starts(text: str) -> Iterable[int]:
    at = 0
    while at >= 0:
        yield at
        at = text.find("\n{", at)
        at = at + 1 if at >= 0 else -1


def read_document(path: Path, within: Iterable[Path]) -> tuple[Any, str]:
    """Return the document of a file below one of the folders, or None and what is wrong with it.

    A file that is not there is told as `is missing`; links that lead elsewhere, devices and pipes are not followed.
    """
    try:
        real = path.parent.resolve(strict=True) / path.name
        if not any(real.is_relative_to(folder.resolve()) for folder in within):
            return None, "lies elsewhere"
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None, MISSING
    except (OSError, ValueError, RuntimeError):
        return None, "can't be read"
    kind = os.fstat(handle)
    if not stat.S_ISREG(kind.st_mode):
        os.close(handle)
        return None, "is no file"
    with os.fdopen(handle, "rb") as file:
        if kind.st_size > MOST_FILE_BYTES:
            return None, f"is larger than {MOST_FILE_BYTES >> 20} MiB"
        return parse(file.read(MOST_FILE_BYTES + 1).decode("utf-8", "replace"))
