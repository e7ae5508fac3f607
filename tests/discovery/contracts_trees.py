"""Small trees of source for the tests of contracts: written to a folder, and what is derived from them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from pytest_superteam.discovery.contracts.derived import derived_document
from pytest_superteam.models import FoundService

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

METHODS = ("get", "put", "post", "delete", "patch")


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder and return it."""
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(dedent(text), encoding="utf-8")
    return root


def derive(root: Path, files: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the document derived from files; it is valid OpenAPI, or the test fails."""
    document = derived_document(FoundService("shop", folder="."), plant(root, files))
    if document is not None:
        assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    return document


def operations(document: Mapping[str, Any] | None) -> list[str]:
    """Return `METHOD path` of each operation, sorted."""
    items = document["paths"].items() if document is not None else ()
    return sorted(f"{method.upper()} {path}" for path, item in items for method in item if method in METHODS)


def operation(document: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """Return the operation called `METHOD path`."""
    assert document is not None
    method, path = name.split(" ")
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found
