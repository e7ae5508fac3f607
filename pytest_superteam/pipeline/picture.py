"""The parts of a system and what runs between them, as the report draws them.

Of a design these are its services, calls and events, of a found system what was concluded from its files. Nothing is
drawn that nothing says: a part without a known line stands alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.models import PictureEdge, PictureNode, SystemPicture
from pytest_superteam.pipeline.placing import COMPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.models import Architecture, EdgeKind, FoundService, FoundSystem, NodeKind
    from pytest_superteam.pipeline.run import Run

__all__ = ["picture_of", "picture_of_design", "picture_of_found"]

_PRODUCTS = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "mongodb": "MongoDB",
    "redis": "Redis",
    "sqlite": "SQLite",
    "sqlserver": "SQL Server",
    "rabbitmq": "RabbitMQ",
    "kafka": "Kafka",
    "nats": "NATS",
    "mqtt": "MQTT",
    "elasticsearch": "Elasticsearch",
    "opensearch": "OpenSearch",
    "dynamodb": "DynamoDB",
    "cockroachdb": "CockroachDB",
    "clickhouse": "ClickHouse",
    "memcached": "Memcached",
    "cassandra": "Cassandra",
    "neo4j": "Neo4j",
    "nginx": "nginx",
    "traefik": "Traefik",
    "caddy": "Caddy",
}
"""How products write themselves; others stand as they were found."""
_BROKERS = frozenset(
    ("rabbitmq", "kafka", "nats", "activemq", "mqtt", "pulsar", "nsq", "beanstalkd", "rocketmq", "sqs")
)
_COMMON = frozenset(("service", "svc", "api", "app", "server", "db", "database", "data", "store", "cache", "main"))
"""Words of names that tell no two parts apart."""
_KINDS: dict[str, NodeKind] = {
    "database": "datastore",
    "cache": "datastore",
    "broker": "broker",
    "gateway": "gateway",
    "other": "external",
}
"""What infrastructure is, by its role."""


def picture_of(run: Run) -> SystemPicture:
    """Return the picture of a run's system: as it was found where it was found, else as it was designed."""
    if run.adopted is not None:
        return picture_of_found(run.adopted.found, names=run.adopted.names)
    gateway = run.config.deployment.gateway if run.place.name == COMPOSE else "none"
    return picture_of_design(run.architecture, gateway="" if gateway == "none" else gateway)


@dataclass
class _Canvas:
    """A picture while it is drawn; parts and lines that are named twice are drawn once."""

    nodes: dict[str, PictureNode] = field(default_factory=dict)
    edges: dict[tuple[str, str, EdgeKind], dict[str, None]] = field(default_factory=dict)
    stores: dict[str, str] = field(default_factory=dict)
    """The part that stands for a product that nothing of the system is known to run."""

    def add(self, name: str, kind: NodeKind, label: str = "") -> str:
        """Draw a part, and return the name that it got: another one where that is taken."""
        free = name
        for other in (f"{name} ({kind})", *(f"{name} ({kind} {number})" for number in range(2, len(self.nodes) + 3))):
            if free not in self.nodes:
                break
            free = other
        self.nodes[free] = PictureNode(free, kind, label or (name if free != name else ""))
        return free

    def connect(self, source: str, target: str, kind: EdgeKind, labels: Iterable[str] = ()) -> None:
        """Draw a line between two parts; of one that is drawn, what runs there as well."""
        if source in self.nodes and target in self.nodes and source != target:
            self.edges.setdefault((source, target, kind), {}).update(dict.fromkeys(filter(None, labels)))

    def keep(self, service: str, product: str) -> None:
        """Draw that a service keeps data in, or sends them through, a product."""
        broker = product in _BROKERS
        if product not in self.stores:
            self.stores[product] = self.add(product, "broker" if broker else "datastore", _PRODUCTS.get(product, ""))
        self.connect(service, self.stores[product], "publishes" if broker else "stores")

    def finished(self) -> SystemPicture:
        """Return the picture."""
        edges = (PictureEdge(*key, labels=tuple(labels)) for key, labels in self.edges.items())
        return SystemPicture(tuple(self.nodes.values()), tuple(edges))


# ------------------------------------------------------------ as it was designed


def picture_of_design(system: Architecture, *, gateway: str = "") -> SystemPicture:
    """Return the picture of a designed system.

    Args:
        system: the design.
        gateway: the product in front of the services; empty where they are called directly.
    """
    canvas = _Canvas()
    for service in system.services:
        canvas.add(service.name, "service")
    _draw_calls(canvas, system)
    for service in system.services:
        for product in service.datastores:
            canvas.keep(service.name, product)
    way_in = canvas.add("gateway", "gateway", _PRODUCTS.get(gateway, gateway)) if gateway else ""
    for service in system.services if gateway else ():
        canvas.connect(way_in, service.name, "routes")
    _draw_named(canvas, system, way_in)
    return canvas.finished()


def _draw_calls(canvas: _Canvas, system: Architecture) -> None:
    """Draw who calls whom, and whose events go to whom; an event that nobody takes is no line."""
    for call in system.dependencies:
        canvas.connect(call.consumer, call.provider, "calls", (call.operation,))
    for event in system.events:
        for consumer in event.consumers if event.publisher else ():
            canvas.connect(event.publisher or "", consumer, "publishes", (event.name,))


def _draw_named(canvas: _Canvas, system: Architecture, way_in: str) -> None:
    """Draw the front ends and the systems of others that the text names."""
    drawn = {name.casefold() for name in canvas.nodes}
    for component in system.components:
        if component.kind not in ("frontend", "external") or component.name.casefold() in drawn:
            continue
        drawn.add(component.name.casefold())
        name = canvas.add(component.name, "frontend" if component.kind == "frontend" else "external")
        if component.kind == "frontend":
            canvas.connect(name, way_in, "calls")


# ------------------------------------------------------------ as it was found


def picture_of_found(found: FoundSystem, *, names: Sequence[str] = ()) -> SystemPicture:
    """Return the picture of a system that exists.

    Args:
        found: what is known of it.
        names: its services as the gate names them; some of them may be all that is known.
    """
    canvas = _Canvas()
    known = {service.name: service for service in found.services}
    for name in names or tuple(known):
        canvas.add(name, "frontend" if name in known and known[name].role == "frontend" else "service")
    own = {part.name: canvas.add(part.name, _KINDS.get(part.role, "external"), _told(part)) for part in _shown(found)}
    for service in found.services:
        for other in service.dependencies:
            canvas.connect(service.name, other, "calls")
        for product in service.datastores:
            _draw_store(canvas, service, product, found, own)
    for part in found.infrastructure:
        for other in part.dependencies:
            if part.name in own:
                canvas.connect(own[part.name], other, "routes" if part.role == "gateway" else "calls")
    return canvas.finished()


def _shown(found: FoundSystem) -> list[FoundService]:
    """Return the infrastructure that is part of the picture: tools that nothing is known to use are left out."""
    return [part for part in found.infrastructure if part.role != "other" or part.dependencies]


def _told(part: FoundService) -> str:
    """Return what is written on a piece of infrastructure: its name, and what it is where the name does not say so."""
    products = [_PRODUCTS.get(product, product) for product in part.datastores]
    unsaid = [product for product in products if product.casefold() not in part.name.casefold()]
    return f"{part.name} ({', '.join(unsaid)})" if unsaid else ""


def _draw_store(canvas: _Canvas, service: FoundService, product: str, found: FoundSystem, own: dict[str, str]) -> None:
    """Draw what a service keeps data in: the part that runs the product, where it is plain which one that is."""
    running = [part for part in _shown(found) if product in part.datastores]
    near = [part for part in running if _words(part.name, product) & _words(service.name, product)]
    chosen = running if len(running) == 1 else near
    if len(chosen) == 1:
        kind: EdgeKind = "publishes" if chosen[0].role == "broker" else "stores"
        canvas.connect(service.name, own[chosen[0].name], kind)
    else:
        canvas.keep(service.name, product)


def _words(name: str, product: str) -> set[str]:
    """Return the words of a part's name that tell it from others."""
    words = set(re.split(r"[-_.\s]+", name.casefold())) - _COMMON - {""}
    return {word for word in words if word not in product and product not in word}
