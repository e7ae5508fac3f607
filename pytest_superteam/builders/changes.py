"""Which services are built again and which are kept, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.builders.plan import key_of
from pytest_superteam.builders.records import load_builds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pytest_superteam.builders.plan import BuildPlan
    from pytest_superteam.models import BuildResult

__all__ = ["Change", "change_notes", "changes"]

WORDS = {
    "builder": "the builder",
    "version": "the builder's version",
    "model": "the builder's model",
    "service": "its description",
    "entities": "its entities",
    "operations": "its operations",
    "dependencies": "the services that it calls",
    "events": "its events",
    "roles": "the roles",
    "contract": "its contract",
}
"""What the parts of a build are called; those about something else are in `ABOUT`."""
ABOUT = {"contract": "the contract of {}", "pact": "what it expects of {}", "input": "the builder's {}"}
"""What a part is called that has another name behind a colon."""
SHOWN = 3
"""Things that are told of one service; further ones are counted."""
LONGEST = 200
"""Characters of what a record says, for a record may be anybody's."""
NEVER = "never built"


@dataclass(frozen=True)
class Change:
    """What becomes of one service."""

    service: str
    builds: bool
    reason: str
    """Such as `its contract changed`, `never built`, `unchanged`."""

    @property
    def line(self) -> str:
        """Return `orders: its contract changed`."""
        return f"{self.service}: {self.reason}"


def changes(plan: BuildPlan, *, again: str = "", retries: bool = True) -> tuple[Change, ...]:
    """Return what becomes of each service of a plan, in the order of the design.

    Args:
        plan: what is to be built; its records say what was built before.
        again: why everything is built again, such as `--fresh`; empty where nothing says so.
        retries: whether what failed, or waits for a person, is tried again.
    """
    records = load_builds(plan.records, plan.output)
    names = [service.name for service in plan.architecture.services]
    return tuple(_change(plan, name, records.get(name), again, retries=retries) for name in names)


def _change(plan: BuildPlan, service: str, record: BuildResult | None, again: str, *, retries: bool) -> Change:
    if record is None:
        return Change(service, builds=True, reason=NEVER)
    if again:
        return Change(service, builds=True, reason=again)
    if not record.key:
        return Change(service, builds=True, reason="it was to be built again and is not yet")
    if not plan.fits(record):
        return Change(service, builds=True, reason=_difference(plan, service, record))
    if record.review:
        waits = "waited" if retries else "waits"
        return Change(service, builds=retries, reason=f"it {waits} for a person: {_plain(record.review)}")
    if not record.success:
        return Change(service, builds=retries, reason="its last build failed")
    if not (plan.output / service).is_dir():
        return Change(service, builds=True, reason="its folder is gone")
    stands_in = f", by {_plain(record.builder)} instead of {_plain(record.instead_of)}" if record.instead_of else ""
    edits = ", with edits by hand" if record.edited else ""
    return Change(service, builds=False, reason=f"unchanged{stands_in}{edits}")


def _difference(plan: BuildPlan, service: str, record: BuildResult) -> str:
    """Return what a build depends on that was another when it was made."""
    builder = next((known for known in plan.builders if known.name == record.builder), plan.builder)
    now, then = plan.parts(service, builder), record.parts
    if not then or key_of(then) != record.key:
        return "what it was made of is not known"
    differing = sorted((name for name in {*now, *then} if now.get(name) != then.get(name)), key=_rank)
    return f"{_listed([_subject(name) for name in differing if not _follows(name, differing, now, then)])} changed"


def _follows(name: str, differing: Collection[str], now: Mapping[str, str], then: Mapping[str, str]) -> bool:
    """Return whether a part differs only because another one does, which says it all."""
    kind, _, about = name.partition(":")
    if "builder" in differing and kind in {"version", "model", "input"}:
        return True
    return "dependencies" in differing and bool(about) and kind != "input" and not (name in now and name in then)


def _rank(name: str) -> tuple[int, str]:
    """Order parts as `WORDS` has them, those about something else behind their kind."""
    kind = name.partition(":")[0]
    return (list(WORDS).index(kind) if kind in WORDS else len(WORDS), name)


def _subject(name: str) -> str:
    kind, _, about = name.partition(":")
    if about:
        return ABOUT.get(kind, "its {}").format(_plain(about))
    return WORDS.get(name, f"its {_plain(name)}")


def _listed(things: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`, or `a, b, c and 2 more`."""
    shown = [*things[:SHOWN], *([f"{len(things) - SHOWN} more"] if len(things) > SHOWN else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _plain(text: str) -> str:
    """Return a text of a record on one line, bounded, without what steers a terminal."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST]).split())
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def change_notes(found: Sequence[Change]) -> list[str]:
    """Return lines for the header: each service that is built again and why, and which are kept.

    Services of one reason share a line. Nothing is told of a design of which nothing was built before.
    """
    if all(change.reason == NEVER for change in found):
        return []
    reasons: dict[tuple[bool, str], list[str]] = {}
    for change in found:
        reasons.setdefault((change.builds, change.reason), []).append(change.service)
    order = sorted(reasons, key=lambda key: not key[0])  # stable: what is built comes first
    return [_note(reasons[builds, why], why, builds=builds) for builds, why in order]


def _note(services: Sequence[str], why: str, *, builds: bool) -> str:
    """Return a line; many services that are kept are counted, for nothing happens to them."""
    many = not builds and len(services) > SHOWN
    return f"{'build' if builds else 'keep'}: {f'{len(services)} services' if many else ', '.join(services)} ({why})"
