"""Results of an earlier gate that still hold after a fix: those of items that can't have changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.evaluation import NOTES_KEY
from pytest_superteam.pipeline.items import SYSTEM, GateItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pytest_superteam.pipeline.state.store import Store

__all__ = ["carriable", "carry", "may_be_carried"]

_CALLING = 2
"""The layer whose items call the running system."""
_ANYWHERE = frozenset({"test_flow", "test_check"})
"""Test functions whose items may call any service, whatever stands in their names: flows, and checks of the project."""


def carriable(
    items: Iterable[GateItem], results: Mapping[str, Mapping[str, Any]], affected: Collection[str]
) -> tuple[str, ...]:
    """Return the keys of the results that still hold, those of notes on source files among them, sorted.

    What this session has not asked before stays to be asked: there is no result of it.

    Args:
        items: the items of the gate.
        results: what the earlier session kept (`Store.results`).
        affected: services that changed, and those that depend on them (`affected.affected`).
    """
    known = {item.key: item for item in items}
    names = {item.service for item in known.values()} - {SYSTEM}
    kept = []
    for key, result in results.items():
        item = known.get(key)
        if item is not None and may_be_carried(item, result, affected):
            kept.append(key)
        elif key.startswith(NOTES_KEY):
            service = key.removeprefix(NOTES_KEY).partition("::")[0]
            if service not in affected and (service in names or not affected):
                kept.append(key)
    return tuple(sorted(kept))


def may_be_carried(item: GateItem, result: Mapping[str, Any], affected: Collection[str]) -> bool:
    """Return whether the result of an item still holds though the affected services have changed or may answer anew.

    It does not where it looks at a service that is affected, or may; where it could not run; and where it told of an
    affected service. A result that can't be read holds for nothing. Where nothing changed, all else holds.
    """
    if result.get("error") or (item.layer == _CALLING and result.get("skipped")):
        return False
    if affected and (item.service == SYSTEM or item.service in affected):
        return False
    if affected and item.layer == _CALLING and (item.test in _ANYWHERE or _speaks_of(item, affected)):
        return False
    violations = result.get("violations", ())
    if not isinstance(violations, list | tuple) or not all(isinstance(each, Mapping) for each in violations):
        return False
    return not any(each.get("service") in affected for each in violations)


def _speaks_of(item: GateItem, affected: Collection[str]) -> bool:
    """Return whether an item's name or subject names an affected service: the other end of a call, a pact, an event."""
    said = f"{item.param} {item.subject}"
    return any(re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", said) for name in affected)


def carry(store: Store, from_session: str, to_session: str, keys: Collection[str]) -> int:
    """Copy results to another session, all or none, and return how many; what that session has already stays."""
    if from_session == to_session:
        return 0
    wanted = frozenset(keys) - store.results(to_session).keys()
    copied = {key: result for key, result in store.results(from_session).items() if key in wanted}
    store.save_results(to_session, copied)
    return len(copied)
