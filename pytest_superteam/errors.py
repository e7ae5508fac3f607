"""The two kinds of error that users meet; everything else is a bug and shows its traceback.

```
SuperteamError
├── UsageError          what the user typed or wrote is wrong: one line, exit code 4, before anything runs
│   ├── ConfigError     superteam.yaml, an environment variable or an option
│   └── PrdError        the requirements document
└── GateError           a phase or a check could not do its work: an error in the report, never a pass
    ├── ArchitectError  an architect by agent gave no usable design
    ├── BuildError      a builder could not build
    ├── DeploymentError a service did not come up
    │   └── FinalDeploymentError  and trying again would not help
    └── CheckError      a check could not run
```
"""

from __future__ import annotations

__all__ = [
    "ArchitectError",
    "BuildError",
    "CheckError",
    "ConfigError",
    "DeploymentError",
    "FinalDeploymentError",
    "GateError",
    "PrdError",
    "SuperteamError",
    "UsageError",
]


class SuperteamError(Exception):
    """Base of all errors that this package raises on purpose."""


class UsageError(SuperteamError):
    """The user can mend it: wrong option, file or document. The message is one line."""


class ConfigError(UsageError):
    """A setting is unknown, has the wrong type or an unusable value."""


class PrdError(UsageError):
    """The requirements document can't be read, or can't be built as it is written."""


class GateError(SuperteamError):
    """A phase or a check could not do its work."""


class ArchitectError(GateError):
    """An architect by agent could not be run, or what came back is no usable design. The message is one line."""


class BuildError(GateError):
    """A builder could not build its service."""


class DeploymentError(GateError):
    """The system, or one service of it, did not come up."""


class CheckError(GateError):
    """A check could not run; its item becomes an error."""


class FinalDeploymentError(DeploymentError):
    """The system can't be started, and trying again would not help: no engine, a Dockerfile that does not build."""
