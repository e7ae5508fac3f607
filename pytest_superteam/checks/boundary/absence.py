"""Null against missing: required fields are there, null is where it may be, optional fields stay away in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.boundary.finding import Finding
from pytest_superteam.checks.boundary.names import renamed
from pytest_superteam.checks.boundary.seen import MISSING, is_nullable
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.boundary.finding import Look, View
    from pytest_superteam.checks.boundary.seen import Seen

__all__ = ["judge", "problem"]


def problem(seen: Seen) -> str:
    """Return what is wrong with a field that is null or missing, `""` for a good one."""
    if seen.value is None:
        return "" if is_nullable(seen.schema) else "is null, which the contract does not have"
    if seen.value is not MISSING or not seen.required or seen.schema.get("writeOnly") is True:
        return ""
    elsewhere = dict(renamed(seen.owner.declared, seen.owner.value)) if seen.owner else {}
    return "" if seen.name in elsewhere else "is missing, and the contract requires it"


def judge(view: View) -> Iterator[Finding]:
    """Find required fields that are missing, nulls that must not be, and fields that are now null and now missing."""
    for look in view.looks:
        for seen in look.fields:
            if look.listing and "." not in seen.place and "[]" not in seen.place:
                continue  # a page's own fields are for the page's check
            wrong = problem(seen)
            if wrong:
                rule = "Answer it always" if "missing" in wrong else "Answer a value, or let the contract admit null"
                owner = seen.owner.name if seen.owner else ""
                yield Finding(
                    f"{owner} {seen.name} {wrong}",
                    f"{look.label} answers a row whose {seen.place} {wrong}. {rule}.",
                    look.step,
                )
    yield from _both_ways(view)


def _both_ways(view: View) -> Iterator[Finding]:
    nulls: dict[tuple[str, str], tuple[Look, Seen]] = {}
    absent: dict[tuple[str, str], tuple[Look, Seen]] = {}
    for look in view.looks:
        for seen in look.fields:
            if seen.required or seen.owner is None or not (seen.owner.name or look.entity):
                continue
            key = (seen.owner.name or f"{look.entity} {seen.owner.place}", seen.name)
            if seen.value is None:
                nulls.setdefault(key, (look, seen))
            elif seen.value is MISSING and seen.schema.get("writeOnly") is not True:
                absent.setdefault(key, (look, seen))
    for key in nulls.keys() & absent.keys():
        (one, seen), (other, _) = nulls[key], absent[key]
        message = (
            f"{seen.name} of {key[0]} is null in {one.label} and missing in {other.label}. "
            "Leave an empty field out always or never."
        )
        yield Finding(" ".join(key), message, f"{one.step}\n{other.step}", Severity.WARNING)
