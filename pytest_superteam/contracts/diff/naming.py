"""Places where schemas stand, and what a difference between schemas is called and means there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.contracts.diff.changes import NARROWS, NEUTRAL, WIDENS, Risk
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.keywords import Finding

__all__ = ["Place", "assess"]


@dataclass(frozen=True)
class Place:
    """Where a schema is used, which gives its kinds their names and its changes their direction."""

    root: str
    """Beginning of the kinds about the schema itself: `request-body`."""
    inner: str
    """Beginning of the kinds about what is in it: `request-property`."""
    sent: bool
    """Whether consumers write the value, or read it."""
    textual: bool = False
    """Whether values travel as text, so that a number is a text too."""
    free: bool = False
    """Whether it may change as it likes."""
    default: Severity | None = None
    """Level of a changed default, where it is another than usual."""


def assess(place: Place, finding: Finding, *, inner: bool, flipped: bool, hidden: bool) -> tuple[str, Severity]:
    """Return the kind and the level of a difference at a place.

    Args:
        place: where the schema is used.
        finding: the difference.
        inner: whether it stands below the place's own schema.
        flipped: whether it stands under a `not`.
        hidden: whether it is within what consumers of this direction never see (`readOnly`, `writeOnly`).
    """
    aspect, risk = _as_text(finding, place)
    risk = risk.flipped if flipped else risk
    level = risk.sent if place.sent else risk.read
    if place.default is not None and aspect.startswith("default-value-"):
        level = place.default
    hidden = hidden or (finding.read_only if place.sent else finding.write_only)
    name = _name(place, aspect, inner=inner or bool(finding.inside), hidden=hidden)
    return name, Severity.INFO if hidden or place.free else level


_SCALARS = frozenset({"string", "number", "integer", "boolean"})


def _as_text(finding: Finding, place: Place) -> tuple[str, Risk]:
    """Return aspect and risk; where values travel as text, a string holds what a number or a flag is written as."""
    if finding.aspect != "type-changed" or not place.textual or not _SCALARS.issuperset((*finding.old, *finding.new)):
        return finding.aspect, finding.risk
    if "string" in (finding.new if place.sent else finding.old):
        return ("type-generalized" if place.root.startswith("request-parameter") else "type-compatible"), NEUTRAL
    if "string" in finding.old:
        return "type-specialized", NARROWS
    return ("type-generalized", WIDENS) if "string" in finding.new else (finding.aspect, finding.risk)


def _name(place: Place, aspect: str, *, inner: bool, hidden: bool) -> str:
    stem = place.inner.removesuffix("-property")
    if (found := _property_name(place, aspect, stem, hidden=hidden)) is not None:
        return found
    if place.root == "request-header" and aspect in {"became-required", "became-enum"} and inner:
        return f"request-header-property-{aspect}"
    if inner and hidden:
        return f"{stem}-{'read' if place.sent else 'write'}-only-property-{aspect}"
    prefix = place.inner if inner else place.root
    if prefix.startswith("request-header"):
        prefix = prefix.replace("request-header", "request-parameter", 1)
    return _SPECIAL.get(f"{prefix}-{aspect}", f"{prefix}-{aspect}")


def _property_name(place: Place, aspect: str, stem: str, *, hidden: bool) -> str | None:
    """Return the kind of a property that came, went or is no longer sent or answered."""
    word, _, rest = aspect.partition("-property-")
    if word not in {"required", "optional"} or not rest:
        return None
    shown_stem = stem.replace("request-header", "request-parameter", 1)
    if not place.sent:
        hide = "-write-only" if hidden else ""
        return f"{stem}-{word}{hide}-property-{rest.removesuffix('-with-default')}"
    if rest.startswith("added"):
        if place.root == "request-header" and word == "required":
            return "new-required-request-header-property"
        return f"new-{word}-{shown_stem}-property{rest.removeprefix('added')}"
    return f"{shown_stem}-property-removed" if rest == "removed" else f"{shown_stem}-{word}-property-{rest}"


_SPECIAL = {"response-body-enum-value-removed": "response-mediatype-enum-value-removed"}
"""Kinds within schemas that are called otherwise than their place and their aspect."""
