"""What a step cost: what was reported counts, then what its tokens cost, then the worst case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import Cost, Usage
    from pytest_superteam.pipeline.money.prices import PriceBook

__all__ = ["cut_off", "so_far", "with_usage"]


def so_far(cost: Cost, usage: Usage, prices: PriceBook) -> Cost:
    """Return a step at work with what it has used up to now; what it has cost never gets less."""
    cost = _with_tokens(cost, usage)
    usd, estimated = _price(cost, usage, prices)
    if usd is None or usd < cost.usd:
        return cost
    return replace(cost, usd=usd, estimated=estimated, unknown=cost.unknown and not usd)


def with_usage(cost: Cost, usage: Usage, prices: PriceBook) -> Cost:
    """Return a step that ended, with what it used.

    One that was settled before stays as it is, unless its cost was our own guess, or unknown, and is now known better.
    """
    before, cost = cost, replace(_with_tokens(cost, usage), status="settled")
    usd, estimated = _price(cost, usage, prices)
    if before.status == "settled" and (usd is None or not (before.estimated or before.unknown)):
        return before
    if usd is None:
        return _unsaid(cost)
    if estimated and before.status == "reserved":
        usd = max(usd, cost.usd)  # what was reported on the way has been spent
    return replace(cost, usd=usd, estimated=estimated, unknown=False)


def cut_off(cost: Cost) -> Cost:
    """Return a step that was cut off: nobody knows what it cost, so its worst case counts, or more if it said so."""
    if not max(cost.reserved_usd, cost.usd):  # a free one costs nothing, whenever it ends
        return replace(cost, status="settled", estimated=False)
    return replace(cost, status="settled", usd=max(cost.reserved_usd, cost.usd), estimated=True, unknown=False)


def _unsaid(cost: Cost) -> Cost:
    """Return a step that ended without a word on its cost: what it said before counts, and a free one is free."""
    if cost.usd > 0:
        return replace(cost, estimated=True, unknown=False)
    return replace(cost, estimated=False, unknown=cost.unknown or cost.reserved_usd > 0)


def _with_tokens(cost: Cost, usage: Usage) -> Cost:
    """Return the step with its model and tokens; an empty report takes none away."""
    cost = replace(cost, model=usage.model or cost.model)
    if not (usage.input_tokens or usage.output_tokens):
        return cost
    return replace(
        cost,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
    )


def _price(cost: Cost, usage: Usage, prices: PriceBook) -> tuple[float | None, bool]:
    """Return US dollars and whether they are worked out by us."""
    if usage.usd is not None:
        return usage.usd, False
    return prices.price(replace(usage, model=cost.model)), True
