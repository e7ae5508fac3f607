"""What blocks, in cards: alike findings share one, each says what is wrong at which place and how to run it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.findings import alike, blocking, evidence_lines
from pytest_superteam.reports.page.links import item_link
from pytest_superteam.reports.reproducing import reproduce_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.models import GateReport, Rule
    from pytest_superteam.reports.findings import Finding

__all__ = ["MOST", "OPEN", "PLACES", "Blockers", "Card", "Place", "blockers_of"]

OPEN = 20
"""Cards that are open; the others are folded."""
MOST = 200
"""Cards at most."""
PLACES = 20
"""Findings of a card at most; the first is open."""
_CODES = 4
"""Codes that are named of checks that could not run for one reason."""


@dataclass(frozen=True)
class Place:
    """One finding of a card. Of several findings of one item the first has the line and the link."""

    code: str
    where: str
    message: str
    """Empty where it is that of the finding before."""
    evidence: tuple[str, ...]
    again: str
    link: str


@dataclass(frozen=True)
class Card:
    """Findings of one code in one service, or checks of one service that could not run for one reason."""

    codes: tuple[str, ...]
    more_codes: int
    name: str
    """The code's name; empty where there are several, or it has none."""
    why: str
    grade: str
    """The severity, or `could not run`."""
    severity: str
    service: str
    first: Place
    folded: tuple[Place, ...]
    more: int


@dataclass(frozen=True)
class Blockers:
    """All of it."""

    findings: int
    grades: tuple[tuple[str, int], ...]
    """How many findings there are of each severity, the worst first."""
    open: tuple[Card, ...]
    folded: tuple[Card, ...]
    more: int
    """Findings of the cards that are left out."""


def blockers_of(report: GateReport, rules: Mapping[str, Rule] | None = None) -> Blockers:
    """Return what blocks, the most severe first; `rules` give a code its name."""
    found = blocking(report)
    groups = alike(found)
    told: set[str] = set()
    cards = tuple(_card(report, group, rules or {}, told) for group in groups[:MOST])
    grades = Counter(finding.severity.value for finding in found)
    more = sum(map(len, groups[MOST:]))
    return Blockers(len(found), tuple(grades.items()), cards[:OPEN], cards[OPEN:], more)


def _card(report: GateReport, group: Sequence[Finding], rules: Mapping[str, Rule], told: set[str]) -> Card:
    """Return the card of a group; why a code matters is said once, so that the next cards are short."""
    first = group[0]
    codes = tuple(dict.fromkeys(finding.code for finding in group))
    rule = rules.get(first.code) if len(codes) == 1 else None
    again = first.code in told
    told.add(first.code)
    shown, *folded = _places(report, group[:PLACES], named=len(codes) > 1)
    return Card(
        codes=codes[:_CODES],
        more_codes=len(codes[_CODES:]),
        name=rule.name if rule else "",
        why=rule.why if rule and not again else "",
        grade="could not run" if first.error else first.severity.value,
        severity=first.severity.value,
        service=first.service,
        first=shown,
        folded=tuple(folded),
        more=len(group) - PLACES,
    )


def _places(report: GateReport, findings: Sequence[Finding], *, named: bool) -> Iterator[Place]:
    """Yield the findings as places, with their codes where a card has several."""
    items: set[str] = set()
    before = ""
    for finding in findings:
        same = finding.item in items and bool(finding.item)
        items.add(finding.item)
        yield Place(
            code=finding.code if named else "",
            where=finding.place,
            message="" if finding.message == before else finding.message,
            evidence=tuple(evidence_lines(finding)),
            again="" if same else reproduce_line(report, finding),
            link="" if same else item_link(finding.item),
        )
        before = finding.message
