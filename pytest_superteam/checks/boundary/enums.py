"""Values of enums: those of the contract, in its case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.finding import Finding, shown
from pytest_superteam.checks.boundary.seen import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.boundary.finding import View

__all__ = ["judge", "judged", "problem"]


def judged(schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value is a text that has to be one of some."""
    members = schema.get("enum")
    return isinstance(value, str) and isinstance(members, list) and any(isinstance(m, str) for m in members)


def problem(schema: Mapping[str, Any], value: Any) -> str:
    """Return what is wrong with a member of an enum, `""` for a good one."""
    if value is MISSING or not judged(schema, value) or value in schema["enum"]:
        return ""
    near = next((m for m in schema["enum"] if isinstance(m, str) and _bare(m) == _bare(value)), None)
    if near is not None:
        return f"the contract writes it {near!r}"
    return f"the contract has only {', '.join(repr(m) for m in schema['enum'][:8] if m is not None)}"


def _bare(text: str) -> str:
    return text.casefold().replace("_", "").replace("-", "").replace(" ", "")


def judge(view: View) -> Iterator[Finding]:
    """Find values that no enum has, or in another case."""
    for look in view.looks:
        for seen in look.fields:
            wrong = problem(seen.schema, seen.value)
            if wrong:
                message = f"{look.label} answers {seen.place} = {shown(seen.value)}: {wrong}. Answer that spelling."
                owner = seen.owner.name if seen.owner else ""
                yield Finding(f"{owner} {seen.name} {wrong}", message, look.step)
