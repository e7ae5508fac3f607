"""Whether there is another fix attempt after a gate, what it asks, or why there is none. Nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_superteam.pipeline.fix.history import History, Round
from pytest_superteam.pipeline.fix.planning import FixPlan, PlannedFix, planned_fix
from pytest_superteam.pipeline.fix.signatures import signature_of
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.pipeline.fix.findings import Finding, Found

__all__ = ["End", "EndKind", "Next", "Round", "Situation", "decide"]

EndKind = Literal["green", "limit", "same", "fruitless", "nobody", "not begun"]
_NAMED = 5
"""Services, or things that are beyond builders, that an end names."""


@dataclass(frozen=True)
class Situation:
    """What is known when a gate has ended."""

    found: Found
    """What blocks (`findings.find`)."""
    session: str
    """The session whose gate it was."""
    limit: int
    """How many attempts there may be (`--fix`)."""
    builders: Mapping[str, str]
    """The builder of each service; a service without one was not built by us."""
    unable: Mapping[str, str] = field(default_factory=dict)
    """Services that nothing can be asked of, and why: `'builtin' mends nothing`, `it waits for review: ...`."""
    rounds: Sequence[Round] = ()
    """The attempts of the run that are over, in order."""
    first: int = 1
    """The number of the first attempt that this command may make: what was before it is over and done with."""


@dataclass(frozen=True)
class Next:
    """Another attempt is made."""

    plan: FixPlan


@dataclass(frozen=True)
class End:
    """No further attempt is made; `reason` says why, for people."""

    kind: EndKind
    reason: str


@dataclass(frozen=True)
class _Left:
    """Why a service is not asked."""

    kind: EndKind
    reason: str


def decide(situation: Situation) -> Next | End:
    """Return the next attempt's plan, or why there is none.

    It ends when nothing blocks, after `limit` attempts, and when nobody is left to ask. A service is not asked again
    whose failures are those of an earlier gate though an attempt changed it since, or whose attempts came to nothing
    twice for the same reason, or were not begun; nor one that no builder of ours can mend.
    """
    found = situation.found
    rounds = [each for each in situation.rounds if each.plan.number >= situation.first]
    if found.green:
        return End("green", f"mended after {plural(len(rounds), 'attempt')}" if rounds else "nothing blocks")
    left = {name: why for name, findings in found.mendable.items() if (why := _left(situation, rounds, name, findings))}
    asked = {name: findings for name, findings in found.mendable.items() if name not in left}
    if not asked:
        return _nobody(found, left)
    if len(rounds) >= situation.limit:
        return End("limit", _limit(situation.limit, found))
    return Next(_plan(situation, rounds, asked, left))


def _plan(
    situation: Situation,
    rounds: Sequence[Round],
    asked: Mapping[str, Sequence[Finding]],
    left: Mapping[str, _Left],
) -> FixPlan:
    number = 1 + max((each.plan.number for each in situation.rounds), default=situation.first - 1)
    fixes = (_fix(situation, rounds, name, findings) for name, findings in asked.items())
    return FixPlan(
        number=number,
        of=number + situation.limit - len(rounds) - 1,
        session=situation.session,
        services=tuple(fixes),
        before=situation.found.blocked,
        beyond=tuple(finding.line for finding in situation.found.beyond),
        left={name: one_line(why.reason) for name, why in left.items()},
    )


def _fix(situation: Situation, rounds: Sequence[Round], name: str, findings: Sequence[Finding]) -> PlannedFix:
    history = History(name, rounds)
    return planned_fix(
        name,
        situation.builders[name],
        findings,
        earlier=history.earlier(),
        refused=history.refused(),
        news=history.news(item for finding in findings for item in finding.items),
    )


def _left(situation: Situation, rounds: Sequence[Round], name: str, findings: Sequence[Finding]) -> _Left | None:
    """Return why a service is not asked, None where it is."""
    if name in situation.unable:
        return _Left("nobody", situation.unable[name])
    if name not in situation.builders:
        return _Left("nobody", "it was not built by us")
    history = History(name, rounds)
    before = history.came_back(signature_of(findings))
    if before:
        return _Left("same", f"the same failures as before attempt {before}, though it was changed since")
    if why := history.not_begun():
        return _Left("not begun", why)
    if why := history.fruitless():
        return _Left("fruitless", why)
    return None


# ---------------------------------------------------------------- ends


def _nobody(found: Found, left: Mapping[str, _Left]) -> End:
    """Return the end where nobody is left to ask, and why of each service, and what is beyond builders."""
    order: tuple[EndKind, ...] = ("same", "fruitless", "not begun", "nobody")
    kinds = {why.kind for why in left.values()}
    kind: EndKind = next((kind for kind in order if kind in kinds), "nobody")
    told = [f"{name}: {why.reason}" for name, why in sorted(left.items(), key=lambda pair: order.index(pair[1].kind))]
    told += [f"nothing for a builder: {finding.line}" for finding in found.beyond]
    return End(kind, _joined(told))


def _limit(limit: int, found: Found) -> str:
    if not limit:
        return "no attempts are allowed (--fix 0)"
    made = "the one attempt was" if limit == 1 else f"all {limit} attempts were"
    count = len(found.blocked)
    return f"{made} made, and {plural(count, 'item')} still {'blocks' if count == 1 else 'block'}"


def _joined(told: Sequence[str]) -> str:
    more = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return "; ".join(one_line(text) for text in told[:_NAMED]) + more
