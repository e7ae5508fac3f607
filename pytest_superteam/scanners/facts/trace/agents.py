"""What instruments a service from outside its code: the command that starts it, its environment, its manifest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["disabled", "node_agents", "only_other_formats", "started_by_agent"]

_PROSE = (".md", ".rst", ".txt", ".lock", ".adoc", ".cfg", ".html", ".csv", ".sql", ".svg")
_WORDS = (
    b"opentelemetry-instrument", b"auto_instrumentation", b"ddtrace-run", b"newrelic", b"elasticapm-run", b"OTEL_",
    b"DD_TRACE_", b"instrumentation.opentelemetry.io", b"auto-instrumentations-node", b"dd-trace", b"elastic-apm-node",
    b"splunk", b"elastic/opentelemetry-node", b"opentelemetry-bootstrap", b"sw-python",
)  # fmt: skip
_PYTHON = re.compile(
    r"(?<![\w-])(?:opentelemetry-instrument(?![\w-])|ddtrace-run(?![\w-])|newrelic-admin[\"',\s]+run-p|elasticapm-run(?![\w-])"
    r"|splunk-py-trace(?![\w-]))|opentelemetry\.instrumentation\.auto_instrumentation|opentelemetry/instrumentation/auto_instrumentation"
    r"|instrumentation\.opentelemetry\.io/inject-(?:python|sdk)[\"']?\s*:\s*[\"']?(?!false)\w"
)
_NODE = re.compile(
    r"(?:--require|--import|--loader|--experimental-loader|(?<![\w-])-r)(?:[=\s\"',]+)(?P<module>[@\w./-]+)"
    r"|instrumentation\.opentelemetry\.io/inject-(?P<kind>nodejs|sdk)[\"']?\s*:\s*[\"']?(?!false)\w"
)
_SETTING = re.compile(
    r"(?P<name>OTEL_PROPAGATORS|OTEL_PYTHON_DISABLED_INSTRUMENTATIONS|OTEL_NODE_DISABLED_INSTRUMENTATIONS|OTEL_SDK_DISABLED"
    r"|OTEL_NODE_ENABLED_INSTRUMENTATIONS|DD_TRACE_PROPAGATION_STYLE(?:_INJECT)?|DD_TRACE_ENABLED)"
    r"[\"']?\s*[:=]?\s*[\"']?(?P<value>[\w,-]+(?:, [\w-]+)*)"
)
_NODE_EVERYTHING = (
    "@opentelemetry/auto-instrumentations-node", "dd-trace", "elastic-apm-node", "newrelic", "@splunk/otel",
    "@elastic/opentelemetry-node", "@honeycombio/opentelemetry-node", "@dynatrace/oneagent",
)  # fmt: skip
"""Packages that instrument every HTTP client of Node when they are loaded before the service, W3C headers included."""


def _lines(tree: SourceTree) -> tuple[str, ...]:
    """Return the lines of configuration that may speak of an agent, comments taken off, continuations joined."""
    known = tree.facts.get("agent lines")
    if known is None:
        known = tree.facts["agent lines"] = tuple(_read(tree))
    return known  # type: ignore[return-value]  # the key holds nothing else


def _read(tree: SourceTree) -> Iterator[str]:
    for file in tree.files:
        if file.language in {"text", "docker", "compose"} and not file.path.lower().endswith(_PROSE):
            name = file.path.rsplit("/", 1)[-1].lower()
            if name.startswith("requirements") or name in {"pyproject.toml", "package-lock.json", "pipfile"}:
                continue
            if any(word in file.data for word in _WORDS):
                text = "\n".join(line for line in file.lines if not line.lstrip().startswith(("#", "//", ";")))
                yield from re.sub(r"\\\n\s*", " ", text).split("\n")


def started_by_agent(tree: SourceTree) -> bool:
    """Return whether the service is started by a program that instruments all HTTP clients of Python."""
    return any(_PYTHON.search(line) for line in _joined(tree))


def _joined(tree: SourceTree) -> Iterator[str]:
    """Yield each line, and each with the next two: a YAML list has one word of a command on each."""
    lines = _lines(tree)
    for index, line in enumerate(lines):
        yield line if not line.lstrip().startswith("-") else " ".join(lines[index : index + 2]).replace(" - ", " ")


def node_agents(tree: SourceTree) -> bool:
    """Return whether Node loads a package that instruments all its HTTP clients before the service."""
    for line in _joined(tree):
        for match in _NODE.finditer(line):
            if match["kind"] or (match["module"] or "").startswith(_NODE_EVERYTHING):
                return True
    return False


def _settings(tree: SourceTree, *names: str) -> Iterator[str]:
    for line in _lines(tree):
        for match in _SETTING.finditer(line):
            if match["name"] in names:
                yield match["value"].lower()


def disabled(tree: SourceTree) -> frozenset[str]:
    """Return the instrumentations that the environment turns off: `requests`, `http`, `undici` ..."""
    values = _settings(tree, "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "OTEL_NODE_DISABLED_INSTRUMENTATIONS")
    return frozenset(part.strip() for value in values for part in value.split(","))


def only_other_formats(tree: SourceTree, vendor: str = "opentelemetry") -> bool:
    """Return whether the environment makes an agent send headers of other formats than W3C's (B3, Datadog's own)."""
    names = ("DD_TRACE_PROPAGATION_STYLE", "DD_TRACE_PROPAGATION_STYLE_INJECT")
    wanted = names if vendor == "datadog" else ("OTEL_PROPAGATORS",)
    values = list(_settings(tree, *wanted))
    return bool(values) and not any("tracecontext" in value for value in values)
