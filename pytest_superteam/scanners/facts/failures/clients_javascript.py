"""Calls of a JavaScript module that go out over HTTP, with the way in which they tell of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pytest_superteam.scanners.facts.outgoing import outgoing_calls_js
from pytest_superteam.scanners.facts.services_js import imported_module
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["requests_of", "resolved"]

_CALLBACKS = frozenset({"request", "needle", "superagent"})
"""Libraries that hand a failure to a callback where one is given."""


def resolved(tree: SourceTree, origin: str) -> tuple[JavaScriptModule, str] | None:
    """Return the module of the service that a dotted origin such as `src/api.get` lies in, and the rest of it."""
    head, slash, last = origin.rpartition("/")
    name, _, rest = last.partition(".")
    module = imported_module(tree, f"{head}{slash}{name}")
    return (module, rest) if module is not None else None


def requests_of(tree: SourceTree, module: JavaScriptModule) -> Iterator[tuple[Node, Literal["promise", "emitter"]]]:
    """Yield the calls that leave the service over HTTP."""
    for call in outgoing_calls_js(tree, module):
        if call.client in _CALLBACKS and any(argument.type in FUNCTIONS for argument in call.arguments):
            continue
        yield call.node, "emitter" if call.client == "http" else "promise"
