"""What to build and where to, and what each build depends on."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.codec import to_data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import Architecture, BuildResult, Rule

__all__ = ["BuildPlan"]


@dataclass(frozen=True)
class BuildPlan:
    """What to build: `output` takes the services, `records` one JSON file for each, `aside` what had to make way."""

    architecture: Architecture
    builder: Builder
    output: Path
    records: Path
    aside: Path
    pacts: Mapping[tuple[str, str], Mapping[str, Any]]
    fresh: bool = False
    parallel: int = 3
    timeout: float = 1800.0
    """Seconds for one try at one service."""
    others: tuple[Builder, ...] = ()
    """Further builders that may build a service; what any of them built is kept while nothing has changed."""
    fallback: Builder | None = None
    """Who stands in for a builder that failed; what it built so is kept while that one is asked still."""
    prd: str = ""
    """The requirements document without its secrets."""
    rules: tuple[Rule, ...] = ()
    """The codes that the services will be held to."""
    project: Path | None = None
    private: Path | None = None
    """The folder for what builders need besides, while they work."""

    @property
    def builders(self) -> tuple[Builder, ...]:
        """Return all builders, `builder` first."""
        return (self.builder, *(other for other in self.others if other is not self.builder))

    def parts(self, service: str, builder: Builder | None = None) -> dict[str, str]:
        """Return the hash of each thing that the build of `service` depends on, by name.

        Names: `builder`, `version`, `model`, `service`, `entities`, `operations`, `dependencies`, `events`, `roles`,
        `contract`, and with what they are about `contract:<provider>`, `pact:<provider>`, `input:<name>` (what the
        builder itself says). A builder that can't say builds again each time.
        """
        system, builder = self.architecture, builder or self.builder
        providers = {dependency.provider for dependency in system.dependencies_of(service)}
        things: dict[str, Any] = {
            "builder": builder.name,
            "version": builder.version,
            "model": str(getattr(builder, "model", "")),
            "service": to_data(system.service_named(service)),
            "entities": to_data(system.entities_of(service)),
            "operations": to_data(system.operations_of(service)),
            "dependencies": to_data(system.dependencies_of(service)),
            "events": [to_data(e) for e in system.events if service == e.publisher or service in e.consumers],
            "roles": system.roles,
            "contract": system.contracts.get(service),
        }
        things |= {f"contract:{name}": system.contracts.get(name) for name in providers - {service}}
        things |= {f"pact:{provider}": pact for (consumer, provider), pact in self.pacts.items() if consumer == service}
        things |= _inputs(builder, service)
        return {name: _hash(thing) for name, thing in sorted(things.items())}

    def key(self, service: str, builder: Builder | None = None) -> str:
        """Return the hash of all that the build of `service` by `builder` (unset: the first) depends on."""
        return key_of(self.parts(service, builder))

    def keys(self, service: str) -> frozenset[str]:
        """Return the keys under which a build of `service` need not be done again: one for each builder."""
        return frozenset(self.key(service, builder) for builder in self.builders)

    def fits(self, record: BuildResult) -> bool:
        """Return whether a service was built as it would be now, by one of the builders or in place of one."""
        if record.key in self.keys(record.service):
            return True
        asked = any(builder.name == record.instead_of for builder in self.builders)
        return asked and self.fallback is not None and record.key == self.key(record.service, self.fallback)


def key_of(parts: Mapping[str, str]) -> str:
    """Return the key of a build that depends on `parts`."""
    return _hash(dict(parts))


def _inputs(builder: Builder, service: str) -> dict[str, Any]:
    """Return what a builder says that its work depends on."""
    ask = getattr(builder, "inputs", None)
    try:
        return {f"input:{name}": value for name, value in (ask(service) if ask is not None else {}).items()}
    except Exception:  # noqa: BLE001  # whatever breaks in a builder costs its own services only
        return {"input:unreadable": secrets.token_hex()}


def _hash(thing: Any) -> str:
    return hashlib.sha256(json.dumps(thing, sort_keys=True, default=str).encode()).hexdigest()
