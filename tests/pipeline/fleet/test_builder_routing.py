"""A service gets the builder that it asks for, or else the cheapest one whose platform has room."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from pytest_superteam.config import Config, PlatformConfig, ServiceConfig
from pytest_superteam.errors import ConfigError
from pytest_superteam.pipeline.fleet.quota import Quotas
from pytest_superteam.pipeline.fleet.routing import Router
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.reports.times import moment

NOW = 1_800_000_000.0


@dataclass(frozen=True)
class Scripted:
    name: str
    tier: str | None = "paid"
    platform: str = ""
    version: str = "1"


FREE, SUB, PAID, CHEAP = (
    Scripted("free", "free"),
    Scripted("sub", "subscription"),
    Scripted("paid"),
    Scripted("cheap", "free"),
)
ALL = (PAID, SUB, FREE, CHEAP)
CONFIG = Config(builder="paid", builders=("paid", "sub", "free", "cheap"))


@pytest.fixture
def route(tmp_path):
    stores = []

    def made(config=CONFIG, builders=ALL, used=None):
        stores.append(Store(tmp_path / f"{len(stores)}.db"))
        quotas = Quotas(stores[-1], config.platforms, "run", clock=lambda: NOW)
        for platform, count in (used or {}).items():
            for _ in range(count):
                quotas.use(platform)
        return Router(builders, config, quotas)

    yield made
    for store in stores:
        store.close()


def names(builders):
    return [builder.name for builder in builders]


def test_cheapest_first(route):
    """Free comes before subscription and that before paid; equals stay as the settings name them."""
    router = route()
    assert names(router.candidates("orders")) == ["free", "cheap", "sub", "paid"]
    chosen = router.choose("orders")
    assert (chosen.builder, chosen.reason) == (FREE, "free: the cheapest with room (free)")


def test_only_the_pool(route):
    """Where there are several to choose from, `builder` is none of them unless it is named there too."""
    assert names(route(Config(builder="cheap", builders=("paid", "sub"))).candidates("orders")) == ["sub", "paid"]


def test_one_builder(route):
    """Without several to choose from, the one builder builds all."""
    router = route(Config(builder="sub"))
    assert names(router.candidates("orders")) == ["sub"]
    assert router.choose("orders").reason == "sub: the only one"


def test_asked_for(route):
    """A service that asks for a builder gets it, others do not."""
    router = route(replace(CONFIG, services={"orders": ServiceConfig(builder="paid"), "users": ServiceConfig()}))
    assert names(router.candidates("orders")) == ["paid", "free", "cheap", "sub"]
    assert router.choose("orders").reason == "paid: asked for by services.orders.builder"
    assert router.choose("users").builder == FREE


def test_asked_for_outside_the_pool(route):
    """A service may ask for a builder that is not among those to choose from."""
    router = route(Config(builder="free", services={"orders": ServiceConfig(builder="paid")}))
    assert names(router.candidates("orders")) == ["paid", "free"]


@pytest.mark.parametrize(
    ("used", "expected", "reason"),
    [
        ({"free": 1}, "free", "free: the cheapest with room (free)"),
        ({"free": 2}, "cheap", "cheap: the cheapest with room (free); free can't start one now"),
        ({"free": 2, "cheap": 2}, "sub", "sub: the cheapest with room (subscription); free, cheap can't start one now"),
        (
            {"free": 2, "cheap": 2, "sub": 5},
            "paid",
            "paid: the cheapest with room (paid); free, cheap, sub can't start one now",
        ),
    ],
)
def test_next_with_room(route, used, expected, reason):
    """A platform without room is passed over, and the reason says so."""
    limits = {name: PlatformConfig(limit=2) for name in ("free", "cheap", "sub")}
    chosen = route(replace(CONFIG, platforms=limits), used=used).choose("orders")
    assert (chosen.builder.name, chosen.reason, chosen.free_at) == (expected, reason, None)


def test_asked_for_without_room(route):
    """A service whose builder has no room gets the cheapest other one."""
    config = replace(CONFIG, services={"o": ServiceConfig(builder="sub")}, platforms={"sub": PlatformConfig(limit=0)})
    assert route(config).choose("o").builder == FREE


def test_nothing_has_room(route):
    """Where nobody has room, the answer says why and when to ask again: at the first moment that one has."""
    limits = {"free": PlatformConfig(limit=1, window=600), "sub": PlatformConfig(limit=1, window=60)}
    chosen = route(Config(builders=("free", "sub"), platforms=limits), used={"free": 1, "sub": 1}).choose("orders")
    assert chosen.builder is None
    assert chosen.free_at == NOW + 60
    assert chosen.reason == f"free, sub: the limit is used up, until {moment(NOW + 60)}"


def test_never_room(route):
    """Limits of 0 are no reason to wait."""
    chosen = route(Config(builder="paid", platforms={"paid": PlatformConfig(limit=0)})).choose("orders")
    assert (chosen.builder, chosen.free_at) == (None, None)
    assert chosen.reason == "paid: the limit allows no attempt at all"


def test_without(route):
    """A builder that can't work just now is passed over; without any left there is nothing to wait for."""
    router = route()
    assert router.choose("orders", without={"free"}).builder == CHEAP
    nobody = router.choose("orders", without={"free", "cheap", "sub", "paid"})
    assert (nobody.builder, nobody.reason, nobody.free_at) == (None, "no builder is left that could work", None)


def test_shared_platform(route):
    """Builders of one platform share its limit."""
    one, two = Scripted("one", platform="acme"), Scripted("two", platform="acme")
    config = Config(builders=("one", "two"), platforms={"acme": PlatformConfig(limit=1)})
    router = route(config, builders=(one, two), used={"acme": 1})
    assert router.choose("orders").builder is None
    assert router.platform(one) == "acme"


def test_tier_of_the_settings(route):
    """What the settings say of a platform's tier counts before what a builder says of itself."""
    router = route(replace(CONFIG, platforms={"paid": PlatformConfig(tier="free"), "free": PlatformConfig(limit=9)}))
    assert names(router.candidates("orders")) == ["paid", "free", "cheap", "sub"]


@pytest.mark.parametrize("tier", ["gratis", "", None, 5, ["free"]])
def test_tier_that_is_none(route, tier):
    """A builder with a tier that does not exist counts as paid."""
    odd = Scripted("odd", tier)
    router = route(Config(builders=("odd", "sub")), builders=(odd, SUB))
    assert router.tier(odd) == "paid"
    assert names(router.candidates("orders")) == ["sub", "odd"]


def test_replaced_builder(route):
    """Of two builders of one name the last one counts, so that a project can replace a built-in one."""
    mine = Scripted("free", "free", "mine")
    assert route(builders=(*ALL, mine)).choose("orders").builder is mine


@pytest.mark.parametrize(
    ("config", "place"),
    [
        (Config(builder="fre"), "builder: 'fre'"),
        (Config(builders=("free", "x")), "builders: 'x'"),
        (replace(CONFIG, services={"orders": ServiceConfig(builder="y")}), "services.orders.builder: 'y'"),
    ],
)
def test_unknown_names(route, config, place):
    """A name that is not on offer is refused in one line with the choices."""
    with pytest.raises(ConfigError) as caught:
        route(config).check()
    assert str(caught.value) == f"{place} is not known. Choose one of cheap, free, paid, sub."


def test_known_names(route):
    """Names on offer pass; `builder` does not matter where there are several to choose from."""
    assert route(Config(builder="nobody", builders=("free", "sub"))).check() is None
