"""The templates of the page: whatever is printed into them is masked, on one line, bounded and escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["HERE", "render"]

HERE = Path(__file__).parent
_LONGEST = 2000
"""Characters of a text at most, where a template names no limit of its own."""
_CODE = re.compile(r"`([^`]{1,200})`")


def render(name: str, /, **values: Any) -> str:
    """Return a template, filled; the same for the same values."""
    return _environment().get_template(f"{name}.jinja2").render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(line=one_line, prose=_prose, plural=plural)
    return made


def _shown(value: Any) -> Any:
    """Return what may be printed of a value; Jinja escapes it, unless it is markup of ours."""
    return one_line(value, _LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _prose(text: str, limit: int = 600) -> Markup:
    """Return a sentence with what stands in backticks as code."""
    parts = _CODE.split(one_line(text, limit))
    coded = (Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
    return Markup("").join(coded)
