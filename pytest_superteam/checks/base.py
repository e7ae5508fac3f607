"""What a check of layer 2 is: a look at the running system, one item for each thing that it looks at.

A built-in check is a `Family` in a module of `checks/families`: it declares its codes, plans its items from the
architecture alone (nothing is built yet), and answers them when the system runs. A project's own check is a `Check`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.checks.callers.credentials import Credentials
    from pytest_superteam.config import Config
    from pytest_superteam.contracts.registry import ContractRegistry
    from pytest_superteam.models import Architecture, CheckResult, Deployment, Rule, Violation

__all__ = ["NOT_EXERCISED", "Check", "CheckItem", "CheckTarget", "Family", "Planning", "RunningSystem", "at_once"]
__all__ += ["is_exercised"]


@dataclass(frozen=True)
class CheckTarget:
    """One service of the running system. `tokens` are bearer tokens by role, `""` for any signed-in caller."""

    service: str
    """Name of the service."""
    architecture: Architecture
    """The whole design."""
    deployment: Deployment
    """The running system; `deployment.url(service)` is where a service answers."""
    tokens: Mapping[str, str] = field(repr=False)


@runtime_checkable
class Check(Protocol):
    """A project's own check of layer 2; its item is `test_check[<service>-<code>]`."""

    code: str
    """Its code, such as `HOUSE-001`."""
    severity: Severity
    """From `error` up what it finds blocks."""
    help: str
    """One sentence: what to do about a finding."""

    def run(self, target: CheckTarget) -> Iterable[Violation]:
        """Yield what the running service does wrong.

        Raises:
            CheckError: the check could not run.
        """
        ...


@dataclass(frozen=True)
class Planning:
    """What is known when items are planned: the design and the settings, nothing that runs."""

    architecture: Architecture
    config: Config
    project: Path
    """Folder that paths of the settings are relative to."""
    found: bool = False
    """Whether the system was there before us: its contracts are what we found, not what we asked for."""
    gateway: bool = False
    """Whether a gateway of ours stands in front of the services."""


@dataclass(frozen=True)
class CheckItem:
    """One item of a family. `param` stands between the brackets of its id and is unique within the family."""

    service: str
    """The service that the item counts for, whose failed layer 1 holds it back."""
    param: str
    code: str
    severity: Severity = Severity.ERROR
    """From `ERROR` up the item blocks; below, what it finds is advisory."""
    subject: str = ""
    """What the item looks at within the service: an operation, a provider, a flow, an event."""


NOT_EXERCISED = "not exercised: no call was answered with 2xx"
"""What the detail of a result says where an operation never succeeded."""


def is_exercised(result: CheckResult) -> bool:
    """Return whether the result of an operation's conformance says that it answered with 2xx at least once."""
    return bool(result.detail) and NOT_EXERCISED not in result.detail


def at_once(_name: str, work: Callable[[], Any]) -> Any:
    """Return what `work` returns: the memory of a process that shares with no other."""
    return work()


@dataclass
class RunningSystem:
    """The deployed system as the checks see it; what several items need is worked out once in a run."""

    architecture: Architecture
    config: Config
    deployment: Deployment = field(repr=False)
    project: Path
    found: bool = False
    sources: Mapping[str, Path] = field(default_factory=dict, repr=False)
    """The folder of each service's source, where there is one."""
    pacts: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """Generated Pact documents by (consumer, provider)."""
    once: Callable[[str, Callable[[], Any]], Any] = field(default=at_once, repr=False)
    """`once(name, work)` returns JSON-ready data that the first process of the run to ask works out, for all."""
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    """What this process keeps for the items that it answers, such as parsed source."""
    auth_token: Callable[[], Any] | None = field(default=None, repr=False)
    """Asks the fixture `auth_token` of the project, for a token or a mapping of them by role; None without one."""

    @cached_property
    def credentials(self) -> Credentials:
        """Return where the tokens come from."""
        from pytest_superteam.checks.callers.credentials import Credentials

        return Credentials(self)

    @property
    def tokens(self) -> Mapping[str, str]:
        """Return credentials by role, `""` for any signed-in caller; those that end are had again in time.

        Raises:
            CheckError: a registration or login of the contracts does not work, or a setting of `auth`.
        """
        return self.credentials.tokens()

    @cached_property
    def samples(self) -> Mapping[str, Mapping[str, Any]]:
        """Return ids of existing rows by service and entity (`checks.seeding`).

        Raises:
            CheckError: a registration or login of the contracts does not work.
        """
        from pytest_superteam.checks.seeding import seed

        found: Mapping[str, Mapping[str, Any]] = self.once(
            "samples", lambda: seed(self.architecture, self.deployment, self.tokens, self.credentials.account())
        )
        return found

    @cached_property
    def registry(self) -> ContractRegistry:
        """Return the contracts by service and operation."""
        from pytest_superteam.contracts.registry import ContractRegistry

        return ContractRegistry.of(self.architecture)

    def url(self, service: str) -> str:
        """Return where `service` answers, without a trailing slash.

        Raises:
            CheckError: it is not deployed.
        """
        try:
            return self.deployment.url(service).rstrip("/")
        except KeyError:
            raise CheckError(f"'{service}' is not deployed, for it was not built. See layer 1.") from None


@dataclass(frozen=True)
class Family:
    """Built-in checks of one kind. `test` is the function of layer 2's module that carries their items."""

    test: str
    rules: tuple[Rule, ...]
    plan: Callable[[Planning], Iterable[CheckItem]]
    check: Callable[[RunningSystem, CheckItem], CheckResult]
    """Answers one item; raises CheckError where it could not run."""
