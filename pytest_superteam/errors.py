"""The two kinds of error that users meet; everything else is a bug and shows its traceback.

```
SuperteamError
├── UsageError          what the user typed or wrote is wrong: one line, exit code 4, before anything runs
│   ├── ConfigError     superteam.yaml, an environment variable or an option
│   ├── PrdError        the requirements document
│   └── StoreError      the database of the runs; defined where it is read, in pipeline/state
├── StoppedError        the run was asked to end, or may spend no more: the session ends, the same command goes on
└── GateError           a phase or a check could not do its work: an error in the report, never a pass
    ├── ArchitectError  an architect by agent gave no usable design
    ├── BuildError      a builder could not build
    ├── BudgetError     a paid step was not started, since the budget or its unknown price forbids it
    ├── DeploymentError a service did not come up
    │   └── FinalDeploymentError  and trying again would not help
    └── CheckError      a check could not run
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import Usage

__all__ = [
    "ArchitectError",
    "BudgetError",
    "BuildError",
    "CheckError",
    "ConfigError",
    "DeploymentError",
    "FinalDeploymentError",
    "GateError",
    "PrdError",
    "StoppedError",
    "SuperteamError",
    "UsageError",
]


class SuperteamError(Exception):
    """Base of all errors that this package raises on purpose."""


class UsageError(SuperteamError):
    """The user can mend it: wrong option, file or document. The message is one line."""

    def __init__(self, message: str) -> None:
        """Say what is wrong and what to do; what would break the line or steer a terminal is shown as `?`."""
        super().__init__("".join(character if character.isprintable() else "?" for character in message))


class ConfigError(UsageError):
    """A setting is unknown, has the wrong type or an unusable value."""


class PrdError(UsageError):
    """The requirements document can't be read, or can't be built as it is written."""


class GateError(SuperteamError):
    """A phase or a check could not do its work."""


class ArchitectError(GateError):
    """An architect by agent could not be run, or what came back is no usable design. The message is one line."""


class BuildError(GateError):
    """A builder could not build its service.

    `usage` is what the try used all the same; `retryable` says whether another try may help (None: the message is
    classed by its words); `retry_after` is how many seconds the other side wants us to wait first.
    """

    def __init__(
        self,
        message: str,
        *,
        usage: Usage | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Say what went wrong and what is known about it."""
        super().__init__(message)
        self.usage = usage
        self.retryable = retryable
        self.retry_after = retry_after


class BudgetError(GateError):
    """A paid step was not started: the budget has no room for its worst case, or its price is unknown."""


class DeploymentError(GateError):
    """The system, or one service of it, did not come up."""


class CheckError(GateError):
    """A check could not run; its item becomes an error."""


class FinalDeploymentError(DeploymentError):
    """The system can't be started, and trying again would not help: no engine, a Dockerfile that does not build."""


class StoppedError(SuperteamError):
    """The run was asked to end, or its budget has no room any more; what is done is kept."""
