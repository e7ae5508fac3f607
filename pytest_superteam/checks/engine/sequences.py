"""One running service under sequences of calls that use each other's answers, by Schemathesis' state machine.

Two sources give sequences. The planned ones come first, the same every time: create a row, read and change it by each
operation that takes its id, delete it, and try to use it again. Then the state machine walks the links of the contract
and those that the engine infers from names, from a seed, for a bounded number of scenarios and steps.

Nothing raises while it walks: findings are collected, each with the shortest chain of calls that leads to it. Shrinking
would replay scenarios, and a service that remembers the first try answers the second one differently.

Rows of others are left alone: what changes or deletes a row is only sent for one that these sequences made themselves.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.engine.calls import SEQUENCE_CHECKS, Caller, bearer
from pytest_superteam.checks.engine.cases import (
    drawn_cases,
    ground,
    load_schema,
    nothing_written,
    plain,
    with_config_headers,
)
from pytest_superteam.checks.engine.links import with_links
from pytest_superteam.checks.engine.settings import FILE, excluded, is_enabled, phase_is_on
from pytest_superteam.checks.engine.wire import connection
from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_superteam.checks.engine.settings import EngineSettings
    from pytest_superteam.checks.engine.types import Case, EngineOperation

__all__ = ["CODE", "SWITCHED_OFF", "SequenceOptions", "check_sequences"]

CODE = "STATEFUL-001"
SWITCHED_OFF = "sequences are switched off by"
"""How the reason of a skipped result begins where the project's own settings want it so."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_RESTARTS = 20  # times that the engine may stumble over a service that remembers, and start again
_LIKE_ID = 200  # characters of a value that can be an id


@dataclass(frozen=True)
class SequenceOptions:
    """How thoroughly a service is walked through."""

    seed: int = 0
    scenarios: int = 25
    steps: int = 6
    """Calls of one scenario, at most."""
    request_timeout: float = 10.0
    """Seconds until a call counts as hanging."""
    seconds: float = inf
    """Seconds for everything together."""
    tokens: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """The token of each operation, by label (`GET /books/{id}`)."""
    samples: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """Existing ids by label and the name of the parameter or property that takes them."""
    unique: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Body properties of which every row needs another value, by label."""
    left_out: frozenset[str] = frozenset()
    """Labels of operations that must not be called, such as a logout of the shared token."""
    engine: EngineSettings | None = None
    """The project's own settings of the engine."""
    found: bool = False
    """Whether the contract was found (`noise.is_undeclared_refusal`)."""


def check_sequences(
    *, contract: Mapping[str, Any], service: str, base_url: str, options: SequenceOptions
) -> CheckResult:
    """Return what the service at `base_url` does other than `contract` says over sequences of calls.

    The result is skipped where nothing of the contract can be chained.

    Raises:
        CheckError: the service can't be reached, or the engine can't walk the contract.
    """
    started = time.perf_counter()
    with warnings.catch_warnings(), nothing_written(), connection() as session:
        warnings.simplefilter("ignore")
        caller = Caller(
            service,
            base_url.rstrip("/"),
            None,
            session,
            options.request_timeout,
            enabled=is_enabled,
            found=options.found,
        )
        caller.deadline = time.monotonic() + options.seconds
        walk = _Walk(caller, options)
        try:
            machine = load_schema(with_links(contract), options.seed, options.engine).as_state_machine()
            reason = _idle(machine)
            if reason:
                return CheckResult(skipped=reason)
            _planned(walk, machine)
            _explored(walk, machine)
        except GateError:
            raise
        except Exception as error:
            raise CheckError(
                f"The sequences of {service} could not be tried: {type(error).__name__}: {plain(error)}."
            ) from error
    return CheckResult(
        violations=tuple(
            Violation(CODE, Severity.ERROR, service, f"{finding.label}: {finding.told}", evidence=finding.evidence)
            for finding in caller.ordered
        ),
        detail=_detail(walk),
        seconds=time.perf_counter() - started,
        skipped=_nothing_chained(walk),
    )


def _nothing_chained(walk: _Walk) -> str:
    """Return why the walk says nothing; empty where a call with another's answer succeeded, or something was found."""
    if walk.caller.findings or walk.chained:
        return ""
    return f"no call got a usable value of another's answer ({_detail(walk)})"


def _detail(walk: _Walk) -> str:
    caller = walk.caller
    seen = ", ".join(f"{status} x{count}" for status, count in sorted(caller.statuses.items()))
    parts = [f"{walk.scenarios} sequences, {caller.calls} calls: {seen}", f"{walk.chained} with another's answer"]
    if caller.excused:
        parts.append("excused: " + ", ".join(f"{name} x{count}" for name, count in sorted(caller.excused.items())))
    if walk.spared:
        parts.append(f"{walk.spared} not sent, for the row was another's")
    if caller.exhausted:
        parts.append(f"given up: {caller.exhausted}")
    return "; ".join(parts)


@dataclass
class _Walk:
    """What all sequences share: the caller, which rows are theirs, and how far they got."""

    caller: Caller
    options: SequenceOptions
    scenarios: int = 0
    chained: int = 0
    """Calls that used another's answer and succeeded."""
    spared: int = 0
    own: set[str] = field(default_factory=set)
    """Values in the answers of rows that these sequences made."""
    seen: set[str] = field(default_factory=set)
    """Values in any other answer."""
    asked: Counter[str] = field(default_factory=Counter)

    def send(self, case: Case, recorder: Any, applied: Iterable[tuple[Any, str | None]] = ()) -> Any:
        """Send one step and judge its answer; None where it was not sent or not answered."""
        operation = case.operation
        label, linked = operation.label, {name for _, name in applied}
        if label in self.options.left_out or excluded(operation.schema, operation):
            return None
        if not phase_is_on(operation, "stateful"):
            return None
        self._ground(case, linked)
        if self._is_anothers(case):
            self.spared += 1
            return None
        headers = bearer(self.options.tokens.get(label))
        response = self.caller.send(case, headers)
        if response is None:
            recorder.forget_case(case_id=case.id)
            return None
        recorder.record_response(case_id=case.id, response=response)
        ok = 200 <= response.status_code < 300  # RFC 9110, 15.3
        self.chained += bool(linked and ok)
        values = set(_values(response)) if ok else set()
        (self.own if case.method == "POST" and ok and not case.path_parameters else self.seen).update(values)
        self.caller.judge(case, response, SEQUENCE_CHECKS, headers, recorder)
        return response

    def _ground(self, case: Case, linked: set[str | None]) -> None:
        label = case.operation.label
        with_config_headers(case.operation).apply_to(case)
        self.asked[label] += 1
        pools = {name: ids for name, ids in self.options.samples.get(label, {}).items() if name not in linked}
        start = self.asked[label] % 4
        turned = {name: [*ids[start % len(ids) :], *ids[: start % len(ids)]] for name, ids in pools.items() if ids}
        ground([case], turned, self.options.unique.get(label, ()))

    def _is_anothers(self, case: Case) -> bool:
        """Return whether the call would change a row that these sequences did not make, or nobody's in particular."""
        if case.method in _SAFE:
            return False
        values = [str(value) for value in (case.path_parameters or {}).values()]
        if not values:
            return bool(case.method != "POST")
        known = {str(i) for ids in self.options.samples.get(case.operation.label, {}).values() for i in ids}
        return bool(not self.own.intersection(values) and (self.seen | known).intersection(values))


def _values(response: Any) -> Iterator[str]:
    """Yield the short texts and whole numbers of an answer, any of which may be an id."""
    try:
        waiting = [response.json()]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= _LIKE_ID:
            yield str(value)


def _idle(machine: Any) -> str:
    """Return why the machine has nowhere to go; empty where it has."""
    sources = [link.source for known in machine._transitions.operations.values() for link in known.outgoing]  # noqa: SLF001
    if not sources:
        return "no operation of the contract uses another's answer"
    if not any(phase_is_on(source, "stateful") and not excluded(source.schema, source) for source in sources):
        return f"{SWITCHED_OFF} {FILE}"
    return "" if machine.root_rules else "no operation can be called without another's answer"


def _planned(walk: _Walk, machine: Any) -> None:
    """Create, read, change, delete and use again, by each operation that makes something that others take the id of."""
    for transitions in machine._transitions.operations.values():  # noqa: SLF001  # the graph has no public name
        links = [link for link in transitions.outgoing if link.status_code.startswith("2") and link.parameters]
        if not links or links[0].source.method != "post" or not phase_is_on(links[0].source, "stateful"):
            continue
        targets = {link.target.label: link for link in links if link.target.method != "post"}
        order = sorted(targets.values(), key=lambda link: (_TURN.get(link.target.method, 1), link.target.label))
        deletes = any(link.target.method == "delete" for link in order)
        again = [link for link in order if link.target.method != "delete"] if deletes else []
        if order and not walk.caller.exhausted:
            _follow(walk, links[0].source, [*order, *again])


_TURN = {"get": 0, "head": 0, "delete": 2}
"""In which turn a method comes; those that change a row come between reading and deleting."""


def _follow(walk: _Walk, source: EngineOperation, links: Sequence[Any]) -> None:
    """Send one planned sequence: the call that makes a row, then each link from its answer."""
    from schemathesis.core.result import Ok
    from schemathesis.engine.recorder import ScenarioRecorder
    from schemathesis.generation.stateful.state_machine import StepOutput

    recorder = ScenarioRecorder(label="planned", config=source.schema.config.output)
    first = _valid_case(source, walk.options.seed)
    if first is None:
        return
    walk.scenarios += 1
    recorder.record_case(case=first)
    made = walk.send(first, recorder)
    if made is None or not 200 <= made.status_code < 300:
        return
    output = StepOutput(made, first)
    for link in links:
        case = _valid_case(link.target, walk.options.seed)
        if case is None or walk.caller.exhausted:
            continue
        transition = link.extract(output)
        values = {
            (container, name): extracted.value.ok()
            for container, parameters in transition.parameters.items()
            for name, extracted in parameters.items()
            if isinstance(extracted.value, Ok) and isinstance(extracted.value.ok(), str | int)
        }
        for (container, name), value in values.items():
            setattr(case, container, {**(getattr(case, container) or {}), name: value})
            getattr(case._override, container)[name] = value  # noqa: SLF001  # the engine asks it what a link gave
        recorder.record_case(case=case, parent_id=first.id, transition=transition, is_transition_applied=bool(values))
        walk.send(case, recorder, [(None, name) for _, name in values])


def _valid_case(operation: EngineOperation, seed: int) -> Case | None:
    from schemathesis import GenerationMode

    return next(iter(drawn_cases(operation, seed=seed, count=2, modes=[GenerationMode.POSITIVE])), None)


def _explored(walk: _Walk, machine: Any) -> None:
    """Let the state machine walk until it has made its scenarios or the time is over."""
    from unittest import SkipTest

    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import Flaky, StopTest
    from schemathesis.generation.stateful.state_machine import StepOutput

    class Sequences(machine):  # type: ignore[misc]  # the engine makes the class
        def step(self, input: Any) -> Any:  # noqa: A002  # the engine's name
            if walk.caller.exhausted:
                raise SkipTest("over")
            walk.scenarios += len(self.recorder.cases) == 1
            response = walk.send(input.case, self.recorder, input.applied_parameters)
            return None if response is None else StepOutput(response, input.case)

    enough = walk.scenarios + walk.options.scenarios
    for turn in range(_RESTARTS):
        if walk.scenarios >= enough or walk.caller.exhausted:
            break
        rules = settings(
            database=None,
            deadline=None,
            max_examples=enough - walk.scenarios,
            phases=(Phase.generate,),
            stateful_step_count=walk.options.steps,
            suppress_health_check=list(HealthCheck),
        )
        try:
            seeded(walk.options.seed + turn)(Sequences).run(settings=rules)
        except SkipTest:
            break
        except (Flaky, StopTest):
            continue  # the service answered the same call differently, as one with rows does
