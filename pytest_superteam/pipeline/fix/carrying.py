"""Results of an earlier gate that still hold after a fix: those of items that can't have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pytest_superteam.pipeline.items import GateItem
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["carriable", "carry", "may_be_carried"]


def carriable(
    items: Iterable[GateItem], results: Mapping[str, Mapping[str, Any]], affected: Collection[str]
) -> tuple[str, ...]:
    """Return the keys of the results that still hold, those of notes on source files among them, sorted.

    Args:
        items: the items of the gate.
        results: what the earlier session kept (`Store.results`).
        affected: services that changed, and those that depend on them.
    """
    raise AssertionError(items, results, affected)


def carry(store: Store, from_session: str, to_session: str, keys: Collection[str]) -> int:
    """Copy results to another session, all or none, and return how many; what that session has already stays."""
    raise AssertionError(store, from_session, to_session, keys)
