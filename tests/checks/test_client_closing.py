"""The client of a project's own tests leaves no connection open."""

from types import SimpleNamespace

from pytest_superteam.checks.client import open_client


def test_clients_of_others_are_closed():
    """Clients that were made from one are closed with it, at the end of its block as by `close`."""
    names = [SimpleNamespace(name="order-service"), SimpleNamespace(name="catalog-service")]
    deployment = SimpleNamespace(services=names, url=lambda name: f"http://{name}")
    with open_client(deployment, {"": "token"}, "order-service", 1.0) as client:
        other = client("catalog-service")
        assert not other.is_closed
    assert other.is_closed
    assert client.is_closed
    client = open_client(deployment, {"": "token"}, "order-service", 1.0)
    other = client("catalog-service")
    client.close()
    assert other.is_closed
