"""The nouns: a route, an application, and the graph of routers between them. The same for all frameworks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ANYWHERE", "Application", "Guard", "Mount", "PartialPath", "Place", "Route", "Router", "Routing", "join"]
__all__ += ["normalise_path"]

_PARAMETER = re.compile(
    r"\{[^{}]*\}|<[^<>]*>|(?<=/)\(\?P<[^<>]*>[^()]*\)|(?<=[/.-]):[A-Za-z_]\w*(?:\([^()]*\))?[?*+]?|\[[^\[\]/]*\]"
)
_DEPTH = 8


class PartialPath(str):
    """A path of which a part is not known: it is left out of the text."""

    __slots__ = ()


@dataclass(frozen=True)
class Route:
    """One method on one path. `line` is that of the declaration, `signed` whether the body's signature is checked."""

    method: str
    path: str
    file: str
    line: int
    handler: str
    protected: bool
    signed: bool = False
    framework: str = field(default="", compare=False)
    public: bool = field(default=False, compare=False)
    """Whether the code says on purpose that everybody may call it (`AllowAny`, `@Public()`)."""
    signs_in: bool = field(default=False, compare=False)
    """Whether the handler compares a password and makes a token."""
    hidden: bool = field(default=False, compare=False)
    """Whether the framework is told to keep it out of the API's description."""
    slash: bool = field(default=False, compare=False)
    """Whether its path is declared with a slash at its end, which `path` never has."""
    partial: bool = field(default=False, compare=False)
    """Whether a part of its path is not known."""
    defined: tuple[str, int] = field(default=("", 0), compare=False)
    """File and line where the handler itself is defined, as far as that is known."""


@dataclass(frozen=True)
class Application:
    """Where a service makes an HTTP application. `health`: a library gives it a health route that no code declares."""

    file: str
    line: int
    framework: str
    health: bool = False


@dataclass(frozen=True)
class Routing:
    """What one reader knows. `opaque` is true where routes are added in a way that cannot be read."""

    routes: tuple[Route, ...] = ()
    applications: tuple[Application, ...] = ()
    opaque: bool = False


class Place(NamedTuple):
    """Where a statement runs, for frameworks in which a guard covers what comes after it."""

    file: str
    position: int

    def before(self, other: Place) -> bool:
        """Return whether this runs before `other`; in different files nobody knows, and it is taken to."""
        return not self.file or self.file != other.file or self.position < other.position


ANYWHERE = Place("", 0)


@dataclass(frozen=True)
class Guard:
    """A middleware that lets only known callers pass, for paths below `prefix` that are declared after it."""

    prefix: str = ""
    place: Place = ANYWHERE
    methods: frozenset[str] = frozenset()
    exact: bool = False
    """Whether it stands before the path `prefix` alone, not before those below it."""

    def covers(self, path: str, method: str, place: Place) -> bool:
        """Return whether the guard stands before a route; what it lets through on purpose counts as covered."""
        if not self.place.before(place) or (self.methods and method not in self.methods):
            return False
        wanted = [part for part in normalise_path(self.prefix).split("/") if part]
        given = [part for part in normalise_path(path).split("/") if part]
        if wanted and wanted[-1] in {"*", "(.*)", "**", "{}*"}:
            wanted.pop()
        elif self.exact and len(given) != len(wanted):
            return False
        return len(given) >= len(wanted) and all(w in {g, "{}", "*"} for w, g in zip(wanted, given, strict=False))


@dataclass(frozen=True)
class Mount:
    """How a router hangs in another one. With `isolated` the parent's dependencies do not reach it, its guards do."""

    parent: Router
    prefix: str = ""
    protected: bool = False
    place: Place = ANYWHERE
    replaces: bool = False
    """Whether `prefix` stands instead of the router's own."""
    isolated: bool = False


@dataclass(eq=False)
class Router:
    """An application, router or blueprint: what it adds to its routes, and where it is mounted."""

    framework: str = ""
    prefix: str = ""
    protected: bool = False
    app: bool = False
    parents: list[Mount] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)

    def places(
        self, path: str, method: str, place: Place = ANYWHERE, *, served: bool = True, depth: int = 0
    ) -> Iterator[tuple[str, bool, bool]]:
        """Yield full path, protection by guards, and by dependencies too, for each way from an application to here.

        With `served`, a router that no application includes has no place; else it has its own prefix, and what may
        stand before it is not known.
        """
        guarded = any(guard.covers(path, method, place) for guard in self.guards)
        if not self.parents or depth > _DEPTH:
            if self.app or not served:
                full = join(self.prefix, path)
                yield full if self.app else PartialPath(full), guarded, guarded or self.protected
            return
        for mount in self.parents:
            inner = join(mount.prefix, "" if mount.replaces else self.prefix, path)
            ways = mount.parent.places(inner, method, mount.place, served=served, depth=depth + 1)
            for full, outside, wholly in ways:
                outer = outside if mount.isolated else wholly
                safe = guarded or mount.protected
                yield full, safe or outside, safe or self.protected or outer


def join(*parts: str) -> str:
    """Return the parts of a path with one slash between them."""
    joined = "".join("/" + part.strip("/") for part in parts if part.strip("/")) or "/"
    return PartialPath(joined) if any(isinstance(part, PartialPath) for part in parts) else joined


def normalise_path(path: str) -> str:
    """Return `path` without names of parameters and without a slash at its end: `/orders/{id}/` is `/orders/{}`."""
    plain = _PARAMETER.sub("{}", path)
    return join(*plain.partition("?")[0].split("/"))
