"""Item results -> GateReport: counts by layer and the verdict."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import HELD_BACK, GateReport, ItemResult, LayerResult, Outcome, SourceNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.models import Cost

__all__ = ["assemble", "layer_results", "verdict_of"]

LAYERS = (1, 2, 3, 4)


def assemble(
    *,
    title: str,
    run_id: str,
    items: Sequence[ItemResult],
    services: Sequence[str],
    phases: Mapping[str, float],
    seconds: float,
    interrupted: bool = False,
    requirements: Sequence[Mapping[str, Any]] = (),
    operations: Mapping[str, bool] | None = None,
    costs: Sequence[Cost] = (),
    planned: int = 0,
    notes: Sequence[SourceNote] = (),
    repeat: str = "",
) -> GateReport:
    """Return the report on `items`, sorted by layer, service and id, so that a parallel run gives the same one."""
    ordered = tuple(sorted(items, key=lambda item: (item.layer, item.service, item.id)))
    return GateReport(
        title=title,
        run_id=run_id,
        verdict=verdict_of(ordered, interrupted=interrupted, untraced=any(row.get("blocks") for row in requirements)),
        items=ordered,
        layers=layer_results(ordered),
        services=tuple(dict.fromkeys(services)),
        seconds=seconds,
        phases=dict(phases),
        cost_usd=math.fsum(cost.usd for cost in costs),
        costs=tuple(costs),
        requirements=tuple(requirements),
        operations=dict(sorted((operations or {}).items())),
        planned=planned,
        notes=tuple(notes),
        repeat=repeat,
    )


def verdict_of(items: Iterable[ItemResult], *, interrupted: bool = False, untraced: bool = False) -> str:
    """Return `failed` (something blocks, or could not run), `interrupted`, `incomplete` (nothing ran) or `passed`.

    `untraced` says that a requirement blocks for lack of a proof.
    """
    outcomes = {item.outcome for item in items}
    if outcomes & {Outcome.FAILED, Outcome.ERROR} or (untraced and not interrupted):
        return "failed"
    if interrupted:
        return "interrupted"
    return "incomplete" if outcomes <= {Outcome.SKIPPED} else "passed"


def layer_results(items: Iterable[ItemResult]) -> tuple[LayerResult, ...]:
    """Return the counts of the four layers, and of any other that has items, in order."""
    items = tuple(items)
    counts = Counter((item.layer, item.outcome) for item in items)
    held = Counter(item.layer for item in items if item.reason.startswith(HELD_BACK))
    layers = sorted({*LAYERS, *(layer for layer, _ in counts)})
    return tuple(
        LayerResult(
            layer,
            passed=counts[layer, Outcome.PASSED],
            failed=counts[layer, Outcome.FAILED],
            advisory=counts[layer, Outcome.ADVISORY],
            skipped=counts[layer, Outcome.SKIPPED],
            errors=counts[layer, Outcome.ERROR],
            held_back=held[layer],
        )
        for layer in layers
    )
