"""Each provider against what each of its consumers expects: `test_pact[<consumer>-<provider>]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.checks.base import Planning, RunningSystem

__all__ = ["FAMILY"]

PACT = Rule(
    id="PACT-001",
    name="Provider breaks a consumer's expectation",
    severity=Severity.ERROR,
    category="contract",
    layer=2,
    languages=(),
    help="Answer what the consumer reads, or change the consumer and its pact.",
    what="An interaction of a consumer's pact that the running provider does not answer as expected.",
    why="The consumer reads just this; it breaks in production though both services pass their own tests.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for consumer, provider in planning.architecture.pairs:
        yield CheckItem(consumer, f"{consumer}-{provider}", PACT.id, subject=provider)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.auth import SERVICE_ROLE
    from pytest_superteam.checks.pact import check_pair, states_from_rows
    from pytest_superteam.checks.seeding import NOTES, reference_entities_of_all, rows_by_entity
    from pytest_superteam.contracts.pacts import pact_name

    own = system.sources[item.service] / "pacts" / pact_name(item.service, item.subject)
    pact: Mapping[str, Any] | Path = own if own.is_file() else system.pacts[item.service, item.subject]
    names = reference_entities_of_all(system.architecture)
    return check_pair(
        pact=pact,
        consumer=item.service,
        provider=item.subject,
        base_url=system.url(item.subject),
        token=system.tokens[SERVICE_ROLE],
        state=states_from_rows(rows_by_entity(system.samples), names, system.samples.get(NOTES)),
    )


FAMILY = Family("test_pact", (PACT,), _plan, _check)
