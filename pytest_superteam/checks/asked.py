"""What a requirements document asks for and a system that is there lacks: services, operations, fields, requirements.

What the system has beyond that is its own affair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.checks.convergence.fields import missing_fields
from pytest_superteam.checks.convergence.operations import FoundOperations, is_asked_for
from pytest_superteam.checks.convergence.services import homes_of
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import Architecture, Operation, Requirement, Source

__all__ = ["FIELD", "OPERATION", "REQUIREMENT", "SERVICE", "check_asked"]

SERVICE, OPERATION, FIELD, REQUIREMENT = (f"CONVERGENCE-00{number}" for number in range(2, 6))
_LISTED = 5
_LOOKED = 30
"""Missing operations of a service for which something similar is looked for: that compares with all others."""
_QUOTE = 160


def check_asked(asked: Architecture, system: Architecture, service: str, ratio: float) -> CheckResult:
    """Return what the system lacks of one service that was asked for.

    Missing operations and requirements are errors when less than `ratio` (0 to 1) of them are there, as is a service of
    which there is nothing; otherwise, like missing fields, they are warnings.

    Args:
        asked: What the requirements document asks for.
        system: What was found, its operations and entities as far as its contracts tell them.
        service: Name of a service of `asked`.
        ratio: Share that has to be there, 0 to 1.

    Raises:
        CheckError: the service is there, and what it serves is not known.
    """
    part = _Comparison(asked, system, _names(system)).of(service)
    if part.is_unknown:
        raise CheckError(
            f"'{service}' is '{', '.join(part.homes)}' here, of which no operation is known. Give it an OpenAPI "
            f"document, or name the file in superteam.yaml."
        )
    violations = part.violations()
    if part.homes and part.done >= ratio * part.of:
        violations = tuple(replace(violation, severity=Severity.WARNING) for violation in violations)
    return CheckResult(violations=violations, detail=part.detail)


def _names(system: Architecture) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(s.name for s in system.services), *system.contracts)))


@dataclass(frozen=True)
class _Comparison:
    """Both architectures, and the names of all services that were found."""

    asked: Architecture
    system: Architecture
    names: tuple[str, ...]

    @cached_property
    def operations(self) -> FoundOperations:
        return FoundOperations(self.system, self.asked)

    @cached_property
    def there(self) -> frozenset[str]:
        """The operations that are there, as `service:id`."""
        return frozenset(f"{o.service}:{o.id}" for o in self.asked.operations if self.operations.serving(o))

    @cached_property
    def demanded(self) -> frozenset[str]:
        """The operations that the text asks for, as `service:id`."""
        return frozenset(f"{o.service}:{o.id}" for o in self.asked.operations if is_asked_for(o))

    def carrier(self, requirement: Requirement) -> str:
        """Return the first service that carries a requirement, which tells that there is nothing behind it."""
        carried = (name for name in requirement.operations if name in self.demanded)
        return next(carried, "").partition(":")[0]

    def of(self, service: str) -> _Part:
        homes = homes_of(service, self.asked, self.system, self.names, self.operations)
        return _Part(self, service, homes)


@dataclass(frozen=True)
class _Part:
    """One service that was asked for, and the found ones that stand for it."""

    whole: _Comparison
    service: str
    homes: tuple[str, ...]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(o for o in self.whole.asked.operations_of(self.service) if is_asked_for(o))

    @cached_property
    def firm(self) -> tuple[Operation, ...]:
        """The operations that count: those that the text states, or all where it states none and we concluded them."""
        stated = tuple(o for o in self.operations if o.source is None or o.source.kind == "explicit")
        return stated or self.operations

    @cached_property
    def absent(self) -> tuple[Operation, ...]:
        return tuple(o for o in self.operations if f"{o.service}:{o.id}" not in self.whole.there)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that the service carries."""
        own = {f"{self.service}:{operation.id}" for operation in self.operations}
        return tuple(r for r in self.whole.asked.requirements if own.intersection(r.operations))

    @cached_property
    def bare(self) -> tuple[Requirement, ...]:
        """The requirements with nothing behind them, each with the first service that should carry it."""
        return tuple(
            r
            for r in self.requirements
            if not self.whole.there.intersection(r.operations) and self.whole.carrier(r) == self.service
        )

    @property
    def is_unknown(self) -> bool:
        """Whether operations are missing while nobody knows what the services serve."""
        served = {operation.service for operation in self.whole.system.operations}
        dark = [name for name in self.homes if name not in served and name not in self.whole.system.contracts]
        return bool(self.homes and dark and self.absent)

    @property
    def of(self) -> int:
        """How many operations and requirements count."""
        return len(self.firm) + len(self.requirements)

    @property
    def done(self) -> int:
        """How many of them are there."""
        absent = [o for o in self.firm if o in self.absent]
        gone = {f"{o.service}:{o.id}" for o in absent}
        met = [r for r in self.requirements if not gone.intersection(r.operations)]
        return len(self.firm) - len(absent) + len(met)

    @property
    def detail(self) -> str:
        there = len(self.operations) - len(self.absent)
        text = f"{there} of {len(self.operations)} operations that the text asks for are there"
        others = sorted(set(self.homes) - {self.service})
        if others:
            text += f", in {', '.join(others)}"
        if self.homes and not self.operations:
            text = f"the text names no operation of it; it is {', '.join(self.homes)}"
        return text

    def violations(self) -> tuple[Violation, ...]:
        if not self.homes:
            return (self._missing(), *self._requirements())
        if self.is_unknown:
            return ()
        return (*self._operations(), *self._fields(), *self._requirements())

    def _missing(self) -> Violation:
        service = self.whole.asked.service_named(self.service)
        named = [f"{o.method} {o.path}" for o in self.operations]
        more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
        lacks = f": {', '.join(named[:_LISTED])}{more}" if named else ""
        found = ", ".join(self.whole.names) or "none"
        return self._violation(
            SERVICE,
            f"'{self.service}' is asked for ({_line(service.source)}) and no service does its work{lacks}. "
            f"Those found: {found}. Add it.",
            self.service,
        )

    def _operations(self) -> Iterator[Violation]:
        for number, operation in enumerate(self.absent):
            near = self.whole.operations.near(operation, self.homes) if number < _LOOKED else ""
            what = f"{operation.method} {operation.path}"
            nobody = "no service has anything" if len(self.homes) > 1 else f"'{self.homes[0]}' has nothing"
            instead = f"'{self.homes[0]}' {near}" if near else f"{nobody} like it"
            message = f"{what} is asked for ({_line(operation.source)}); {instead}. Add it."
            severity = Severity.ERROR if operation in self.firm else Severity.WARNING
            yield self._violation(OPERATION, message, what, severity)

    def _fields(self) -> Iterator[Violation]:
        for entity in self.whole.asked.entities:
            if entity.service != self.service:
                continue
            for field in missing_fields(entity, self.whole.system, self.homes):
                line = _line(field.source or entity.source)
                message = f"'{field.name}' of {entity.name} is asked for ({line}) and in no schema of it. Add it."
                yield self._violation(FIELD, message, f"{entity.name}.{field.name}", Severity.WARNING)

    def _requirements(self) -> Iterator[Violation]:
        for requirement in self.bare:
            text = " ".join(requirement.text.split())
            shown = text if len(text) <= _QUOTE else f"{text[: _QUOTE - 3]}..."
            message = (
                f"{requirement.id} (line {requirement.line}) has nothing behind it, for none of its "
                f"{len(requirement.operations)} operations is there: {shown}"
            )
            yield self._violation(REQUIREMENT, message, requirement.id)

    def _violation(self, code: str, message: str, evidence: str, severity: Severity = Severity.ERROR) -> Violation:
        return Violation(code, severity, self.service, message, evidence=evidence)


def _line(source: Source | None) -> str:
    if source is None:
        return "no line says so"
    return f"line {source.line}" if source.kind == "explicit" else f"concluded from line {source.line}"
