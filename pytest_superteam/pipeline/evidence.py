"""What guards of the state machine are told, as it is on disk: nothing is taken for done because somebody did it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.files import contract_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_superteam.pipeline.files import Layout

__all__ = ["architect_outputs_exist", "contracts_valid", "integration_report_exists"]

_MOST = 16 * 1024 * 1024  # of a contract, in bytes; the largest public one known has 12 MB
_KIND = re.compile(rb"""^[ \t{]{0,8}["']?(?:openapi|swagger)["']?[ \t]{0,8}:""", re.MULTILINE)


def architect_outputs_exist(layout: Layout, contracts: Iterable[str]) -> bool:
    """Return whether service map, domain model, and the contracts of these services are on disk."""
    names = ["service-map.yaml", "domain-model.yaml", *map(contract_file, contracts)]
    return all(_holds_something(layout.architecture / name) for name in names)


def contracts_valid(layout: Layout, contracts: Iterable[str]) -> bool:
    """Return whether the contract of each of these services is there, and is an OpenAPI document by its own word."""
    return all(_is_contract(layout.architecture / contract_file(service)) for service in contracts)


def integration_report_exists(layout: Layout, run: str) -> bool:
    """Return whether it is written down how the system of this run is reached."""
    from pytest_superteam.deployment.records import load_deployment

    found = load_deployment(layout.deployment)
    return found is not None and found.run_id == run


def _holds_something(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _is_contract(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return _KIND.search(stream.read(_MOST)) is not None
    except OSError:
        return False
