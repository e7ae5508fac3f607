"""What is found out about a module once and asked for by several rules: it is kept on the module and goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kept"]

T = TypeVar("T")


def kept(module: Any, name: str, make: Callable[[], T]) -> T:
    """Return what `make` makes for `module`, made on the first call."""
    table: dict[str, Any] = vars(module).setdefault("_jwt", {})
    if name not in table:
        table[name] = make()
    return cast("T", table[name])
