"""What each consumer expects of each provider, as Pact V4 documents made from the architecture's dependencies.

A call that names a row by its path gives two interactions: `a Book exists` is answered with the fields that the
consumer reads, matched by type, and `no such Book` with 404. A call without such a name gives the first only. Ids
come from the provider's states: the path in the document is an example, its `ProviderState` generator puts the id
there that the state handler returned. No document holds a token; the verifier sends it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.contracts.registry import ContractOperation, ContractRegistry
from pytest_superteam.contracts.synthesise import example_for

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Dependency

__all__ = ["ABSENT", "PRESENT", "consumer_pacts", "pact_name"]

PRESENT = "{entity} exists"
"""State in which a row exists, named with its article (`a Book exists`).

Its handler returns values for the names in the parameter `names`.
"""
ABSENT = "no such {entity}"
"""State in which the id in the path names no row."""

_NOBODY = "00000000-0000-4000-8000-000000000000"
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def pact_name(consumer: str, provider: str) -> str:
    """Return the file name of the pact of a pair."""
    return f"{consumer}-{provider}.json"


def consumer_pacts(architecture: Architecture) -> dict[tuple[str, str], dict[str, Any]]:
    """Return one JSON-ready Pact V4 document for each consumer and provider, the same for the same architecture.

    Raises:
        CheckError: a dependency names an operation that the provider's contract does not have.
    """
    registry = ContractRegistry.of(architecture)
    return {pair: _document(pair, architecture, registry) for pair in architecture.pairs}


def _document(pair: tuple[str, str], architecture: Architecture, registry: ContractRegistry) -> dict[str, Any]:
    consumer, provider = pair
    interactions: dict[str, dict[str, Any]] = {}
    calls = (d for d in architecture.dependencies_of(consumer) if d.provider == provider)
    for dependency in sorted(calls, key=lambda d: (d.operation, d.fields)):
        operation = registry.find(provider, dependency.operation)
        for interaction in _interactions(architecture, operation, dependency):
            interactions.setdefault(interaction["key"], interaction)
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": list(interactions.values()),
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }


def _interactions(
    architecture: Architecture, operation: ContractOperation, dependency: Dependency
) -> Iterator[dict[str, Any]]:
    entity = dependency.entity or operation.definition.get("x-entity") or "row"
    present = PRESENT.format(entity=_with_article(str(entity)))
    request = _request(architecture, operation, str(entity))
    names = _names(request)
    yield _interaction(
        f"{operation.id}: {present}",
        (present, {"entity": entity, "names": names}),
        request,
        _answer(operation, dependency),
    )
    if operation.path_parameters:
        absent = ABSENT.format(entity=entity)
        nothing = {key: value for key, value in request.items() if key != "generators"}
        others = {k: v for k, v in request.get("generators", {}).items() if k == "body"}
        if others:
            nothing["generators"] = others
        state = (absent, {"entity": entity, "names": _names(nothing)})
        yield _interaction(f"{operation.id}: {absent}", state, nothing, {"status": 404})


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in {'a', 'e', 'i', 'o'} else 'a'} {noun}"


def _interaction(
    description: str, state: tuple[str, Mapping[str, Any]], request: Mapping[str, Any], response: Mapping[str, Any]
) -> dict[str, Any]:
    parts = {
        "type": "Synchronous/HTTP",
        "description": description,
        "pending": False,
        "providerStates": [{"name": state[0], "params": dict(state[1])}],
        "request": dict(request),
        "response": dict(response),
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return {**parts, "key": digest[:16]}


# ---------------------------------------------------------------- request


def _request(architecture: Architecture, operation: ContractOperation, entity: str) -> dict[str, Any]:
    path, expression = operation.path, operation.path
    for name in operation.path_parameters:
        path = path.replace(f"{{{name}}}", _NOBODY)
        expression = expression.replace(f"{{{name}}}", f"${{{name}}}")
    generators: dict[str, Any] = {}
    if expression != operation.path:
        generators["path"] = _from_state(expression)
    request: dict[str, Any] = {"method": operation.method, "path": path}
    query = _required_query(operation)
    if query:
        request["query"] = query
    if operation.request_schema is not None:
        body = example_for(operation.request_schema, operation.document, optional=False)
        references = _references(architecture, entity, body)
        request["headers"] = {"Content-Type": ["application/json"]}
        request["body"] = _json(body)
        if references:
            generators["body"] = {f"$.{name}": _from_state(f"${{{name}}}") for name in references}
    return {**request, "generators": generators} if generators else request


def _required_query(operation: ContractOperation) -> dict[str, list[str]]:
    wanted = (p for p in operation.parameters if p.get("in") == "query" and p.get("required"))
    return {str(p["name"]): [str(example_for(p.get("schema", True), operation.document))] for p in wanted}


def _references(architecture: Architecture, entity: str, body: Any) -> list[str]:
    """Return the names of the body's properties that hold the id of another row."""
    known = architecture.entity_named(entity)
    fields = known.fields if known else ()
    return sorted(f.name for f in fields if f.type == "reference" and isinstance(body, dict) and f.name in body)


def _from_state(expression: str) -> dict[str, str]:
    return {"type": "ProviderState", "expression": expression, "dataType": "STRING"}


def _names(request: Mapping[str, Any]) -> list[str]:
    """Return the names of the values that the request's generators take from the state."""
    generators = request.get("generators", {})
    expressions = [generators["path"]["expression"]] if "path" in generators else []
    expressions += [part["expression"] for part in generators.get("body", {}).values()]
    return sorted({piece.split("}")[0] for text in expressions for piece in text.split("${")[1:]})


def _json(content: Any) -> dict[str, Any]:
    return {"contentType": "application/json", "encoded": False, "content": content}


# ---------------------------------------------------------------- response


def _answer(operation: ContractOperation, dependency: Dependency) -> dict[str, Any]:
    status = operation.success
    schema = operation.response_schema(status)
    if schema is None:
        return {"status": status}
    row, where, wrap = _row(operation, schema)
    properties: Mapping[str, Any] = row.get("properties", {})
    fields = [name for name in dependency.fields if name in properties]
    missing = [name for name in dependency.fields if name not in properties]
    content = {name: example_for(properties[name], operation.document) for name in fields}
    # A field that the contract lacks stays expected: it is what the consumer reads, so the provider must fail.
    content |= dict.fromkeys(missing, "text")
    rules = {f"{where}.{name}": _matcher(operation, properties.get(name, True)) for name in content}
    if wrap:
        rules |= {f"$.{wrap}": _rule({"match": "type", "min": 1})}
    return {
        "status": status,
        "body": _json({wrap: [content]} if wrap else content),
        "matchingRules": {"body": rules},
    }


def _row(operation: ContractOperation, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, str]:
    """Return the schema of one row, where it stands in the answer, and the property of the page that holds rows."""
    row = deref(operation.document, schema)
    items = deref(operation.document, row.get("properties", {}).get("items", {}))
    if items.get("type") == "array":
        return deref(operation.document, items.get("items", {})), "$.items[*]", "items"
    return row, "$", ""


def _matcher(operation: ContractOperation, schema: Any) -> dict[str, Any]:
    """Return the rule that a consumer's reading of the field comes down to: its JSON type, and the form of ids."""
    schema = deref(operation.document, schema)
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, list) and "null" in kind:
        other = next((k for k in kind if k != "null"), "null")
        return _rule({"match": "null"}, _simple(other, schema), combine="OR")
    return _rule(_simple(kind, schema))


def _simple(kind: Any, schema: Any) -> dict[str, Any]:
    if kind == "string" and schema.get("format") == "uuid":
        return {"match": "regex", "regex": _UUID}
    if kind == "integer":
        return {"match": "integer"}
    if kind == "number":
        return {"match": "number"}
    return {"match": "boolean"} if kind == "boolean" else {"match": "type"}


def _rule(*matchers: Mapping[str, Any], combine: str = "AND") -> dict[str, Any]:
    return {"combine": combine, "matchers": [dict(matcher) for matcher in matchers]}
