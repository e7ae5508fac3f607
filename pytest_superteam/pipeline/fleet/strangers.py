"""Asking objects that somebody else has made: whatever they do, they break nothing."""

from __future__ import annotations

from typing import Any

__all__ = ["is_a", "peek"]


def peek(thing: object, name: str) -> Any:
    """Return an attribute of a stranger's object, None where it has none or does not give it."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001  # a property may raise anything
        return None


def is_a(thing: object, *classes: type) -> bool:
    """Return whether something is of a class, without asking itself: a stranger's object may raise at that."""
    return issubclass(type(thing), classes)
