"""A hook of MkDocs: no page of the built site loads anything from another host."""

from __future__ import annotations

import logging
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["foreign", "on_post_build"]

LOG = logging.getLogger("mkdocs.hooks.site_check")
_LOADING = {"src", "srcset", "data", "poster", "href"}
_ANCHORS = {"a", "area", "base"}
"""Elements whose `href` nobody follows before somebody clicks."""
_FACTS = {"canonical", "alternate", "license", "author", "next", "prev"}
"""Values of `rel` that load nothing."""
_HOST = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_CSS = re.compile(r"""(?:url\(|@import)\s*["']?\s*((?:https?:)?//[^"')\s;]+)""", re.IGNORECASE)


def on_post_build(config: Any) -> None:
    """Warn of what the site would load from elsewhere; `mkdocs build --strict` fails by a warning."""
    site = Path(config["site_dir"])
    for file in sorted(site.rglob("*")):
        if file.suffix in {".html", ".css", ".svg"}:
            for address in foreign(file.read_text(encoding="utf-8"), html=file.suffix != ".css"):
                LOG.warning("%s loads %s from elsewhere.", file.relative_to(site), address)


def foreign(text: str, *, html: bool) -> list[str]:
    """Return the addresses of other hosts that a page or a style sheet loads when it is shown."""
    found = list(_CSS.findall(text))
    if html:
        reader = _Reader()
        reader.feed(text)
        found += reader.found
    return found


class _Reader(HTMLParser):
    """Collects what the elements of a page load from other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        given = {name: value or "" for name, value in attrs}
        if tag in _ANCHORS or (tag == "link" and set(given.get("rel", "").split()) <= _FACTS):
            return
        self.found += [value for value in _values(given) if _HOST.match(value)]
        if tag == "pre" and "mermaid" in given.get("class", "").split():
            self.found.append("mermaid.js, which the theme takes from a public server")


def _values(given: dict[str, str]) -> Iterator[str]:
    for name in _LOADING & given.keys():
        yield from given[name].split(",") if name == "srcset" else [given[name]]
