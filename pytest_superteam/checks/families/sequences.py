"""Each service under sequences of calls that use each other's answers: `test_sequences[<service>]`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.checks.base import Planning, RunningSystem
    from pytest_superteam.checks.engine.sequences import SequenceOptions
    from pytest_superteam.models import Operation

__all__ = ["FAMILY"]

SEQUENCES = Rule(
    id="STATEFUL-001",
    name="Service breaks its contract over a sequence of calls",
    severity=Severity.ERROR,
    category="contract",
    layer=2,
    languages=(),
    help="Run the numbered curl lines in their order; mend the handler of the last one, or what an earlier one stored.",
    what="A row that is gone after it was made, or still there after it was deleted; an answer to an id of the service "
    "itself that the contract does not have.",
    why="Each call alone may keep the contract while they break it together, and nobody calls a service only once.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for service in planning.architecture.services:
        if _can_be_chained(planning.architecture.operations_of(service.name)):
            yield CheckItem(service.name, service.name, SEQUENCES.id)


def _can_be_chained(operations: Sequence[Operation]) -> bool:
    """Return whether a path of an item lies below one that makes or lists items."""
    above = [o.path.rstrip("/") for o in operations if o.method in {"GET", "POST"} and not o.path.endswith("}")]
    return any(o.path.startswith(f"{path}/{{") for o in operations for path in above if path)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.engine.sequences import SWITCHED_OFF, check_sequences
    from pytest_superteam.checks.places import at_place

    result = check_sequences(
        contract=system.architecture.contracts[item.service],
        service=item.service,
        base_url=system.url(item.service),
        options=_options(system, item.service),
    )
    if result.skipped and not system.found and not result.skipped.startswith(SWITCHED_OFF):
        raise CheckError(f"The sequences of {item.service} say nothing: {result.skipped}.")
    placed = (at_place(system, v, v.message.partition(": ")[0]) for v in result.violations)
    return replace(result, violations=tuple(placed))


def _options(system: RunningSystem, service: str) -> SequenceOptions:
    from pytest_superteam.checks.callers.auth import token_for
    from pytest_superteam.checks.engine.preparing import unique_fields
    from pytest_superteam.checks.engine.sequences import SequenceOptions
    from pytest_superteam.checks.engine.settings import load_settings
    from pytest_superteam.checks.engine.spare import caller_of
    from pytest_superteam.checks.seeding import parameter_entities, reference_entities, rows_by_entity

    architecture, gate = system.architecture, system.config.gate
    rows = rows_by_entity(system.samples)
    samples: dict[str, dict[str, list[str]]] = {}
    tokens: dict[str, str | None] = {}
    unique: dict[str, tuple[str, ...]] = {}
    operations = architecture.operations_of(service)
    for operation in operations:
        label = f"{operation.method} {operation.path}"
        entity = architecture.entity_named(operation.entity) if operation.entity else None
        named = {
            **(reference_entities(architecture, entity) if entity else {}),
            **parameter_entities(architecture, operation),
        }
        samples[label] = {name: rows[target] for name, target in named.items() if rows.get(target)}
        tokens[label] = caller_of(system, operation)[0] if system.found else token_for(system.tokens, operation)
        unique[label] = tuple(unique_fields(operation, entity))
    request = system.config.timeouts.request
    return SequenceOptions(
        seed=gate.seed,
        scenarios=max(5, gate.examples // 4),
        request_timeout=request,
        seconds=3 * request + 0.5 * gate.examples,
        tokens=tokens,
        samples=samples,
        unique=unique,
        left_out=frozenset(f"{o.method} {o.path}" for o in operations if _is_left_out(system, o)),
        engine=load_settings(system.project),
        found=system.found,
    )


def _is_left_out(system: RunningSystem, operation: Operation) -> bool:
    """Return whether a call would end the access of the caller whom all checks share, or deliver a made-up event."""
    from pytest_superteam.checks.engine.spare import ends_access

    return operation.kind in {"logout", "receive_event"} or (system.found and ends_access(system, operation))


FAMILY = Family("test_sequences", (SEQUENCES,), _plan, _check)
