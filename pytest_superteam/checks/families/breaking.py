"""Each contract against the last released one: `test_breaking[<service>]`, `test_breaking[events]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.contracts.derived import is_derived
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Rule, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.checks.base import Planning, RunningSystem
    from pytest_superteam.contracts.diff import Change

__all__ = ["FAMILY"]

BREAKING = Rule(
    id="BREAK-001",
    name="Contract breaks its consumers",
    severity=Severity.ERROR,
    category="contract",
    layer=2,
    languages=(),
    help="Keep what consumers rely on beside what is new, or release the new one beside the old one.",
    what="A change against the contract in `contracts.baseline` with which somebody who keeps to that one can stop "
    "working: a request that was valid is refused, an answer holds what it did not, an operation or a service is gone. "
    "A change of which the documents do not tell whether it breaks is advisory; an operation that was deprecated and "
    "whose announced end has passed may go.",
    why="Consumers are deployed at another time than the service; they meet the new contract with their old code.",
)

_ENDINGS = (".yaml", ".yml", ".json")
_EVENTS = "events"
_MOST = 200  # changes of one contract that are told one by one
_NOTHING, _GONE = "baseline", "gone"
"""Subjects of the item that tells that there is no baseline, and of services that only the baseline has."""


def _files(folder: Path, kind: str) -> dict[str, Path]:
    """Return the contracts of a kind (`openapi`, `asyncapi`) in the baseline, by what they are called after."""
    found: dict[str, Path] = {}
    for ending in reversed(_ENDINGS):  # the first of them wins
        suffix = f".{kind}{ending}"
        found |= {path.name.removesuffix(suffix): path for path in sorted(folder.glob(f"*{suffix}"))}
    return dict(sorted(found.items()))


def _plan(planning: Planning) -> Iterator[CheckItem]:
    services = [service.name for service in planning.architecture.services]
    derived = {name for name, contract in planning.architecture.contracts.items() if is_derived(contract)}
    if not planning.config.contracts.baseline or not services:
        return
    folder = planning.project / planning.config.contracts.baseline
    contracts, events = _files(folder, "openapi"), _EVENTS in _files(folder, "asyncapi")
    if not contracts and not events:
        yield CheckItem(services[0], _NOTHING, BREAKING.id, subject=_NOTHING)
    for name in contracts:
        if name in derived:  # what it does not say is unknown, and no change
            continue
        if name in services:
            yield CheckItem(name, name, BREAKING.id, subject=name)
        else:  # it has no service any more: the first one carries it
            yield CheckItem(services[0], f"{name}-{_GONE}", BREAKING.id, subject=f"{_GONE}:{name}")
    if events:
        yield CheckItem(services[0], _EVENTS, BREAKING.id, subject=f"{_EVENTS}:")


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    folder = system.project / str(system.config.contracts.baseline)
    if item.subject == _NOTHING:
        raise CheckError(f"{folder}: holds no contract of a release. Put `<service>.openapi.yaml` files there.")
    kind, _, name = item.subject.rpartition(":")
    if kind == _GONE:
        return _gone(item, name, _files(folder, "openapi")[name])
    if kind == _EVENTS:
        return _events(system, item, _files(folder, "asyncapi")[_EVENTS])
    return _contract(system, item, _files(folder, "openapi")[item.service])


def _contract(system: RunningSystem, item: CheckItem, file: Path) -> CheckResult:
    from pytest_superteam.contracts.diff import diff
    from pytest_superteam.contracts.documents.loading import load_document

    contract = system.architecture.contracts.get(item.service)
    if not contract:
        raise CheckError(f"'{item.service}' has no contract that {file.name} could be compared with.")
    changes = diff(load_document(file), contract)
    return _result(changes, file, dict.fromkeys((change.operation for change in changes), item.service), item.service)


def _events(system: RunningSystem, item: CheckItem, file: Path) -> CheckResult:
    from pytest_superteam.contracts.diff import diff_asyncapi
    from pytest_superteam.contracts.documents.loading import load_document

    old = load_document(file)
    new = system.architecture.asyncapi or {"asyncapi": "3.0.0"}  # no event is left
    publishers = {f"channel {event.name}": event.publisher or item.service for event in system.architecture.events}
    return _result(diff_asyncapi(old, new), file, publishers, item.service)


def _gone(item: CheckItem, name: str, file: Path) -> CheckResult:
    from pytest_superteam.contracts.documents.loading import load_document

    paths = load_document(file).get("paths")
    shown = ", ".join(sorted(map(str, paths))[:5]) if isinstance(paths, dict) and paths else "none"
    message = (
        f"The service '{name}' of {file.name} is gone, and its paths with it ({shown}). Keep it until its consumers "
        "have moved, or take its contract out of the baseline."
    )
    violation = Violation(BREAKING.id, Severity.ERROR, item.service, message, evidence=f"service-removed {name}")
    return CheckResult((violation,), detail=f"compared the services with {file.name}")


def _result(changes: Iterable[Change], file: Path, services: Mapping[str, str], usual: str) -> CheckResult:
    found = tuple(changes)
    told = [change for change in found if change.level.at_least(Severity.WARNING)]
    violations = [_violation(change, services.get(change.operation, usual)) for change in told[:_MOST]]
    if len(told) > _MOST:
        worst, more = told[_MOST].level, len(told) - _MOST
        message = f"{more} more changes break consumers or may. Mend the ones before, or release a new version."
        violations.append(Violation(BREAKING.id, worst, usual, message, evidence=f"{more} more"))
    count = sum(change.breaking for change in found)
    detail = f"compared with {file.name}: {len(found)} changes, {count} breaking, {len(told) - count} that may break"
    return CheckResult(tuple(violations), detail=detail)


_TO_DO = {
    True: "Keep what was there beside it, or release a new version beside the old one.",
    False: "Make sure that no consumer relies on it, or keep what was there.",
}


def _violation(change: Change, service: str) -> Violation:
    certainty = "breaks consumers" if change.breaking else "may break consumers"
    others = f" Also: {', '.join(change.also[:10])}." if change.also else ""
    return Violation(
        code=BREAKING.id,
        severity=change.level,
        service=service,
        message=f"{change}; that {certainty} of the last release ({change.kind}). {_TO_DO[change.breaking]}",
        evidence=f"{change.kind}: {change.operation} {change.where} {change.old} -> {change.new}.{others}",
    )


FAMILY = Family("test_breaking", (BREAKING,), _plan, _check)
