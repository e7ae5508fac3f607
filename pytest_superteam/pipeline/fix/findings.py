"""What of a gate's results a builder can mend, service by service, and what nobody who builds can."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.models import GateReport, ItemResult, Outcome, Severity, Violation
from pytest_superteam.pipeline.fix.blame import blame
from pytest_superteam.pipeline.fix.signatures import print_of_error, print_of_violation
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["Finding", "Found", "blocking_items", "blocks", "find", "key_of"]

LINE = 300
"""Characters of a finding's line."""
_DESIGN = ("BREAK-",)
"""How codes begin whose findings are about the contracts, which are the design's: no builder may change them."""


@dataclass(frozen=True)
class Finding:
    """One thing that blocks: a violation, or an item that could not run; unmasked, as the gate found it."""

    service: str
    """Whose builder can mend it; empty where nobody's can."""
    items: tuple[str, ...]
    """The ends of the ids of the items that it blocks, such as `layer3::test_scan[orders-SEC-001]`."""
    id: str
    """The first of these ids as it is given to pytest; empty where it is a requirement that blocks."""
    layer: int
    code: str
    """Empty where a service did not come up."""
    severity: Severity
    message: str
    place: str = ""
    evidence: str = ""
    error: bool = False
    """Whether something could not run."""
    help: str = ""
    """What to do about findings of the code."""
    fingerprint: str = ""
    """What stays the same of it from gate to gate."""

    @property
    def line(self) -> str:
        """Return it in one masked line, such as `SEC-001 app/main.py:12: ...`."""
        head = " ".join(filter(None, (self.code, self.place)))
        return one_line(f"{head}: {self.message}" if head else self.message, LINE)


@dataclass(frozen=True)
class Found:
    """What blocks after a gate."""

    mendable: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """By the service whose builder can mend it, in the order of the services; those of the lowest layer first."""
    beyond: tuple[Finding, ...] = ()
    """What no builder can mend: a tool that is missing, a check that broke, a requirement that nothing proves."""
    blocked: tuple[str, ...] = ()
    """The items that block, by the ends of their ids, in the order of the report."""

    @property
    def green(self) -> bool:
        """Return whether nothing blocks."""
        return not (self.blocked or self.beyond or self.mendable)


def find(
    report: GateReport,
    services: Collection[str],
    *,
    threshold: Severity = Severity.ERROR,
    helps: Mapping[str, str] | None = None,
) -> Found:
    """Return what blocks in a report, by whose builder can mend it.

    Args:
        report: the gate's.
        services: those whose builders may be asked, in the order in which they are told.
        threshold: the severity from which findings of layer 3 block (`gate.blocking_severity`).
        helps: what to do about findings, by code.
    """
    found = _merged(_all(report, services, threshold))
    found = [replace(finding, help=(helps or {}).get(finding.code, "")) for finding in found]
    found.sort(key=lambda finding: (finding.layer, -finding.severity.rank, finding.code))  # stable: as in the report
    by_service = {name: tuple(f for f in found if f.service == name) for name in services}
    return Found(
        mendable={name: findings for name, findings in by_service.items() if findings},
        beyond=tuple(finding for finding in found if not finding.service),
        blocked=blocking_items(report),
    )


def blocking_items(report: GateReport, before: Collection[str] = ()) -> tuple[str, ...]:
    """Return the ends of the ids of the items that block: they found something that blocks, or could not run.

    Of those that blocked `before` an attempt the ones that were not tried since go on blocking: nothing says that they
    are mended where their service fails a layer below.
    """
    tried = {key_of(item.id) for item in report.items if item.outcome is not Outcome.SKIPPED}
    blocked = [key_of(item.id) for item in report.items if blocks(item)]
    return tuple(dict.fromkeys([*blocked, *(key for key in before if key not in tried)]))


def key_of(node_id: str) -> str:
    """Return the end of an id, such as `layer3::test_scan[orders-SEC-001]` of `PRD.md::layer3::...`."""
    return node_id.partition("::")[2] or node_id


def blocks(item: ItemResult) -> bool:
    """Return whether an item keeps the gate from passing; one that could not run does, whatever it is about."""
    return item.outcome in (Outcome.FAILED, Outcome.ERROR)


def _all(report: GateReport, services: Collection[str], threshold: Severity) -> Iterator[Finding]:
    for item in report.items:
        if blocks(item):
            yield from _of_item(item, services, threshold)
    for row in report.requirements:
        if row.get("blocks"):
            text = f"requirement {row.get('id', '')} is not proven: {row.get('reason', '')}"
            yield Finding("", (), "", 0, "UNPROVEN", Severity.ERROR, text, fingerprint=print_of_error("", text))


def _of_item(item: ItemResult, services: Collection[str], threshold: Severity) -> Iterator[Finding]:
    active = [violation for violation in item.violations if not violation.suppressed_by]
    least = threshold if item.layer == 3 else Severity.ERROR
    worst = [violation for violation in active if violation.severity.at_least(least)] or active
    if item.outcome is Outcome.ERROR or not worst:
        yield from _of_error(item, services)
        return
    for violation in worst:
        yield _of_violation(item, violation, services)


def _of_violation(item: ItemResult, violation: Violation, services: Collection[str]) -> Finding:
    """Return the finding that a violation is; it is its own service's, which may be another than the item's."""
    names = [name for name in (violation.service, item.service) if name in services]
    return Finding(
        service="" if violation.code.startswith(_DESIGN) else next(iter(names), ""),
        items=(key_of(item.id),),
        id=item.id,
        layer=item.layer,
        code=violation.code,
        severity=violation.severity,
        message=violation.message,
        place=violation.place,
        evidence=violation.evidence,
        fingerprint=print_of_violation(violation, key_of(item.id), item.layer),
    )


def _of_error(item: ItemResult, services: Collection[str]) -> Iterator[Finding]:
    """Yield what the error of an item says, by service: many items may have the same one."""
    for part in blame(item.reason or "it gave no reason", item.service, services):
        head, _, rest = part.text.strip().partition("\n")
        yield Finding(
            service=part.service,
            items=(key_of(item.id),),
            id=item.id,
            layer=item.layer,
            code="" if part.down else item.code,
            severity=item.severity,
            message=f"does not come up: {head}" if part.down else head,
            evidence=rest,
            error=True,
            fingerprint=print_of_error(part.service, head),
        )


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, what several items have in common only once, with all of their ids."""
    known: dict[tuple[str, ...], Finding] = {}
    for finding in findings:  # errors are the same where only their numbers differ
        key = finding.service, finding.fingerprint, finding.place, "" if finding.error else finding.message
        first = known.setdefault(key, finding)
        if first is not finding:
            known[key] = replace(first, items=tuple(dict.fromkeys(first.items + finding.items)))
    return list(known.values())
