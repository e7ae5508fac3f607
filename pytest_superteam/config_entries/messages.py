"""Words of messages about settings: values fit for one line, and what was probably meant."""

from __future__ import annotations

import difflib
import reprlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["meant", "shown"]

_LONGEST = 120
_LISTED = 12


def shown(value: Any) -> str:
    """Return a value fit for one line of a message; of a long or deep one its beginning."""
    text = value if isinstance(value, str) else reprlib.repr(value)
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def meant(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?`, or the choices where nothing is near; of many the first.

    Of names with dots one whose last part is the same is near, too.
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(word[:_LONGEST], names, n=1, cutoff=0.5) or [
        name for name in names if name.rpartition(".")[2] == word.rpartition(".")[2]
    ]
    rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = f" Allowed are {', '.join(shown(name) for name in names[:_LISTED])}{rest}." if names else ""
    return f" Did you mean '{shown(near[0])}'?" if near else listed
