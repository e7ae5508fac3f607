"""The built-in scanners: every module of `scanners/rules`, found by looking; there is no list to keep."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from pytest_superteam.scanners import rules
from pytest_superteam.scanners.base import Rule, Scanner

__all__ = ["builtin_scanners"]


def _check(rule: Rule, module: str, seen: dict[str, str]) -> None:
    """Raise TypeError where a rule is declared twice or says nothing."""
    if rule.id in seen:
        raise TypeError(f"{rule.id} is declared in {seen[rule.id]} and again in {module}.")
    if not rule.help.strip() or not rule.name.strip():
        raise TypeError(f"{rule.id} in {module} has no name or no help.")
    seen[rule.id] = module


@cache
def builtin_scanners() -> tuple[Scanner, ...]:
    """Return one scanner for each module of `scanners/rules`.

    Raises:
        TypeError: a module has no scanner, or two rules share a code, or a rule has no help.
    """
    scanners: list[Scanner] = []
    seen: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(rules.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{rules.__name__}.{info.name}")
        scanner = getattr(module, "SCANNER", None)
        if not isinstance(scanner, Scanner):
            raise TypeError(f"{module.__name__} has no SCANNER.")
        for rule in scanner.codes:
            _check(rule, module.__name__, seen)
        scanners.append(scanner)
    return tuple(scanners)
