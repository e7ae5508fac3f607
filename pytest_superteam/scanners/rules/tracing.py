"""TRACE-001: calls to other services on which the trace ends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.logs.python_scripts import is_server
from pytest_superteam.scanners.facts.outgoing import (
    Outgoing,
    calling_modules,
    calling_modules_js,
    is_browser,
    outgoing_calls,
    outgoing_calls_js,
)
from pytest_superteam.scanners.facts.trace.javascript_agents import instrumentation_js
from pytest_superteam.scanners.facts.trace.javascript_context import is_traced_js
from pytest_superteam.scanners.facts.trace.python_agents import instrumentation
from pytest_superteam.scanners.facts.trace.python_context import is_traced
from pytest_superteam.scanners.languages.python import walk
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
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    what="An outgoing HTTP call whose service neither writes `traceparent` into that request nor instruments the "
    "client it goes through. Instrumentation of another client, and headers of other formats (B3, Jaeger), do not "
    "count; calls of tests and scripts are none.",
    why="The trace ends at the call: what the other service does for this request is logged under another trace, so "
    "nobody finds out which of them was slow or failed.",
    bad={"app.py": 'import httpx\n\n\ndef stock(item):\n    return httpx.get(f"http://inventory/items/{item}")\n'},
    good={
        "app.py": "import httpx\nfrom opentelemetry.propagate import inject\n\n\ndef stock(item):\n    headers = {}\n"
        '    inject(headers)\n    return httpx.get(f"http://inventory/items/{item}", headers=headers)\n'
    },
)

_SCRIPT_FOLDERS = frozenset(
    {"scripts", "script", "bin", "tools", "tasks", "hack", "ci", ".github", "commands", "seeds"}
)
_SCRIPT_FILES = frozenset({
    "manage.py", "tests.py", "cli.py", "__main__.py", "locustfile.py", "tasks.py", "healthcheck.py", "healthcheck.js",
    "gulpfile.js", "gruntfile.js", "seed.py", "seed.js", "seed.ts",
})  # fmt: skip
_TEST_LIBRARIES = frozenset({"pytest", "unittest", "locust", "nose", "behave"})


def _is_script(file: SourceFile, *, serves: bool = False) -> bool:
    """Return whether a file is started by people or by a build, and not by requests; `#!` says so of no server."""
    *folders, name = file.path.lower().split("/")
    called = bool(_SCRIPT_FOLDERS & set(folders)) or name in _SCRIPT_FILES - {"tasks.py"}
    return called or (file.data.startswith(b"#!") and not serves)


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and any(isinstance(n, ast.Name) and n.id == "__name__" for n in walk(node.test))


def _is_started(module: PythonModule, node: ast.AST) -> bool:
    """Return whether `node` runs only when its file is started as a script."""
    current: ast.AST | None = node
    while current is not None and not _is_main_guard(current):
        current = module.parents.get(current)
    return current is not None


def _tests(module: PythonModule) -> bool:
    return any(origin.partition(".")[0] in _TEST_LIBRARIES for origin in module.imports.values())


def _is_test_js(file: SourceFile) -> bool:
    name = file.path.lower().rsplit("/", 1)[-1]
    return any(
        word in name for word in (".spec.", ".test.", "-spec.", ".cy.", ".e2e.", ".stories.", "jest.", "vitest.")
    )


def _is_covered(tree: SourceTree, module: PythonModule, call: Outgoing) -> bool:
    found = instrumentation(tree)
    if call.client in found.libraries or (call.over is not None and call.over.key in found.clients):
        return True
    return is_traced(tree, module, call)


def _python(tree: SourceTree) -> Iterator[Hit]:
    for file, module in calling_modules(tree):
        if not _is_script(file, serves=is_server(module)) and not _tests(module):
            for call in outgoing_calls(tree, module):
                if not _is_started(module, call.node) and not _is_covered(tree, module, call):
                    yield Hit.at(file, call.node)


def _javascript(tree: SourceTree) -> Iterator[Hit]:
    for file, module in calling_modules_js(tree):
        if not _is_script(file) and not _is_test_js(file) and not is_browser(tree, file):
            for call in outgoing_calls_js(tree, module):
                if not instrumentation_js(tree).covers(call.client) and not is_traced_js(tree, module, call):
                    yield Hit.at(file, call.node)


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find outgoing calls with neither an injected trace context nor an instrumented client."""
    yield from _python(tree)
    yield from _javascript(tree)


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
