"""Which HTTP clients a Python service instruments, all of a library or one object."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.python_clients import client_of, dotted
from pytest_superteam.scanners.facts.trace.agents import disabled, only_other_formats, started_by_agent
from pytest_superteam.scanners.languages.python import keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Instrumentation", "instrumentation", "sends_other_format"]

EVERYTHING = frozenset({"requests", "httpx", "aiohttp", "urllib3", "urllib", "tornado", "http.client", "httplib2"})
_INSTRUMENTORS = {
    "HTTPXClientInstrumentor": {"httpx"},
    "RequestsInstrumentor": {"requests"},
    "AioHttpClientInstrumentor": {"aiohttp"},
    "URLLib3Instrumentor": {"urllib3", "requests"},  # requests sends through urllib3
    "URLLibInstrumentor": {"urllib"},
    "TornadoInstrumentor": {"tornado"},
}
_FUNCTIONS = {
    "logfire.instrument_httpx": {"httpx"},
    "logfire.instrument_requests": {"requests"},
    "logfire.instrument_aiohttp_client": {"aiohttp"},
    "azure.monitor.opentelemetry.configure_azure_monitor": {"requests", "urllib", "urllib3"},
    "elasticapm.instrument": EVERYTHING,
    "elasticapm.contrib.flask.ElasticAPM": EVERYTHING,
    "elasticapm.contrib.starlette.ElasticAPM": EVERYTHING,
    "elasticapm.contrib.starlette.make_apm_client": EVERYTHING,
    "newrelic.agent.initialize": EVERYTHING,
    "ddtrace.patch_all": EVERYTHING,
    "ddtrace.auto": EVERYTHING,
    "opentelemetry.instrumentation.auto_instrumentation.initialize": EVERYTHING,
}
_WORDS = (
    b"Instrumentor", b"logfire", b"azure.monitor", b"elasticapm", b"newrelic", b"ddtrace", b"auto_instrumentation",
    b"opentelemetry_instrumentor", b"propagate_traceparent", b"trace_integrations", b"set_global_textmap",
    b"OTEL_PROPAGATORS",
)  # fmt: skip


@dataclass
class Instrumentation:
    """The libraries whose calls carry the trace, and the single clients (by the place that makes them) that do."""

    libraries: set[str] = field(default_factory=set)
    clients: set[tuple[str, int, int]] = field(default_factory=set)
    other_format: bool = False
    """Whether the propagator of the service writes headers of another format than W3C's."""


def instrumentation(tree: SourceTree) -> Instrumentation:
    """Return what the service instruments."""
    known = tree.facts.get("trace python")
    if isinstance(known, Instrumentation):
        return known
    found = Instrumentation()
    if started_by_agent(tree):
        found.libraries |= EVERYTHING - {"http.client", "httplib2"}
    for _, module in tree.module_with(*_WORDS):
        _read(tree, module, found)
    found.other_format |= only_other_formats(tree)
    if found.other_format or only_other_formats(tree, "datadog"):
        found.libraries.clear()
        found.clients.clear()
    off = disabled(tree)
    found.libraries -= {"aiohttp" if name == "aiohttp-client" else name for name in off}
    tree.facts["trace python"] = found
    return found


def sends_other_format(tree: SourceTree) -> bool:
    """Return whether what the service's propagator injects is no `traceparent`."""
    return instrumentation(tree).other_format


def _read(tree: SourceTree, module: PythonModule, found: Instrumentation) -> None:
    origins = {*module.imports.values(), *(alias.name for node in module.of(ast.Import) for alias in node.names)}
    if "ddtrace.auto" in origins:
        found.libraries |= EVERYTHING
    for call in module.calls:
        _of_call(tree, module, call, found)
    if any(
        text.value in {"opentelemetry_instrumentor", "elasticapm.contrib.django"} for text in module.of(ast.Constant)
    ):
        found.libraries |= EVERYTHING - {"http.client", "httplib2"}
    found.other_format |= any(_sets_propagators(module, node) for node in module.of(ast.Assign))


def _of_call(tree: SourceTree, module: PythonModule, call: ast.Call, found: Instrumentation) -> None:
    name = module.qualname(call.func)
    if name in _FUNCTIONS:
        _of_function(tree, module, call, name, found)
    elif name.endswith((".instrument", ".instrument_client", ".instrument_session")):
        _of_instrumentor(tree, module, call, name, found)
    elif name in {"ddtrace.patch", "ddtrace.monkey.patch"}:
        found.libraries |= {k.arg for k in call.keywords if k.arg and module.literal(k.value) is True}
    elif name.endswith("config_integration.trace_integrations") and call.args:
        names = module.literal(call.args[0])
        found.libraries |= {item for item in names if isinstance(item, str)} if isinstance(names, list) else set()
    elif name.endswith("set_global_textmap") and call.args:
        found.other_format |= _is_other(module, call.args[0])
    elif name == "sentry_sdk.init" and module.literal(keyword(call, "propagate_traceparent")) is True:
        found.libraries |= EVERYTHING


def _of_function(tree: SourceTree, module: PythonModule, call: ast.Call, name: str, found: Instrumentation) -> None:
    over = client_of(tree, module, call.args[0]) if call.args and name.startswith("logfire.") else None
    if over is not None and over.key is not None:
        found.clients.add(over.key)
    elif not (name.startswith("logfire.") and call.args):
        found.libraries |= _FUNCTIONS[name]


def _of_instrumentor(tree: SourceTree, module: PythonModule, call: ast.Call, name: str, found: Instrumentation) -> None:
    """Take up `XInstrumentor().instrument()`, also over a loop variable, and `instrument_client(client)`."""
    parts = name.split(".")
    kinds = [_INSTRUMENTORS[part] for part in parts if part in _INSTRUMENTORS]
    if parts[-1] != "instrument":
        given = [*call.args, *(k.value for k in call.keywords)]
        over = client_of(tree, module, given[0]) if given else None
        if kinds and over is not None and over.key is not None:
            found.clients.add(over.key)
        return
    if not kinds:
        looped = (*(loop.iter for loop in module.of(ast.For)), *(part.iter for part in module.of(ast.comprehension)))
        named = {dotted(part).rpartition(".")[2] for node in looped for part in _followed(module, node)}
        kinds = [_INSTRUMENTORS[part] for part in named if part in _INSTRUMENTORS]
    for kind in kinds:
        found.libraries |= kind


def _followed(module: PythonModule, node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a loop's source, of the list that its name is bound to where it is one."""
    value = module.bound(node) if isinstance(node, ast.Name) else node
    yield from walk(value) if value is not None else ()


def _is_other(module: PythonModule, node: ast.AST) -> bool:
    """Return whether a propagator writes B3, Jaeger or X-Ray headers and no `traceparent`."""
    value = module.bound(node) if isinstance(node, ast.Name) else node
    names = [module.qualname(part) for part in walk(value or node) if isinstance(part, (ast.Name, ast.Attribute))]
    if any("TraceContext" in name or "DefaultTextMap" in name for name in names):
        return False
    return any(word in name.lower() for name in names for word in ("b3", "jaeger", "xray", "otpropagator", "baggage"))


def _sets_propagators(module: PythonModule, node: ast.Assign) -> bool:
    """Return whether `os.environ["OTEL_PROPAGATORS"] = "b3"` leaves W3C's format out."""
    target = node.targets[0]
    if not isinstance(target, ast.Subscript) or module.literal(target.slice) != "OTEL_PROPAGATORS":
        return False
    value = module.literal(node.value)
    return isinstance(value, str) and "tracecontext" not in value
