"""The built-in families of layer 2, found in their folder: a new check is a new file there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from pytest_superteam.checks import families
from pytest_superteam.checks.base import Family

__all__ = ["builtin_families", "family_of"]


@cache
def builtin_families() -> tuple[Family, ...]:
    """Return the families of `checks/families`, in the order of their modules' names.

    Raises:
        TypeError: a module there declares none, or two declare one test or one code.
    """
    found: list[Family] = []
    owners: dict[str, str] = {}
    for module in sorted(pkgutil.iter_modules(families.__path__), key=lambda module: module.name):
        name = f"{families.__name__}.{module.name}"
        family = getattr(importlib.import_module(name), "FAMILY", None)
        if not isinstance(family, Family):
            raise TypeError(f"{name}: declares no FAMILY.")
        for key in (family.test, *(rule.id for rule in family.rules)):
            if key in owners:
                raise TypeError(f"{name}: {key} is declared by {owners[key]} already.")
            owners[key] = name
        found.append(family)
    return tuple(found)


def family_of(test: str) -> Family | None:
    """Return the family whose items the test function `test` carries."""
    return next((family for family in builtin_families() if family.test == test), None)
