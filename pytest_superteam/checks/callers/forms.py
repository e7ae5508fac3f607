"""Operations that take a form in place of JSON, as many a login does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pytest_superteam.contracts.adopted.reading import part

if TYPE_CHECKING:
    from pytest_superteam.contracts.registry import ContractOperation

__all__ = ["FORM", "GRANT", "body_schema", "encoded", "form_schema"]

FORM = "application/x-www-form-urlencoded"
GRANT = frozenset({"grant_type", "scope", "client_id", "client_secret"})
"""What a login by form has beside name and password (RFC 6749, 4.3.2): it is refused for these alone."""


def form_schema(contract: ContractOperation) -> Mapping[str, Any] | None:
    """Return the schema of the form that an operation takes, None where it takes JSON or nothing."""
    if contract.request_schema is not None:
        return None
    content = part(contract.document, part(contract.document, contract.definition.get("requestBody")).get("content"))
    schemas = (part(contract.document, media).get("schema") for name, media in content.items() if "form" in str(name))
    return next((schema for schema in schemas if isinstance(schema, Mapping)), None)


def body_schema(contract: ContractOperation) -> Mapping[str, Any] | None:
    """Return the schema of what an operation takes, in JSON or as a form; None where it takes nothing."""
    return contract.request_schema if contract.request_schema is not None else form_schema(contract)


def encoded(body: Mapping[str, Any]) -> bytes:
    """Return `body` as a form; what is no text is written as JSON."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    return urlencode(texts, errors="surrogatepass").encode()
