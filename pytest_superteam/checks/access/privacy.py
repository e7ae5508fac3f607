"""Why an object is held to be private: what the design says, or what a found contract and its answers give away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.access.endpoints import Endpoint

__all__ = ["SECRET_NAME", "names_people", "owner_like", "why_private", "writer_like"]

_OWNERS = re.compile(
    r"(owner|user|customer|account|patient|member|client|tenant|student|employee|buyer|holder|subscriber)"
    r"(_?(id|uuid|name|ref))?"
)
_WRITERS = re.compile(r"(author|creator|created_by|posted_by|uploaded_by|writer|sender)(_?(id|uuid|name|ref))?")
SECRET_NAME = re.compile(
    r"(.*_)?(secret|private|password|passwd|pwd|ssn|social_security\w*|card_?number|card|cvv|iban|pin|token|api_?key)"
    r"(_(value|text|data|key|hash|content))?"
)
"""Names of fields, in snake_case, whose values are nobody else's business."""
_PEOPLE = re.compile(r"(users?|accounts?|customers?|members?|patients?|profiles?|people|employees?|clients?)")


def owner_like(names: Mapping[str, Any]) -> str | None:
    """Return the one of `names` that says whose a record is."""
    return next((str(name) for name in names if _OWNERS.fullmatch(snake(str(name)))), None)


def writer_like(names: Mapping[str, Any]) -> str | None:
    """Return the one of `names` that says who wrote a record: others may read it, but not change it."""
    return next((str(name) for name in names if _WRITERS.fullmatch(snake(str(name)))), None)


def names_people(rows: str) -> bool:
    """Return whether rows of this kind are accounts, by the last word of their path or their entity's name."""
    words = [part for part in rows.split("/") if part and part != "{}" and not re.fullmatch(r"v\d+", part)]
    return bool(words) and bool(_PEOPLE.fullmatch(snake(words[-1])))


def why_private(endpoint: Endpoint, answered: Mapping[str, Any]) -> str:
    """Return why what a found operation answers or does is its owner's alone, `""` where nothing says so.

    Args:
        endpoint: A protected operation whose path names the row.
        answered: The record that its owner is answered.
    """
    return next(_reasons(endpoint, answered), "")


def _reasons(endpoint: Endpoint, answered: Mapping[str, Any]) -> Iterator[str]:
    fields = {**endpoint.answered(endpoint.contract.success), **answered}
    secret = next((str(n) for n, v in answered.items() if SECRET_NAME.fullmatch(snake(str(n))) and v), None)
    owner, writer = owner_like(fields), writer_like(fields)
    above = next((rows for rows in endpoint.named.values() if rows != endpoint.own and names_people(rows)), None)
    if names_people(endpoint.own):
        owner = None  # accounts name themselves; that others read a profile is what many systems are for
        if not endpoint.reads:
            yield "it is an account"
    if owner:
        yield f"its field '{owner}' says whose it is"
    if secret:
        yield f"it takes a token to read it, and it holds '{secret}'"
    if above:
        yield f"its path lies below {above}/{{}}"
    if not endpoint.reads and writer:
        yield f"its field '{writer}' says who wrote it"
