"""What is known of one operation beside its path, in the words of OpenAPI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["FORM", "JSON", "MULTIPART", "Details", "Parameter"]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Parameter:
    """A parameter outside the path."""

    place: Literal["query", "header", "cookie"]
    name: str
    schema: dict[str, Any] = field(default_factory=dict)
    required: bool = False


@dataclass
class Details:
    """What a handler takes and answers. What is left empty is not known."""

    path: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Schemas of parameters of the path."""
    parameters: dict[tuple[str, str], Parameter] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    """Schema of the body; empty where there is one of which nothing is known."""
    body_type: str = JSON
    body_required: bool = False
    statuses: tuple[int, ...] = ()
    """Statuses of success."""
    answer: dict[str, Any] | None = None
    """Schema of the answer with the first of `statuses`, in JSON."""
    others: tuple[int, ...] = ()
    """Statuses of other answers that the source declares."""
    summary: str = ""
    scheme: dict[str, Any] | None = None
    """The security scheme of the handler, where the source says another than a bearer token."""

    def add(self, parameter: Parameter) -> None:
        """Add a parameter, unless one of its name is there."""
        self.parameters.setdefault((parameter.place, parameter.name), parameter)
