"""An outgoing HTTP call and the client that it goes through, whatever the language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Client", "Outgoing"]


@dataclass(frozen=True)
class Client:
    """A client object. `home` is the parsed module that makes it."""

    library: str
    home: Any = field(repr=False)
    made: Any = field(default=None, repr=False)
    """The call that makes it, if that is in the service."""
    scope: Any = field(default=None, repr=False)
    """The function of the service that returns it, or the class of the service that is one."""

    @property
    def key(self) -> tuple[str, int, int] | None:
        """Return the place that makes it, which tells it from other clients."""
        if self.made is None:
            return None
        point = getattr(self.made, "start_point", None)
        line, column = (point.row, point.column) if point is not None else (self.made.lineno, self.made.col_offset)
        return self.home.path, line, column


@dataclass(frozen=True)
class Outgoing:
    """One call that leaves the service. `client` is the library, `over` the client object where there is one."""

    node: Any = field(repr=False)
    client: str
    over: Client | None = None
    holder: Any = field(default=None, repr=False)
    """The expression that stands for the client object: `self.http` in `self.http.get(url)`."""
    arguments: tuple[Any, ...] = field(default=(), repr=False)
    """What is passed on with the request: all arguments of the call."""
