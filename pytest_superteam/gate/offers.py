"""The project's hooks as plain callables; what is wrong with an implementation is said in one line."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import UsageError
from pytest_superteam.models import Architecture, Rule, Severity
from pytest_superteam.pipeline.plugged import Plugged
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.config import Config
    from pytest_superteam.models import Violation

__all__ = ["plugged_of"]


def plugged_of(config: pytest.Config, settings: Config) -> Plugged:
    """Return the project's hooks as plain callables, each asked once."""
    hook, memory = config.hook, dict[str, list[Any]]()

    def gathered(name: str) -> list[Any]:
        if name not in memory:
            answers = _asked(name, lambda: getattr(hook, name)(config=settings))
            memory[name] = [item for answer in reversed(answers) for item in answer or ()]
            _check_offers(name, memory[name])
        return memory[name]

    def architect(prd: Prd) -> Architecture:
        name = "pytest_superteam_architect"
        made = _asked(name, lambda: hook.pytest_superteam_architect(prd=prd, config=settings))
        if not isinstance(made, Architecture):
            raise UsageError(
                f"{name}: returned '{type(made).__name__}'. Return a pytest_superteam.models.Architecture."
            )
        return made

    def triage(violation: Violation) -> Violation | None:
        kept: Violation | None = violation
        for implementation in hook.pytest_superteam_violation.get_hookimpls():
            if kept is not None:
                known = {"violation": kept, "config": settings}
                answer: Any = implementation.function(**{name: known[name] for name in implementation.argnames})
                kept = answer
        return kept

    return Plugged(
        architect=architect,
        architects=",".join(sorted(impl.plugin_name for impl in hook.pytest_superteam_architect.get_hookimpls())),
        builders=lambda: gathered("pytest_superteam_builders"),
        deployers=lambda: gathered("pytest_superteam_deployments"),
        scanners=lambda: gathered("pytest_superteam_scanners"),
        checks=lambda: gathered("pytest_superteam_checks"),
        triage=triage,
        phase=lambda phase, state: hook.pytest_superteam_phase(phase=phase, state=state),
    )


def _asked(name: str, ask: Callable[[], Any]) -> Any:
    """Return the answers to a hook; what a project's implementation raises is the project's to mend."""
    try:
        return ask()
    except (UsageError, pytest.UsageError):
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename}:{place.lineno}"
        told = one_line(f"{type(error).__name__}: {error}")
        raise UsageError(f"{name}: raised '{told}' ({where}). Mend it.") from error


def _check_offers(name: str, offers: list[Any]) -> None:
    """Refuse what is no builder, deployment, scanner or check, before something trips over it."""
    for offer in offers:
        missing = [part for part in OFFERED[name] if not hasattr(offer, part)]
        if missing:
            raise UsageError(
                f"{name}: offered '{offer!r:.80}', which has no '{missing[0]}'. Add it: the reference lists the parts."
            )
        if name == "pytest_superteam_scanners":
            for rule in offer.codes:
                _check_rule(name, offer, rule)
        if name == "pytest_superteam_checks":
            _check_severity(name, offer.code, offer.severity)


def _check_rule(name: str, scanner: Any, rule: Any) -> None:
    if not isinstance(rule, Rule):
        raise UsageError(
            f"{name}: '{scanner!r:.80}' has '{rule!s:.80}' among its codes, which is no Rule. Make it one."
        )
    _check_severity(name, rule.id, rule.severity)


def _check_severity(name: str, code: Any, severity: Any) -> None:
    if not isinstance(severity, Severity):
        raise UsageError(
            f"{name}: {code}: '{severity!s:.80}' is no Severity. Write `Severity.ERROR` or another of them."
        )


OFFERED = {
    "pytest_superteam_builders": ("name", "version", "build"),
    "pytest_superteam_deployments": ("name", "deploy", "teardown"),
    "pytest_superteam_scanners": ("codes", "scan"),
    "pytest_superteam_checks": ("code", "severity", "help", "run"),
}
"""What each offer has, by the hook that makes it."""
