"""A calibration in words and as data: what was caught by which layer, what survived, what was a false alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import Calibration, Catch, FaultResult

__all__ = ["calibration_data", "calibration_head", "calibration_lines", "catch_line", "fault_line", "rate_line"]

LAYERS = (1, 2, 3, 4)


def rate_line(found: Calibration) -> str:
    """Return the detection rates in a sentence."""
    if found.rate is None or found.rate_without_own_tests is None:
        return "No fault of layers 1 to 3 was tried."
    counted = len(found.counted)
    return (
        f"Caught {found.rate:.1%} of {plural(counted, 'fault')} of layers 1 to 3 "
        f"({found.rate_without_own_tests:.1%} without layer 1, whose tests came with the services); "
        f"{found.minimum:.0%} are asked for."
    )


def calibration_head(found: Calibration) -> Iterator[str]:
    """Yield what a calibration comes to: the rates, the counts, the layers, the false alarms."""
    yield rate_line(found)
    yield _statuses(found)
    yield from (_layer_line(found, layer) for layer in LAYERS)
    yield _alarms(found)
    yield from (f"{alarm.item} {alarm.outcome}: {one_line(alarm.message, 200)}" for alarm in found.alarms or ())


def calibration_lines(found: Calibration, *, verbose: bool = False) -> Iterator[str]:
    """Yield the calibration's section of the terminal; `verbose` lists what caught each fault."""
    yield from calibration_head(found)
    for status, title in (("survived", "Survived: what the gate cannot see"), ("broken", "Broken copies")):
        results = found.with_status(status)
        if results:
            yield f"\n{title} ({len(results)})"
            yield from (f"  {fault_line(result)}" for result in results)
    if verbose:
        yield "\nCaught"
        for result in found.with_status("caught"):
            yield f"  {fault_line(result)}"
            yield from (f"    {catch_line(catch)}" for catch in result.catches)


def _statuses(found: Calibration) -> str:
    words = [
        f"{len(found.with_status(status))} {status}" for status in ("caught", "survived", "not applicable", "broken")
    ]
    advised = sum(not any(catch.blocking for catch in result.catches) for result in found.with_status("caught"))
    told = f" ({advised} of the caught ones advise and do not block)" if advised else ""
    return f"{plural(len(found.faults), 'fault')} of {found.planned} tried one at a time: {', '.join(words)}{told}"


def _layer_line(found: Calibration, layer: int) -> str:
    belong = [result for result in found.faults if layer in result.layers and result.status in ("caught", "survived")]
    hit = sum(layer in result.caught_by for result in belong)
    more = sum(layer in result.caught_by and layer not in result.layers for result in found.faults)
    others = f", and {more} of other layers" if more else ""
    return f"Layer {layer}: catches {hit} of the {plural(len(belong), 'fault')} that belong to it{others}"


def _alarms(found: Calibration) -> str:
    if found.alarms is None:
        return "False alarms: not looked for (test_clean was not run)"
    return f"False alarms: {len(found.alarms)} of {plural(found.clean_items, 'item')} on the clean system"


def fault_line(result: FaultResult) -> str:
    """Return a fault in a line: what, where, and why where there is a reason."""
    place = f"{result.service}/{result.place}: " if result.place else ""
    why = f" ({one_line(result.reason, 300)})" if result.reason else ""
    return f"{result.id}: {place}{one_line(result.what or result.kind, 200)}{why}"


def catch_line(catch: Catch) -> str:
    """Return what caught a fault, in a line."""
    how = "could not run" if catch.error else "found" if catch.blocking else "advises"
    return f"layer {catch.layer}: {catch.item} {how}: {one_line(catch.message, 200)}"


def calibration_data(found: Calibration | None) -> dict[str, Any] | None:
    """Return a calibration as the JSON report has it, None where the gate was not tried on itself."""
    if found is None:
        return None
    return {
        "passed": found.passed,
        "minimum": found.minimum,
        "rate": _rounded(found.rate),
        "rate_without_layer_1": _rounded(found.rate_without_own_tests),
        "planned": found.planned,
        "clean_items": found.clean_items,
        "false_alarms": None
        if found.alarms is None
        else [
            {
                "item": mask(alarm.item),
                "outcome": alarm.outcome,
                "message": mask(alarm.message),
                "blocking": alarm.blocking,
            }
            for alarm in found.alarms
        ],
        "faults": [_fault(result) for result in found.faults],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _fault(result: FaultResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "kind": result.kind,
        "layers": list(result.layers),
        "status": result.status,
        "service": result.service,
        "place": result.place,
        "what": mask(result.what),
        "operation": result.operation,
        "reason": mask(result.reason),
        "tried": result.tried,
        "seconds": round(result.seconds, 3),
        "caught_by": [
            {
                "layer": catch.layer,
                "item": mask(catch.item),
                "code": catch.code,
                "message": mask(catch.message),
                "blocking": catch.blocking,
                "error": catch.error,
            }
            for catch in result.catches
        ],
    }
