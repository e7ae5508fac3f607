"""How messages name things."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models import Operation

__all__ = ["named", "with_article"]


def with_article(noun: str) -> str:
    """Return `an Order`, `a Book`."""
    return f"{'an' if noun[:1].lower() in {'a', 'e', 'i', 'o'} else 'a'} {noun}"


def named(operation: Operation) -> str:
    """Return an operation as messages name it."""
    return f"{operation.method.upper()} {operation.path}"
