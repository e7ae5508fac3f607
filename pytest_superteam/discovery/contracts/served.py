"""Contracts that running services serve of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.discovery.contracts.contract import FoundContract, FoundContracts
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["served_contract", "with_served"]


def served_contract(name: str, url: str, timeout: float = 5.0) -> FoundContract | None:
    """Return the contract that a running service serves, None where it serves none at the usual places.

    Args:
        name: Of the service, for messages.
        url: Where it answers.
        timeout: Seconds for all places together.

    Raises:
        CheckError: the service can't be reached, or what it serves is malformed.
    """
    from pytest_superteam.contracts.documents.loading import document_kind
    from pytest_superteam.contracts.documents.served import served_document
    from pytest_superteam.contracts.documents.swagger import openapi_of_swagger

    found = served_document(url, timeout=timeout, total=timeout)
    if found is None:
        return None
    kind = document_kind(found.document)
    if kind == "asyncapi":
        return None
    try:
        document = openapi_of_swagger(found.document) if kind == "swagger" else found.document
    except CheckError as error:
        raise CheckError(f"{name}: {found.url}: {error}") from None
    return FoundContract(document, "served", found.url, f"as served at {found.url}")


def with_served(contracts: FoundContracts, addresses: Mapping[str, str], timeout: float = 5.0) -> FoundContracts:
    """Return the contracts with what running services serve in the place of what was derived, or of nothing.

    Args:
        contracts: What was found in the source.
        addresses: Base URLs by service.
        timeout: Seconds for each service.
    """
    found, notes = dict(contracts.contracts), list(contracts.notes)
    for name, url in addresses.items():
        known = found.get(name)
        if known is not None and known.origin != "derived":
            continue
        try:
            served = served_contract(name, url, timeout)
        except CheckError as error:
            notes.append(f"{name}: what it serves is no contract: {error}")
            continue
        if served is not None:
            found[name] = served
            notes = [note for note in notes if not note.startswith(f"{name}: no contract")]
    return FoundContracts(found, tuple(notes))
