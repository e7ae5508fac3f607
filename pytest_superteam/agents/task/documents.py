"""The documents of one service's scoped input: contracts, domain model, events, expectations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.task.conventions import provider_variables
from pytest_superteam.agents.task.quoting import visible
from pytest_superteam.codec import to_data
from pytest_superteam.errors import BuildError, CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.models import Architecture

__all__ = ["contracts", "domain_model", "events", "expectations", "json_text", "own_pacts", "yaml_text"]

CONTRACT = "contract.openapi.yaml"
"""The service's own contract; that of a provider is `contracts/<provider>.openapi.yaml`."""


def contracts(architecture: Architecture, service: str) -> dict[str, str]:
    """Return the contracts of a service and of those that it calls, as YAML by path.

    Raises:
        BuildError: the architecture has no contract for the service.
    """
    own = architecture.contracts.get(service)
    if own is None:
        raise BuildError(f"{service}: the architecture has no contract for it.", retryable=False)
    providers = provider_variables(architecture, service)
    called = {name: architecture.contracts[name] for name in providers if name in architecture.contracts}
    return {CONTRACT: yaml_text(own)} | {
        f"contracts/{name}.openapi.yaml": yaml_text(contract) for name, contract in called.items()
    }


def domain_model(architecture: Architecture, service: str) -> str:
    """Return the entities of a service as YAML, and which of the entities that they refer to are elsewhere."""
    own = architecture.entities_of(service)
    referred = {field.references for entity in own for field in entity.fields if field.references}
    elsewhere = {e.name: e.service for e in architecture.entities if e.name in referred and e.service != service}
    document: dict[str, Any] = {"version": 1, "service": service, "entities": to_data(own)}
    if elsewhere:
        document["elsewhere"] = dict(sorted(elsewhere.items()))
    return yaml_text(document)


def events(architecture: Architecture, service: str) -> str:
    """Return the events that a service publishes or takes, as YAML with the JSON schema of their messages."""
    messages = ((architecture.asyncapi or {}).get("components") or {}).get("messages") or {}
    payloads = {m.get("name", key): m.get("payload") for key, m in messages.items() if isinstance(m, dict)}
    published = {name for operation in architecture.operations_of(service) for name in operation.publishes}
    found = []
    for event in architecture.events:
        publishes = event.publisher == service or event.name in published
        if publishes or service in event.consumers:
            body = to_data(event) | {"message": payloads.get(event.name)}
            found.append(body | {"you_publish": publishes, "you_consume": service in event.consumers})
    return yaml_text({"version": 1, "service": service, "events": found})


def expectations(architecture: Architecture, service: str) -> dict[str, str]:
    """Return what the consumers of a service expect of it, as Pact documents by file name.

    Raises:
        BuildError: a dependency names an operation that the service's contract does not have.
    """
    from pytest_superteam.contracts.pacts import consumer_pacts, pact_name

    calls = tuple(call for call in architecture.dependencies if call.provider == service)
    try:
        pacts = consumer_pacts(replace(architecture, dependencies=calls))
    except CheckError as error:
        raise BuildError(f"{service}: {error}", retryable=False) from None
    return {pact_name(*pair): json_text(pact) for pair, pact in pacts.items()}


def own_pacts(service: str, pacts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return what a service expects of its providers, as Pact documents by file name."""
    from pytest_superteam.contracts.pacts import pact_name

    return {pact_name(service, provider): json_text(pact) for provider, pact in sorted(pacts.items())}


def json_text(document: Any) -> str:
    """Return a document as JSON in ASCII, the same for the same document."""
    return json.dumps(to_data(document), indent=2, ensure_ascii=True) + "\n"


def yaml_text(document: Any) -> str:
    """Return a document as YAML without anchors, the same for the same document."""
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]  # which of the two bases it has depends on the installation
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same value twice is written twice
            return True

    text: str = yaml.dump(_seen(to_data(document)), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _seen(data: Any) -> Any:
    """Return plain data whose texts hold no hidden characters."""
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {_seen(key): _seen(value) for key, value in data.items()}
    return [_seen(item) for item in data] if isinstance(data, list) else data
