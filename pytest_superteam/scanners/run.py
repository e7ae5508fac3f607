"""The scan of one target: all scanners over one service, or over the system, as findings by code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.scanners.engine import Check, RuleScanner, run_checks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pytest_superteam.models import Violation
    from pytest_superteam.scanners.base import Rule, Scanner, ScanTarget

__all__ = ["rules_of", "scan_target"]


def rules_of(scanners: Iterable[Scanner]) -> dict[str, Rule]:
    """Return the rules of `scanners` by code, sorted.

    Raises:
        CheckError: two scanners declare one code.
    """
    rules: dict[str, Rule] = {}
    for scanner in scanners:
        for rule in scanner.codes:
            if rule.id in rules:
                raise CheckError(f"{rule.id} is declared twice, the second time by {_name(scanner)}.")
            rules[rule.id] = rule
    return dict(sorted(rules.items()))


def scan_target(
    target: ScanTarget, scanners: Collection[Scanner], codes: Collection[str] | None = None
) -> dict[str, list[Violation]]:
    """Return the findings by code, each list sorted by file and line; suppressed findings are among them, marked.

    Every code that was looked for is a key, with an empty list where nothing was found. Rules of the other scope, rules
    outside `codes` and rules that are `pending` are no keys: nobody looked. A target with `members` is a system.

    Raises:
        CheckError: a scanner broke, or reported a code that it does not declare.
    """
    scope = "system" if target.members else "service"
    rules = {
        code: rule
        for code, rule in rules_of(scanners).items()
        if rule.scope == scope and not rule.pending and (codes is None or code in codes)
    }
    found: dict[str, list[Violation]] = {code: [] for code in rules}
    built_in: list[Check] = []
    for scanner in scanners:
        if isinstance(scanner, RuleScanner):
            built_in += [check for check in scanner.checks if check.rule.id in rules]
        elif any(rule.id in rules for rule in scanner.codes):
            _collect(found, scanner, _foreign(scanner, target))
    for violation in run_checks(target, built_in):
        found[violation.code].append(violation)
    return {code: sorted(items, key=lambda v: (v.file, v.line, v.column)) for code, items in found.items()}


def _foreign(scanner: Scanner, target: ScanTarget) -> list[Violation]:
    """Return what a scanner from outside finds.

    Raises:
        CheckError: it raised.
    """
    try:
        return list(scanner.scan(target))
    except GateError:
        raise
    except Exception as error:
        raise CheckError(f"{_name(scanner)} broke on {target.name}: {type(error).__name__}: {error}") from error


def _collect(found: dict[str, list[Violation]], scanner: Scanner, violations: list[Violation]) -> None:
    """Sort violations into `found`; those of declared codes that nobody asked for are dropped."""
    declared = {rule.id for rule in scanner.codes}
    for violation in violations:
        if violation.code not in declared:
            raise CheckError(f"{_name(scanner)} reported {violation.code}, which it does not declare.")
        if violation.code in found:
            found[violation.code].append(violation)


def _name(scanner: Scanner) -> str:
    return getattr(scanner, "name", "") or type(scanner).__qualname__
