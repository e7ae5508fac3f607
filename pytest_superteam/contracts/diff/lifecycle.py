"""Announced ends: `deprecated` with `x-sunset`, and `x-stability-level`, of whatever can carry them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import DIFFERS, NEUTRAL
from pytest_superteam.contracts.diff.keywords import Finding
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["STABILITY", "Policy", "lifecycle", "removal", "stability", "sunset", "versioning"]

STABILITY = ("draft", "alpha", "beta", "stable")
"""The values of `x-stability-level`, rising; what has none is stable."""
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T[0-9:.]{5,20}(Z|[+-]\d{2}:\d{2})?)?")


@dataclass(frozen=True)
class Policy:
    """What a deprecation has to keep to."""

    today: date
    days: int = 0
    """Days that must lie between the announcement and the end; 0 demands no date."""

    @classmethod
    def at(cls, today: date | None = None, days: int = 0) -> Policy:
        """Return the policy for `today`, by default the date in UTC."""
        return cls(today or datetime.now(UTC).date(), days)


def sunset(value: Any) -> date | None:
    """Return the date of an `x-sunset` (RFC 3339, the time ignored), None where it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def stability(part: Mapping[str, Any]) -> str:
    """Return the stability level, `stable` where there is none, the empty text where it is none of the four."""
    level = part.get("x-stability-level", "stable")
    return level if isinstance(level, str) and level in STABILITY else ""


def lifecycle(old: Mapping[str, Any], new: Mapping[str, Any], policy: Policy) -> Iterator[Finding]:
    """Yield what became of the announced end and the stability of a part that is in both versions."""
    was, is_now = old.get("deprecated") is True, new.get("deprecated") is True
    if was and not is_now:
        yield Finding("reactivated", NEUTRAL)
    elif is_now and not was:
        yield _deprecated(new, policy)
    elif is_now:
        yield from _sunset_changed(old, new, policy)
    yield from _stability_changed(old, new)


def _deprecated(new: Mapping[str, Any], policy: Policy) -> Finding:
    given = new.get("x-sunset")
    if given is None:
        return Finding("deprecated-sunset-missing", DIFFERS) if policy.days else Finding("deprecated", NEUTRAL)
    end = sunset(given)
    if end is None:
        return Finding("deprecated-sunset-invalid", DIFFERS, None, given)
    if (end - policy.today).days < policy.days:
        return Finding("sunset-date-too-small", DIFFERS, None, end)
    return Finding("deprecated-with-sunset", NEUTRAL, None, end)


def _sunset_changed(old: Mapping[str, Any], new: Mapping[str, Any], policy: Policy) -> Iterator[Finding]:
    before, after = sunset(old.get("x-sunset")), sunset(new.get("x-sunset"))
    if before and new.get("x-sunset") is None:
        yield Finding("sunset-deleted", DIFFERS, before)
    elif before and after and after < before and (not policy.days or (after - policy.today).days < policy.days):
        yield Finding("sunset-date-changed-too-small", DIFFERS, before, after)


def _stability_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    before, after = stability(old), stability(new)
    if not after:
        yield Finding("invalid-stability-level", DIFFERS, None, new.get("x-stability-level"))
    elif before and before != after:
        lower = STABILITY.index(after) < STABILITY.index(before)
        yield Finding(
            f"stability-{'decreased' if lower else 'increased'}", DIFFERS if lower else NEUTRAL, before, after
        )


def removal(old: Mapping[str, Any], policy: Policy, usual: Severity) -> tuple[str, Severity, Any]:
    """Return (aspect, level, date) of the removal of a part; `usual` is the level of one that was not announced."""
    if old.get("deprecated") is not True:
        return "removed-without-deprecation", usual, None
    given = old.get("x-sunset")
    if given is None:
        return "removed-with-deprecation", Severity.INFO, None
    end = sunset(given)
    if end is None:
        return "sunset-parse", Severity.ERROR, given
    if policy.today < end:
        return "removed-before-sunset", Severity.ERROR, end
    return "removed-with-deprecation", Severity.INFO, end


_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")


def versioning(old: str, new: str) -> str | None:
    """Return the kind of change where the `info.version` of a breaking change does not tell of it."""
    before, after = (_VERSION.match(version) for version in (old, new))
    if not before or not after:
        return None
    one, other = (tuple(int(part or 0) for part in found.groups()) for found in (before, after))
    if old == new:
        return "api-version-not-bumped"
    if other < one:
        return "api-version-decreased"
    return "api-major-version-not-bumped" if other[0] == one[0] else None
