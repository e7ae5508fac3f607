"""The readers of all frameworks behind one door, and the components that they share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.details import Details
from pytest_superteam.discovery.contracts.derive.django import Django
from pytest_superteam.discovery.contracts.derive.fastapi import FastApi
from pytest_superteam.discovery.contracts.derive.flask import flask_details
from pytest_superteam.discovery.contracts.derive.nest import Nest
from pytest_superteam.discovery.contracts.derive.python_models import Models

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Readers"]

_FLASK = frozenset({"flask", "quart", "restx", "restful"})
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_PREFIX = "#/components/schemas/"
_ANSWER = "Answer"
"""What is added to the name of a component that differs between what is taken and what is given."""


class Readers:
    """Reads the handlers of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.taken = Models(tree)
        self.given = Models(tree, answers=True)
        self._fastapi = FastApi(tree, self.taken, self.given)
        self._django = Django(tree)
        self._nest: Nest | None = None

    def details(self, route: Route, names: frozenset[str]) -> Details:
        """Return what is known of a route whose path has parameters of these names."""
        if route.framework == "fastapi":
            found = self._fastapi.details(route, names)
            found.answer = _marked(found.answer)
            return found
        if route.framework in _FLASK:
            return flask_details(self.tree, route, names)
        if route.framework == "django":
            return self._django.details(route)
        if route.framework == "nest":
            self._nest = self._nest or Nest(self.tree)
            return self._nest.details(route)
        return Details(body={} if route.method in _WRITES else None)

    def components(self) -> dict[str, Any]:
        """Return the components of both directions; those of answers under names of their own where they differ."""
        renamed = {f"{name}{_ANSWER}": _marked(schema) for name, schema in self.given.components.items()}
        return dict(sorted({**renamed, **self.taken.components}.items()))

    def finished(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document in which a component that is alike in both directions is told once."""
        taken, given = self.taken.components, self.given.components
        alike = {name for name, schema in given.items() if taken.get(name, schema) == schema}
        while True:
            kept = {name for name in alike if _references(given[name]) <= alike}
            if kept == alike:
                break
            alike = kept
        schemas = document.get("components", {}).get("schemas", {})
        clash = {name for name in alike if f"{name}{_ANSWER}" in taken}
        for name in alike - clash:
            schemas[name] = schemas.pop(f"{name}{_ANSWER}")
        found: dict[str, Any] = _renamed(document, {f"{_PREFIX}{n}{_ANSWER}": f"{_PREFIX}{n}" for n in alike - clash})
        return found


def _marked(schema: Any) -> Any:
    """Return a schema of an answer with references to the components of answers."""
    if isinstance(schema, dict):
        return {
            key: f"{part}{_ANSWER}" if key == "$ref" and isinstance(part, str) else _marked(part)
            for key, part in schema.items()
        }
    return [_marked(part) for part in schema] if isinstance(schema, list) else schema


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(part, part) if key == "$ref" and isinstance(part, str) else _renamed(part, names)
            for key, part in value.items()
        }
    return [_renamed(part, names) for part in value] if isinstance(value, list) else value


def _references(schema: Any) -> set[str]:
    text = json.dumps(schema, default=str)
    return {piece.partition('"')[0] for piece in text.split(_PREFIX)[1:]}
