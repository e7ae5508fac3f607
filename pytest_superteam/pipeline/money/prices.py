"""What tokens cost: the prices of the settings first, then those of a maintained list (genai-prices)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.config_entries.running import PriceConfig
    from pytest_superteam.models import Usage

__all__ = ["PriceBook"]

_MILLION = 1_000_000


class PriceBook:
    """Prices by model."""

    def __init__(self, own: Mapping[str, PriceConfig]) -> None:
        """Take the prices of the settings, which go before the known ones."""
        self._own = {name.casefold(): price for name, price in own.items()}

    def price(self, usage: Usage) -> float | None:
        """Return what the tokens of `usage` cost in US dollars; None where there are none, or no price is known.

        Where a model is dearer for long requests, all tokens count as those of one: an estimate errs upwards.
        """
        if not usage.model or not (usage.input_tokens or usage.output_tokens):
            return None
        for _, model in _readings(usage.model):
            if (own := self._own.get(model.casefold())) is not None:
                return _by_own(own, usage)
        return _by_list(usage)


def _readings(model: str) -> Iterator[tuple[str | None, str]]:
    """Yield a name as (provider, model): as it is, and read as `provider/model` or `provider:model`."""
    yield None, model
    for sign in "/:":
        provider, found, name = model.partition(sign)
        if found and name:
            yield provider, name
            yield None, name


def _by_own(price: PriceConfig, usage: Usage) -> float:
    cached = min(usage.cache_read_tokens, usage.input_tokens)
    for_cached = price.input if price.cache_read is None else price.cache_read
    read = (usage.input_tokens - cached) * price.input + cached * for_cached
    return (read + usage.output_tokens * price.output) / _MILLION


def _by_list(usage: Usage) -> float | None:
    from genai_prices import Usage as Tokens  # half a second, only where tokens came without a price
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.input_tokens,
        cache_read_tokens=min(usage.cache_read_tokens, usage.input_tokens),
        output_tokens=usage.output_tokens,
    )
    for provider, model in _readings(usage.model):
        try:
            return float(calc_price(tokens, model, provider_id=provider).total_price)
        except (LookupError, ValueError):  # not in the list, or priced by something other than tokens
            continue
    return None
