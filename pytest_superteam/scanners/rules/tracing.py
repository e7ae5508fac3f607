"""TRACE-001: calls to other services on which the trace ends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.outgoing import TRIGGERS, Outgoing, outgoing_calls
from pytest_superteam.scanners.facts.services import called_functions, definition
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["SCANNER"]

RULE = Rule(
    "TRACE-001",
    "Trace context not propagated",
    Severity.WARNING,
    "tracing",
    3,
    "Pass the trace on: `inject(headers)` of `opentelemetry.propagate` before the call, or instrument the client once.",
    applies_to=CODE_LANGUAGES,
)

_INSTRUMENTORS = {
    "httpx": (b"HTTPXClientInstrumentor", b"SyncOpenTelemetryTransport"),
    "requests": (b"RequestsInstrumentor",),
    "aiohttp": (b"AioHttpClientInstrumentor", b"create_trace_config"),
    "urllib3": (b"URLLib3Instrumentor",),
    "urllib": (b"URLLibInstrumentor",),
}
_STARTERS = (b"opentelemetry-instrument", b"ddtrace-run")
_HOPS = 30


def _is_instrumented(tree: SourceTree, client: str) -> bool:
    """Return whether the service instruments that client anywhere, or is started by a program that does."""
    key = f"instrumented {client}"
    if key not in tree.facts:
        words = _INSTRUMENTORS.get(client, ())
        started = any(
            word in file.data
            for file in tree.files
            for word in _STARTERS
            if file.language not in {"python", "markdown"}
        )
        tree.facts[key] = started or any(_instruments(module, words) for _, module in tree.module_with(*words))
    return bool(tree.facts[key])


def _instruments(module: PythonModule, words: tuple[bytes, ...]) -> bool:
    """Return whether one of the instrumentors is called, and not only imported."""
    names = {word.decode() for word in words}
    return any(set(module.qualname(call.func).split(".")) & names for call in module.calls)


def _mentions(module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope` writes a traceparent or calls a propagator."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() == "traceparent":
            return True
        if isinstance(node, ast.keyword) and node.arg == "traceparent":
            return True
        if isinstance(node, ast.Call):
            name = module.qualname(node.func)
            if name.endswith(("propagate.inject", "TraceContextTextMapPropagator.inject")):
                return True
    return False


def _propagates(tree: SourceTree, module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope`, or what it calls or names within the service, puts the trace into a request."""
    seen: set[ast.AST] = set()
    pending: list[tuple[PythonModule, ast.AST]] = [(module, scope)]
    while pending and len(seen) < _HOPS:
        home, node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if _mentions(home, node) or _names_traceparent(home, node):
            return True
        pending.extend(called_functions(tree, home, node))
        made = (definition(tree, home, inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call))
        pending.extend(found for found in made if found is not None)
    return False


def _names_traceparent(module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope` uses a constant whose value is the name of the header."""
    names = (n for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id.isupper())
    return any(str(module.literal(name)).lower() == "traceparent" for name in names)


def _is_traced(tree: SourceTree, module: PythonModule, call: Outgoing) -> bool:
    scope = module.function_of(call.node) or call.node
    if _propagates(tree, module, scope):
        return True
    return call.made is not None and _propagates(tree, module, call.made)


def _find(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find outgoing calls with neither an injected trace context nor an instrumented client."""
    for call in outgoing_calls(tree, module):
        if not _is_instrumented(tree, call.client) and not _is_traced(tree, module, call):
            yield Hit.at(file, call.node)


SCANNER = RuleScanner((PythonCheck(RULE, TRIGGERS, _find),))
