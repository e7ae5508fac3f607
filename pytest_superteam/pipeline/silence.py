"""Services that no longer answer: found once in a run, so that not each item waits for them anew.

An item of a service that hangs ends after one to eight time limits; dozens of them would make an hour. After each that
did not pass and took at least one limit, a few operations are called at once; where none answers a second time, the
service counts as silent, and its later items are errors that name the item which found it.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import GateError
from pytest_superteam.models import CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Operation
    from pytest_superteam.pipeline.items import GateItem
    from pytest_superteam.pipeline.run import Run

__all__ = ["listen", "not_tried"]

_PROBES = 3  # operations that are called at once, of which one has to answer
_TWICE = 2  # items after which nothing answered
_CALLING_OTHERS = frozenset({"test_pact", "test_breaking"})
"""Test functions whose items do not call the service that they count for: a pact is held against its provider."""
_PARAMETER = re.compile(r"\{[^{}]*\}")
_ROW = "00000000-0000-4000-8000-000000000000"


def not_tried(run: Run, item: GateItem) -> CheckResult | None:
    """Return the error of an item whose service was found silent, None where it is to be tried."""
    known = _known(run, item.service) if item.test not in _CALLING_OTHERS else {}
    if known.get("times", 0) < _TWICE:
        return None
    names = " and ".join(known["items"])
    limit = run.config.timeouts.request
    return CheckResult(
        error=f"not tried: '{item.service}' hangs. After {names} none of {known['tried']} answered within {limit:g} s. "
        "Mend those first; the service's log may say why."
    )


def listen(run: Run, item: GateItem, result: CheckResult) -> None:
    """Call the service of an item that failed slowly, and write down whether anything answers."""
    slow = result.seconds >= run.config.timeouts.request and item.test not in _CALLING_OTHERS
    if not slow or not (result.error or result.violations) or _known(run, item.service).get("times", 0) >= _TWICE:
        return
    try:
        tried = _silent(run.system(), item.service)
    except GateError:  # nothing is known of it, so the next item is tried like this one
        return
    if not tried:
        return
    with run.lock(_key(item.service)):
        known = _known(run, item.service)
        items = [*known.get("items", []), f"{item.test}[{item.param}]"]
        run.store.save_result(run.scope, _key(item.service), {"times": len(items), "items": items, "tried": tried})


def _silent(system: RunningSystem, service: str) -> str:
    """Return the operations that were called at once and did not answer; nothing where one did."""
    chosen = list(_harmless(system, service))[:_PROBES]
    if not chosen:
        return ""
    try:
        tokens = system.tokens
    except GateError:  # a refusal is an answer too
        tokens = {}
    with ThreadPoolExecutor(len(chosen)) as pool:
        heard = list(pool.map(lambda operation: _answers(system, operation, tokens), chosen))
    return "" if any(heard) else ", ".join(f"{operation.method} {operation.path}" for operation in chosen)


def _harmless(system: RunningSystem, service: str) -> Iterator[Operation]:
    """Yield the operations to call: those that only read, else others without a token or a body, which is refused."""
    operations = system.architecture.operations_of(service)
    reading = [operation for operation in operations if operation.method == "GET"]
    yield from reading or (() if system.found else operations)


def _answers(system: RunningSystem, operation: Operation, tokens: Mapping[str, str]) -> bool:
    from pytest_superteam.checks.callers.auth import token_for
    from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError

    reads = operation.method == "GET"
    try:
        token = token_for(tokens, operation) if reads else None
    except GateError:
        token = None
    url = system.url(operation.service) + _PARAMETER.sub(_ROW, operation.path)
    with Exchanges(system.config.timeouts.request) as exchanges:
        try:
            exchanges.send(operation.method, url, token=token)
        except NoAnswerError:
            return False
    return True


def _key(service: str) -> str:
    return f"once::silence of {service}"


def _known(run: Run, service: str) -> dict[str, Any]:
    return run.store.result(run.scope, _key(service)) or {}
