"""Whether there is another fix attempt after a gate, what it asks, or why there is none. Nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_superteam.pipeline.fix.planning import FixPlan, planned_fix
from pytest_superteam.pipeline.fix.signatures import signature_of
from pytest_superteam.pipeline.fleet.signatures import signature
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.models import FixAttempt, FixedService
    from pytest_superteam.pipeline.fix.findings import Finding, Found

__all__ = ["End", "EndKind", "Next", "Round", "Situation", "decide"]

EndKind = Literal["green", "limit", "same", "fruitless", "nobody", "not begun"]
_TWICE = 2
"""Attempts that came to nothing for the same reason, after which a builder is not asked again."""
_NAMED = 5
"""Services, or things that are beyond builders, that an end names."""


@dataclass(frozen=True)
class Round:
    """An attempt that was made, and the plan that it followed."""

    plan: FixPlan
    attempt: FixAttempt


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
    fixes = (
        planned_fix(
            name,
            situation.builders[name],
            findings,
            earlier=_earlier(rounds, name),
            refused=_refused(rounds, name),
            news=_news(rounds, name, findings),
        )
        for name, findings in asked.items()
    )
    return FixPlan(
        number=number,
        of=number + situation.limit - len(rounds) - 1,
        session=situation.session,
        services=tuple(fixes),
        before=situation.found.blocked,
        beyond=tuple(finding.line for finding in situation.found.beyond),
        left={name: one_line(why.reason) for name, why in left.items()},
    )


# ---------------------------------------------------------------- one service


def _left(situation: Situation, rounds: Sequence[Round], name: str, findings: Sequence[Finding]) -> _Left | None:
    """Return why a service is not asked, None where it is."""
    if name in situation.unable:
        return _Left("nobody", situation.unable[name])
    if name not in situation.builders:
        return _Left("nobody", "it was not built by us")
    before = _came_back(rounds, name, signature_of(findings))
    if before:
        return _Left("same", f"the same failures as before attempt {before}, which changed it")
    tried = list(_tries(rounds, name))
    if tried and tried[-1].outcome == "not begun":
        return _Left("not begun", tried[-1].reason or "it was not begun")
    last = tried[-_TWICE:]
    if len(last) == _TWICE and "changed" not in {fix.outcome for fix in last}:
        reasons = {(fix.outcome, signature(fix.reason)) for fix in last}
        if len(reasons) == 1:
            return _Left("fruitless", f"two attempts {_came_to(last[-1])}")
    return None


def _came_back(rounds: Sequence[Round], name: str, now: str) -> int:
    """Return the attempt that began with the failures of now and that, or one after it, changed the service; else 0."""
    changed = 0
    for each in reversed(rounds):
        if any(fix.service == name and fix.outcome == "changed" for fix in each.attempt.services):
            changed = each.plan.number
        asked = each.plan.fix_of(name)
        if changed and asked is not None and asked.signature == now:
            return each.plan.number
    return 0


def _tries(rounds: Sequence[Round], name: str) -> Iterator[FixedService]:
    """Yield what became of a service in the attempts that asked it, in order."""
    for each in rounds:
        yield from (fix for fix in each.attempt.services if fix.service == name)


def _earlier(rounds: Sequence[Round], name: str) -> dict[str, int]:
    """Return the last attempt that each finding of a service was given to, by fingerprint."""
    fixes = ((each.plan.number, each.plan.fix_of(name)) for each in rounds)
    return {known: number for number, fix in fixes if fix is not None for known in fix.fingerprints}


def _refused(rounds: Sequence[Round], name: str) -> str:
    """Return why the last attempt at a service came to nothing, empty where it changed it or there was none."""
    last = next(iter(reversed(list(_tries(rounds, name)))), None)
    return "" if last is None or last.outcome == "changed" else f"Attempt before: it {_came_to(last)}"


def _news(rounds: Sequence[Round], name: str, findings: Sequence[Finding]) -> str:
    """Return that failures of a service came with a change of others, where it was neither asked nor failing before."""
    last = rounds[-1] if rounds else None
    if last is None or last.plan.fix_of(name) is not None:
        return ""
    if any(item in last.plan.before for finding in findings for item in finding.items):
        return ""
    others = [f"`{fix.service}`" for fix in last.attempt.services if fix.outcome == "changed"]
    return (
        f"Nothing of this was found before attempt {last.plan.number}, which changed {', '.join(others)}."
        if others
        else ""
    )


def _came_to(fix: FixedService) -> str:
    words = {"unchanged": "changed nothing", "refused": "was refused", "failed": "failed", "not begun": "was not begun"}
    return f"{words.get(fix.outcome, fix.outcome)}{f': {fix.reason}' if fix.reason else ''}"


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
    blocks = plural(len(found.blocked), "item") if len(found.blocked) != 1 else "one item"
    verb = "blocks" if len(found.blocked) == 1 else "block"
    return (
        f"the last of {limit} attempts was made, and {blocks} still {verb}"
        if limit > 1
        else (f"the one attempt was made, and {blocks} still {verb}")
    )


def _joined(told: Sequence[str]) -> str:
    more = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return "; ".join(one_line(text) for text in told[:_NAMED]) + more
