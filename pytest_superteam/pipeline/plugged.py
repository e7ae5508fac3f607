"""What the rim hands to the core: the hooks of a project as plain callables, so that the core needs no pytest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pytest_superteam.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.checks.base import Check
    from pytest_superteam.deployment.base import Deployer
    from pytest_superteam.models import Architecture, Rule, Violation
    from pytest_superteam.scanners.base import Scanner

__all__ = ["Plugged", "check_codes", "choose"]


@dataclass(frozen=True)
class Plugged:
    """The project's architect, builders, deployments, scanners, checks and observers."""

    architect: Callable[[Prd], Architecture]
    architects: str
    """Who may answer `architect`, by name: another one makes another design."""
    builders: Callable[[], Sequence[Builder]]
    deployers: Callable[[], Sequence[Deployer]]
    scanners: Callable[[], Sequence[Scanner]]
    checks: Callable[[], Sequence[Check]]
    triage: Callable[[Violation], Violation | None]
    phase: Callable[[str, str], Any]

    def rules(self) -> dict[str, Rule]:
        """Return the rules of layers 2 to 4 by code: what is known of the codes that findings have."""
        from pytest_superteam.checks.registry import builtin_families
        from pytest_superteam.scanners.run import rules_of

        return rules_of(self.scanners()) | {rule.id: rule for family in builtin_families() for rule in family.rules}


class _Named(Protocol):
    name: str


T = TypeVar("T", bound=_Named)


def choose(kind: str, name: str, offered: Sequence[T]) -> T:
    """Return the last one offered under `name`, so that a project can replace a built-in one.

    Raises:
        ConfigError: nothing of that name is offered.
    """
    found = [item for item in offered if item.name == name]
    if not found:
        known = ", ".join(sorted({item.name for item in offered}))
        raise ConfigError(f"--{kind}: '{name}' is not known. Choose one of {known}.")
    return found[-1]


def check_codes(scanners: Sequence[Scanner], checks: Sequence[Check]) -> None:
    """Refuse two sources of one code.

    Raises:
        UsageError: one line that names the code and who declares it.
    """
    owners: dict[str, str] = {}
    declared: list[tuple[str, object]] = [(rule.id, scanner) for scanner in scanners for rule in scanner.codes]
    from pytest_superteam.checks.registry import builtin_families

    declared += [(rule.id, family) for family in builtin_families() for rule in family.rules]
    for code, owner in [*declared, *((check.code, check) for check in checks)]:
        name = getattr(owner, "test", type(owner).__qualname__)
        if code in owners:
            raise UsageError(f"{code}: is declared by '{owners[code]}' and by '{name}'. Give one of them another code.")
        owners[code] = name
