"""What services keep data in: what the text names for them, and PostgreSQL where they own entities."""

from dataclasses import replace

import pytest

from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.files import read_architecture, write_architecture

TWO = """
# Shop

## Services
| Service | Responsibility |
| --- | --- |
| cart-service | {cart} |
| rate-service | {quote} |

{rest}

## Entities

### Cart (cart-service)
| Field | Type |
| --- | --- |
| id | uuid |
| label | string, required |

## API of cart-service
- `GET /carts` lists carts
- `POST /carts` makes a cart

## API of rate-service
- `POST /convert` converts an amount
"""


def stores(architecture):
    """Return the datastores by service."""
    return {service.name: service.datastores for service in architecture.services}


@pytest.mark.parametrize(
    ("texts", "cart", "quote"),
    [
        ({}, ("postgresql",), ()),
        ({"cart": "Carts, sessions in Redis"}, ("postgresql", "redis"), ()),
        ({"quote": "Keeps rates in MySQL"}, ("postgresql",), ("postgresql",)),
        ({"quote": "Rate limits in Redis, history in PostgreSQL"}, ("postgresql",), ("postgresql", "redis")),
        ({"quote": "Caches quotes"}, ("postgresql",), ()),
        ({"quote": "Needs no Redis"}, ("postgresql",), ()),
        ({"quote": "Redis is not needed"}, ("postgresql",), ()),
        ({"quote": "Quotes in MongoDB"}, ("postgresql",), ()),
        ({"rest": "## rate-service\n- Caches answers in Redis."}, ("postgresql",), ("redis",)),
        ({"rest": "## Parts\n- rate-service: computes, caches in Redis"}, ("postgresql",), ("redis",)),
        ({"rest": "## Parts\n- Redis: the cache of rate-service"}, ("postgresql",), ("redis",)),
        ({"rest": "## Stack\n| Part | Product |\n| --- | --- |\n| Cache | Redis |"}, ("postgresql",), ()),
        ({"rest": "## Out of scope\n- Redis for rate-service"}, ("postgresql",), ()),
        ({"rest": "## Risks\n- rate-service may need Redis"}, ("postgresql",), ()),
    ],
)
def test_of_two_services(architect, texts, cart, quote):
    """A service has what its row, section or item names, a relational database where it owns entities, and no more."""
    system = architect(TWO.format(**{"cart": "Carts", "quote": "Quotes", "rest": ""} | texts))
    assert stores(system) == {"cart-service": cart, "rate-service": quote}


def test_only_service_has_what_the_text_names(architect):
    """Where there is one service, what the text names is its own."""
    system = architect("""
        # Games

        ## Stack
        - Persistence: Postgres (rooms) + Redis (pub/sub)

        ## API
        - `GET /rooms` lists rooms
    """)
    assert [service.datastores for service in system.services] == [("postgresql", "redis")]


def test_datastores_are_written_and_read(architect, tmp_path):
    """The service map has the datastores of a service and gives them back."""
    system = architect(TWO.format(cart="Carts in Redis", quote="Quotes", rest=""))
    write_architecture(replace(system, contracts=contracts(system)), tmp_path)
    assert "- redis" in (tmp_path / "service-map.yaml").read_text(encoding="utf-8")
    assert stores(read_architecture(tmp_path)) == stores(system)
