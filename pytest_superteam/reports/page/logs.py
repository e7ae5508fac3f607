"""What pytest-html shows below a row: without secrets, and of a gate item its findings only, readable."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import steerless

__all__ = ["findings_log", "masked_html"]

_TAG = re.compile(r"(</?[A-Za-z][^<>]{0,500}>)")
_FINDING = re.compile(r"(?m)^([A-Z][A-Z0-9]{1,15}(?:-[A-Z0-9]{1,15}){1,4})( [^\s<>&:]{1,300}:\d{1,7})?(?= )")


def findings_log(text: str) -> str:
    """Return what an item says as HTML: code and place of each finding stand out, at the beginning of a line."""
    return _FINDING.sub(_marked, escape(mask(steerless(text))))


def _marked(found: re.Match[str]) -> str:
    place = f' <span class="gt-place">{found[2].strip()}</span>' if found[2] else ""
    return f'<span class="gt-found">{found[1]}{place}</span>'


@lru_cache(maxsize=64)  # most rows say that nothing was captured
def masked_html(html: str) -> str:
    """Return escaped text, with tags in it or without, with what looks like a secret masked."""
    parts = _TAG.split(html)
    return "".join(part if index % 2 else _masked(part) for index, part in enumerate(parts))


def _masked(html: str) -> str:
    text = unescape(html)
    masked = mask(text)
    return html if masked == text else escape(masked)
