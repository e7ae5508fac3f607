"""Names for the engine's generic classes, for annotations only: the engine itself is imported where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

__all__ = ["Case", "EngineOperation"]

if TYPE_CHECKING:
    import schemathesis

    Case: TypeAlias = schemathesis.Case[Any]
    EngineOperation: TypeAlias = schemathesis.APIOperation[Any, Any, Any, Any]
else:
    Case = EngineOperation = Any
