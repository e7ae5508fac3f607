"""The deployers of this package: each module of the room that has a `DEPLOYER`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from pytest_superteam.deployment.base import Deployer

__all__ = ["builtin_deployers"]

_HERE = Path(__file__).parent


def builtin_deployers() -> tuple[Deployer, ...]:
    """Return the deployers, sorted by name. A new one is a new module with a `DEPLOYER`.

    Raises:
        ValueError: two modules declare the same name.
    """
    found: dict[str, Deployer] = {}
    for module in pkgutil.iter_modules([str(_HERE)], prefix=f"{__package__}."):
        deployer = getattr(importlib.import_module(module.name), "DEPLOYER", None)
        if not isinstance(deployer, Deployer):
            continue
        if deployer.name in found:
            raise ValueError(f"{module.name}: there is a deployer {deployer.name!r} already")
        found[deployer.name] = deployer
    return tuple(found[name] for name in sorted(found))
