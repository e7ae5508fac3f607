"""Documents that were derived from source: how they are told from written ones, and what may be held against them.

A derived document names the operations that the source has. What it says of bodies and answers is so; what it does not
say is unknown, so that nothing may be concluded from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DERIVED_KEY", "holds_on_derived", "is_derived"]

DERIVED_KEY = "x-derived"
"""Extension at the root of a derived document, and in its `info`."""

_HOLDING = frozenset(
    {
        "not_a_server_error",  # no contract needed
        "response_schema_conformance",  # only of answers whose model the framework itself enforces
        "content_type_conformance",  # the same
        "use_after_free",  # about behaviour
        "ensure_resource_availability",
    }
)


def is_derived(document: Mapping[str, Any]) -> bool:
    """Return whether a document was derived from source, so that it may only be held against what it says."""
    return document.get(DERIVED_KEY) is True


def holds_on_derived(check: str) -> bool:
    """Return whether a check of the engine, by its name, says anything of a service whose contract is derived.

    Left out are those that rest on a contract that tells all: which statuses there are, what is refused, which headers
    are required, which methods a path has not, and that a credential is demanded.
    """
    return check in _HOLDING
