"""Which service a piece of text names: a heading, a cell, a list of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.service_names import PORT, core
from pytest_superteam.architect.names import singular, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.architect.document.sections import Section
    from pytest_superteam.architect.facts import ServiceFact

__all__ = ["ServiceIndex"]


class ServiceIndex:
    """Finds the service that a piece of text names, by its full name or what is left of it without `-service`."""

    def __init__(self, services: Iterable[ServiceFact]) -> None:
        services = tuple(services)
        self.names = tuple(s.name for s in services)
        self._full = {name: s.name for s in reversed(services) for name in (*s.aliases, s.name)}
        self._short = {core(name): owner for name, owner in self._full.items()}
        hints = {w[:5] for name in self._full for w in core(name).split("-")}
        self._hint = re.compile("|".join(re.escape(h) for h in sorted(hints)) or "$^")
        self._found: dict[str, str | None] = {}
        self._by_titles: dict[tuple[str, ...], str | None] = {}

    def find(self, text: str) -> str | None:
        """Return the service that `text` (a heading or a cell) names, if it names exactly one."""
        if not self.names or (text.isascii() and not self._hint.search(text[:2000].lower())):
            return None
        text = text[:2000]
        if text not in self._found:
            # The titles above a block are asked for each of its lines.
            self._found[text] = self._named_in(text)
        return self._found[text]

    def _named_in(self, text: str) -> str | None:
        parts = words(PORT.sub(" ", text))
        joined = f"-{'-'.join(parts)}-"
        # The longest name wins: `order-history-service` is not `history-service`.
        full = sorted((n for n in self._full if f"-{n}-" in joined), key=len, reverse=True)
        if full:
            return self._full[full[0]]
        rest = [
            p
            for p in parts
            if p not in {"service", "api", "apis", "endpoints", "endpoint", "module", "routes", "the", "svc"}
        ]
        for candidate in ("-".join(rest), "-".join([*rest[:-1], singular(rest[-1])]) if rest else ""):
            if candidate in self._short:
                return self._short[candidate]
        return None

    def of_section(self, section: Section) -> str | None:
        """Return the service that the heading of `section`, or the nearest one above it, names."""
        if not self.names:
            return None
        if section.titles not in self._by_titles:
            names = (self.find(title) for title in section.titles)
            self._by_titles[section.titles] = next((name for name in names if name), None)
        return self._by_titles[section.titles]

    def find_all(self, text: str) -> tuple[str, ...]:
        """Return the services of a list such as `order-service, catalog-service`, in its order."""
        found = (self.find(part) for part in re.split(r"[,;/&\n]| and ", text[:2000]))
        return tuple(dict.fromkeys(name for name in found if name))
