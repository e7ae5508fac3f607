"""What every generated file of conformance tests starts with."""

from __future__ import annotations

__all__ = ["PROLOGUE"]

PROLOGUE = '''\
"""Conformance of @SERVICE@ to its contract, operation by operation.

Generated from the contract "@TITLE@", version @VERSION@; the next run writes it again.
It needs pytest, httpx and jsonschema, and a running service:

    CONTRACT_BASE_URL   where it answers, such as http://127.0.0.1:8000
    CONTRACT_TOKEN      what a signed-in caller sends
    CONTRACT_TOKEN_X    the same for callers of role X, where that makes a difference
    CONTRACT_VALUES     JSON: values of parameters that name rows, {"book_id": "12"}

Fixtures `contract_base_url` and `contract_token` of a conftest.py do as well.
"""

import base64
import json
import os
import uuid
from typing import Any

import httpx
import jsonschema
import pytest

VALUES: dict[str, Any] = json.loads(os.environ.get("CONTRACT_VALUES", "{}"))


class Api:
    """The service, and the tokens to call it with."""

    def __init__(self, base_url: str, token: str) -> None:
        root = base_url.rstrip("/") + BASE_PATH
        self._client = httpx.Client(base_url=root, timeout=10)
        self._token = token

    def close(self) -> None:
        self._client.close()

    def send(
        self, method: str, path: str, *, role: str | None = "", **parts: Any
    ) -> httpx.Response:
        """Send a request; `role=None` sends no token."""
        headers = {**parts.pop("headers", {})}
        params = {**parts.pop("params", {})}
        if role is not None:
            token = os.environ.get(f"CONTRACT_TOKEN_{role.upper()}", self._token)
            place, name, prefix = CREDENTIALS
            if prefix == "Basic ":
                token = base64.b64encode(token.encode()).decode()
            if token:
                (params if place == "query" else headers)[name] = prefix + token
        parts |= {"headers": headers, "params": params}
        return self._client.request(method, path, **parts)


def _setting(request: pytest.FixtureRequest, name: str) -> str:
    if name.upper() in os.environ:
        return os.environ[name.upper()]
    try:
        return str(request.getfixturevalue(name))
    except pytest.FixtureLookupError:
        return ""


@pytest.fixture(scope="module")
def api(request: pytest.FixtureRequest):
    """Return the service under test."""
    base_url = _setting(request, "contract_base_url")
    if not base_url:
        pytest.fail("Set CONTRACT_BASE_URL to where @SERVICE@ answers.")
    client = Api(base_url, _setting(request, "contract_token"))
    yield client
    client.close()


def fresh() -> str:
    """Return what makes a name or an address new."""
    return uuid.uuid4().hex[:8]


def id_of(path: str) -> str:
    """Return what names the row at a path."""
    return path.rsplit("/", 1)[-1]


def needed(name: str) -> Any:
    """Return a value that only who runs the tests can know."""
    if name not in VALUES:
        pytest.skip(f'nothing makes a row for it: CONTRACT_VALUES={{"{name}": ...}}')
    return VALUES[name]


def conforms(answer: httpx.Response, operation: str, *expected: int) -> None:
    """Assert that an answer has an expected status and the body that is documented."""
    sent = f"{answer.request.method} {answer.request.url.path}"
    got = f"{sent} answered {answer.status_code}: {answer.text[:500]}"
    assert answer.status_code in expected, f"{got}; documented is {expected}"
    schema = SCHEMAS.get(operation, {}).get(answer.status_code)
    if schema is None:
        return
    validator = jsonschema.Draft202012Validator(
        {"allOf": [schema], "$defs": DEFINITIONS},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    found = validator.iter_errors(answer.json())
    errors = [f"{error.json_path}: {error.message}" for error in found]
    assert not errors, f"{got}; its body departs from the contract: {errors[:5]}"
'''
