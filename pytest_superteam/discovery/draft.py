"""A service while it is being found: each fact is said once, by the best witness first, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.models import Conclusion, FoundService

if TYPE_CHECKING:
    from pytest_superteam.discovery.compose_reading import ComposeService
    from pytest_superteam.discovery.dockerfiles import Built
    from pytest_superteam.discovery.images import Product
    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.models import FoundKind

__all__ = ["Draft"]


@dataclass(eq=False)
class Draft:
    """What is known of one part of the system so far."""

    name: str
    kind: FoundKind = "service"
    folder: str = ""
    compose: ComposeService | None = None
    built: Built | None = None
    manifest: Manifest | None = None
    product: Product | None = None
    image: str = ""
    configured: str = ""
    """The Dockerfile that only configures somebody else's software."""
    role: str = ""
    language: str = ""
    framework: str = ""
    port: int = 0
    health: str = ""
    test: tuple[str, ...] = ()
    dependencies: dict[str, None] = field(default_factory=dict)
    datastores: dict[str, None] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Its own files where it shares its folder with others; empty: all."""
    sources: list[str] | None = None
    """What is read of its source, once that is known."""
    others: tuple[str, ...] = ()
    """Folders below its own that belong to other services."""
    conclusions: list[Conclusion] = field(default_factory=list)

    def note(self, fact: str, value: str, file: str = "", line: int = 0, reason: str = "") -> None:
        """Record what a fact rests on."""
        if not any(c.fact == fact and c.value == value for c in self.conclusions):
            self.conclusions.append(Conclusion(fact, value, file, line, reason))

    def say_language(self, value: str, file: str, line: int, reason: str) -> None:
        """Settle the language, unless it is settled."""
        if value and not self.language:
            self.language = value
            self.note("language", value, file, line, reason)

    def say_framework(self, value: str, file: str, line: int, reason: str) -> None:
        """Settle the framework, unless it is settled."""
        if value and not self.framework:
            self.framework = value
            self.note("framework", value, file, line, reason)

    def say_port(self, value: int, file: str, line: int, reason: str) -> None:
        """Settle the port, unless it is settled."""
        if 0 < value < 65536 and not self.port:
            self.port = value
            self.note("port", str(value), file, line, reason)

    def say_health(self, value: str, file: str, line: int, reason: str) -> None:
        """Settle the health path, unless it is settled."""
        if value and not self.health:
            self.health = value
            self.note("health", value, file, line, reason)

    def depend(self, name: str, file: str, line: int, reason: str) -> None:
        """Add another service that it needs."""
        if name and name != self.name and name not in self.dependencies:
            self.dependencies[name] = None
            self.note("dependencies", name, file, line, reason)

    def keep_in(self, store: str, file: str, line: int, reason: str) -> None:
        """Add a datastore."""
        if store and store not in self.datastores:
            self.datastores[store] = None
            self.note("datastores", store, file, line, reason)

    @property
    def dockerfile(self) -> str:
        """Return the path of its Dockerfile, where that is a file."""
        return self.built.path if self.built and not self.built.path.endswith((".yml", ".yaml")) else ""

    def finished(self) -> FoundService:
        """Return what was found."""
        profiles = tuple(v.text for v in self.compose.values("profiles")) if self.compose else ()
        return FoundService(
            name=self.name,
            kind=self.kind,
            role=self.role,
            folder=self.folder,
            language=self.language,
            framework=self.framework,
            port=self.port,
            health=self.health,
            dependencies=tuple(self.dependencies),
            datastores=tuple(self.datastores),
            compose=self.compose.name if self.compose else "",
            image=self.image,
            dockerfile=self.dockerfile,
            profiles=profiles,
            test=self.test,
            conclusions=tuple(self.conclusions),
        )
