"""Secrets of the requirements document stay in it: what is made of it holds their first characters only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture

__all__ = ["without_secrets"]

_NAMES = frozenset(
    {
        *("id", "name", "service", "entity", "field", "references", "owner_field", "plural", "kind", "type", "method"),
        *("path", "channel", "publisher", "consumers", "consumer", "provider", "operation", "operations", "publishes"),
        *("roles", "states", "source", "target", "initial", "target_state", "enum", "fields", "requirements"),
        *("prd_sha256", "protocol", "dependencies"),
    }
)
"""Fields whose texts refer to each other; changed in one place they would no longer fit."""
_STRUCTURE = frozenset({"$ref", "pattern", "operationId", "format", "type", "in", "required", "enum", "const", "name"})
"""Keys of a contract whose texts mean something to machines."""


def without_secrets(system: Architecture) -> Architecture:
    """Return `system` with the secrets masked in every text that was written for people, contracts included."""
    masked: Architecture = _plain(system)
    contracts = {name: _document(contract) for name, contract in system.contracts.items()}
    asyncapi = None if system.asyncapi is None else _document(system.asyncapi)
    return dataclasses.replace(masked, contracts=contracts, asyncapi=asyncapi)


def _plain(value: Any) -> Any:
    """Mask the texts of a noun and of the nouns in it; what has none to mask stays the same object."""
    changed = {}
    for item in dataclasses.fields(value):
        old = getattr(value, item.name)
        new = _value(old, names=item.name in _NAMES)
        if new is not old:
            changed[item.name] = new
    return dataclasses.replace(value, **changed) if changed else value


def _value(value: Any, *, names: bool) -> Any:
    if isinstance(value, str):
        if names or len(value) < 8:
            return value
        masked = mask(value)
        return value if masked == value else masked
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(value)
    if isinstance(value, tuple):
        members = tuple(_value(member, names=names) for member in value)
        return value if all(a is b for a, b in zip(members, value, strict=True)) else members
    return value  # contracts are documents, and masked as such


def _document(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return value if key in _STRUCTURE else mask(value)
    if isinstance(value, Mapping):
        return {name: _entry(str(name), member) for name, member in value.items()}
    return [_document(member, key) for member in value] if isinstance(value, (list, tuple)) else value


def _entry(name: str, member: Any) -> Any:
    """Mask a bare value under a telling name as well: in `password: hunter2` neither part is a secret alone."""
    if isinstance(member, str) and name not in _STRUCTURE:
        prefix = f'{name}: "'
        masked = mask(prefix + member)
        return masked.removeprefix(prefix) if masked.startswith(prefix) else mask(member)
    return _document(member, name)
