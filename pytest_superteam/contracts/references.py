"""JSON references within one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from pytest_superteam.errors import CheckError

__all__ = ["deref", "resolve"]

_HOPS = 50  # references that lead to references; more is a circle


def resolve(document: Mapping[str, Any], reference: str) -> Any:
    """Return what `reference` (`#/components/schemas/Book`) names in `document`; references are followed on.

    Raises:
        CheckError: it leads nowhere, out of the document or in a circle.
    """
    seen = reference
    for _ in range(_HOPS):
        found = _at(document, seen)
        if not (isinstance(found, Mapping) and set(found) == {"$ref"}):
            return found
        seen = str(found["$ref"])
    raise CheckError(f"The reference {reference!r} leads in a circle.")


def deref(document: Mapping[str, Any], value: Any) -> Any:
    """Return `value`, or what it refers to."""
    return resolve(document, str(value["$ref"])) if isinstance(value, Mapping) and "$ref" in value else value


def _at(document: Mapping[str, Any], reference: str) -> Any:
    if not reference.startswith("#"):
        raise CheckError(
            f"The reference {reference!r} leads out of the document, which is not followed. Move it inside."
        )
    found: Any = document
    for part in unquote(reference[1:]).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, Sequence) and not isinstance(found, str) else found[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise CheckError(
                f"The reference {reference!r} leads nowhere. Add the part, or correct the reference."
            ) from error
    return found
