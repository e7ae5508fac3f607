"""Each provider against what its consumers expect: `test_pact[<consumer>-<provider>]`, of a broker `[broker-...]`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.errors import CheckError
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


_BROKER = "broker:"
"""How the subject of an item begins that verifies what a broker has of the service."""
_BROKEN = "broken:"
"""How the subject of an item begins whose source can't be read."""


def _plan(planning: Planning) -> Iterator[CheckItem]:
    system, sources = planning.architecture, planning.config.pacts.sources
    for consumer, provider in system.pairs:
        yield CheckItem(consumer, f"{consumer}-{provider}", PACT.id, subject=provider)
    if not sources:
        return
    from pytest_superteam.contracts.pact_sources import is_broker, pact_files

    names = [service.name for service in system.services]
    seen = set(system.pairs)
    for number, pact in enumerate(pact_files(sources, planning.project)):
        if pact.problem and names:
            yield CheckItem(names[0], f"source-{number + 1}", PACT.id, subject=_BROKEN + pact.problem)
        elif pact.provider in names and (pact.consumer, pact.provider) not in seen:
            seen.add((pact.consumer, pact.provider))
            owner = pact.consumer if pact.consumer in names else pact.provider
            yield CheckItem(owner, f"{pact.consumer}-{pact.provider}", PACT.id, subject=pact.provider)
    for number, broker in enumerate(filter(is_broker, sources)):
        for name in names:
            label = f"broker{number + 1 if number else ''}-{name}"
            yield CheckItem(name, label, PACT.id, subject=f"{_BROKER}{broker}")


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    if item.subject.startswith(_BROKEN):
        raise CheckError(item.subject.removeprefix(_BROKEN))
    if item.subject.startswith(_BROKER):
        return _check_broker(system, item)
    consumer = item.param.removesuffix(f"-{item.subject}")
    return _verify(system, _chosen(system, consumer, item.subject), consumer, item.subject)


def _chosen(system: RunningSystem, consumer: str, provider: str) -> Mapping[str, Any] | Path:
    """Return the pact of a pair: the configured one, else that in the consumer's source, else the generated one."""
    from pytest_superteam.contracts.pact_sources import pact_files
    from pytest_superteam.contracts.pacts import pact_name

    for pact in pact_files(system.config.pacts.sources, system.project):
        if (pact.consumer, pact.provider) == (consumer, provider):
            return pact.document
    folder = system.sources.get(consumer)
    own = folder / "pacts" / pact_name(consumer, provider) if folder else None
    if own is not None and own.is_file():
        return own
    try:
        return system.pacts[consumer, provider]
    except KeyError:
        raise CheckError(f"the pact of {consumer} with {provider} is gone.") from None


def _check_broker(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.contracts.pact_sources import broker_pacts

    broker, variable = item.subject.removeprefix(_BROKER), system.config.pacts.token
    if variable and variable not in os.environ:
        raise CheckError(f"pacts.token: the variable {variable} is not set. Set it to the broker's token.")
    found = broker_pacts(broker, item.service, os.environ[variable] if variable else "")
    if not found:
        return CheckResult(skipped=f"the broker has no pact with {item.service} as provider")
    results = []
    for pact in found:
        if pact.problem:
            raise CheckError(pact.problem)
        results.append(_verify(system, pact.document, pact.consumer, item.service))
    return CheckResult(
        violations=tuple(violation for result in results for violation in result.violations),
        detail="; ".join(result.detail for result in results),
        seconds=sum(result.seconds for result in results),
    )


def _verify(system: RunningSystem, pact: Mapping[str, Any] | Path, consumer: str, provider: str) -> CheckResult:
    from pytest_superteam.checks.callers.auth import ANY, SERVICE_ROLE
    from pytest_superteam.checks.pact import check_pair, states_from_rows
    from pytest_superteam.checks.seeding import NOTES, reference_entities_of_all, rows_by_entity

    names, path = reference_entities_of_all(system.architecture), system.config.pacts.state_path
    return check_pair(
        pact=pact,
        consumer=consumer,
        provider=provider,
        base_url=system.url(provider),
        token=system.tokens.get(SERVICE_ROLE) or system.tokens.get(ANY),
        state=states_from_rows(rows_by_entity(system.samples), names, system.samples.get(NOTES)),
        states_url=f"{system.url(provider)}/{path.lstrip('/')}" if path else "",
    )


FAMILY = Family("test_pact", (PACT,), _plan, _check)
