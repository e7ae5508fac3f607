"""Contracts and expectations in a service's folder that a fix changed: they say what the gate asks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.fix.trees import Change, Entry

__all__ = ["contract_weakenings"]

_CONTRACT = re.compile(
    r"(?:^|/)(?:pacts?|contracts)/(?:[^/]{1,200}/){0,8}[^/]{1,200}\.(?:json|ya?ml)$"
    r"|(?:^|/)[\w.-]{0,100}(?:openapi|asyncapi|swagger)[\w.-]{0,100}\.(?:json|ya?ml)$",
    re.IGNORECASE,
)
_KEEP = "The service keeps to its contracts as they are, and others rely on that: put it back, and mend the service."


def contract_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield the contracts and pacts that were changed, removed or added."""
    for change in changed:
        if _CONTRACT.search(change.path) is None or is_test(change.path) or _same(change.before, change.after):
            continue
        verb = "added" if change.before is None else "removed" if change.after is None else "changed"
        yield Weakening(change.path, 0, f"A contract, or what a consumer expects, was {verb}. {_KEEP}")


def _same(old: Entry | None, new: Entry | None) -> bool:
    """Return whether two documents say the same, whatever their layout."""
    if old is None or new is None or not new.regular or old.binary or new.binary:
        return False
    try:
        return bool(_read(old.text) == _read(new.text))
    except (ValueError, RecursionError):
        return False


def _read(text: str) -> Any:
    """Return a document: JSON; of YAML its lines without comments, for to read it costs seconds."""
    if text.lstrip().startswith(("{", "[")):
        return json.loads(text)
    lines = (line.rstrip() for line in text.split("\n"))
    return [line for line in lines if line and not line.lstrip().startswith("#")]
