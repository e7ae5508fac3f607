"""Which parts and lines a picture has: of a design, and of a system that was found."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_superteam.models import (
    Architecture,
    Component,
    Dependency,
    Event,
    FoundService,
    FoundSystem,
    PictureEdge,
    Service,
)
from pytest_superteam.pipeline.picture import picture_of, picture_of_design, picture_of_found


def design(*names, **changes):
    """Return an architecture with services of these names."""
    return Architecture("Shop", "", tuple(Service(name) for name in names), **changes)


def edges(picture):
    """Return the lines as (source, kind, target, labels)."""
    return [(edge.source, edge.kind, edge.target, edge.labels) for edge in picture.edges]


def parts(picture):
    """Return the parts as (name, kind, label)."""
    return [(node.name, node.kind, node.label) for node in picture.nodes]


def test_calls_of_a_pair_are_one_line():
    """All operations that one service calls of another stand on one line, each once, in the order of the design."""
    calls = [Dependency("orders", "books", name) for name in ("read_book", "list_books", "read_book")]
    picture = picture_of_design(design("orders", "books", dependencies=tuple(calls)))
    assert parts(picture) == [("orders", "service", ""), ("books", "service", "")]
    assert edges(picture) == [("orders", "calls", "books", ("read_book", "list_books"))]


def test_events_go_from_their_publisher_to_each_consumer():
    """An event is a line to each consumer; without a publisher, a consumer or a known service there is none."""
    events = (
        Event("Placed", "order.placed", "orders", ("mail", "books")),
        Event("Paid", "order.paid", "orders", ("mail",)),
        Event("Seen", "seen", None, ("mail",)),
        Event("Lost", "lost", "orders", ()),
        Event("Far", "far", "orders", ("nobody", "orders")),
    )
    picture = picture_of_design(design("orders", "mail", "books", events=events))
    assert edges(picture) == [
        ("orders", "publishes", "mail", ("Placed", "Paid")),
        ("orders", "publishes", "books", ("Placed",)),
    ]


def test_services_share_what_keeps_their_data():
    """A product that several services keep data in is one part, written as the product writes itself."""
    services = (Service("orders", datastores=("postgresql", "redis")), Service("books", datastores=("postgresql",)))
    picture = picture_of_design(Architecture("Shop", "", services))
    assert parts(picture)[2:] == [("postgresql", "datastore", "PostgreSQL"), ("redis", "datastore", "Redis")]
    assert [edge[:3] for edge in edges(picture)] == [
        ("orders", "stores", "postgresql"),
        ("orders", "stores", "redis"),
        ("books", "stores", "postgresql"),
    ]


def test_gateway_routes_to_all_services_and_front_ends_call_it():
    """Where a gateway is deployed, it routes to each service, and a front end of the text goes through it."""
    components = (
        Component("Web shop", "frontend", 3),
        Component("Stripe", "external", 4),
        Component("stripe", "external", 5),
        Component("orders", "external", 6),
        Component("jinja", "library", 7),
        Component("Basket", "module", 8),
    )
    picture = picture_of_design(design("orders", "books", components=components), gateway="caddy")
    assert parts(picture)[2:] == [
        ("gateway", "gateway", "Caddy"),
        ("Web shop", "frontend", ""),
        ("Stripe", "external", ""),
    ]
    assert [edge[:3] for edge in edges(picture)] == [
        ("gateway", "routes", "orders"),
        ("gateway", "routes", "books"),
        ("Web shop", "calls", "gateway"),
    ]


def test_without_a_gateway_none_is_drawn():
    """A system whose services are called directly has no gateway, and its front end stands alone."""
    picture = picture_of_design(design("orders", components=(Component("Web", "frontend", 1),)))
    assert [kind for _, kind, _ in parts(picture)] == ["service", "frontend"]
    assert picture.edges == ()


def test_a_name_that_is_taken():
    """A part whose name a service has already gets another one, and is written as it is called."""
    picture = picture_of_design(Architecture("Shop", "", (Service("redis", datastores=("redis",)),)))
    assert parts(picture) == [("redis", "service", ""), ("redis (datastore)", "datastore", "Redis")]
    assert edges(picture) == [("redis", "stores", "redis (datastore)", ())]
    twice = picture_of_design(design("gateway", "gateway (gateway)"), gateway="envoy")
    assert [node.name for node in twice.nodes] == ["gateway", "gateway (gateway)", "gateway (gateway 2)"]
    assert twice.nodes[2].label == "envoy"


@pytest.mark.parametrize(
    ("place", "gateway", "drawn"),
    [("compose", "traefik", ["Traefik"]), ("compose", "none", []), ("process", "caddy", []), ("none", "caddy", [])],
)
def test_picture_of_a_run(place, gateway, drawn):
    """A run's picture has the gateway that its deployment puts in front of what is designed, and no other."""
    config = SimpleNamespace(deployment=SimpleNamespace(gateway=gateway))
    run = SimpleNamespace(adopted=None, architecture=design("orders"), place=SimpleNamespace(name=place), config=config)
    assert [node.label for node in picture_of(run).nodes[1:]] == drawn


# ------------------------------------------------------------ a system that was found


def found(*services, infrastructure=()):
    """Return a system that was found."""
    return FoundSystem(Path(), tuple(services), infrastructure=tuple(infrastructure))


def store(name, role, *products, **changes):
    """Return a piece of infrastructure."""
    return FoundService(name, "infrastructure", role, datastores=products, **changes)


def test_found_services_and_what_they_use():
    """Calls and datastores of a found system are drawn; what runs a product is the datastore, by its own name."""
    system = found(
        FoundService("web", role="frontend", dependencies=("api", "gone")),
        FoundService("api", dependencies=("web",), datastores=("postgresql", "rabbitmq", "mongodb")),
        infrastructure=(store("db", "database", "postgresql"), store("rabbitmq", "broker", "rabbitmq")),
    )
    picture = picture_of_found(system)
    assert parts(picture) == [
        ("web", "frontend", ""),
        ("api", "service", ""),
        ("db", "datastore", "db (PostgreSQL)"),
        ("rabbitmq", "broker", ""),
        ("mongodb", "datastore", "MongoDB"),
    ]
    assert [edge[:3] for edge in edges(picture)] == [
        ("web", "calls", "api"),
        ("api", "calls", "web"),
        ("api", "stores", "db"),
        ("api", "publishes", "rabbitmq"),
        ("api", "stores", "mongodb"),
    ]


def test_which_of_several_databases():
    """Of several that run one product a service uses the one named like it; where none is, the product stands."""
    system = found(
        FoundService("orders-service", datastores=("postgresql",)),
        FoundService("users", datastores=("postgresql",)),
        FoundService("mail", datastores=("postgresql",)),
        infrastructure=(
            store("orders-db", "database", "postgresql"),
            store("postgres-users", "database", "postgresql"),
        ),
    )
    assert [edge[:3] for edge in edges(picture_of_found(system))] == [
        ("orders-service", "stores", "orders-db"),
        ("users", "stores", "postgres-users"),
        ("mail", "stores", "postgresql"),
    ]


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        pytest.param(store("proxy", "gateway"), ["gateway"], id="gateway"),
        pytest.param(store("grafana", "other"), [], id="a tool"),
        pytest.param(store("cache", "cache", "redis"), ["datastore"], id="cache"),
        pytest.param(store("kafka", "broker", "kafka"), ["broker"], id="broker"),
        pytest.param(store("idp", "other", dependencies=("api",)), ["external"], id="other that calls"),
    ],
)
def test_kinds_of_infrastructure(part, kinds):
    """Infrastructure is what its role says; tools that nothing is known to use are left out."""
    picture = picture_of_found(found(FoundService("api"), infrastructure=(part,)))
    assert [kind for _, kind, _ in parts(picture)[1:]] == kinds


def test_a_gateway_of_the_system_routes():
    """A gateway that is known to lead to a service routes to it."""
    system = found(FoundService("api"), infrastructure=(store("proxy", "gateway", dependencies=("api",)),))
    assert picture_of_found(system).edges == (PictureEdge("proxy", "api", "routes"),)


def test_services_that_only_the_settings_name():
    """The gate's services are drawn in their order, also those of which nothing else is known."""
    adopted = SimpleNamespace(found=found(FoundService("api")), names=("jobs", "api"))
    picture = picture_of(SimpleNamespace(adopted=adopted))
    assert parts(picture) == [("jobs", "service", ""), ("api", "service", "")]
