"""Which HTTP clients a JavaScript service instruments: what they send through, or single clients by interceptors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.javascript_clients import client_of_js
from pytest_superteam.scanners.facts.http.javascript_libraries import TRANSPORTS
from pytest_superteam.scanners.facts.trace.agents import disabled, node_agents, only_other_formats
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.facts.http.model import Client
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["InstrumentationJs", "instrumentation_js", "interceptors"]

_BOTH = frozenset({"http", "undici"})
_CLASSES = {
    "HttpInstrumentation": {"http"},
    "UndiciInstrumentation": {"undici"},
    "FetchInstrumentation": {"undici"},
    "XMLHttpRequestInstrumentation": {"xhr"},
    "HttpPlugin": {"http"},
}
_FUNCTIONS = {
    "getWebAutoInstrumentations": {"undici", "xhr"},
    "useAzureMonitor": {"http"},
    "registerOTel": {"undici"},
    "configureOpenTelemetry": _BOTH,
}
_AGENTS = {
    "dd-trace": ("init",),
    "elastic-apm-node": ("start",),
    "@splunk/otel": ("start",),
    "applicationinsights": ("start",),
}
_LOADED = (
    "@opentelemetry/auto-instrumentations-node/register", "dd-trace/init", "dd-trace/initialize.mjs",
    "dd-trace/register.js",
    "elastic-apm-node/start", "elastic-apm-node/start.js", "newrelic", "@splunk/otel/instrument",
    "@elastic/opentelemetry-node",
)  # fmt: skip
_WORDS = (
    b"Instrumentation", b"dd-trace", b"elastic-apm-node", b"newrelic", b"applicationinsights", b"azure/monitor",
    b"@splunk/otel", b"@vercel/otel", b"auto-instrumentations", b"propagateTraceparent", b"Propagator",
    b"lightstep", b"@elastic/opentelemetry",
)  # fmt: skip
_OTHER_FORMATS = ("B3", "Jaeger", "XRay", "OTTrace", "Baggage")


@dataclass
class InstrumentationJs:
    """What carries the trace: `transports` (`http`, `undici`, `xhr`), and whether its headers are of another format."""

    transports: set[str] = field(default_factory=set)
    other_format: bool = False

    def covers(self, library: str) -> bool:
        """Return whether the calls of a library carry the trace."""
        sent = TRANSPORTS.get(library, "")
        return sent in self.transports or (library == "axios" and "xhr" in self.transports)


def instrumentation_js(tree: SourceTree) -> InstrumentationJs:
    """Return what the service instruments."""
    known = tree.facts.get("trace javascript")
    if isinstance(known, InstrumentationJs):
        return known
    found = InstrumentationJs()
    if node_agents(tree):
        found.transports |= _BOTH
    for file, module in tree.javascript_with(*_WORDS):
        if any(f"{quote}{name}{quote}".encode() in file.data for name in _LOADED for quote in "'\""):
            found.transports |= _loaded(module)
        for call in module.calls:
            _read(module, call, found)
    found.other_format |= only_other_formats(tree)
    off = disabled(tree)
    found.transports -= off
    if found.other_format or only_other_formats(tree, "datadog"):
        found.transports.clear()
    tree.facts["trace javascript"] = found
    return found


def _loaded(module: JavaScriptModule) -> set[str]:
    """Return what packages instrument that do so by being loaded."""
    sources = {module.string(node.child_by_field_name("source")) for node in module.of("import_statement")}
    sources |= {module.required(node) for node in module.of("call_expression")}
    return set(_BOTH) if sources & set(_LOADED) else set()


def _read(module: JavaScriptModule, call: Node, found: InstrumentationJs) -> None:
    name = module.qualname(module.callee(call))
    last = name.rpartition(".")[2]
    option = module.argument(call, 0)
    if call.type == "new_expression" and last in _CLASSES:
        off = module.literal(module.option(option, "enabled")) is False if option is not None else False
        quiet = (
            module.literal(module.option(option, "disableOutgoingRequestInstrumentation")) is True if option else False
        )
        if not off and not quiet:
            found.transports |= _CLASSES[last]
    elif last == "getNodeAutoInstrumentations":
        found.transports |= {kind for kind in _BOTH if not _turned_off(module, option, kind)}
    elif last in _FUNCTIONS:
        found.transports |= _FUNCTIONS[last]
    elif last in {"init", "start"}:
        package = next((p for p in _AGENTS if name.startswith(p)), "")
        if package and last in _AGENTS[package]:
            found.transports |= {"http"} if package == "applicationinsights" else _BOTH
        elif "sentry" in name.lower() and module.literal(module.option(option, "propagateTraceparent")) is True:
            found.transports |= _BOTH
    found.other_format |= _sets_other_format(module, name, option)


def _turned_off(module: JavaScriptModule, option: Node | None, kind: str) -> bool:
    inner = module.option(option, f"@opentelemetry/instrumentation-{kind}") if option is not None else None
    return inner is not None and module.literal(module.option(inner, "enabled")) is False


def _sets_other_format(module: JavaScriptModule, name: str, option: Node | None) -> bool:
    """Return whether the propagator of the service is one that writes no `traceparent`."""
    last = name.rpartition(".")[2]
    if last == "setGlobalPropagator":
        given = option
    elif last in {"NodeSDK", "register"} and option is not None:
        given = module.option(option, "textMapPropagator") or module.option(option, "propagator")
    else:
        return False
    given = module.resolve(given)
    if given is None:
        return False
    text = module.text(given)
    return any(word in text for word in _OTHER_FORMATS) and "W3CTraceContext" not in text


def interceptors(tree: SourceTree) -> Iterator[tuple[JavaScriptModule, Node, Client]]:
    """Yield module, handler and client of every request interceptor of axios in the service."""
    for _, module in tree.javascript_with(b"interceptors"):
        for call in module.calls:
            callee = module.unwrap(module.callee(call))
            text = module.text(callee) if callee is not None else ""
            if callee is None or not text.endswith("interceptors.request.use"):
                continue
            holder: Node | None = callee
            for _step in range(3):
                holder = module.unwrap(holder.child_by_field_name("object")) if holder is not None else None
            handler = module.argument(call, 0)
            if holder is None or handler is None:
                continue
            over = client_of_js(tree, module, holder)
            if over is not None:
                yield module, handler, over
            else:
                yield from ((module, handler, client) for client in _given(tree, module, holder))


def _given(tree: SourceTree, module: JavaScriptModule, holder: Node) -> Iterator[Client]:
    """Yield the clients that callers pass to the function whose parameter gets the interceptor."""
    function = module.function_of(holder)
    if function is None or function.type not in FUNCTIONS or holder.type != "identifier":
        return
    name = module.name_of(function)
    for _, home in tree.javascript_with(name.encode()) if len(name) > 2 else ():
        for call in home.calls:
            if home.qualname(home.callee(call)).rpartition(".")[2] == name:
                for argument in home.arguments(call):
                    client = client_of_js(tree, home, argument)
                    if client is not None:
                        yield client
