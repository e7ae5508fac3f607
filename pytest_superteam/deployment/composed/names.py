"""What things are called in a composed system, so that nothing of ours has the name of a service."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.plan import COLLECTOR_SERVICE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Names", "database_name", "names_for", "project_name", "variable"]

_RESERVED = frozenset({"postgres", "template0", "template1", "public", "none"})
"""Databases that every cluster has, and words that PostgreSQL takes as no role's name."""


@dataclass(frozen=True)
class Names:
    """The names of our own parts in the compose file."""

    postgres: str = "postgres"
    redis: str = "redis"
    gateway: str = "gateway"
    database_setup: str = "database-setup"
    collector: str = COLLECTOR_SERVICE
    authorities: str = "ca-bundle"

    def migrations(self, service: str, taken: Collection[str]) -> str:
        """Return what the run-once service is called that brings the tables of `service` up to date."""
        return _free(f"{service}-migrations", taken)


def names_for(services: Iterable[str]) -> Names:
    """Return our names beside `services`, whose names stay as they are; ours give way."""
    taken = frozenset(services)
    plain = Names()
    return Names(**{key: _free(name, taken) for key, name in vars(plain).items()})


def _free(name: str, taken: Collection[str]) -> str:
    """Return `name`, or the first of `superteam-<name>`, `superteam-<name>-2` ... that is not taken."""
    if name not in taken:
        return name
    base = name if name.startswith("superteam-") else f"superteam-{name}"
    number = 1
    while (chosen := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return chosen


def project_name(run_id: str) -> str:
    """Return the name of the compose project of a run: lower case, digits, `-` and `_`, at most 60 characters."""
    plain = re.sub(r"[^a-z0-9_-]", "-", run_id.lower())
    if plain != run_id or len(plain) > 50:  # two runs must not share a name that was shortened
        plain = f"{plain[:37]}-{hashlib.sha256(run_id.encode()).hexdigest()[:12]}"
    return f"superteam-{plain}"


def variable(service: str, what: str) -> str:
    """Return the variable of the env file that holds `what` of a service: `ORDER_SERVICE_DATABASE_PASSWORD`."""
    return f"{service.upper().replace('-', '_')}_{what}"


def database_name(service: str) -> str:
    """Return what the database and the user of a service are called: like the service, or with `_` behind it."""
    return f"{service}_" if service in _RESERVED else service
